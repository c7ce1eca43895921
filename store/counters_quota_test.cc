// What strangers can make of a store: no more rows than the quota says, and the right sums.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "store/counters.h"
#include "store/counters_schema.h"
#include "store/old_schema.h"
#include "store/sqlite.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

std::unique_ptr<Counters> OpenCounters(const std::string& path, const Quota& quota,
                                       uint64_t max_octets = kMaxCounterOctets) {
  CountersOptions options;
  options.path = path;
  options.quota = quota;
  options.max_octets = max_octets;
  auto counters = Counters::Open(options);
  EXPECT_TRUE(counters.ok()) << counters.status();
  return *std::move(counters);
}

std::vector<Row> AllRows(Counters* counters) {
  std::vector<Row> rows;
  EXPECT_TRUE(counters
                  ->ForEachRow({0, INT64_MAX},
                               [&rows](const Row& row) {
                                 rows.push_back(row);
                                 return true;
                               })
                  .ok());
  return rows;
}

using Sums = std::map<std::pair<std::string, Disposition>, int64_t>;

Sums SumsOf(const std::vector<Row>& rows) {
  Sums sums;
  for (const Row& row : rows) {
    sums[{row.fact.policy_domain, row.fact.disposition}] += row.messages;
  }
  return sums;
}

// Stranger is the fact of message |i|, in which all is invented that a stranger can.
Fact Stranger(int i, std::string policy_domain = "victim.example") {
  Fact fact = PlainFact();
  fact.policy_domain = std::move(policy_domain);
  fact.source_ip = *dns::IpAddress::Parse(absl::StrCat("2001:db8::", absl::Hex(i)));
  fact.header_from = absl::StrCat("x", i, ".", fact.policy_domain);
  fact.envelope_from = absl::StrCat("x", i, ".evil.example");
  fact.dkim = {{absl::StrCat("x", i, ".evil.example"), absl::StrCat("s", i), base::Result::kFail,
                "key-missing"}};
  fact.spf = SpfFact{absl::StrCat("x", i, ".evil.example"), base::Result::kPass};
  fact.disposition = i % 3 == 0 ? Disposition::kReject : Disposition::kNone;
  return fact;
}

// ExpectCounts expects that dmarc_counts says what dmarc_rows has.
void ExpectCounts(Counters* counters) {
  Database* const database = counters->database();
  EXPECT_EQ(*counters->CountRows(), *database->Single("SELECT count(*) FROM dmarc_rows"));
  EXPECT_EQ(
      *database->Single("SELECT count(*) FROM (SELECT policy_domain, day, count(*) FROM dmarc_rows "
                        "WHERE policy_domain <> '' GROUP BY policy_domain, day EXCEPT "
                        "SELECT policy_domain, day, row_count FROM dmarc_counts)"),
      0);
}

TEST(CountersQuotaTest, ADomainHasSoManyRows) {
  const Quota quota = {4, 1000};
  auto counters = OpenCounters(EmptyDirectory("domain") + "/db", quota);
  std::vector<Row> told;
  for (int i = 0; i < 100; ++i) {
    told.push_back({Stranger(i), 1 + i % 5});
    EXPECT_TRUE(*counters->Fold("d", absl::StrCat("s", i), {told.back()}));
    ExpectCounts(counters.get());
  }
  const std::vector<Row> rows = AllRows(counters.get());
  // 4 full ones, 4 that have their source, and of the rest one for each disposition.
  std::map<Detail, int> details;
  for (const Row& row : rows) ++details[row.detail];
  EXPECT_EQ(details, (std::map<Detail, int>{
                         {Detail::kFull, 4}, {Detail::kSource, 4}, {Detail::kPolicy, 2}}));
  EXPECT_EQ(SumsOf(rows), SumsOf(told));
  EXPECT_GT(counters->reduced(), 0);
  // What is like a row that is there is added to it all the same.
  EXPECT_TRUE(*counters->Fold("d", "again", {{Stranger(0), 10}}));
  EXPECT_EQ(AllRows(counters.get()).size(), rows.size());
  // Another domain is not touched by it.
  EXPECT_TRUE(*counters->Fold("d", "other", {{Stranger(1, "other.example"), 1}}));
  EXPECT_EQ(SumsOf(AllRows(counters.get())).count({"other.example", Disposition::kNone}), 1u);
  ExpectCounts(counters.get());
}

