// What a person must find in the tree, not how it is worded.
#include "auth/dmarc_explanation.h"

#include <string>
#include <vector>

#include "auth/dmarc_report.h"
#include "auth/explanation_node.h"
#include "base/result.h"
#include "dmarc/alignment.h"
#include "dmarc/difference.h"
#include "dmarc/domain_record.h"
#include "dmarc/policy.h"
#include "dmarc/reason.h"
#include "dmarc/record.h"
#include "dmarc/verdict.h"
#include "dns/answer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace postseal::auth {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

DmarcReport Failed() {
  DmarcReport report;
  report.result = base::Result::kFail;
  report.reason = dmarc::Reason::kNotAligned;
  report.from_domain = "mail.example.com";
  report.org_domain = "example.com";
  report.policy_domain = "example.com";
  report.policy = dmarc::ChosenPolicy(dmarc::Policy::kReject, dmarc::PolicyTag::kSp);
  report.disposition = dmarc::Policy::kReject;
  report.author_steps = {
      {"mail.example.com", dns::Outcome::kNxDomain, dmarc::Finding::kNothing, ""},
      {"example.com", dns::Outcome::kRecords, dmarc::Finding::kRecord, "v=DMARC1; sp=reject"},
  };
  report.identifiers = {
      {dmarc::Method::kSpf, "bounce.example.net", true, false, dmarc::Alignment::kNone},
      {dmarc::Method::kDkim, "slow.example.org", false, true, dmarc::Alignment::kUnknown},
      {dmarc::Method::kDkim, "bad.example.org", false, false, dmarc::Alignment::kNotChecked}};
  report.walks = {{"bounce.example.net", "example.net", {}}, {"slow.example.org", "", {}}};
  return report;
}

std::string Print(const DmarcReport& report) { return PrintExplanation(ExplainDmarc(report)); }

TEST(DmarcExplanationTest, HowTheRecordWasFoundAndWhatItAsksFor) {
  const std::string tree = Print(Failed());
  EXPECT_THAT(
      tree, AllOf(HasSubstr("dmarc=fail"), HasSubstr("tree walk from mail.example.com"),
                  HasSubstr("RFC 9989"), HasSubstr("_dmarc.mail.example.com TXT: nxdomain"),
                  HasSubstr("v=DMARC1; sp=reject"), HasSubstr("organizational domain example.com"),
                  HasSubstr("record of example.com applies")));
  EXPECT_THAT(tree, AllOf(HasSubstr("policy reject, from sp="), Not(HasSubstr("in effect"))));
}

TEST(DmarcExplanationTest, EachIdentifier) {
  const std::string tree = Print(Failed());
  EXPECT_THAT(tree, AllOf(HasSubstr("spf bounce.example.net: pass"),
                          HasSubstr("dkim slow.example.org: temperror"),
                          HasSubstr("dkim bad.example.org: not authenticated"),
                          HasSubstr("organizational domain example.net"),
                          HasSubstr("tree walk from slow.example.org: failed")));
}

TEST(DmarcExplanationTest, WhatWeakensThePolicy) {
  DmarcReport report = Failed();
  report.policy->effective = dmarc::Policy::kQuarantine;
  EXPECT_THAT(Print(report), HasSubstr("in effect quarantine (pct=)"));
  report.testing = true;
  EXPECT_THAT(Print(report), HasSubstr("in effect quarantine (t=y"));
}

TEST(DmarcExplanationTest, WarningsAndLimits) {
  DmarcReport report = Failed();
  report.warnings = {{"the value is not known", "adkim", 11}};
  report.identifiers_skipped = 3;
  report.authors_skipped = 2;
  DmarcReport author = Failed();
  author.from_domain = "other.example";
  report.authors = {author};
  EXPECT_THAT(Print(report),
              AllOf(HasSubstr("adkim: the value is not known (octet 11)"), HasSubstr("3 more"),
                    HasSubstr("2 more author domains"), HasSubstr("author domain other.example")));
}

TEST(DmarcExplanationTest, TextOfTheSenderStaysOnItsLine) {
  DmarcReport report = Failed();
  report.from_domain = "x\r\n\x1b[2J";
  EXPECT_THAT(Print(report), Not(testing::ContainsRegex("[\r\x1b]")));
}

TEST(DmarcExplanationTest, Rfc7489) {
  DmarcReport report = Failed();
  report.mode = dmarc::Mode::kRfc7489;
  EXPECT_THAT(Print(report), AllOf(HasSubstr("public suffix list"), HasSubstr("RFC 7489")));
}

TEST(DmarcExplanationTest, WhereTheEditionsDiffer) {
  EXPECT_THAT(PrintExplanation(ExplainDifferences({})), HasSubstr("agree"));
  const std::vector<dmarc::Difference> differences = {
      {"org_domain", "a.example", "example", "psd=n"}};
  EXPECT_THAT(PrintExplanation(ExplainDifferences(differences)),
              AllOf(HasSubstr("differ"), HasSubstr("org_domain"), HasSubstr("a.example"),
                    HasSubstr("psd=n")));
}

}  // namespace
}  // namespace postseal::auth
