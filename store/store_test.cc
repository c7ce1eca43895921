#include "store/store.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
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

// RowsOf are the messages of each header_from.
std::map<std::string, int64_t> RowsOf(const std::string& url) {
  std::map<std::string, int64_t> rows;
  const absl::Status status = ForEachRow(url, {0, INT64_MAX}, [&rows](const Row& row) {
    rows[row.fact.header_from] += row.messages;
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return rows;
}

Fact FactFrom(std::string header_from) {
  Fact fact = PlainFact();
  fact.header_from = std::move(header_from);
  return fact;
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
  for (const std::string url : {"", "sqlite:", "sqlite", "mysql://h/d", "/a/path"}) {
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

// Appender is a process that appends facts, each with a name of its own, from two
// threads, and writes a name into a pipe when its fact was said to be kept.
class Appender {
 public:
  Appender(const StoreOptions& options, const std::string& name) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    child_ = fork();
    if (child_ == 0) {
      close(ends[0]);
      auto store = *Store::Open(options);
      std::thread other([&] { AppendForever(store->sink(), name + "y", ends[1]); });
      AppendForever(store->sink(), name + "x", ends[1]);
    }
    close(ends[1]);
    pipe_ = ends[0];
  }
  ~Appender() { close(pipe_); }

  // KillAfter reads |names| of the names, kills the process, and is all names.
  std::set<std::string> KillAfter(size_t names) {
    std::string text;
    size_t seen = 0;
    char buffer[512];
    ssize_t got = 0;
    while ((got = read(pipe_, buffer, sizeof(buffer))) > 0) {
      text.append(buffer, static_cast<size_t>(got));
      seen += static_cast<size_t>(std::count(buffer, buffer + got, '\n'));
      if (seen >= names && child_ > 0) {
        kill(child_, SIGKILL);
        waitpid(child_, nullptr, 0);
        child_ = 0;
      }
    }
    std::set<std::string> kept;
    for (size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
      kept.insert(text.substr(0, end));
    }
    return kept;
  }

 private:
  [[noreturn]] static void AppendForever(FactSink* sink, const std::string& name, int fd) {
    for (int i = 0;; ++i) {
      const std::string line = absl::StrCat(name, i, "\n");
      if (!sink->Append(FactFrom(line.substr(0, line.size() - 1))).ok()) _exit(1);
      if (write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(2);
    }
  }

  pid_t child_ = 0;
  int pipe_ = -1;
};

// kill -9 of processes that append and fold: what was said to be kept is counted once,
// and at most what each thread had in hand besides.
TEST(StoreTest, KilledProcessesLoseNothing) {
  StoreOptions options = OptionsOf(EmptyDirectory("killed"));
  options.periodic.interval = std::chrono::milliseconds(1);
  options.busy_milliseconds = 1000;
  ASSERT_TRUE((*Store::Open(options))->Stop().ok());
  std::set<std::string> kept;
  size_t threads = 0;
  for (int round = 0; round < 8; ++round) {
    std::vector<std::unique_ptr<Appender>> appenders;
    for (int i = 0; i < 3; ++i) {
      appenders.push_back(std::make_unique<Appender>(options, absl::StrCat(round, "-", i)));
    }
    for (const auto& appender : appenders) {
      kept.merge(appender->KillAfter(50 + 37 * static_cast<size_t>(round)));
      threads += 2;
    }
  }
  ASSERT_TRUE((*Store::Open(options))->Stop().ok());
  const auto rows = RowsOf(options.url);
  for (const std::string& name : kept) EXPECT_EQ(rows.count(name), 1u) << name;
  for (const auto& [name, messages] : rows) EXPECT_EQ(messages, 1) << name;
  EXPECT_LE(rows.size(), kept.size() + threads);
}

}  // namespace
}  // namespace postseal::store