TEST(CountersQuotaTest, ADayHasSoManyRows) {
  const Quota quota = {1000, 10};
  auto counters = OpenCounters(EmptyDirectory("day") + "/db", quota);
  std::vector<Row> rows;
  for (int i = 0; i < 500; ++i) {
    // Anybody can have as many domains with a policy as there are names.
    rows.push_back({Stranger(i, absl::StrCat("x", i, ".evil.example")), 1});
  }
  EXPECT_TRUE(*counters->Fold("d", "a", rows));
  const std::vector<Row> all = AllRows(counters.get());
  std::map<Detail, int> details;
  std::map<Disposition, int64_t> sums;
  for (const Row& row : all) {
    ++details[row.detail];
    sums[row.fact.disposition] += row.messages;
  }
  EXPECT_EQ(details,
            (std::map<Detail, int>{{Detail::kFull, 10}, {Detail::kPolicy, 10}, {Detail::kDay, 2}}));
  EXPECT_EQ(sums[Disposition::kReject] + sums[Disposition::kNone], 500);
  EXPECT_EQ(sums[Disposition::kReject], 167) << "every third of 500";
  ExpectCounts(counters.get());
  Fact tomorrow = Stranger(1);
  tomorrow.time += kSecondsADay;
  EXPECT_TRUE(*counters->Fold("d", "b", {{tomorrow, 1}}));
  EXPECT_EQ(AllRows(counters.get()).size(), all.size() + 1) << "another day has a quota of its own";
}

TEST(CountersQuotaTest, PoliciesAreBoundedToo) {
  auto counters = OpenCounters(EmptyDirectory("policies") + "/db", {2, 1000});
  std::vector<Row> rows;
  for (int i = 0; i < 300; ++i) {
    Fact fact = Stranger(i);
    fact.policy.pct = static_cast<uint8_t>(i % 101);
    fact.policy.fo.dkim = i % 2 == 0;
    rows.push_back({fact, 1});
  }
  EXPECT_TRUE(*counters->Fold("d", "a", rows));
  EXPECT_LE(AllRows(counters.get()).size(), 8u);
  EXPECT_EQ(SumsOf(AllRows(counters.get())), SumsOf(rows));
}

TEST(CountersQuotaTest, AReplayComesToTheSame) {
  const Quota quota = {3, 12};
  std::vector<std::vector<Row>> results;
  for (const bool fails : {false, true}) {
    const std::string path = EmptyDirectory("replay") + "/db";
    auto counters = OpenCounters(path, quota);
    for (int segment = 0; segment < 6; ++segment) {
      std::vector<Row> rows;
      for (int i = 0; i < 5; ++i) rows.push_back({Stranger(segment * 5 + i), 2});
      if (fails) {
        // As a kill before the commit, and one behind it.
        auto* const database = counters->database();
        ASSERT_TRUE(database
                        ->Execute("CREATE TRIGGER a BEFORE INSERT ON dmarc_counts BEGIN "
                                  "SELECT raise(ABORT, 'stop'); END;"
                                  "CREATE TRIGGER b BEFORE UPDATE ON dmarc_rows BEGIN "
                                  "SELECT raise(ABORT, 'stop'); END")
                        .ok());
        EXPECT_FALSE(counters->Fold("d", absl::StrCat(segment), rows).ok());
        ASSERT_TRUE(database->Execute("DROP TRIGGER a; DROP TRIGGER b").ok());
        counters = OpenCounters(path, quota);
      }
      EXPECT_TRUE(*counters->Fold("d", absl::StrCat(segment), rows));
      EXPECT_FALSE(*counters->Fold("d", absl::StrCat(segment), rows));
    }
    ExpectCounts(counters.get());
    results.push_back(AllRows(counters.get()));
  }
  EXPECT_EQ(results[0], results[1]);
}

