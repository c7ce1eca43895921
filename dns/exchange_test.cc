#include "dns/exchange.h"

#include <string>
#include <vector>

#include "dns/resolver.h"
#include "gtest/gtest.h"

namespace postseal::dns {
namespace {

Query Txt(std::string_view name) { return Query(*Name::Parse(name), Type::kTxt); }

struct Context {
  explicit Context(size_t max_lookups = kMaxLookups) : exchange(&memory, &ready, max_lookups) {}
  base::Arena* arena() { return &memory; }
  // What a session does: Exchange plus the run loop.
  std::optional<PendingQuery> NextQuery() { return exchange.NextQuery(); }
  absl::Status Provide(QueryId id, const Answer& answer) {
    const absl::Status status = exchange.Provide(id, answer);
    ready.Run();
    return status;
  }
  void FailOutstanding() {
    exchange.FailOutstanding();
    ready.Run();
  }

  base::Arena memory;
  base::ReadyQueue ready;
  Exchange exchange;
};

base::Task<std::string> First(Context* c, Query query) {
  const Answer& answer = co_await c->exchange.Ask(query);
  if (answer.outcome != Outcome::kRecords) co_return std::string(OutcomeName(answer.outcome));
  co_return std::string(answer.rdata.front());
}

Answer Records(const std::vector<std::string_view>& rdata) {
  Answer answer(Outcome::kRecords);
  answer.rdata = rdata;
  return answer;
}

TEST(ExchangeTest, AnEqualQueryIsAskedOnce) {
  Context c;
  base::Task<std::string> a = First(&c, Txt("a.example"));
  base::Task<std::string> b = First(&c, Txt("A.EXAMPLE."));
  a.Start();
  b.Start();
  const auto pending = c.NextQuery();
  ASSERT_TRUE(pending.has_value());
  EXPECT_EQ(pending->query.name.text(), "a.example");
  EXPECT_FALSE(c.NextQuery().has_value());
  std::string data = "\x01x";
  ASSERT_TRUE(c.Provide(pending->id, Records({data})).ok());
  data = "gone";  // The Exchange keeps its own copy.
  EXPECT_EQ(a.result(), "\x01x");
  EXPECT_EQ(b.result(), "\x01x");
  EXPECT_EQ(c.exchange.lookups().size(), 1u);
}

TEST(ExchangeTest, AnswersMayComeInAnyOrder) {
  Context c;
  base::Task<std::string> a = First(&c, Txt("a.example"));
  base::Task<std::string> b = First(&c, Txt("b.example"));
  a.Start();
  b.Start();
  const auto first = c.NextQuery();
  const auto second = c.NextQuery();
  ASSERT_TRUE(c.Provide(second->id, Records({"second"})).ok());
  EXPECT_FALSE(a.done());
  EXPECT_EQ(b.result(), "second");
  ASSERT_TRUE(c.Provide(first->id, Answer(Outcome::kNxDomain)).ok());
  EXPECT_EQ(a.result(), "nxdomain");
}

TEST(ExchangeTest, WhatIsAskedAheadIsNotUsed) {
  Context c;
  c.exchange.Ask(Txt("ahead.example"));
  base::Task<std::string> task = First(&c, Txt("b.example"));
  task.Start();
  const auto& lookups = c.exchange.lookups();
  EXPECT_FALSE(lookups[1]->used()) << "not yet answered";
  while (const auto pending = c.NextQuery()) {
    ASSERT_TRUE(c.Provide(pending->id, Records({"x"})).ok());
  }
  EXPECT_TRUE(lookups[0]->answered());
  EXPECT_FALSE(lookups[0]->used());
  EXPECT_TRUE(lookups[1]->used());
  // Asked again, and awaited this time.
  base::Task<std::string> again = First(&c, Txt("ahead.example"));
  again.Start();
  EXPECT_EQ(again.result(), "x");
  EXPECT_TRUE(lookups[0]->used());
}

TEST(ExchangeTest, MisuseIsAStatus) {
  Context c;
  EXPECT_TRUE(absl::IsNotFound(c.Provide(0, Answer()))) << "nothing was asked";
  base::Task<std::string> a = First(&c, Txt("a.example"));
  a.Start();
  EXPECT_TRUE(absl::IsNotFound(c.Provide(0, Answer()))) << "not handed out yet";
  const auto pending = c.NextQuery();
  EXPECT_TRUE(c.Provide(pending->id, Answer(Outcome::kNoData)).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(c.Provide(pending->id, Answer())));
  EXPECT_TRUE(absl::IsNotFound(c.Provide(7, Answer())));
}

TEST(ExchangeTest, FailOutstandingEndsOpenAndLaterQueries) {
  Context c;
  base::Task<std::string> open = First(&c, Txt("open.example"));
  open.Start();
  const auto pending = c.NextQuery();
  c.FailOutstanding();
  EXPECT_EQ(open.result(), "temperror");
  EXPECT_TRUE(absl::IsFailedPrecondition(c.Provide(pending->id, Records({"late"}))));
  base::Task<std::string> later = First(&c, Txt("later.example"));
  later.Start();
  EXPECT_EQ(later.result(), "temperror");
  EXPECT_FALSE(c.NextQuery().has_value());
  EXPECT_TRUE(c.exchange.lookups()[1]->refused());
}

TEST(ExchangeTest, TheLookupLimitHoldsAtNAndNPlusOne) {
  Context c(/*max_lookups=*/2);
  base::Task<std::string> a = First(&c, Txt("a.example"));
  base::Task<std::string> b = First(&c, Txt("b.example"));
  base::Task<std::string> again = First(&c, Txt("a.example"));
  base::Task<std::string> over = First(&c, Txt("c.example"));
  a.Start();
  b.Start();
  again.Start();
  over.Start();
  EXPECT_FALSE(b.done()) << "the second of two is asked";
  EXPECT_EQ(over.result(), "temperror") << "the third is not";
  EXPECT_FALSE(again.done()) << "a repeated one costs nothing";
}

TEST(ExchangeTest, TheAnswerSizeLimitHoldsAtNAndNPlusOne) {
  for (const size_t extra : {0, 1}) {
    Context c;
    base::Task<std::string> a = First(&c, Txt("a.example"));
    a.Start();
    const auto pending = c.NextQuery();
    const std::string data(kMaxTxtAnswerOctets - sizeof(std::string_view) + extra, 'x');
    ASSERT_TRUE(c.Provide(pending->id, Records({data})).ok());
    EXPECT_EQ(a.result() == data, extra == 0);
    EXPECT_EQ(c.exchange.lookups()[0]->oversized(), extra == 1);
  }
}

TEST(ExchangeTest, OtherTypesHaveALimitOfTheirOwn) {
  for (const size_t extra : {0, 1}) {
    Context c;
    base::Task<std::string> a = First(&c, Query(*Name::Parse("a.example"), Type::kPtr));
    a.Start();
    const std::string data(kMaxAnswerOctets - sizeof(std::string_view) + extra, 'x');
    ASSERT_TRUE(c.Provide(c.NextQuery()->id, Records({data})).ok());
    EXPECT_EQ(a.result() == data, extra == 0);
  }
}

TEST(ExchangeTest, LargeAnswersDoNotStarveLaterOnes) {
  Context c;
  const std::string data(kMaxTxtAnswerOctets - sizeof(std::string_view), 'x');
  for (size_t i = 0; i < kMaxLookups; ++i) {
    base::Task<std::string> task = First(&c, Txt("n" + std::to_string(i) + ".example"));
    task.Start();
    ASSERT_TRUE(c.Provide(c.NextQuery()->id, Records({data})).ok());
    EXPECT_EQ(task.result(), data) << i;
  }
}

TEST(ExchangeTest, RecordsWithoutARecordAreNoData) {
  Context c;
  base::Task<std::string> a = First(&c, Txt("a.example"));
  a.Start();
  ASSERT_TRUE(c.Provide(c.NextQuery()->id, Answer(Outcome::kRecords)).ok());
  EXPECT_EQ(a.result(), "nodata");
}

// Answers at once, or leaves every query whose name starts with "slow" open.
class InstantResolver : public BlockingResolver, public AsyncResolver {
 public:
  void Resolve(std::span<const PendingQuery> batch, Deadline, Provide provide) override {
    for (const PendingQuery& q : batch) {
      if (!q.query.name.text().starts_with("slow")) provide(q.id, Answer(Outcome::kNoData));
    }
  }
  LookupId Start(const Query&, Done done) override {
    done(Answer(Outcome::kNxDomain));
    return 0;
  }
  void Cancel(LookupId) override {}
};

base::Task<std::string> Chain(Context* c, int depth) {
  std::string seen;
  for (int i = 0; i < depth; ++i) {
    const Query query = Txt("n" + std::to_string(i) + ".example");
    const Answer& answer = co_await c->exchange.Ask(query);
    seen = OutcomeName(answer.outcome);
  }
  co_return seen;
}

TEST(ResolverTest, BothFacesRunAChainToItsEnd) {
  InstantResolver resolver;
  Context blocking;
  base::Task<std::string> a = Chain(&blocking, 50);
  a.Start();
  RunBlocking(&blocking, &resolver, Deadline::max());
  EXPECT_EQ(a.result(), "nodata");

  const auto async = std::make_shared<Context>();
  base::Task<std::string> b = Chain(async.get(), 50);
  b.Start();
  Pump(async, &resolver);
  EXPECT_EQ(b.result(), "nxdomain");
}

TEST(ResolverTest, WhatTheResolverLeavesOpenIsATempError) {
  InstantResolver resolver;
  Context c;
  base::Task<std::string> a = First(&c, Txt("slow.example"));
  a.Start();
  RunBlocking(&c, &resolver, Deadline::max());
  EXPECT_EQ(a.result(), "temperror");
}

}  // namespace
}  // namespace postseal::dns
