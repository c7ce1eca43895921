// What a Report says in each of its forms: JSON, Authentication-Results, tree.
#include "auth/report.h"

#include <string>
#include <string_view>
#include <vector>

#include "auth/authentication_results.h"
#include "auth/explanation.h"
#include "auth/lookup_report.h"
#include "auth/report_json.h"
#include "base/result.h"
#include "dkim/reason.h"
#include "dkim/signature_report.h"
#include "dns/answer.h"
#include "gtest/gtest.h"
#include "mail/message_reader.h"
#include "nlohmann/json.hpp"
#include "spf/evaluation.h"
#include "spf/reason.h"

namespace postseal::auth {
namespace {

dkim::SignatureReport Signature(dkim::Reason reason, const std::string& domain = "example.com") {
  dkim::SignatureReport signature;
  signature.reason = reason;
  signature.result = dkim::InfoOf(reason).result;
  signature.domain = signature.identifier = domain;
  signature.selector = "s1";
  signature.algorithm = "rsa-sha256";
  signature.canonicalization = "relaxed/relaxed";
  return signature;
}

TEST(ReportTest, TheBestSignatureCounts) {
  Report report;
  EXPECT_EQ(report.DkimResult(), base::Result::kNone);
  report.header_fault = mail::HeaderFault::kFieldTooLong;
  EXPECT_EQ(report.DkimResult(), base::Result::kNeutral) << "not seen is not none";
  report.header_fault = mail::HeaderFault::kNone;
  report.dkim = {Signature(dkim::Reason::kBodyHashMismatch), Signature(dkim::Reason::kNoKey)};
  EXPECT_EQ(report.DkimResult(), base::Result::kFail);
  report.dkim.push_back(Signature(dkim::Reason::kKeyLookupFailed));
  EXPECT_EQ(report.DkimResult(), base::Result::kTempError) << "it may yet pass";
  report.dkim.push_back(Signature(dkim::Reason::kVerified));
  EXPECT_EQ(report.DkimResult(), base::Result::kPass);
}

TEST(ReportTest, AFieldIsCoveredWhenOneGoodSignatureCoversIt) {  // RFC 6376 §5.4.1
  using Names = std::vector<std::string_view>;
  Report report;
  EXPECT_FALSE(report.UncoveredFields().has_value()) << "no signature";
  report.dkim = {Signature(dkim::Reason::kSignatureMismatch)};
  EXPECT_FALSE(report.UncoveredFields().has_value()) << "none that passes";
  EXPECT_TRUE(nlohmann::json::parse(ReportToJson(report, ""))["uncovered_fields"].is_null());
  report.dkim.push_back(Signature(dkim::Reason::kVerified));
  report.dkim[1].uncovered_fields = {"Reply-To", "Cc", "List-Id"};
  EXPECT_EQ(report.UncoveredFields(), (Names{"Reply-To", "Cc", "List-Id"}));
  report.dkim.push_back(Signature(dkim::Reason::kVerified));
  report.dkim[2].uncovered_fields = {"Reply-To", "Subject", "List-Id"};
  EXPECT_EQ(report.UncoveredFields(), (Names{"Reply-To", "List-Id"}));
  report.dkim[2].result = base::Result::kPolicy;
  EXPECT_EQ(report.UncoveredFields(), (Names{"Reply-To", "Cc", "List-Id"})) << "no pass";
  EXPECT_EQ(nlohmann::json::parse(ReportToJson(report, ""))["uncovered_fields"],
            nlohmann::json({"Reply-To", "Cc", "List-Id"}));
}

TEST(ReportTest, JsonSaysWhichMessageItIsAbout) {
  const auto json = nlohmann::json::parse(ReportToJson(Report(), "", "a\xff/\"b\""));
  EXPECT_EQ(json["message"], "a\xef\xbf\xbd/\"b\"");
}

TEST(ReportTest, JsonHasTheNamesOfTheContract) {
  Report report;
  report.dkim = {Signature(dkim::Reason::kVerified)};
  report.dkim[0].key_bits = 2048;
  LookupReport& lookup = report.dns.emplace_back();
  lookup.name = "s1._domainkey.example.com";
  lookup.outcome = dns::Outcome::kRecords;
  lookup.secure = true;
  const auto json = nlohmann::json::parse(ReportToJson(report, "mx.example; dkim=pass"));
  EXPECT_EQ(json["authentication_results"], "mx.example; dkim=pass");
  EXPECT_FALSE(json.contains("message")) << "the one message needs no name";
  const auto& dkim = json["dkim"][0];
  EXPECT_EQ(dkim["result"], "pass");
  EXPECT_EQ(dkim["domain"], "example.com");
  EXPECT_EQ(dkim["selector"], "s1");
  EXPECT_EQ(dkim["identity"], "@example.com");
  EXPECT_EQ(dkim["algorithm"], "rsa-sha256");
  EXPECT_EQ(dkim["key_bits"], 2048);
  EXPECT_EQ(dkim["reason"], "verified");
  EXPECT_EQ(dkim["detail"], "");
  EXPECT_EQ(json["dns"][0]["name"], "s1._domainkey.example.com");
  EXPECT_EQ(json["dns"][0]["type"], "TXT");
  EXPECT_EQ(json["dns"][0]["outcome"], "records");
  EXPECT_EQ(json["dns"][0]["secure"], true);
  for (const char* name : {"dns_queries", "signatures", "body_bytes_hashed"}) {
    EXPECT_TRUE(json["spent"][name].is_number()) << name;
  }
  EXPECT_EQ(nlohmann::json::parse(ReportToJson(Report(), ""))["dkim"], nlohmann::json::array());
}

TEST(ReportTest, HostileTextStaysInItsPlace) {
  Report report;
  report.dkim = {Signature(dkim::Reason::kBadDomain, "a.example\r\nX: y\x1b[2J\xff")};
  report.dkim[0].selector = "s\", \"x\": \"";
  const std::string json = ReportToJson(report, "");
  EXPECT_EQ(json.find('\n'), json.npos);
  EXPECT_EQ(nlohmann::json::parse(json)["dkim"][0]["selector"], "s\", \"x\": \"");
  const std::string tree = PrintExplanation(Explain(report));
  EXPECT_EQ(tree.find('\x1b'), tree.npos);
  EXPECT_EQ(tree.find("\nX: y"), tree.npos);
  const std::string field = *PrintAuthenticationResults(report, "mx.example");
  EXPECT_EQ(field.find("X: y"), field.npos) << field;
  EXPECT_EQ(field.find('\x1b'), field.npos);
}

TEST(ReportTest, PassingSignaturesArePrintedFirstAndTheRestIsBounded) {
  Report report;
  for (size_t i = 0; i < kMaxPrintedSignatures + 5; ++i) {
    report.dkim.push_back(Signature(dkim::Reason::kTooManySignatures, "flood.example"));
  }
  report.dkim.push_back(Signature(dkim::Reason::kVerified, "author.example"));
  const std::string field = *PrintAuthenticationResults(report, "mx.example");
  EXPECT_LT(field.find("author.example"), field.find("flood.example"));
  size_t results = 0;
  for (size_t at = field.find("dkim="); at != field.npos; at = field.find("dkim=", at + 1)) {
    ++results;
  }
  EXPECT_EQ(results, kMaxPrintedSignatures);
}

TEST(ReportTest, AuthenticationResults) {  // RFC 8601 §2.7.1
  EXPECT_EQ(*PrintAuthenticationResults(Report(), "mx.example"),
            "Authentication-Results: mx.example;\r\n\tdkim=none\r\n");
  EXPECT_FALSE(PrintAuthenticationResults(Report(), "").ok());
  Report report;
  report.dkim = {Signature(dkim::Reason::kVerified,
                           "b\xc3\xbc"
                           "cher.example")};
  report.dkim[0].identifier = "xn--bcher-kva.example";
  report.dkim[0].testing = true;
  const std::string field = *PrintAuthenticationResults(report, "mx.example");
  EXPECT_NE(field.find("header.d=xn--bcher-kva.example"), field.npos) << field;
  EXPECT_NE(field.find("(test mode)"), field.npos) << field;
}

TEST(ReportTest, TheTreeSaysWhyWithItsClause) {
  Report report;
  report.dkim = {Signature(dkim::Reason::kBodyHashMismatch)};
  report.dkim[0].hints = {{"trailing-text", "a footer"}};
  report.dkim[0].canonical_body_octets = 12;
  report.header_flags.bare_lf = true;
  const std::string tree = PrintExplanation(Explain(report));
  for (const char* text : {"dkim=fail", "RFC 6376 §6.1.3", "hint (trailing-text): a footer",
                           "12 octets in canonical form", "an LF without CR"}) {
    EXPECT_NE(tree.find(text), tree.npos) << text << "\n" << tree;
  }
}

TEST(ReportTest, EachSpfIdentityHasItsOwnPropertyAlone) {  // RFC 8601 §2.7.2
  Report report;
  report.spf.emplace();
  report.spf->result = base::Result::kPass;
  report.spf->reason = spf::Reason::kAuthorized;
  report.spf->domain = "example.com";
  report.spf_helo.emplace();
  report.spf_helo->scope = spf::Identity::kHelo;
  report.spf_helo->result = base::Result::kFail;
  report.spf_helo->reason = spf::Reason::kNotAuthorized;
  report.spf_helo->domain = "mail.example.com";
  report.iprev = IprevReport{base::Result::kPass, "192.0.2.1", "mail.example.com"};
  EXPECT_EQ(*PrintAuthenticationResults(report, "mx.example"),
            "Authentication-Results: mx.example;\r\n"
            "\tspf=pass smtp.mailfrom=example.com;\r\n"
            "\tspf=fail reason=\"the record says that the client is not authorised\"\r\n"
            "\tsmtp.helo=mail.example.com;\r\n"
            "\tiprev=pass (mail.example.com) policy.iprev=192.0.2.1;\r\n"
            "\tdkim=none\r\n");
}

}  // namespace
}  // namespace postseal::auth