TEST(CountersQuotaTest, RoomThatRunsOut) {
  const std::string path = EmptyDirectory("room") + "/db";
  OpenCounters(path, kNoQuota);
  uint64_t max_octets = 0;
  {
    auto counters = OpenCounters(path, kNoQuota);
    max_octets = static_cast<uint64_t>(*counters->database()->Single("PRAGMA page_count") *
                                       *counters->database()->Single("PRAGMA page_size")) +
                 400 * 1024;
  }
  auto counters = OpenCounters(path, kNoQuota, max_octets);
  std::vector<Row> told;
  for (int segment = 0; segment < 200; ++segment) {
    std::vector<Row> rows;
    for (int i = 0; i < 20; ++i) {
      const int number = segment * 20 + i;
      rows.push_back({Stranger(number, absl::StrCat("x", number, ".example")), 1});
    }
    const auto folded = counters->Fold("d", absl::StrCat(segment), rows);
    ASSERT_TRUE(folded.ok()) << folded.status() << ": strangers cannot fill it";
    told.insert(told.end(), rows.begin(), rows.end());
  }
  int64_t messages = 0;
  for (const Row& row : AllRows(counters.get())) messages += row.messages;
  EXPECT_EQ(messages, static_cast<int64_t>(told.size()));
  ExpectCounts(counters.get());
}

// What is done for each segment must not grow with the store. Pages are counted, not time.
TEST(CountersQuotaTest, AFoldLooksAtFewPages) {
  const std::string path = EmptyDirectory("pages") + "/db";
  int64_t pages[2] = {};
  for (const int size : {0, 1}) {
    auto counters = OpenCounters(path, kNoQuota);
    std::vector<Row> rows;
    for (int i = 0; i < 3000; ++i) rows.push_back({Stranger(size * 3000 + i), 1});
    EXPECT_TRUE(*counters->Fold("d", absl::StrCat("many", size), rows));
    const int64_t before = counters->database()->pages_touched();
    EXPECT_TRUE(*counters->Fold("d", absl::StrCat("one", size), {{Stranger(size), 1}}));
    EXPECT_EQ(*counters->CountRows(), (size + 1) * 3000);
    pages[size] = counters->database()->pages_touched() - before;
  }
  EXPECT_LE(pages[1], 100);
  EXPECT_LE(pages[1], pages[0] + 20) << "twice as many rows";
}

TEST(CountersQuotaTest, DaysAreFoundByAnIndex) {
  auto counters = OpenCounters(EmptyDirectory("index") + "/db", kNoQuota);
  for (const char* sql :
       {"SELECT * FROM dmarc_rows WHERE day BETWEEN '2026-01-01' AND '2026-01-02'",
        "SELECT policy_domain, day, digest FROM dmarc_rows WHERE day < '2026-01-01' LIMIT 5000"}) {
    auto plan = *counters->database()->Prepare(absl::StrCat("EXPLAIN QUERY PLAN ", sql));
    ASSERT_TRUE(*plan.Step());
    const std::string text = plan.Text(3).value_or("");
    EXPECT_NE(text.find("dmarc_rows_by_day"), std::string::npos) << text;
    EXPECT_NE(text.find("SEARCH"), std::string::npos) << text;
  }
}

