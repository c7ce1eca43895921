#include "auth/spf_explanation.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/explanation_node.h"
#include "auth/lookup_report.h"
#include "auth/report.h"
#include "auth/spf_report.h"
#include "dns/address.h"
#include "dns/exchange.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "spf/evaluation.h"
#include "spf/spf_session.h"

namespace postseal::auth {
namespace {

struct Explained {
  std::string summary;
  std::string tree;
};

Explained ExplainZone(std::string_view zone_text, std::string_view mail_from = "user@example.com") {
  dns::ZoneResolver zone;
  EXPECT_TRUE(zone.AddText(zone_text, "zone").ok());
  spf::Request request;
  request.client = *dns::IpAddress::Parse("192.0.2.1");
  request.mail_from = mail_from;
  request.helo = "mx.example.org";
  spf::SpfSession session;
  session.Start(request);
  dns::RunBlocking(&session, &zone, dns::Deadline::max());
  const SpfReport report = MakeSpfReport(session.verdict(), request.identity);
  std::vector<LookupReport> lookups;
  for (const dns::Lookup* lookup : session.lookups()) lookups.push_back(MakeLookupReport(*lookup));
  return {SpfSummary(report), PrintExplanation(ExplainSpf(report, lookups))};
}

TEST(SpfExplanationTest, Include) {
  const Explained explained = ExplainZone(
      "example.com. TXT \"v=spf1 ip4:198.51.100.1 x=y include:a.example -all\"\n"
      "a.example. TXT \"v=spf1 -exists:b.example ip4:192.0.2.0/24 -all\"\n");
  EXPECT_EQ(explained.summary,
            "pass example.com (mfrom): the record authorises the client, by include:a.example "
            "(there ip4:192.0.2.0/24 of a.example)");
  // RFC 7208 §4.6.2: from left to right until one matches; x=y is no mechanism.
  EXPECT_EQ(explained.tree,
            "spf=pass, the record authorises the client   [RFC 7208 §2.6.3]\n"
            "  - record of example.com\n"
            "    - ip4:198.51.100.1: does not match\n"
            "    - include:a.example: pass\n"
            "      - record of a.example\n"
            "        - -exists:b.example: does not match\n"
            "        - ip4:192.0.2.0/24: decides\n"
            "  - lookups: 3\n"
            "    - example.com TXT: records\n"
            "      - v=spf1 ip4:198.51.100.1 x=y include:a.example -all\n"
            "    - a.example TXT: records\n"
            "      - v=spf1 -exists:b.example ip4:192.0.2.0/24 -all\n"
            "    - b.example A: nxdomain\n"
            "  - limits: 2 of 10 terms, 1 of 2 void lookups, 3 of 123 queries   "
            "[RFC 7208 §4.6.4]\n");
}

struct Case {
  std::string_view zone;
  std::string_view summary;
  std::string_view shown;  // in the tree
  std::string_view why;
};

TEST(SpfExplanationTest, WhatDecided) {
  const Case kCases[] = {
      {"example.com. TXT \"v=spf1 redirect=b.example\"\nb.example. TXT \"v=spf1 -all\"",
       "fail example.com (mfrom): the record says that the client is not authorised, by -all of "
       "b.example",
       "  - example.com redirects to b.example   [RFC 7208 §6.1]\n"
       "  - record of b.example\n    - -all: fail\n",
       "a redirect"},
      {"example.com. TXT \"v=spf1 ip4:198.51.100.1 x=y\"",
       "neutral example.com (mfrom): no mechanism matches the client",
       "  - record of example.com\n    - ip4:198.51.100.1: does not match\n  - lookups", "nothing"},
      {"example.com. TXT \"v=spf1 a:b.example ip4:1.2.3\"",
       "permerror example.com (mfrom): this is no IP address of the mechanism's family, at octet "
       "23 of the record of example.com",
       "  - record of example.com\n"
       "    - octet 23: this is no IP address of the mechanism's family\n",
       "a syntax error, before which nothing was evaluated (RFC 7208 §4.6)"},
      {"example.com. TXT \"v=spf1 a:b.example include:a.example -all\"\n"
       "b.example. A 198.51.100.1\na.example. TXT \"v=spf1 foo\"",
       "permerror example.com (mfrom): there is no such mechanism, by include:a.example, at octet "
       "7 of the record of a.example",
       "    - a:b.example: does not match\n    - include:a.example: permerror\n"
       "      - record of a.example\n        - octet 7: there is no such mechanism\n",
       "a syntax error in an included record"},
      {"example.com. TXT \"v=spf1 -all exp=e.example\"\ne.example. TXT \"%{i}: no\"",
       "fail example.com (mfrom): the record says that the client is not authorised, by -all",
       "  - the domain says: 192.0.2.1: no   [RFC 7208 §6.2]\n", "an explanation"},
      {"$FAIL example.com. TXT",
       "temperror example.com (mfrom): the SPF record could not be looked up",
       "    - example.com TXT: temperror\n", "no answer"},
  };
  for (const Case& c : kCases) {
    const Explained explained = ExplainZone(c.zone);
    EXPECT_EQ(explained.summary, c.summary) << c.why;
    EXPECT_NE(explained.tree.find(c.shown), std::string::npos) << c.why << "\n" << explained.tree;
  }
}

TEST(SpfExplanationTest, NoDomain) {
  EXPECT_EQ(ExplainZone("", "user@[192.0.2.1]").summary,
            "none (mfrom): the identity has no domain name of several labels");
}

TEST(SpfExplanationTest, TextOfTheDnsIsEscaped) {
  const Explained explained =
      ExplainZone("example.com. TXT \"v=spf1 x=\\027[2J -all\"\n", "user@example.com");
  EXPECT_EQ((explained.summary + explained.tree).find('\x1b'), std::string::npos);
  EXPECT_NE(explained.tree.find("x=\\x1b[2J"), std::string::npos);
}

// Terms that do not match, and one that does.
std::string Terms(size_t n) {
  std::string zone = "example.com. TXT";
  absl::StrAppend(&zone, " \"v=spf1 \"");
  for (size_t i = 0; i < n; ++i) absl::StrAppend(&zone, " \"ip4:198.51.100.1 \"");
  return zone + " \"-all\"\n";
}

TEST(SpfExplanationTest, TermsAreBounded) {
  EXPECT_EQ(ExplainZone(Terms(kMaxExplainedTerms)).tree.find("more terms"), std::string::npos);
  EXPECT_NE(
      ExplainZone(Terms(kMaxExplainedTerms + 1)).tree.find("- 1 more terms that do not match\n"),
      std::string::npos);
}

}  // namespace
}  // namespace postseal::auth
