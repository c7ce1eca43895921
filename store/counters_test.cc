#include "store/counters.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "store/fold.h"
#include "store/segment.h"
#include "store/spool.h"
#include "store/sqlite.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

Row RowOf(Fact fact, int64_t messages) {
  fact.time = fact.day() * kSecondsADay;
  return {std::move(fact), messages};
}

std::unique_ptr<Counters> OpenCounters(const std::string& path,
                                       uint64_t max_octets = kMaxCounterOctets) {
  CountersOptions options;
  options.path = path;
  options.max_octets = max_octets;
  options.busy_milliseconds = 10;
  auto counters = Counters::Open(options);
  EXPECT_TRUE(counters.ok()) << counters.status();
  return *std::move(counters);
}

std::vector<Row> AllRows(Counters* counters, DayRange days = {0, INT64_MAX}) {
  std::vector<Row> rows;
  EXPECT_TRUE(counters
                  ->ForEachRow(days,
                               [&rows](const Row& row) {
                                 rows.push_back(row);
                                 return true;
                               })
                  .ok());
  return rows;
}

int64_t Messages(Counters* counters) {
  int64_t messages = 0;
  for (const Row& row : AllRows(counters)) messages += row.messages;
  return messages;
}

std::unique_ptr<Spool> SpoolOf(const std::string& directory, int facts) {
  SpoolOptions options;
  options.directory = directory;
  auto spool = *Spool::Open(options);
  for (int i = 0; i < facts; ++i) EXPECT_TRUE(spool->Append(FullFact()).ok());
  EXPECT_TRUE(spool->Seal().ok());
  return spool;
}

TEST(CountersTest, LikeIsCountedOnce) {
  auto counters = OpenCounters(EmptyDirectory("like") + "/db");
  EXPECT_TRUE(*counters->Fold("d", "a", {RowOf(FullFact(), 2), RowOf(PlainFact(), 1)}));
  EXPECT_TRUE(*counters->Fold("d", "b", {RowOf(FullFact(), 5)}));
  EXPECT_EQ(*counters->CountRows(), 2);
  const std::vector<Row> rows = AllRows(counters.get());
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], RowOf(PlainFact(), 1)) << "p=none is before p=reject";
  EXPECT_EQ(rows[1], RowOf(FullFact(), 7));
}

TEST(CountersTest, ASegmentIsFoldedOnce) {
  const std::string path = EmptyDirectory("once") + "/db";
  auto counters = OpenCounters(path);
  EXPECT_TRUE(*counters->Fold("d", "a", {RowOf(FullFact(), 2)}));
  EXPECT_FALSE(*counters->Fold("d", "a", {RowOf(FullFact(), 2)}));
  EXPECT_FALSE(*OpenCounters(path)->Fold("d", "a", {RowOf(FullFact(), 2)})) << "nor later";
  EXPECT_EQ(Messages(counters.get()), 2);
  EXPECT_EQ(*counters->FoldedSegments("d"), std::vector<std::string>{"a"});
  EXPECT_TRUE(counters->FoldedSegments("other")->empty());
  EXPECT_TRUE(counters->Forget("a").ok());
  EXPECT_TRUE(counters->FoldedSegments("d")->empty());
}

TEST(CountersTest, Days) {
  auto counters = OpenCounters(EmptyDirectory("days") + "/db");
  std::vector<Row> rows;
  for (int day = -1; day <= 1; ++day) {
    rows.push_back(RowOf(PlainFact(), 1));
    rows.back().fact.time += day * kSecondsADay;
  }
  EXPECT_TRUE(*counters->Fold("d", "a", rows));
  EXPECT_EQ(AllRows(counters.get(), {kToday, kToday}).size(), 1u);
  EXPECT_EQ(AllRows(counters.get(), {kToday, kToday + 1}).size(), 2u);
  EXPECT_TRUE(AllRows(counters.get(), {kToday + 2, kToday + 9}).empty());
  EXPECT_TRUE(counters->DropBefore(kToday).ok());
  EXPECT_EQ(AllRows(counters.get()).size(), 2u);
  int taken = 0;
  EXPECT_TRUE(counters
                  ->ForEachRow({0, INT64_MAX},
                               [&taken](const Row&) {
                                 ++taken;
                                 return false;
                               })
                  .ok());
  EXPECT_EQ(taken, 1) << "false ends it";
}

