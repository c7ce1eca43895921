#include "store/fold.h"

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
#include "store/counters.h"
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

std::unique_ptr<Counters> OpenCounters(const std::string& path) {
  CountersOptions options;
  options.path = path;
  options.busy_milliseconds = 10;
  auto counters = Counters::Open(options);
  EXPECT_TRUE(counters.ok()) << counters.status();
  return *std::move(counters);
}

int64_t Messages(Counters* counters) {
  int64_t messages = 0;
  EXPECT_TRUE(counters
                  ->ForEachRow({0, INT64_MAX},
                               [&messages](const Row& row) {
                                 messages += row.messages;
                                 return true;
                               })
                  .ok());
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
