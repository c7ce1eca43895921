#include "dns/lookup_session.h"

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/arena.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"

namespace postseal::dns {
namespace {

Query TxtQuery() { return Query(*Name::Parse("s._domainkey.example.com"), Type::kTxt); }

TEST(LookupSessionTest, AsksOneQueryOnce) {
  LookupSession session(TxtQuery());
  const std::optional<PendingQuery> query = session.NextQuery();
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->query, TxtQuery());
  EXPECT_FALSE(session.NextQuery().has_value());
  EXPECT_FALSE(session.done());
  EXPECT_EQ(session.answer().outcome, Outcome::kTempError) << "until there is an answer";
}

TEST(LookupSessionTest, KeepsACopyOfTheAnswer) {
  LookupSession session(TxtQuery());
  {
    const std::string rdata = TxtRdata("v=DKIM1; p=");
    const std::string_view records[] = {rdata};
    Answer answer(Outcome::kRecords);
    answer.rdata = records;
    answer.dnssec_secure = true;
    EXPECT_TRUE(absl::IsNotFound(session.Provide(0, answer))) << "not handed out yet";
    ASSERT_TRUE(session.Provide(session.NextQuery()->id, answer).ok());
  }
  ASSERT_TRUE(session.done());
  EXPECT_EQ(session.answer().outcome, Outcome::kRecords);
  EXPECT_TRUE(session.answer().dnssec_secure);
  ASSERT_EQ(session.answer().rdata.size(), 1u);
  base::Arena arena;
  EXPECT_EQ(JoinTxt(session.answer().rdata.front(), &arena), "v=DKIM1; p=");
  EXPECT_TRUE(absl::IsFailedPrecondition(session.Provide(0, Answer())));
}

TEST(LookupSessionTest, ADeadlineIsATemporaryError) {
  LookupSession session(TxtQuery());
  session.FailOutstanding();
  EXPECT_TRUE(session.done());
  EXPECT_EQ(session.answer().outcome, Outcome::kTempError);
  EXPECT_FALSE(session.NextQuery().has_value()) << "nobody needs to ask any more";
}

TEST(LookupSessionTest, RunsWithAResolver) {
  ZoneResolver zone;
  ASSERT_TRUE(zone.AddText("s._domainkey.example.com. TXT \"v=DKIM1\"\n"
                           "$TIMEOUT late.example.com TXT\n",
                           "zone")
                  .ok());
  LookupSession found(TxtQuery());
  RunBlocking(&found, &zone, Deadline::max());
  EXPECT_EQ(found.answer().outcome, Outcome::kRecords);
  LookupSession missing(Query(*Name::Parse("missing.example.com"), Type::kTxt));
  RunBlocking(&missing, &zone, Deadline::max());
  EXPECT_EQ(missing.answer().outcome, Outcome::kNxDomain);
  LookupSession late(Query(*Name::Parse("late.example.com"), Type::kTxt));
  RunBlocking(&late, &zone, Deadline::max());
  EXPECT_TRUE(late.done());
  EXPECT_EQ(late.answer().outcome, Outcome::kTempError);
}

}  // namespace
}  // namespace postseal::dns
