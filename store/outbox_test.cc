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

TEST(OutboxTest, TwoOutboxesHaveTwoNames) {
  auto one = OpenCounters(EmptyDirectory("one") + "/db");
  auto two = OpenCounters(EmptyDirectory("two") + "/db");
  EXPECT_NE(Outbox(one.get()).Next()->outbox, Outbox(two.get()).Next()->outbox);
}

}  // namespace
}  // namespace postseal::store
