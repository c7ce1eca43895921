#include "store/outbox.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "store/counters.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

std::unique_ptr<Counters> OpenCounters(const std::string& path) {
  CountersOptions options;
  options.path = path;
  auto counters = Counters::Open(options);
  EXPECT_TRUE(counters.ok()) << counters.status();
  return *std::move(counters);
}

void Add(Counters* counters, const std::string& segment, uint8_t first, uint8_t last) {
  std::vector<Row> rows;
  for (int source = first; source <= last; ++source) {
    rows.push_back({PlainFact(static_cast<uint8_t>(source)), 1});
  }
  EXPECT_TRUE(*counters->Fold("d", segment, rows));
}

TEST(OutboxTest, ABatchStaysWhatItIs) {
  const std::string path = EmptyDirectory("batch") + "/db";
  auto counters = OpenCounters(path);
  Outbox outbox(counters.get());
  EXPECT_TRUE(outbox.Next()->rows.empty());
  Add(counters.get(), "a", 1, 3);
  const Batch batch = *outbox.Next();
  EXPECT_EQ(batch.number, 1);
  EXPECT_EQ(batch.rows.size(), 3u);
  EXPECT_EQ(batch.outbox.size(), 32u);
  // More of the same rows does not get into it, nor does another process change it.
  Add(counters.get(), "b", 1, 4);
  auto others = OpenCounters(path);
  const Batch again = *Outbox(others.get()).Next();
  EXPECT_EQ(again.number, 1);
  EXPECT_EQ(again.rows, batch.rows);
  EXPECT_EQ(again.outbox, batch.outbox);
  EXPECT_EQ(*outbox.CountRows(), 7);
  EXPECT_TRUE(outbox.Delivered(1).ok());
  EXPECT_TRUE(outbox.Delivered(1).ok()) << "by two processes";
  const Batch next = *outbox.Next();
  EXPECT_EQ(next.number, 2);
  EXPECT_EQ(next.rows.size(), 4u);
  EXPECT_TRUE(outbox.Delivered(2).ok());
  EXPECT_EQ(*outbox.CountRows(), 0);
  EXPECT_TRUE(outbox.Next()->rows.empty());
}

TEST(OutboxTest, BatchesAreBounded) {
  auto counters = OpenCounters(EmptyDirectory("bounded") + "/db");
  Outbox outbox(counters.get());
  Add(counters.get(), "a", 1, 5);
  EXPECT_EQ(outbox.Next(4)->rows.size(), 4u) << "n + 1 rows";
  EXPECT_TRUE(outbox.Delivered(1).ok());
  EXPECT_EQ(outbox.Next(1)->rows.size(), 1u) << "n rows";
}

TEST(OutboxTest, CountsAreKept) {
  auto counters = OpenCounters(EmptyDirectory("counts") + "/db");
  Outbox outbox(counters.get());
  Add(counters.get(), "a", 1, 5);
  EXPECT_EQ(*outbox.CountRows(), 5);
  EXPECT_EQ(outbox.Next(3)->rows.size(), 3u);
  EXPECT_EQ(*counters->CountRows(), 2) << "the others are in the batch";
  EXPECT_EQ(*outbox.CountRows(), 5);
  EXPECT_TRUE(outbox.Delivered(1).ok());
  EXPECT_EQ(*outbox.CountRows(), 2);
  Add(counters.get(), "b", 6, 6);
  EXPECT_EQ(outbox.Next()->rows.size(), 3u);
  EXPECT_EQ(*counters->CountRows(), 0);
  EXPECT_EQ(*counters->database()->Single("SELECT count(*) FROM dmarc_counts"), 0);
  EXPECT_TRUE(outbox.Delivered(1).ok()) << "late";
  EXPECT_EQ(*outbox.CountRows(), 3);
  // As a process of an older version leaves them behind.
  EXPECT_TRUE(counters->database()
                  ->Execute("INSERT INTO dmarc_counts VALUES ('', '2026-01-01', '', 7, 7)")
                  .ok());
  EXPECT_TRUE(outbox.Delivered(2).ok());
  EXPECT_TRUE(outbox.Next()->rows.empty());
  EXPECT_EQ(*outbox.CountRows(), 0) << "what is wrong mends itself";
}

TEST(OutboxTest, BuriedRowsAreNotInTheWay) {
  auto counters = OpenCounters(EmptyDirectory("buried") + "/db");
  Outbox outbox(counters.get());
  Add(counters.get(), "a", 1, 3);
  const Batch batch = *outbox.Next();
  const std::vector<DeadLetter> dead = {{ToColumns(batch.rows[1]), "no good"}};
  EXPECT_TRUE(outbox.Bury(1, dead).ok());
  EXPECT_TRUE(outbox.Bury(1, dead).ok()) << "by another process, too";
  const Batch rest = *outbox.Next();
  EXPECT_EQ(rest.number, 1);
  EXPECT_EQ(rest.rows, (std::vector<Row>{batch.rows[0], batch.rows[2]}));
  EXPECT_EQ(*outbox.CountRows(), 2);
  EXPECT_EQ(*counters->database()->Single("SELECT count(*) FROM dead_letters "
                                          "WHERE error = 'no good' AND batch = 1"),
            1);
  EXPECT_TRUE(outbox.Bury(1, {{ToColumns(rest.rows[0]), ""}, {ToColumns(rest.rows[1]), ""}}).ok());
  EXPECT_EQ(*outbox.CountRows(), 0);
  Add(counters.get(), "b", 1, 1);
  EXPECT_EQ(outbox.Next()->number, 2) << "the number of a batch that is gone is not used again";
}

TEST(OutboxTest, ARowThatCannotBeReadIsBuried) {
  auto counters = OpenCounters(EmptyDirectory("unreadable") + "/db");
  Outbox outbox(counters.get());
  Add(counters.get(), "a", 1, 3);
  ASSERT_TRUE(counters->database()
                  ->Execute("UPDATE dmarc_rows SET source_ip = 'x' WHERE source_ip <> '192.0.2.2'")
                  .ok());
  EXPECT_EQ(outbox.Next(1)->rows.size(), 1u) << "the batches of the others are skipped";
  EXPECT_EQ(outbox.buried() + 1, static_cast<uint64_t>(outbox.Next(1)->number));
  const int64_t number = outbox.Next(1)->number;
  EXPECT_TRUE(outbox.Delivered(number).ok());
  EXPECT_TRUE(outbox.Next(1)->rows.empty());
  EXPECT_EQ(outbox.buried(), 2u);
  EXPECT_EQ(*counters->database()->Single("SELECT count(*) FROM dead_letters "
                                          "WHERE error LIKE '%source_ip%'"),
            2);
}

TEST(OutboxTest, TwoOutboxesHaveTwoNames) {
  auto one = OpenCounters(EmptyDirectory("one") + "/db");
  auto two = OpenCounters(EmptyDirectory("two") + "/db");
  EXPECT_NE(Outbox(one.get()).Next()->outbox, Outbox(two.get()).Next()->outbox);
}

}  // namespace
}  // namespace postseal::store
