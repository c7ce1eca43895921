#include "store/counters.h"

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
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
  ASSERT_TRUE(Database::Open(directory + "/db", 0)->Execute("PRAGMA user_version = 3").ok());
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

}  // namespace
}  // namespace postseal::store