TEST(CountersTest, ConfigurationsStayTogether) {
  auto counters = OpenCounters(EmptyDirectory("together") + "/db");
  Fact changed = PlainFact();
  changed.policy.sp = dmarc::Policy::kReject;
  std::vector<Row> rows;
  for (int day = 0; day < 2; ++day) {
    for (Fact fact : {PlainFact(), changed}) {
      fact.time += day * kSecondsADay;
      rows.push_back(RowOf(fact, 1));
    }
  }
  EXPECT_TRUE(*counters->Fold("d", "a", rows));
  const std::vector<Row> all = AllRows(counters.get());
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].fact.policy, all[1].fact.policy);
  EXPECT_EQ(all[2].fact.policy, all[3].fact.policy);
}

TEST(CountersTest, OtherVersions) {
  const std::string directory = EmptyDirectory("version");
  OpenCounters(directory + "/db");
  ASSERT_TRUE(Database::Open(directory + "/db", 0)->Execute("PRAGMA user_version = 2").ok());
  CountersOptions options;
  options.path = directory + "/db";
  EXPECT_TRUE(absl::IsFailedPrecondition(Counters::Open(options).status()));
  std::ofstream(directory + "/text") << std::string(5000, 'x');
  options.path = directory + "/text";
  EXPECT_TRUE(absl::IsDataLoss(Counters::Open(options).status())) << "no database";
  options.path = directory + "/no/such/directory";
  EXPECT_FALSE(Counters::Open(options).ok());
}

TEST(CountersTest, TheLimit) {
  const std::string directory = EmptyDirectory("limit");
  auto counters = OpenCounters(directory + "/db");
  EXPECT_TRUE(*counters->Fold("d", "a", {RowOf(PlainFact(), 1)}));
  const auto pages = counters->database()->Single("PRAGMA page_count");
  const auto page = counters->database()->Single("PRAGMA page_size");
  const auto used = static_cast<uint64_t>(*pages * *page);
  const auto full = OpenCounters(directory + "/db", used)->Fold("d", "b", {RowOf(PlainFact(), 1)});
  EXPECT_TRUE(absl::IsResourceExhausted(full.status())) << "n";
  EXPECT_TRUE(*OpenCounters(directory + "/db", used + 1)->Fold("d", "b", {RowOf(PlainFact(), 1)}));
  EXPECT_EQ(Messages(counters.get()), 2);
}

TEST(FoldTest, SegmentsAreFoldedAndRemoved) {
  const std::string directory = EmptyDirectory("fold");
  auto counters = OpenCounters(directory + "/db");
  auto spool = SpoolOf(directory, 3);
  FoldTally tally;
  EXPECT_TRUE(FoldSpool(directory, counters.get(), &tally).ok());
  EXPECT_EQ(tally.segments, 1u);
  EXPECT_EQ(tally.facts, 3u);
  EXPECT_EQ(Messages(counters.get()), 3);
  EXPECT_TRUE(counters->FoldedSegments(directory)->empty()) << "what is gone is forgotten";
  EXPECT_TRUE(ListSegments(directory)->names.empty());
}

