#include "auth/spf_json.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/report.h"
#include "auth/spf_lint_json.h"
#include "auth/spf_report.h"
#include "base/result.h"
#include "dns/answer.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "spf/evaluation.h"
#include "spf/lint_code.h"
#include "spf/lint_report.h"
#include "spf/reason.h"

namespace postseal::auth {
namespace {

using nlohmann::json;

std::vector<LookupReport> Lookups() {
  LookupReport lookup;
  lookup.name = "example.com";
  lookup.outcome = dns::Outcome::kRecords;
  lookup.secure = true;
  lookup.ttl_seconds = 60;
  return {lookup};
}

const json kDns = json::parse(
    R"([{"name":"example.com","type":"TXT","outcome":"records","secure":true,"ttl":60}])");

TEST(SpfJsonTest, Pass) {
  SpfReport report;
  report.result = base::Result::kPass;
  report.reason = spf::Reason::kAuthorized;
  report.domain = "example.com";
  report.mechanism = "a";
  report.term.domain = "example.com";
  report.term.record = "v=spf1 +a -all";
  report.term.offset = 7;
  report.term.size = 2;
  report.origin = report.term;
  report.spent.terms = 1;
  report.spent.queries = 2;
  json expected = {{"result", "pass"},
                   {"scope", "mfrom"},
                   {"domain", "example.com"},
                   {"reason", "authorized"},
                   {"clause", "RFC 7208 §2.6.3"},
                   {"mechanism", "a"},
                   {"explanation", nullptr},
                   {"record_domain", "example.com"},
                   {"record", "v=spf1 +a -all"},
                   {"offset", 7},
                   {"spent", {{"terms", 1}, {"void_lookups", 0}, {"dns_queries", 2}}},
                   {"dns", kDns}};
  EXPECT_EQ(json::parse(SpfToJson(report, Lookups())), expected);
}

TEST(SpfJsonTest, AbsentIsNull) {
  SpfReport report;
  report.scope = spf::Identity::kHelo;
  const json out = json::parse(SpfToJson(report, {}));
  EXPECT_EQ(out["scope"], "helo");
  EXPECT_EQ(out["result"], "none");
  EXPECT_EQ(out["dns"], json::array());
  for (const char* name : {"mechanism", "explanation", "record_domain", "record", "offset"}) {
    EXPECT_TRUE(out.at(name).is_null()) << name;
  }
}

TEST(SpfJsonTest, OctetsThatAreNoUtf8) {
  SpfReport report;
  report.origin.domain = "example.com";
  report.origin.record = "v=spf1 \xff\x1b";
  const std::string text = SpfToJson(report, {});
  EXPECT_EQ(json::parse(text)["record"], "v=spf1 \xef\xbf\xbd\x1b");
  for (const char c : text) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

TEST(SpfLintJsonTest, Report) {
  spf::LintReport report;
  spf::Finding& placed = report.findings.emplace_back();
  placed.code = spf::LintCode::kPtr;
  placed.clause = "RFC 7208 §5.5";
  placed.domain = "example.com";
  placed.offset = 7;
  placed.size = 3;
  placed.text = "no";
  spf::Finding& whole = report.findings.emplace_back();
  whole.code = spf::LintCode::kNoDefault;
  report.records.push_back({"example.com", "v=spf1 ptr"});
  report.dropped_findings = 1;
  report.terms = 2;
  report.void_lookups = 3;
  report.ipv4_addresses = 4;
  report.ipv6_networks = UINT64_MAX;
  report.temp_error = true;
  json expected = {{"domain", "example.com"},
                   {"has_errors", false},
                   {"temp_error", true},
                   {"findings",
                    {{{"severity", "warning"},
                      {"code", "ptr"},
                      {"clause", "RFC 7208 §5.5"},
                      {"domain", "example.com"},
                      {"offset", 7},
                      {"size", 3},
                      {"text", "no"}},
                     {{"severity", "warning"},
                      {"code", "no-default"},
                      {"clause", ""},
                      {"domain", ""},
                      {"offset", nullptr},
                      {"size", 0},
                      {"text", ""}}}},
                   {"dropped_findings", 1},
                   {"records", {{{"domain", "example.com"}, {"text", "v=spf1 ptr"}}}},
                   {"terms", 2},
                   {"void_lookups", 3},
                   {"ipv4_addresses", 4},
                   {"ipv6_networks", UINT64_MAX},
                   {"dns", kDns}};
  EXPECT_EQ(json::parse(SpfLintToJson(report, "example.com", Lookups())), expected);
}

}  // namespace
}  // namespace postseal::auth
