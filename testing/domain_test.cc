// The harness for programs over postseal: what it makes is what it says.
#include "testing/domain.h"

#include <memory>
#include <string>

#include "auth/options.h"
#include "auth/verify_session.h"
#include "base/result.h"
#include "dkim/algorithm.h"
#include "dns/resolver.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/faulty_resolver.h"
#include "testing/matchers.h"

namespace postseal::testing {
namespace {

using base::Result;
using ::testing::AllOf;
using ::testing::Not;

TEST(DomainTest, DoesEverythingRight) {
  for (const dkim::KeyType type : {dkim::KeyType::kEd25519, dkim::KeyType::kRsa}) {
    const Domain domain("example.com", type);
    const auth::Report report = domain.Verify(domain.Sign(MessageFrom("alice@example.com")));
    EXPECT_THAT(report, AllOf(Passes(), SpfIs(Result::kPass), DkimIs(Result::kPass),
                              DmarcIs(Result::kPass)));
  }
}

TEST(DomainTest, DoesAnythingElseWhenTold) {
  Domain domain("example.com");
  domain.spf = "v=spf1 -all";
  const std::string message = MessageFrom("alice@example.com");
  EXPECT_THAT(domain.Verify(message), AllOf(SpfIs(Result::kFail), DmarcIs(Result::kFail),
                                            DkimIs(Result::kNone), Not(Passes())));
  domain.dmarc.clear();
  EXPECT_THAT(domain.Verify(message), AllOf(DmarcIs(Result::kNone), VerdictIs(Result::kFail)));
  domain.key_record.clear();
  EXPECT_THAT(domain.Verify(domain.Sign(message)), DkimIs(Result::kPermError));
}

TEST(MatchersTest, AMismatchSaysWhy) {
  const Domain domain("example.com");
  const auth::Report report = domain.Verify(MessageFrom("mallory@example.net"));
  ::testing::StringMatchResultListener listener;
  EXPECT_FALSE(::testing::ExplainMatchResult(DmarcIs(Result::kPass), report, &listener));
  EXPECT_NE(listener.str().find("spf=pass"), std::string::npos) << listener.str();
}

// RFC 9989 §5.3.6: trouble is neither pass nor fail.
TEST(FaultyResolverTest, TroubleIsATemporaryError) {
  const Domain domain("example.com");
  const auto zone = domain.Zone();
  for (const bool is_silent : {false, true}) {
    FaultyResolver resolver(zone.get());
    (is_silent ? resolver.silent : resolver.temp_errors) = {"_dmarc.example.com"};
    const auto session =
        *auth::VerifySession::Create(std::make_shared<auth::Options>(), domain.Mail(), kNow);
    ASSERT_TRUE(session->Feed(MessageFrom("alice@example.com")).ok());
    ASSERT_TRUE(session->EndOfMessage().ok());
    dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
    EXPECT_THAT(session->report(), DmarcIs(Result::kTempError));
    EXPECT_EQ(resolver.asked().size(), 4u);  // SPF of both identities, the walk's two names
  }
}

TEST(ManualResolverTest, TheTestChoosesTheOrder) {
  const Domain domain("example.com");
  const auto zone = domain.Zone();
  ManualResolver resolver(zone.get());
  const std::shared_ptr<auth::VerifySession> session =
      *auth::VerifySession::Create(std::make_shared<auth::Options>(), domain.Mail(), kNow);
  ASSERT_TRUE(session->Feed(domain.Sign(MessageFrom("alice@example.com"))).ok());
  ASSERT_TRUE(session->EndOfMessage().ok());
  dns::Pump(session, &resolver);
  EXPECT_EQ(resolver.waiting(), 5u);  // the same, and the key
  while (resolver.waiting() > 0) {
    EXPECT_FALSE(session->done());
    ASSERT_TRUE(resolver.Answer(resolver.waiting() - 1));  // the latest first
  }
  ASSERT_TRUE(session->done());
  EXPECT_THAT(session->report(), Passes());
  EXPECT_FALSE(resolver.Answer(0));
}

}  // namespace
}  // namespace postseal::testing
