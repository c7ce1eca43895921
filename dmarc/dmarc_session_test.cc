#include "dmarc/dmarc_session.h"

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/result.h"
#include "dmarc/authors.h"
#include "dmarc/reason.h"
#include "dmarc/test_support.h"
#include "dmarc/tree_walk.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"

namespace {
size_t allocations = 0;
}  // namespace

// Counts what the whole program allocates; memory comes from malloc as usual.
void* operator new(size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace postseal::dmarc {
namespace {

using testing::MakeName;
using testing::Message;
using testing::Record;

TEST(DmarcSessionTest, CallsOutOfOrder) {
  DmarcSession session;
  EXPECT_FALSE(session.done());
  EXPECT_FALSE(session.NextQuery().has_value());
  EXPECT_TRUE(session.lookups().empty());
  session.FailOutstanding();
  const dns::Answer answer(dns::Outcome::kNxDomain);
  EXPECT_EQ(session.Provide(0, answer).code(), absl::StatusCode::kFailedPrecondition);
  const dns::Name author = MakeName("com");
  ASSERT_TRUE(session.Start(Authors(&author), {}).ok());
  EXPECT_EQ(session.Provide(0, answer).code(), absl::StatusCode::kNotFound)
      << "not taken by NextQuery yet";
  ASSERT_TRUE(session.NextQuery().has_value());
  EXPECT_FALSE(session.NextQuery().has_value());
  EXPECT_TRUE(session.Provide(0, answer).ok());
  EXPECT_TRUE(session.done());
  EXPECT_EQ(session.Provide(0, answer).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(DmarcSessionTest, AllQueriesOfAWalkAreOutAtOnce) {
  DmarcSession session;
  const dns::Name author = MakeName("a.b.c.d.e.f.g.h.i.example.com");
  ASSERT_TRUE(session.Start(Authors(&author), {}).ok());
  size_t queries = 0;
  while (session.NextQuery().has_value()) ++queries;
  EXPECT_EQ(queries, kMaxWalkQueries);
}

TEST(DmarcSessionTest, TheDeadlineIsATempError) {  // RFC 9989 §5.3.6
  DmarcSession session;
  const dns::Name author = MakeName("example.com");
  ASSERT_TRUE(session.Start(Authors(&author), {}).ok());
  session.FailOutstanding();
  ASSERT_TRUE(session.done());
  EXPECT_EQ(session.verdict().reason, Reason::kPolicyLookupFailed);
}

TEST(DmarcSessionTest, WithoutAuthorsThereIsNothingToAsk) {
  DmarcSession session;
  ASSERT_TRUE(session.Start(Authors(FromForm::kMissing, {}), {}).ok());
  EXPECT_FALSE(session.NextQuery().has_value());
  ASSERT_TRUE(session.done());
  EXPECT_EQ(session.verdict().reason, Reason::kFromMissing);
}

TEST(DmarcSessionTest, KeepsWhatItIsGiven) {
  dns::ZoneResolver zone;
  ASSERT_TRUE(zone.AddText(Record("example.com", "v=DMARC1; p=reject"), "zone").ok());
  DmarcSession session;
  {
    const auto message = std::make_unique<Message>("a.example.com");
    message->Spf("b.example.com");
    ASSERT_TRUE(session.Start(Authors(message->form, message->authors), message->identifiers).ok());
  }
  dns::RunBlocking(&session, &zone, dns::Deadline::max());
  ASSERT_TRUE(session.done());
  EXPECT_EQ(session.verdict().reason, Reason::kAligned);
  EXPECT_EQ(session.verdict().author_domain, "a.example.com");
}

TEST(DmarcSessionTest, MayBeDroppedAndRestartedAtAnyTime) {
  dns::ZoneResolver zone;
  ASSERT_TRUE(zone.AddText(Record("example.com", "v=DMARC1; p=none; np=reject"), "zone").ok());
  Message message("a.example.com c.example.net");
  message.Spf("b.example.com").Dkim("d.example.com", base::Result::kTempError);
  DmarcSession session;
  for (size_t answered = 0; answered < 12; ++answered) {
    ASSERT_TRUE(session.Start(Authors(message.form, message.authors), message.identifiers).ok());
    for (size_t i = 0; i < answered; ++i) {
      const auto query = session.NextQuery();
      if (!query.has_value()) break;
      ASSERT_TRUE(session.Provide(query->id, *zone.Lookup(query->query)).ok());
    }
  }
  EXPECT_TRUE(session.done());
  ASSERT_TRUE(session.Start(Authors(message.form, message.authors), message.identifiers).ok());
}

TEST(DmarcSessionTest, AllocatesNothingInTheSteadyState) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the arena gives each allocation a block of its own";
#endif
#endif
  const std::vector<std::pair<dns::Name, std::string>> records = {
      {MakeName("_dmarc.example.com"),
       dns::TxtRdata("v=DMARC1; p=reject; np=none; x=y; rua=mailto:a@example.com!10m")},
      {MakeName("_dmarc.dept.example.com"), dns::TxtRdata("v=DMARC1; p=none; psd=n")},
  };
  DmarcSession session;
  const auto run = [&](const Message& message, Reason reason) {
    session.Start(Authors(message.form, message.authors), message.identifiers).IgnoreError();
    while (const auto query = session.NextQuery()) {
      dns::Answer answer(dns::Outcome::kNxDomain);
      std::string_view rdata;
      for (const auto& [name, text] : records) {
        if (!(name == query->query.name)) continue;
        rdata = text;
        answer.outcome = dns::Outcome::kRecords;
        answer.rdata = std::span(&rdata, 1);
      }
      session.Provide(query->id, answer).IgnoreError();
    }
    ASSERT_TRUE(session.done());
    EXPECT_EQ(session.verdict().reason, reason);
  };
  const std::vector<std::pair<Message, Reason>> messages = {
      {Message("example.com").Spf("example.com").Dkim("example.com"), Reason::kAligned},
      {Message("a.b.c.d.e.f.g.h.i.example.com").Dkim("m.example.com"), Reason::kAligned},
      {Message("ghost.example.com").Dkim("dept.example.com").Spf("example.net"),
       Reason::kNotAligned},
      {Message("example.net").Spf("example.net"), Reason::kNoRecord},
  };
  for (const auto& [message, reason] : messages) {
    // The first two find out how much memory it takes.
    run(message, reason);
    run(message, reason);
    const size_t before = allocations;
    run(message, reason);
    EXPECT_EQ(allocations, before) << message.authors.front().text();
  }
}

}  // namespace
}  // namespace postseal::dmarc