// As after a kill between the commit and the removal.
TEST(FoldTest, ASegmentThatIsStillThereIsNotFoldedAgain) {
  const std::string directory = EmptyDirectory("again");
  auto counters = OpenCounters(directory + "/db");
  auto spool = SpoolOf(directory, 3);
  const std::string name = ListSegments(directory)->names.at(0);
  EXPECT_TRUE(*counters->Fold(directory, name, {RowOf(FullFact(), 3)}));
  FoldTally tally;
  EXPECT_TRUE(FoldSpool(directory, counters.get(), &tally).ok());
  EXPECT_EQ(tally.facts, 0u);
  EXPECT_EQ(Messages(counters.get()), 3);
  EXPECT_TRUE(ListSegments(directory)->names.empty());
  EXPECT_TRUE(counters->FoldedSegments(directory)->empty());
}

TEST(FoldTest, ASegmentOfAnotherDirectoryIsRemembered) {
  const std::string directory = EmptyDirectory("mine");
  auto counters = OpenCounters(directory + "/db");
  EXPECT_TRUE(*counters->Fold("elsewhere", "x.facts", {RowOf(FullFact(), 3)}));
  auto spool = SpoolOf(directory, 1);
  FoldTally tally;
  EXPECT_TRUE(FoldSpool(directory, counters.get(), &tally).ok());
  EXPECT_EQ(counters->FoldedSegments("elsewhere")->size(), 1u);
}

TEST(FoldTest, ALockedDatabaseLeavesTheSpool) {
  const std::string directory = EmptyDirectory("locked");
  auto counters = OpenCounters(directory + "/db");
  auto spool = SpoolOf(directory, 3);
  auto other = *Database::Open(directory + "/db", 0);
  ASSERT_TRUE(other.Execute("BEGIN EXCLUSIVE").ok());
  FoldTally tally;
  EXPECT_TRUE(absl::IsUnavailable(FoldSpool(directory, counters.get(), &tally)));
  EXPECT_EQ(ListSegments(directory)->names.size(), 1u);
  EXPECT_EQ(tally.facts, 0u);
  ASSERT_TRUE(other.Execute("COMMIT").ok());
  EXPECT_TRUE(FoldSpool(directory, counters.get(), &tally).ok());
  EXPECT_EQ(Messages(counters.get()), 3);
}

TEST(FoldTest, ADamagedSegmentCostsItselfAlone) {
  const std::string directory = EmptyDirectory("damaged");
  auto counters = OpenCounters(directory + "/db");
  auto spool = SpoolOf(directory, 3);
  std::filesystem::create_symlink("/etc/passwd", directory + "/0.facts");
  std::ofstream(directory + "/1.facts") << "torn";
  FoldTally tally;
  EXPECT_FALSE(FoldSpool(directory, counters.get(), &tally).ok());
  EXPECT_EQ(tally.facts, 3u);
  EXPECT_EQ(tally.skipped_octets, 4u);
}

// A disk that is full while SQLite writes: whatever size the write was that failed.
TEST(FoldTest, AFullDiskLeavesTheSpool) {
  for (const rlim_t room : {60000, 100000, 140000}) {
    const std::string directory = EmptyDirectory("full");
    OpenCounters(directory + "/db");
    constexpr int kFacts = 400;
    {
      SpoolOptions options;
      options.directory = directory;
      auto spool = *Spool::Open(options);
      for (int i = 0; i < kFacts; ++i) {
        Fact fact = FullFact();
        fact.header_from = "x" + std::to_string(i) + ".example";
        ASSERT_TRUE(spool->Append(fact).ok());
      }
    }
    const pid_t child = fork();
    if (child == 0) {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit = {room, room};
      FoldTally tally;
      const bool failed = setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
                          !FoldSpool(directory, OpenCounters(directory + "/db").get(), &tally).ok();
      _exit(failed && tally.facts == 0 ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    auto counters = OpenCounters(directory + "/db");
    EXPECT_EQ(Messages(counters.get()), 0);
    FoldTally tally;
    EXPECT_TRUE(FoldSpool(directory, counters.get(), &tally).ok());
    EXPECT_EQ(Messages(counters.get()), kFacts);
  }
}

}  // namespace
}  // namespace postseal::store
