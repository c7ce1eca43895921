#include "auth/spf_report.h"

#include <string_view>

#include "base/result.h"
#include "dns/address.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "spf/evaluation.h"
#include "spf/reason.h"
#include "spf/spf_session.h"

namespace postseal::auth {
namespace {

SpfReport Check(std::string_view zone_text, std::string_view client) {
  dns::ZoneResolver zone;
  EXPECT_TRUE(zone.AddText(zone_text, "zone").ok());
  spf::Request request;
  request.client = *dns::IpAddress::Parse(client);
  request.mail_from = "user@example.com";
  request.helo = "mx.example.org";
  spf::SpfSession session;
  session.Start(request);
  dns::RunBlocking(&session, &zone, dns::Deadline::max());
  // The session, and what the verdict views, end here.
  return MakeSpfReport(session.verdict(), request.identity);
}

TEST(SpfReportTest, OwnsWhatTheVerdictViews) {
  const SpfReport report = Check(
      "example.com. TXT \"v=spf1 Include:a.example -all exp=e.example.com\"\n"
      "e.example.com. TXT \"not %{c}\"\n"
      "a.example. TXT \"v=spf1 ip4:192.0.2.0/24\"\n",
      "192.0.2.1");
  EXPECT_EQ(report.result, base::Result::kPass);
  EXPECT_EQ(report.reason, spf::Reason::kAuthorized);
  EXPECT_EQ(report.domain, "example.com");
  EXPECT_EQ(report.mechanism, "Include:a.example");
  EXPECT_EQ(report.term.domain, "example.com");
  EXPECT_EQ(report.term.text(), "Include:a.example");
  EXPECT_EQ(report.origin.domain, "a.example");
  EXPECT_EQ(report.origin.text(), "ip4:192.0.2.0/24");
  EXPECT_EQ(report.explanation, "");
  EXPECT_EQ(report.spent.terms, 1);
  EXPECT_EQ(report.spent.queries, 2);
}

TEST(SpfReportTest, MechanismHasNoQualifier) {
  const SpfReport report = Check(
      "example.com. TXT \"v=spf1 -all exp=e.example.com\"\n"
      "e.example.com. TXT \"not %{c}\"\n",
      "192.0.2.1");
  EXPECT_EQ(report.result, base::Result::kFail);
  EXPECT_EQ(report.mechanism, "all");
  EXPECT_EQ(report.term.text(), "-all");
  EXPECT_EQ(report.explanation, "not 192.0.2.1");
}

TEST(SpfReportTest, ModifierIsNoMechanism) {
  const SpfReport report =
      Check("example.com. TXT \"v=spf1 redirect=b.example\"\nb.example. TXT x\n", "192.0.2.1");
  EXPECT_EQ(report.reason, spf::Reason::kRedirectWithoutRecord);
  EXPECT_EQ(report.mechanism, "");
  EXPECT_EQ(report.term.text(), "redirect=b.example");
}

TEST(SpfReportTest, SyntaxErrorHasAPlaceAndNoTerm) {
  const SpfReport report = Check("example.com. TXT \"v=spf1 a ip4:1.2.3 -all\"\n", "192.0.2.1");
  EXPECT_EQ(report.reason, spf::Reason::kBadAddress);
  EXPECT_TRUE(report.term.empty());
  EXPECT_EQ(report.origin.record, "v=spf1 a ip4:1.2.3 -all");
  EXPECT_EQ(report.origin.size, 0);
  EXPECT_EQ(report.mechanism, "");
}

TEST(SpfReportTest, ScopeNames) {
  EXPECT_EQ(SpfScopeName(spf::Identity::kHelo), "helo");
  EXPECT_EQ(SpfScopeName(spf::Identity::kMailFrom), "mfrom");
}

}  // namespace
}  // namespace postseal::auth
