#include "spf/lint.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "spf/budget.h"
#include "spf/lint_code.h"
#include "spf/lint_record.h"
#include "spf/lint_report.h"

namespace postseal::spf {
namespace {

LintReport LintZone(std::string_view zone_text, const SpfOptions& options = SpfOptions()) {
  dns::ZoneResolver zone;
  const absl::Status added = zone.AddText(zone_text, "zone");
  EXPECT_TRUE(added.ok()) << added << "\n" << zone_text;
  Lint lint(*dns::Name::Parse("example.com"), options);
  dns::RunBlocking(&lint, &zone, dns::Deadline::max());
  EXPECT_TRUE(lint.done());
  return lint.report();
}

// LintText lints |record| alone.
LintReport LintText(std::string_view record) {
  return LintZone(absl::StrCat("example.com. TXT \"", record, "\""));
}

// Summary is the findings as "CODE DOMAIN PLACE; ...", the place as it is marked,
// "@N" where no octet is.
std::string Summary(const LintReport& report) {
  std::string out;
  for (const Finding& finding : report.findings) {
    absl::StrAppend(&out, out.empty() ? "" : "; ", InfoOf(finding.code).name, " ", finding.domain);
    if (!finding.offset.has_value()) continue;
    const std::string_view marked =
        report.RecordOf(finding.domain).substr(*finding.offset, finding.size);
    absl::StrAppend(&out, " ", marked.empty() ? absl::StrCat("@", *finding.offset) : marked);
  }
  return out;
}

std::string Repeat(std::string_view text, size_t n) {
  std::string out;
  for (size_t i = 0; i < n; ++i) out += text;
  return out;
}

struct Case {
  std::string zone;
  std::string findings;
  std::string_view why;
};

// RFC 7208 is what "§" means below.
const Case kCases[] = {
    {"example.com. TXT \"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all\"", "", "nothing is wrong"},
    {"example.com. TXT \"v=spf1 -all\"", "", "a domain that sends no mail (§10.1.2)"},

    {"example.org. TXT x", "no-record example.com", "§4.3: no domain"},
    {"example.com. TXT x", "no-record example.com", "§4.5: no SPF record"},
    {"example.com. TXT \"v=spf1mx -all\"", "no-record example.com", "§4.5: v=spf1 ends at a space"},
    {"example.com. TXT \"v=spf1 -all\"\nexample.com. TXT \"V=SPF1\"", "several-records example.com",
     "§4.5"},
    {"example.com. TXT \"v=spf1 ip4:1.2.3 -all\"", "syntax example.com @11", "§5.6"},
    {"example.com. TXT \"v=spf1 include:a.example -all\"\na.example. TXT \"v=spf1 foo -all\"",
     "syntax a.example @7", "an error in an included record"},
    {"example.com. TXT \"v=spf1 include:a.example ~all\"",
     "include-without-record example.com include:a.example", "§5.2"},
    {"example.com. TXT \"v=spf1 include:a.example include:b.example ~all\"\n"
     "a.example. TXT \"v=spf1 include:none.example ~all\"\n"
     "b.example. TXT \"v=spf1 include:none.example ~all\"",
     "include-without-record a.example include:none.example; "
     "include-without-record b.example include:none.example",
     "each place that leads to the missing record"},
    {"example.com. TXT \"v=spf1 redirect=a.example\"",
     "redirect-without-record example.com redirect=a.example", "§6.1"},
    {"example.com. TXT \"v=spf1 redirect=example.com\"", "loop example.com redirect=example.com",
     "§4.6.4: without a limit it would not end"},
    {"example.com. TXT \"v=spf1 include:a.example -all\"\n"
     "a.example. TXT \"v=spf1 include:b.example -all\"\n"
     "b.example. TXT \"v=spf1 include:a.example -all\"",
     "loop b.example include:a.example", "a loop that the domain is no part of"},
    {"example.com. TXT \"v=spf1 include:a.example include:b.example -all\"\n"
     "a.example. TXT \"v=spf1 include:c.example -all\"\n"
     "b.example. TXT \"v=spf1 include:c.example -all\"\n"
     "c.example. TXT \"v=spf1 -all\"",
     "", "two ways to one record are no loop"},

    {"example.com. TXT \"v=spf1 +all\"", "pass-all example.com +all", "§5.1"},
    {"example.com. TXT \"v=spf1 all\"", "pass-all example.com all", "§4.6.2: + is the default"},
    {"example.com. TXT \"v=spf1 include:a.example -all\"\na.example. TXT \"v=spf1 all\"",
     "pass-all a.example all", "an include that matches every client"},
    {"example.com. TXT \"v=spf1 -include:a.example -all\"\na.example. TXT \"v=spf1 all\"", "",
     "behind a qualifier of its own it authorises nobody"},
    {"example.com. TXT \"v=spf1 ?all\"", "neutral-all example.com ?all", "§2.6.2"},
    {"example.com. TXT \"v=spf1 include:a.example -all\"\na.example. TXT \"v=spf1 ?all\"", "",
     "§5.2: the \"all\" of an included record does not decide"},
    {"example.com. TXT \"v=spf1 redirect=a.example\"\na.example. TXT \"v=spf1 ?all\"",
     "neutral-all a.example ?all", "§6.1: that of one redirected to does"},
    {"example.com. TXT \"v=spf1 ip4:192.0.2.1\"", "no-default example.com", "§4.7"},
    {"example.com. TXT \"v=spf1 ip4:10.0.0.0/15 -all\"", "wide-range example.com ip4:10.0.0.0/15",
     "one bit shorter than kMinV4PrefixBits"},
    {"example.com. TXT \"v=spf1 ip4:10.0.0.0/16 -all\"", "", "kMinV4PrefixBits itself"},
    {"example.com. TXT \"v=spf1 ip6:2001:db8::/31 -all\"",
     "wide-range example.com ip6:2001:db8::/31", "one bit shorter than kMinV6PrefixBits"},
    {"example.com. TXT \"v=spf1 ip6:2001:db8::/32 -all\"", "", "kMinV6PrefixBits itself"},
    {"example.com. TXT \"v=spf1 -ip4:10.0.0.0/8 ~all\"", "", "a wide range that may not send"},
    {"example.com. TXT \"v=spf1 a/8 -all\"\nexample.com. A 192.0.2.1", "wide-range example.com a/8",
     "§5.3: a has a prefix length too"},
    {"example.com. TXT \"v=spf1 a//31 -all\"\nexample.com. AAAA 2001:db8::1",
     "wide-range example.com a//31", "and one for IPv6"},
    {"example.com. TXT \"v=spf1 exists:a.example -all\"\na.example. A 127.0.0.2",
     "constant-exists example.com exists:a.example", "§5.7"},

    {"example.com. TXT \"v=spf1 -all mx include:a.example\"", "unreachable example.com mx",
     "§5.1: and nothing is looked up for them"},
    {"example.com. TXT \"v=spf1 -all redirect=a.example\"",
     "ignored-redirect example.com redirect=a.example", "§5.1"},
    {"example.com. TXT \"v=spf1 redirect=a.example ip4:192.0.2.1 -all\"",
     "ignored-redirect example.com redirect=a.example", "§6: modifiers stand anywhere"},
    {"example.com. TXT \"v=spf1 a -all\"", "void-lookup example.com a", "§4.6.4: no address"},
    {"example.com. TXT \"v=spf1 a -all\"\nexample.com. AAAA 2001:db8::1", "",
     "an address of one family is enough"},
    {"example.com. TXT \"v=spf1 mx -all\"", "void-lookup example.com mx", "no MX record"},
    {"example.com. TXT \"v=spf1 mx -all\"\nexample.com. MX 0 .", "",
     "RFC 7505 §3: no mail is meant, and found"},
    {"example.com. TXT \"v=spf1 mx -all\"\nexample.com. MX 1 mx.example.com.",
     "void-lookup example.com mx", "an MX name without address"},
    {"example.com. TXT \"v=spf1 exists:a.example -all\"",
     "void-lookup example.com exists:a.example", "it never matches"},
    {"example.com. TXT \"v=spf1 ip4:192.0.2.1\" \"ip4:192.0.2.2 -all\"",
     "joined-strings example.com ip4:192.0.2.1ip4:192.0.2.2; syntax example.com @11", "§3.3"},
    {"example.com. TXT \"v=spf1 include:a.example\" \"-all\"\na.example-all. TXT \"v=spf1 -all\"",
     "no-default example.com; joined-strings example.com include:a.example-all",
     "it parses, and means something else"},
    {"example.com. TXT \"v=spf1 ip4:192.0.2.1 \" \"ip4:192.0.2.2 -all\"", "", "a space is there"},
    {"example.com. TXT \"v=spf1 ip4:192.0.2.1\" \" ip4:192.0.2.2 -all\"", "", "or on this side"},
    {"example.com. TXT \"v=spf1 ip4:192.0.2.1\" \"23 -all\"", "", "a term cut in two"},
    {"example.com. TXT \"v=spf1 include:a.ex\" \"mx.example -all\"\n"
     "a.exmx.example. TXT \"v=spf1 -all\"",
     "", "a name cut in two, where the halves may be terms"},
    {"example.com. TXT \"v=spf1 redirct=a.example -all\"",
     "unknown-modifier example.com redirct=a.example", "§6"},
    {"example.com. TXT \"v=spf1 -all exp=e.example\"", "bad-explanation example.com exp=e.example",
     "§6.2: no TXT record"},
    {"example.com. TXT \"v=spf1 -all exp=e.example\"\ne.example. TXT a\ne.example. TXT b",
     "bad-explanation example.com exp=e.example", "§6.2: several"},
    {"example.com. TXT \"v=spf1 -all exp=e.example\"\ne.example. TXT \"100% spam\"",
     "bad-explanation example.com exp=e.example", "§6.2: a syntax error"},
    {"example.com. TXT \"v=spf1 -all exp=e.example\"\ne.example. TXT \"%{c} may not\"", "",
     "§7.2: c is for explanations"},
    {"example.com. TXT \"v=spf1 include:a.example -all\"\n"
     "a.example. TXT \"v=spf1 -all exp=e.example\"",
     "", "§6.2: the exp= of an included record is not used"},
    {absl::StrCat("example.com. TXT \"v=spf1 a:", Repeat("x", 64), ".example -all\""),
     absl::StrCat("bad-target example.com a:", Repeat("x", 64), ".example"), "§4.8"},

    {"example.com. TXT \"v=spf1 ptr -all\"", "ptr example.com ptr", "§5.5"},
    {"example.com. TXT \"v=spf1 exists:%{p}.a.example -all\"",
     "ptr-macro example.com exists:%{p}.a.example; macro example.com exists:%{p}.a.example",
     "§7.3"},
    {"example.com. TXT \"v=spf1 -all exp=%{p}.example\"",
     "ptr-macro example.com exp=%{p}.example; macro example.com exp=%{p}.example", "in a modifier"},

    {"example.com. TXT \"v=spf1 include:%{i}.example -all\"",
     "macro example.com include:%{i}.example", "the client decides"},
    {"example.com. TXT \"v=spf1 a:%{d2} -all\"\nexample.com. A 192.0.2.1", "",
     "§7.2: d is the domain of the record, which is known"},
    {"$FAIL example.com. TXT", "lookup-failed example.com", "§4.4"},
    {"example.com. TXT \"v=spf1 include:a.example -all\"\n$FAIL a.example. TXT",
     "lookup-failed example.com include:a.example", "§5.2"},
    {"example.com. TXT \"v=spf1 a:a.example mx:a.example exists:b.example -all exp=b.example\"\n"
     "$FAIL a.example. A\n$FAIL a.example. AAAA\n$FAIL a.example. MX\n$FAIL b.example.",
     "lookup-failed example.com a:a.example; lookup-failed example.com a:a.example; "
     "lookup-failed example.com mx:a.example; lookup-failed example.com exists:b.example; "
     "lookup-failed example.com exp=b.example",
     "each lookup by its name and type"},
};

TEST(LintTest, Findings) {
  for (const Case& c : kCases) {
    EXPECT_EQ(Summary(LintZone(c.zone)), c.findings) << c.why << "\n" << c.zone;
  }
}

// Chain is a record of |n| includes, one of the next.
std::string Chain(size_t n) {
  std::string zone = "example.com. TXT \"v=spf1 include:n1.example -all\"\n";
  for (size_t i = 1; i < n; ++i) {
    absl::StrAppend(&zone, "n", i, ".example. TXT \"v=spf1 include:n", i + 1, ".example -all\"\n");
  }
  return absl::StrCat(zone, "n", n, ".example. TXT \"v=spf1 -all\"\n");
}

// Mx is an mx with |n| names, all of one address.
std::string Mx(size_t n) {
  std::string zone = "example.com. TXT \"v=spf1 mx -all\"\n";
  for (size_t i = 0; i < n; ++i) {
    absl::StrAppend(&zone, "example.com. MX 1 n", i, ".example.\nn", i, ".example. A 192.0.2.1\nn",
                    i, ".example. AAAA 2001:db8::1\n");
  }
  return zone;
}

// Voids is |n| lookups that find nothing.
std::string Voids(size_t n) {
  std::string zone = "example.com. TXT \"v=spf1";
  for (size_t i = 0; i < n; ++i) absl::StrAppend(&zone, " a:n", i, ".example");
  return zone + " -all\"\n";
}

// Sized is a record whose name and text have |n| octets.
std::string Sized(size_t n) {
  const std::string_view begin = "v=spf1 -all x=";
  return absl::StrCat("example.com. TXT \"", begin, "\" \"", Repeat("x", 200), "\" \"",
                      Repeat("x", n - 200 - begin.size() - std::string_view("example.com").size()),
                      "\"\n");
}

bool Has(const LintReport& report, LintCode code) {
  for (const Finding& finding : report.findings) {
    if (finding.code == code) return true;
  }
  return false;
}

TEST(LintTest, LimitsOfTheEvaluation) {
  EXPECT_EQ(Summary(LintZone(Chain(kMaxTerms))), "");
  EXPECT_EQ(LintZone(Chain(kMaxTerms)).terms, kMaxTerms);
  EXPECT_EQ(Summary(LintZone(Chain(kMaxTerms + 1))), "too-many-terms example.com");
  EXPECT_EQ(LintZone(Chain(kMaxTerms + 1)).terms, kMaxTerms + 1);
  EXPECT_EQ(Summary(LintZone(Mx(kMaxMxNames))), "");
  EXPECT_EQ(Summary(LintZone(Mx(kMaxMxNames + 1))), "too-many-mx-names example.com mx");
  EXPECT_FALSE(Has(LintZone(Voids(kMaxVoidLookups)), LintCode::kTooManyVoidLookups));
  EXPECT_EQ(LintZone(Voids(kMaxVoidLookups)).void_lookups, kMaxVoidLookups);
  EXPECT_TRUE(Has(LintZone(Voids(kMaxVoidLookups + 1)), LintCode::kTooManyVoidLookups));
}

// OneFamily is as many names as are too many, with A records and no others.
std::string OneFamily() {
  std::string zone = Voids(kMaxVoidLookups + 1);
  for (size_t i = 0; i <= kMaxVoidLookups; ++i) {
    absl::StrAppend(&zone, "n", i, ".example. A 192.0.2.1\n");
  }
  return zone;
}

TEST(LintTest, VoidLookupsOfOneFamily) {
  // Mail over IPv6 finds no AAAA record three times. RFC 7208 §5 ¶5, §4.6.4 ¶6
  const LintReport report = LintZone(OneFamily());
  ASSERT_EQ(Summary(report), "void-lookups-of-family example.com");
  EXPECT_EQ(report.findings[0].text,
            "more lookups than allowed find nothing for clients of one address family: 3 for an "
            "IPv6 client, and 2 are allowed");
  EXPECT_FALSE(report.has_errors);
}

TEST(LintTest, SizeOfTheRecord) {
  // Unknown modifiers are in the way of no other finding.
  EXPECT_FALSE(Has(LintZone(Sized(kMaxShortAnswerOctets)), LintCode::kLongRecord));
  EXPECT_FALSE(Has(LintZone(Sized(kMaxShortAnswerOctets)), LintCode::kLongAnswer));
  EXPECT_TRUE(Has(LintZone(Sized(kMaxShortAnswerOctets + 1)), LintCode::kLongRecord));
  const std::string other = "example.com. TXT x\n";
  EXPECT_FALSE(Has(LintZone(Sized(kMaxShortAnswerOctets - 1) + other), LintCode::kLongAnswer));
  EXPECT_TRUE(Has(LintZone(Sized(kMaxShortAnswerOctets) + other), LintCode::kLongAnswer));
  EXPECT_FALSE(Has(LintZone(Sized(kMaxShortAnswerOctets) + other), LintCode::kLongRecord));
}

TEST(LintTest, QueriesAreBounded) {
  SpfOptions options;
  options.max_queries = 2;  // four lookups: the record, and an include with two addresses
  const std::string_view zone =
      "example.com. TXT \"v=spf1 include:a.example ~all\"\n"
      "a.example. TXT \"v=spf1 a ~all\"\na.example. A 192.0.2.1\n";
  EXPECT_EQ(Summary(LintZone(zone, options)), "");
  const std::string_view over =
      "example.com. TXT \"v=spf1 include:a.example ~all\"\n"
      "a.example. TXT \"v=spf1 a mx ~all\"\na.example. A 192.0.2.1\na.example. MX 0 .\n";
  EXPECT_EQ(Summary(LintZone(over, options)), "incomplete example.com");
  EXPECT_TRUE(LintZone(over, options).has_errors);
  options.max_queries = 0;
  EXPECT_TRUE(LintZone(zone, options).has_errors);
}

TEST(LintTest, EveryCodeHasACase) {
  std::set<std::string_view> seen;
  const auto add = [&seen](const LintReport& report) {
    for (const Finding& finding : report.findings) seen.insert(InfoOf(finding.code).name);
  };
  for (const Case& c : kCases) add(LintZone(c.zone));
  SpfOptions options;
  options.max_queries = 0;
  add(LintZone("", options));
  for (const std::string& zone :
       {Chain(kMaxTerms + 1), Mx(kMaxMxNames + 1), Voids(kMaxVoidLookups + 1), OneFamily(),
        Sized(kMaxShortAnswerOctets + 1), Sized(kMaxShortAnswerOctets) + "example.com. TXT x\n"}) {
    add(LintZone(zone));
  }
  for (const LintInfo& info : kLintCodes) EXPECT_EQ(seen.count(info.name), 1) << info.name;
}

TEST(LintTest, ATermCountsEachTimeItIsEvaluated) {
  const LintReport report = LintZone(
      "example.com. TXT \"v=spf1 include:a.example include:b.example redirect=c.example\"\n"
      "a.example. TXT \"v=spf1 include:c.example -all\"\n"
      "b.example. TXT \"v=spf1 include:c.example -all\"\n"
      "c.example. TXT \"v=spf1 ptr exists:%{i}.c.example -all a mx\"\n");
  // Three here, one in a and one in b, and two in c, which is evaluated three times;
  // what follows "all" is not evaluated.
  EXPECT_EQ(report.terms, 3 + 2 + 3 * 2);
}

TEST(LintTest, CountsEndSomewhere) {
  // Each record includes the next one twice: 2^40 terms.
  std::string zone = "example.com. TXT \"v=spf1 include:n0.example -all\"\n";
  for (size_t i = 0; i < 40; ++i) {
    const std::string next = absl::StrCat("include:n", i + 1, ".example");
    absl::StrAppend(&zone, "n", i, ".example. TXT \"v=spf1 ", next, " ", next, " -all\"\n");
  }
  zone += "n40.example. TXT \"v=spf1 mx:void.example -all\"\n";
  const LintReport report = LintZone(zone);
  EXPECT_EQ(report.terms, kMaxCounted);
  EXPECT_EQ(report.void_lookups, kMaxCounted);
}

TEST(LintTest, Addresses) {
  const LintReport report = LintZone(
      "example.com. TXT \"v=spf1 ip4:192.0.2.0/24 a mx/30 ?ip4:10.0.0.0/8 -include:b.example "
      "include:a.example -all\"\n"
      "example.com. A 192.0.2.7\n"
      "example.com. AAAA 2001:db8:1::1\n"
      "example.com. MX 1 mail.example.com.\n"
      "mail.example.com. A 198.51.100.1\n"
      "mail.example.com. AAAA 2001:db8:1::2\n"
      "a.example. TXT \"v=spf1 ip4:203.0.113.1 ip6:2001:db8:2::/47 -ip4:203.0.113.2 -all "
      "ip4:203.0.113.3\"\n"
      "b.example. TXT \"v=spf1 ip4:203.0.113.9 -all\"\n");
  EXPECT_EQ(report.ipv4_addresses, 256 + 4 + 1);
  // One network that a and the MX share, and two times 65536.
  EXPECT_EQ(report.ipv6_networks, 1 + 2 * 65536);
}

TEST(LintTest, AllIsEveryAddress) {
  const LintReport report = LintText("v=spf1 all");
  EXPECT_EQ(report.ipv4_addresses, uint64_t{1} << 32);
  EXPECT_EQ(report.ipv6_networks, std::numeric_limits<uint64_t>::max());
}

TEST(LintTest, RecordsAreListedOnce) {
  const LintReport report = LintZone(
      "example.com. TXT \"v=spf1 include:b.example include:a.example redirect=a.example\"\n"
      "a.example. TXT \"v=spf1 -all\"\nb.example. TXT \"v=spf1 -all b=\"\n");
  ASSERT_EQ(report.records.size(), 3);
  EXPECT_EQ(report.records[0].domain, "example.com");
  EXPECT_EQ(report.records[1].domain, "b.example");
  EXPECT_EQ(report.records[1].text, "v=spf1 -all b=");
  EXPECT_EQ(report.records[2].domain, "a.example");
}

TEST(LintTest, FindingsAreBounded) {
  std::string text = "v=spf1 -all";
  for (size_t i = 0; i < kMaxFindings; ++i) absl::StrAppend(&text, " x", i, "=");
  std::string strings;
  const auto lint = [&strings](std::string_view record) {
    strings.clear();
    for (; !record.empty(); record.remove_prefix(std::min<size_t>(200, record.size()))) {
      absl::StrAppend(&strings, " \"", record.substr(0, 200), "\"");
    }
    return LintZone(absl::StrCat("example.com. TXT", strings));
  };
  // One is that the record is long.
  LintReport report = lint(text.substr(0, text.rfind(' ')));
  EXPECT_EQ(report.findings.size(), kMaxFindings);
  EXPECT_EQ(report.dropped_findings, 0);
  EXPECT_FALSE(report.has_errors);
  report = lint(text);
  EXPECT_EQ(report.findings.size(), kMaxFindings);
  EXPECT_EQ(report.dropped_findings, 1);
  EXPECT_FALSE(report.has_errors);
  // An error that is dropped is an error.
  report = lint(absl::StrCat(text, " redirect=none.example").replace(7, 4, "?ptr"));
  EXPECT_GT(report.dropped_findings, 0);
  EXPECT_TRUE(report.has_errors);
}

TEST(LintTest, ADeadlineIsATemporaryError) {
  Lint lint(*dns::Name::Parse("example.com"));
  EXPECT_FALSE(lint.done());
  ASSERT_TRUE(lint.NextQuery().has_value());
  lint.FailOutstanding();
  ASSERT_TRUE(lint.done());
  EXPECT_TRUE(lint.report().temp_error);
  EXPECT_FALSE(lint.report().has_errors);
  EXPECT_EQ(Summary(lint.report()), "lookup-failed example.com");
}

TEST(LintTest, LookupsOfARecordAreOutTogether) {
  Lint lint(*dns::Name::Parse("example.com"));
  const auto query = lint.NextQuery();
  ASSERT_TRUE(query.has_value());
  EXPECT_FALSE(lint.NextQuery().has_value());
  const std::string rdata = dns::TxtRdata("v=spf1 a mx include:a.example redirect=b.example");
  const std::string_view records[] = {rdata};
  dns::Answer answer(dns::Outcome::kRecords);
  answer.rdata = records;
  ASSERT_TRUE(lint.Provide(query->id, answer).ok());
  size_t open = 0;
  while (lint.NextQuery().has_value()) ++open;
  EXPECT_EQ(open, 5);
  EXPECT_FALSE(lint.done());
}

}  // namespace
}  // namespace postseal::spf
