#include "store/store.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "store/appender.h"
#include "store/quota.h"
#include "store/sqlite.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

StoreOptions OptionsOf(const std::string& directory) {
  StoreOptions options;
  options.url = absl::StrCat("sqlite:", directory, "/db");
  options.busy_milliseconds = 10;
  options.periodic.interval = std::chrono::milliseconds(5);
  options.periodic.min_backoff = std::chrono::milliseconds(5);
  options.periodic.max_backoff = std::chrono::milliseconds(20);
  return options;
}

TEST(StoreTest, FactsBecomeRows) {
  const StoreOptions options = OptionsOf(EmptyDirectory("rows"));
  auto store = *Store::Open(options);
  EXPECT_TRUE(store->sink()->Append(FactFrom("a.example")).ok());
  EXPECT_TRUE(store->sink()->Append(FactFrom("a.example")).ok());
  EXPECT_TRUE(store->sink()->Append(FactFrom("b.example")).ok());
  EXPECT_TRUE(store->Flush().ok());
  EXPECT_EQ(RowsOf(options.url),
            (std::map<std::string, int64_t>{{"a.example", 2}, {"b.example", 1}}));
  const StoreStatus status = store->status();
  EXPECT_EQ(status.appended, 3u);
  EXPECT_EQ(status.spool_octets, 0u);
  EXPECT_EQ(status.writer.rows, 2);
  EXPECT_EQ(status.writer.folded.facts, 3u);
  EXPECT_TRUE(status.error().ok());
  EXPECT_TRUE(store->sink()->Append(FactFrom("c.example")).ok());
  EXPECT_TRUE(store->Stop().ok());
  EXPECT_EQ(RowsOf(options.url).size(), 3u) << "Stop drains";
  EXPECT_FALSE(store->sink()->Append(FactFrom("d.example")).ok());
  EXPECT_FALSE(store->Flush().ok());
  EXPECT_TRUE(DropBefore(options.url, kToday + 1).ok());
  EXPECT_TRUE(RowsOf(options.url).empty());
}

TEST(StoreTest, Urls) {
  const std::string directory = EmptyDirectory("urls");
  for (const std::string url :
       {"", "sqlite:", "sqlite", "sqlite::memory:", "mysql://h/d", "/a/path"}) {
    StoreOptions options;
    options.url = url;
    options.spool_directory = directory;
    EXPECT_TRUE(absl::IsInvalidArgument(Store::Open(options).status())) << url;
    EXPECT_FALSE(ForEachRow(url, {0, 1}, [](const Row&) { return true; }).ok()) << url;
  }
  StoreOptions options;
  options.url = "postgresql://h/d";
  EXPECT_TRUE(absl::IsInvalidArgument(Store::Open(options).status())) << "no spool";
  options.url = absl::StrCat("sqlite:", directory, "/no/db");
  options.spool_directory = directory;
  EXPECT_TRUE(Store::Open(options).ok()) << "the directory may come, as a disk is mounted";
  EXPECT_TRUE(absl::IsNotFound(ForEachRow(absl::StrCat("sqlite:", directory, "/none"), {0, 1},
                                          [](const Row&) { return true; })));
}

TEST(StoreTest, ALockedDatabaseIsWaitedFor) {
  const std::string directory = EmptyDirectory("locked");
  const StoreOptions options = OptionsOf(directory);
  ASSERT_TRUE((*Store::Open(options))->Stop().ok());
  auto other = *Database::Open(directory + "/db", 0);
  ASSERT_TRUE(other.Execute("BEGIN EXCLUSIVE").ok());
  auto opened = Store::Open(options);
  ASSERT_TRUE(opened.ok()) << opened.status();
  Store& store = **opened;
  EXPECT_TRUE(store.sink()->Append(PlainFact()).ok()) << "the message path never waits for SQL";
  EXPECT_TRUE(absl::IsUnavailable(store.Flush()));
  EXPECT_FALSE(store.status().error().ok());
  EXPECT_GT(store.status().spool_octets, 0u);
  ASSERT_TRUE(other.Execute("COMMIT").ok());
  EXPECT_TRUE(store.Flush().ok());
  EXPECT_TRUE(store.status().error().ok());
  EXPECT_EQ(RowsOf(options.url).size(), 1u);
}

TEST(StoreTest, AFullSpoolSaysSo) {
  StoreOptions options = OptionsOf(EmptyDirectory("full"));
  options.max_spool_octets = 1;
  auto store = *Store::Open(options);
  EXPECT_TRUE(absl::IsResourceExhausted(store->sink()->Append(PlainFact())));
  EXPECT_EQ(store->status().refused, 1u);
}

TEST(StoreTest, AFullDatabaseLeavesTheSpool) {
  StoreOptions options = OptionsOf(EmptyDirectory("full_database"));
  options.max_database_octets = 1;
  auto store = *Store::Open(options);
  EXPECT_TRUE(store->sink()->Append(PlainFact()).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(store->Flush()));
  EXPECT_GT(store->status().spool_octets, 0u);
  EXPECT_FALSE(store->Stop().ok());
  options.max_database_octets = 0;
  EXPECT_TRUE((*Store::Open(options))->Stop().ok());
  EXPECT_EQ(RowsOf(options.url).size(), 1u) << "with a higher limit it is counted";
}

// kill -9 of processes that append and fold: what was said to be kept is counted once,
// and at most what each thread had in hand besides.
TEST(StoreTest, KilledProcessesLoseNothing) {
  StoreOptions options = OptionsOf(EmptyDirectory("killed"));
  options.periodic.interval = std::chrono::milliseconds(1);
  options.busy_milliseconds = 1000;
  // Each name is told by its row, and there are more of them than the quota allows.
  options.quota = kNoQuota;
  ASSERT_TRUE((*Store::Open(options))->Stop().ok());
  const Kept kept = KillAppenders(options, 8);
  ASSERT_TRUE((*Store::Open(options))->Stop().ok());
  ExpectCountedOnce(kept, RowsOf(options.url));
}

}  // namespace
}  // namespace postseal::store