TEST(CountersQuotaTest, OldDaysGoWithTheirCounts) {
  auto counters = OpenCounters(EmptyDirectory("old") + "/db", kNoQuota);
  std::vector<Row> rows;
  const int count = static_cast<int>(kDropRows) + 10;
  for (int i = 0; i < count; ++i) rows.push_back({Stranger(i), 1});
  for (int i = 0; i < 3; ++i) {
    rows.push_back({Stranger(i), 1});
    rows.back().fact.time += kSecondsADay;
  }
  EXPECT_TRUE(*counters->Fold("d", "a", rows));
  EXPECT_EQ(*counters->DropBefore(kToday), 0);
  EXPECT_EQ(*counters->DropBefore(kToday + 1), count) << "in more than one piece";
  EXPECT_EQ(*counters->CountRows(), 3);
  ExpectCounts(counters.get());
  EXPECT_EQ(*counters->database()->Single("SELECT count(*) FROM dmarc_counts"), 2);
}

TEST(CountersQuotaTest, CompactReducesWhatIsThere) {
  auto counters = OpenCounters(EmptyDirectory("compact") + "/db", kNoQuota);
  std::vector<Row> rows;
  for (int i = 0; i < 50; ++i) rows.push_back({Stranger(i), 1 + i});
  rows.push_back({Stranger(1, "small.example"), 1});
  EXPECT_TRUE(*counters->Fold("d", "a", rows));
  EXPECT_EQ(*counters->Compact(50), 0) << "n";
  EXPECT_GT(*counters->Compact(10), 0);
  const std::vector<Row> left = AllRows(counters.get());
  EXPECT_LE(left.size(), 12u);
  EXPECT_GE(left.size(), 10u);
  EXPECT_EQ(SumsOf(left), SumsOf(rows));
  bool most_is_full = false;
  for (const Row& row : left) {
    if (row.fact == Stranger(49)) most_is_full = row.detail == Detail::kFull;
  }
  EXPECT_TRUE(most_is_full) << "those with the fewest messages go first";
  ExpectCounts(counters.get());
  EXPECT_EQ(*counters->Compact(10), 0) << "once is enough";
}

TEST(CountersQuotaTest, AStoreOfVersion1IsChangedInPlace) {
  const std::string path = EmptyDirectory("version1") + "/db";
  ASSERT_TRUE(Database::Open(path, 0)->Execute(SqliteVersion1()).ok());
  auto counters = OpenCounters(path, {});
  EXPECT_EQ(*counters->database()->Single("PRAGMA user_version"), kCountersVersion);
  ExpectCounts(counters.get());
  EXPECT_TRUE(*counters->Fold("d", "b", {{PlainFact(), 2}}));
  const std::vector<Row> rows = AllRows(counters.get());
  ASSERT_EQ(rows.size(), 1u) << "the old row is found by its digest";
  EXPECT_EQ(rows[0], (Row{PlainFact(), 6}));
  EXPECT_FALSE(*counters->Fold("d", "a", {{PlainFact(), 2}})) << "what was folded is known";
  EXPECT_EQ(*counters->database()->Single("SELECT batch_rows FROM outbox_state"), 1);
  EXPECT_EQ(*OpenCounters(path, {})->CountRows(), 1) << "and again";
}

TEST(CountersQuotaTest, AMigrationThatFailsChangesNothing) {
  const std::string path = EmptyDirectory("atomic") + "/db";
  auto database = *Database::Open(path, 0);
  ASSERT_TRUE(database.Execute(SqliteVersion1()).ok());
  // The last of the tables cannot be made.
  ASSERT_TRUE(database.Execute("CREATE TABLE dead_letters (x INTEGER)").ok());
  CountersOptions options;
  options.path = path;
  EXPECT_FALSE(Counters::Open(options).ok());
  EXPECT_EQ(*database.Single("PRAGMA user_version"), 1);
  EXPECT_EQ(*database.Single("SELECT count(*) FROM pragma_table_info('dmarc_rows')"), 25);
  ASSERT_TRUE(database.Execute("DROP TABLE dead_letters").ok());
  EXPECT_EQ(*OpenCounters(path, {})->CountRows(), 1);
}

}  // namespace
}  // namespace postseal::store
