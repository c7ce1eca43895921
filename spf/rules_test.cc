// The rules of RFC 7208 as tests, through whole sessions: each row of the table of
// decisions, and what else the RFC says of the evaluation as a whole.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "dns/answer.h"
#include "gtest/gtest.h"
#include "spf/budget.h"
#include "spf/evaluation.h"
#include "spf/spf_session.h"
#include "spf/test_support.h"

namespace postseal::spf {
namespace {

using testing::Check;
using testing::Host;
using testing::MakeRequest;
using testing::Seen;
using Queries = std::vector<std::string>;

// Spf is example.com's record, and Txt another domain's, as zone text.
std::string Txt(std::string_view owner, std::string_view text) {
  return absl::StrCat(owner, ". TXT \"", text, "\"\n");
}
std::string Spf(std::string_view text) { return Txt("example.com", text); }

std::string OutcomeOf(std::string_view zone, std::string_view client = "192.0.2.1",
                      std::string_view mail_from = "user@example.com") {
  return Check(zone, client, mail_from).outcome();
}

TEST(SpfRulesTest, MalformedDomainIsNone) {  // RFC 7208 §4.3
  const std::string label(64, 'x');
  const std::string name253 = std::string(61, 'a') + "." + std::string(63, 'b') + "." +
                              std::string(63, 'c') + "." + std::string(63, 'd');
  const struct {
    std::string mail_from;
    std::string_view want;
    std::string_view why;
  } cases[] = {
      {"u@" + label + ".example", "none malformed-domain", "label above 63"},
      {"u@" + name253, "none no-domain", "253 octets: n"},
      {"u@x" + name253, "none malformed-domain", "n + 1"},
      {"u@a..example", "none malformed-domain", "empty label not at the end"},
      {"u@example.com.", "pass authorized", "empty label at the end"},
      {"u@EXAMPLE.Com", "pass authorized", "names have no case"},
      {"u@localhost", "none malformed-domain", "one label"},
      {"u@[192.0.2.1]", "none malformed-domain", "an address literal"},
      {"u@exa mple.com", "none malformed-domain", ""},
      {"u@", "none malformed-domain", ""},
      {"u@missing.example", "none no-domain", "NXDOMAIN"},
  };
  for (const auto& c : cases) {
    const Seen seen = Check(Spf("v=spf1 +all"), "192.0.2.1", c.mail_from);
    EXPECT_EQ(seen.outcome(), c.want) << c.mail_from << ": " << c.why;
    EXPECT_EQ(seen.queries.empty(), seen.reason == "malformed-domain") << c.mail_from;
  }
}

TEST(SpfRulesTest, DnsErrorsAreTempErrors) {  // RFC 7208 §4.4, §5
  EXPECT_EQ(OutcomeOf("$FAIL example.com TXT\n"), "temperror record-lookup-failed");
  EXPECT_EQ(OutcomeOf("$TIMEOUT example.com TXT\n"), "temperror record-lookup-failed");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a:b.example +all") + "$FAIL b.example A\n"),
            "temperror term-lookup-failed");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 mx:b.example +all") + "$FAIL b.example MX\n"),
            "temperror term-lookup-failed");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 mx:b.example +all") + "b.example. MX 1 c.example.\n"
                                                        "$FAIL c.example A\n"),
            "temperror term-lookup-failed");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 exists:b.example +all") + "$FAIL b.example A\n"),
            "temperror term-lookup-failed");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 include:b.example +all") + "$FAIL b.example TXT\n"),
            "temperror record-lookup-failed")
      << "from the topmost check_host";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 redirect=b.example") + "$FAIL b.example TXT\n"),
            "temperror record-lookup-failed");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a:b.example +all")), "pass authorized")
      << "for mechanisms NXDOMAIN is no answer";
}

TEST(SpfRulesTest, RecordSelection) {  // RFC 7208 §4.5
  EXPECT_EQ(OutcomeOf(Spf("v=spf10 +all")), "none no-record");
  EXPECT_EQ(OutcomeOf(Spf("v=spf10 +all") + Spf("other") + Spf("V=sPf1 -all")),
            "fail not-authorized");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 +all") + Spf("v=spf1 +all")), "permerror several-records");
  EXPECT_EQ(OutcomeOf("example.com. A 192.0.2.1\n"), "none no-record") << "NODATA";
  EXPECT_EQ(OutcomeOf("example.com. CNAME b.example.\n" + Txt("b.example", "v=spf1 +all")),
            "pass authorized")
      << "through a CNAME it counts once";
}

TEST(SpfRulesTest, StringsAreConcatenatedWithoutSpace) {  // RFC 7208 §3.3
  EXPECT_EQ(OutcomeOf("example.com. TXT \"v=spf1 ip4:192.\" \"0.2.1 -all\"\n"), "pass authorized");
  EXPECT_EQ(OutcomeOf("example.com. TXT \"v=spf1\" \"-all\"\n"), "none no-record");
  EXPECT_EQ(OutcomeOf("example.com. TXT \"v=sp\" \"f1 -all\"\n"), "fail not-authorized");
}

TEST(SpfRulesTest, ATxtRecordWithoutStringsIsNoRecord) {  // suite: null-text
  SpfSession session;
  session.Start(MakeRequest("192.0.2.1", "user@example.com"));
  const auto query = session.NextQuery();
  ASSERT_TRUE(query.has_value());
  dns::Answer answer(dns::Outcome::kRecords);
  const std::string_view rdata[] = {"", std::string_view("\x0bv=spf1 +all", 12), "\x7ftoo short"};
  answer.rdata = rdata;
  ASSERT_TRUE(session.Provide(query->id, answer).ok());
  ASSERT_TRUE(session.done());
  EXPECT_EQ(Seen(session).outcome(), "pass authorized");
}

TEST(SpfRulesTest, TheWholeRecordIsValidatedFirst) {  // RFC 7208 §4.6
  const Seen seen = Check(Spf("v=spf1 +all a:%{"));
  EXPECT_EQ(seen.outcome(), "permerror bad-macro");
  EXPECT_EQ(seen.origin, "example.com ");
  EXPECT_EQ(seen.origin_offset, 16u) << "for the caret";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 include:b.example") + Txt("b.example", "v=spf1 +all moo")),
            "permerror unknown-mechanism");
}

TEST(SpfRulesTest, Separators) {  // RFC 7208 §4.6.1, §12
  EXPECT_EQ(OutcomeOf(Spf("v=spf1   -all   ")), "fail not-authorized");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a\\009-all")), "permerror unexpected-argument") << "a tab";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 -all\\010")), "permerror unexpected-argument") << "a line feed";
}

TEST(SpfRulesTest, UnknownModifiers) {  // RFC 7208 §6
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 moo=%{d} moo= a.b=c -all")), "fail not-authorized");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 moo=%{ -all")), "permerror bad-macro");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 exp=a.b exp=a.b -all")), "permerror duplicate-modifier");
}

TEST(SpfRulesTest, Qualifiers) {  // RFC 7208 §4.6.2, §4.7
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 all")), "pass authorized");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 -all")), "fail not-authorized");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 ~all")), "softfail probably-not-authorized");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 ?all")), "neutral not-asserted");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 ip4:192.0.2.9")), "neutral nothing-matched");
}

TEST(SpfRulesTest, Redirect) {  // RFC 7208 §5.1, §6.1
  const std::string other = Txt("b.example", "v=spf1 exists:%{l}.%{o}.%{d} -all");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 redirect=b.example ?all") + other), "neutral not-asserted")
      << "ignored beside all";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 redirect=missing.example")), "permerror redirect-without-record");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 redirect=b.example") + Txt("b.example", "other")),
            "permerror redirect-without-record");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 redirect=%{l}"), "192.0.2.1", "one@example.com"),
            "permerror redirect-without-record")
      << "malformed";
  const Seen seen = Check(Spf("v=spf1 a:x.example redirect=b.example") + other +
                          "user.example.com.b.example. A 127.0.0.2\n");
  EXPECT_EQ(seen.outcome(), "pass authorized") << "the sender stays, %{d} is the new domain";
  EXPECT_EQ(seen.term, "b.example exists:%{l}.%{o}.%{d}");
  EXPECT_EQ(seen.spent.terms, 3u);
}

TEST(SpfRulesTest, Include) {  // RFC 7208 §5.2
  const struct {
    std::string_view record;
    std::string_view want;
  } cases[] = {
      {"v=spf1 +all", "softfail probably-not-authorized"},
      {"v=spf1 -all", "pass authorized"},
      {"v=spf1 ~all", "pass authorized"},
      {"v=spf1 ?all", "pass authorized"},
      {"v=spf1 moo", "permerror unknown-mechanism"},
      {"no record", "permerror include-without-record"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(OutcomeOf(Spf("v=spf1 ~include:b.example +all") + Txt("b.example", c.record)), c.want)
        << c.record;
  }
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 include:missing.example +all")),
            "permerror include-without-record");
}

TEST(SpfRulesTest, TheVerdictSaysWhere) {
  const Seen seen =
      Check(Spf("v=spf1 mx include:b.example -all") + Txt("b.example", "v=spf1 include:c.example") +
            Txt("c.example", "v=spf1 ip4:192.0.2.9 ip4:192.0.2.0/24 -all"));
  EXPECT_EQ(seen.outcome(), "pass authorized");
  EXPECT_EQ(seen.term, "example.com include:b.example");
  EXPECT_EQ(seen.origin, "c.example ip4:192.0.2.0/24");
  const Seen error =
      Check(Spf("v=spf1 include:b.example -all") + Txt("b.example", "v=spf1 ip4:192.0.2.1/40"));
  EXPECT_EQ(error.outcome(), "permerror bad-prefix-length");
  EXPECT_EQ(error.term, "example.com include:b.example");
  EXPECT_EQ(error.origin, "b.example ");
  EXPECT_EQ(error.origin_offset, 21u);
  const Seen missing = Check(Spf("v=spf1 include:b.example"));
  EXPECT_EQ(missing.term, "example.com include:b.example");
  EXPECT_EQ(missing.origin, "example.com include:b.example");
  const Seen neutral = Check(Spf("v=spf1 ip4:192.0.2.9"));
  EXPECT_EQ(neutral.term, " ");
  EXPECT_EQ(neutral.origin, "example.com v=spf1 ip4:192.0.2.9");
}

TEST(SpfRulesTest, Explanations) {  // RFC 7208 §6.2
  const std::string spf = Spf("v=spf1 -all exp=e.%{d}");
  const auto explanation = [&spf](std::string_view zone) {
    const Seen seen = Check(absl::StrCat(spf, zone));
    EXPECT_EQ(seen.outcome(), "fail not-authorized");
    return seen.explanation;
  };
  EXPECT_EQ(explanation(Txt("e.example.com", "%{c} is not for %{s} (%{r}, %{t})")),
            "192.0.2.1 is not for user@example.com (unknown, 1700000000)");
  EXPECT_EQ(explanation("e.example.com. TXT \"two \" \"strings\"\n"), "two strings");
  EXPECT_EQ(explanation(""), "") << "NXDOMAIN";
  EXPECT_EQ(explanation("$FAIL e.example.com TXT\n"), "");
  EXPECT_EQ(explanation(Txt("e.example.com", "a") + Txt("e.example.com", "b")), "") << "two";
  EXPECT_EQ(explanation(Txt("e.example.com", "100%")), "") << "a syntax error";
  EXPECT_EQ(explanation(Txt("e.example.com", "caf\\195\\169")), "") << "US-ASCII only";
  const std::string text(kMaxExplanationOctets, 'x');
  const auto strings = [](std::string_view all) {
    return absl::StrCat("e.example.com. TXT \"", all.substr(0, 250), "\" \"", all.substr(250, 250),
                        "\" \"", all.substr(500), "\"\n");
  };
  EXPECT_EQ(explanation(strings(text)), text) << "n";
  EXPECT_EQ(explanation(strings(text + "x")), "") << "n + 1";
  EXPECT_EQ(Check(spf + Txt("e.example.com", "%{l}"), "192.0.2.1", "a\nb@example.com").explanation,
            "")
      << "a control out of the local-part";
}

TEST(SpfRulesTest, WhoseExplanation) {  // RFC 7208 §6.2 ¶9
  const std::string texts = Txt("e1.example", "one") + Txt("e2.example", "two");
  EXPECT_EQ(Check(Spf("v=spf1 -include:b.example exp=e1.example") +
                  Txt("b.example", "v=spf1 +all exp=e2.example") + texts)
                .explanation,
            "one");
  EXPECT_EQ(Check(Spf("v=spf1 -include:b.example") +
                  Txt("b.example", "v=spf1 +all exp=e2.example") + texts)
                .explanation,
            "")
      << "not the included record's";
  EXPECT_EQ(Check(Spf("v=spf1 redirect=b.example exp=e1.example") +
                  Txt("b.example", "v=spf1 -all exp=e2.example") + texts)
                .explanation,
            "two");
  EXPECT_EQ(Check(Spf("v=spf1 redirect=b.example exp=e1.example") +
                  Txt("b.example", "v=spf1 -all") + texts)
                .explanation,
            "");
}

TEST(SpfRulesTest, ExplanationsCountAsNothing) {  // suite: exp-void
  const Seen seen = Check(Spf("v=spf1 a:x1.example a:x2.example -all exp=missing.example"));
  EXPECT_EQ(seen.outcome(), "fail not-authorized");
  EXPECT_EQ(seen.spent.void_lookups, 2u);
  EXPECT_EQ(seen.spent.terms, 2u);
  std::string record = "v=spf1";
  std::string zone = "a.example. A 192.0.2.9\n";
  for (int i = 0; i < 10; ++i) record += " a:a.example";
  zone += Spf(record + " -all exp=%{p}.e.example") + Txt("unknown.e.example", "why");
  EXPECT_EQ(Check(zone).explanation, "why") << "%{p} too";
}

TEST(SpfRulesTest, TenTerms) {  // RFC 7208 §4.6.4 ¶1
  const auto terms = [](size_t count) {
    std::string text = "v=spf1";
    for (size_t i = 0; i < count; ++i) text += " a:a.example";
    return text;
  };
  const std::string zone = "a.example. A 192.0.2.9\n";
  const Seen at_limit = Check(zone + Spf(terms(kMaxTerms) + " ip4:192.0.2.3 ip6:::1 +all"));
  EXPECT_EQ(at_limit.outcome(), "pass authorized") << "n; all, ip4 and ip6 do not count";
  EXPECT_EQ(at_limit.spent.terms, kMaxTerms);
  const Seen over = Check(zone + Spf(terms(kMaxTerms + 1) + " +all"));
  EXPECT_EQ(over.outcome(), "permerror too-many-terms") << "n + 1";
  EXPECT_EQ(over.spent.terms, kMaxTerms);
  EXPECT_EQ(over.term, "example.com a:a.example");
  EXPECT_EQ(OutcomeOf(zone + Spf(terms(9) + " include:b.example +all") +
                      Txt("b.example", "v=spf1 a:a.example")),
            "permerror too-many-terms")
      << "over the whole evaluation";
  EXPECT_EQ(
      OutcomeOf(zone + Spf(terms(9) + " redirect=b.example") + Txt("b.example", "v=spf1 +all")),
      "pass authorized")
      << "redirect is the tenth";
  EXPECT_EQ(
      OutcomeOf(zone + Spf(terms(10) + " redirect=b.example") + Txt("b.example", "v=spf1 +all")),
      "permerror too-many-terms");
  SpfOptions options;
  options.max_terms = 1;
  EXPECT_EQ(Check(zone + Spf(terms(2)), "192.0.2.1", "u@example.com", options).outcome(),
            "permerror too-many-terms")
      << "settable";
}

TEST(SpfRulesTest, TwoVoidLookups) {  // RFC 7208 §4.6.4 ¶6
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a:x1.example a:x2.example +all")), "pass authorized") << "n";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a:x1.example a:x2.example a:x3.example +all")),
            "permerror too-many-void-lookups")
      << "n + 1";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a:x1.example a:x2.example a:x3.example")),
            "permerror too-many-void-lookups")
      << "also on the last term";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a:x1.example include:b.example +all") +
                      Txt("b.example", "v=spf1 a:x2.example a:x3.example")),
            "permerror too-many-void-lookups")
      << "also inside include";
  const std::string no_data = "x1.example. TXT x\nx2.example. TXT x\nx3.example. TXT x\n";
  EXPECT_EQ(OutcomeOf(no_data + Spf("v=spf1 a:x1.example mx:x2.example exists:x3.example +all")),
            "permerror too-many-void-lookups")
      << "NODATA as well";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a:x1.example a:x2.example a:x3.example +all"), "2001:db8::1"),
            "permerror too-many-void-lookups");
  EXPECT_EQ(OutcomeOf(no_data + Spf("v=spf1 a:x1.example a:x2.example +all"), "2001:db8::1"),
            "pass authorized")
      << "once for a name, whatever the families";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 mx:m.example +all") +
                      "m.example. MX 1 x1.example.\nm.example. MX 2 x2.example.\n"
                      "m.example. MX 3 x3.example.\n"),
            "permerror too-many-void-lookups")
      << "the names of an mx";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a:x1.example a:x2.example ptr +all")),
            "permerror too-many-void-lookups")
      << "the PTR lookup";
  SpfOptions options;
  options.max_void_lookups = 0;
  EXPECT_EQ(Check(Spf("v=spf1 a:x1.example"), "192.0.2.1", "u@example.com", options).outcome(),
            "permerror too-many-void-lookups")
      << "settable";
}

// MxZone gives m.example |count| MX records whose names have the address 192.0.2.9.
std::string MxZone(size_t count) {
  std::string zone;
  for (size_t i = 0; i < count; ++i) {
    absl::StrAppend(&zone, "m.example. MX 1 h", i, ".example.\nh", i, ".example. A 192.0.2.9\n");
  }
  return zone;
}

TEST(SpfRulesTest, TenMxNames) {  // RFC 7208 §4.6.4 ¶2, §5.4
  const std::string spf = Spf("v=spf1 mx:m.example -all");
  EXPECT_EQ(OutcomeOf(spf + MxZone(kMaxMxNames)), "fail not-authorized") << "n";
  EXPECT_EQ(OutcomeOf(spf + MxZone(kMaxMxNames), "192.0.2.9"), "pass authorized");
  const Seen over = Check(spf + MxZone(kMaxMxNames + 1));
  EXPECT_EQ(over.outcome(), "permerror too-many-mx-names") << "n + 1";
  EXPECT_EQ(over.queries.size(), 2u) << "before any of them is looked up";
  EXPECT_EQ(OutcomeOf(spf + "m.example. A 192.0.2.1\n"), "fail not-authorized") << "no implicit MX";
  EXPECT_EQ(OutcomeOf(spf + "m.example. MX 0 .\n"), "fail not-authorized") << "RFC 7505";
}

// PtrZone names 192.0.2.1: |count| names of other.example, then |last|.
std::string PtrZone(size_t count, std::string_view last) {
  std::string zone = absl::StrCat(last, ". A 192.0.2.1\n");
  for (size_t i = 0; i < count; ++i) {
    absl::StrAppend(&zone, "1.2.0.192.in-addr.arpa. PTR n", i, ".other.example.\n");
  }
  absl::StrAppend(&zone, "1.2.0.192.in-addr.arpa. PTR ", last, ".\n");
  return zone;
}

TEST(SpfRulesTest, Ptr) {  // RFC 7208 §5.5, erratum 4751
  const std::string spf = Spf("v=spf1 ptr -all");
  EXPECT_EQ(OutcomeOf(spf + PtrZone(0, "example.com")), "pass authorized") << "the same";
  EXPECT_EQ(OutcomeOf(spf + PtrZone(0, "mail.example.com")), "pass authorized") << "a subdomain";
  EXPECT_EQ(OutcomeOf(spf + PtrZone(0, "mail.bad-example.com")), "fail not-authorized");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 ptr:sub.example.com -all") + PtrZone(0, "example.com")),
            "fail not-authorized")
      << "not the other way round";
  EXPECT_EQ(OutcomeOf(spf + "1.2.0.192.in-addr.arpa. PTR a.example.com.\n"
                            "a.example.com. A 192.0.2.2\n"),
            "fail not-authorized")
      << "not validated";
  EXPECT_EQ(OutcomeOf(spf + "$FAIL 1.2.0.192.in-addr.arpa PTR\n"), "fail not-authorized");
  EXPECT_EQ(OutcomeOf(spf + PtrZone(0, "a.example.com") +
                      "1.2.0.192.in-addr.arpa. PTR b.example.com.\n$FAIL b.example.com A\n"),
            "pass authorized")
      << "a name whose lookup fails is skipped";
  EXPECT_EQ(OutcomeOf(spf + PtrZone(kMaxPtrNames - 1, "example.com")), "pass authorized")
      << "the tenth";
  EXPECT_EQ(OutcomeOf(spf + PtrZone(kMaxPtrNames, "example.com")), "fail not-authorized")
      << "the eleventh is ignored, no permerror";
}

TEST(SpfRulesTest, ValidatedNameMacro) {  // RFC 7208 §7.3 ¶12
  const std::string spf = Spf("v=spf1 exists:%{p}.x.example -all");
  const auto asked = [&spf](std::string_view zone) {
    const Queries queries = Check(absl::StrCat(spf, zone)).queries;
    return queries.back();
  };
  const std::string a = PtrZone(0, "z.example.net");
  const std::string b = PtrZone(0, "sub.example.com");
  const std::string c = PtrZone(0, "example.com");
  EXPECT_EQ(asked(a + b + c), "example.com.x.example A") << "the domain itself";
  EXPECT_EQ(asked(a + b), "sub.example.com.x.example A") << "then a subdomain";
  EXPECT_EQ(asked(a), "z.example.net.x.example A") << "then any";
  EXPECT_EQ(asked(""), "unknown.x.example A");
  EXPECT_EQ(asked("$FAIL 1.2.0.192.in-addr.arpa PTR\n"), "unknown.x.example A");
  EXPECT_EQ(asked("1.2.0.192.in-addr.arpa. PTR n.example.\n$FAIL n.example A\n"),
            "unknown.x.example A");
  const Seen seen = Check(spf + a);
  EXPECT_EQ(seen.spent.terms, 2u) << "§4.6.4 ¶3: its PTR lookup is one of the ten";
}

TEST(SpfRulesTest, AMechanism) {  // RFC 7208 §5.3
  std::string many;
  for (int i = 10; i < 60; ++i) absl::StrAppend(&many, "example.com. A 192.0.2.", i, "\n");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a -all") + many, "192.0.2.59"), "pass authorized")
      << "no limit on the addresses of a name";
  const std::string both = "example.com. A 192.0.2.1\nexample.com. AAAA 2001:db8::1\n";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a/24//64 -all") + both, "192.0.2.200"), "pass authorized");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a/24//64 -all") + both, "2001:db8::ffff"), "pass authorized");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a/24 -all") + both, "2001:db8::ffff"), "fail not-authorized")
      << "/24 is IPv4's";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a/0 -all") + both, "203.0.113.1"), "pass authorized")
      << "/0 is any address of the family";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a/0 -all") + both, "2001:db8::2"), "fail not-authorized");
}

TEST(SpfRulesTest, ExistsAsksForAddressesOfIpv4) {  // RFC 7208 §5.7
  const Seen seen =
      Check(Spf("v=spf1 exists:x.example -all") + "x.example. A 127.0.0.2\n", "2001:db8::1");
  EXPECT_EQ(seen.outcome(), "pass authorized");
  EXPECT_EQ(seen.queries.back(), "x.example A");
}

TEST(SpfRulesTest, Ipv4MappedClients) {  // RFC 7208 §5 ¶5
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 ip4:192.0.2.1 -all"), "::ffff:192.0.2.1"), "pass authorized");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 ip6:::ffff:192.0.2.1 -all"), "::ffff:192.0.2.1"),
            "fail not-authorized");
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a -all") + "example.com. A 192.0.2.1\n", "::ffff:192.0.2.1"),
            "pass authorized");
}

TEST(SpfRulesTest, ATargetThatIsNoNameDoesNotMatch) {  // RFC 7208 §4.8 ¶4
  const std::string label(64, 'x');
  for (const std::string_view term : {"a", "mx", "ptr", "exists", "include"}) {
    const Seen seen = Check(Spf(absl::StrCat("v=spf1 ", term, ":%{l}.example ?all")), "192.0.2.1",
                            label + "@example.com");
    EXPECT_EQ(seen.outcome(), "neutral not-asserted") << term;
    EXPECT_EQ(seen.queries, Queries{"example.com TXT"}) << term;
    EXPECT_EQ(seen.spent.terms, 1u) << "it is a term nevertheless";
  }
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 include:%{l} ?all")), "neutral not-asserted")
      << "a name of one label";
  EXPECT_EQ(OutcomeOf(Spf("v=spf1 a:%{l}.example ?all"), "192.0.2.1", "a..b@example.com"),
            "neutral not-asserted");
  EXPECT_EQ(Check(Spf("v=spf1 exists:%{l}.example ?all"), "192.0.2.1",
                  std::string_view("a\0b@example.com", 15))
                .queries,
            Queries{"example.com TXT"})
      << "controls are not asked for";
}

TEST(SpfRulesTest, Identities) {  // RFC 7208 §2.3, §2.4, §4.3 ¶2
  Host host(Spf("v=spf1 exists:%{l}.%{o}.s.example -all") +
            Txt("helo.example", "v=spf1 exists:%{l}.%{o}.s.example -all"));
  const auto asked = [&host](std::string_view mail_from, Identity identity) {
    Request request = MakeRequest("192.0.2.1", mail_from, "helo.example");
    request.identity = identity;
    const Queries queries = host.Blocking(request).queries;
    return queries.back();
  };
  EXPECT_EQ(asked("a.b@example.com", Identity::kMailFrom), "a.b.example.com.s.example A");
  EXPECT_EQ(asked("\"x@y\"@example.com", Identity::kMailFrom), "\"x@y\".example.com.s.example A")
      << "verbatim; the last @ counts";
  EXPECT_EQ(asked("@example.com", Identity::kMailFrom), "postmaster.example.com.s.example A");
  EXPECT_EQ(asked("example.com", Identity::kMailFrom), "postmaster.example.com.s.example A");
  EXPECT_EQ(asked("", Identity::kMailFrom), "postmaster.helo.example.s.example A")
      << "the null reverse-path";
  EXPECT_EQ(asked("a@example.com", Identity::kHelo), "postmaster.helo.example.s.example A");
  Request literal = MakeRequest("192.0.2.1", "", "[192.0.2.1]");
  EXPECT_EQ(host.Blocking(literal).outcome(), "none malformed-domain");
}

TEST(SpfRulesTest, InternationalMail) {  // RFC 8616 §4
  const std::string zone = Txt("xn--bcher-kva.example",
                               "v=spf1 exists:%{l}.example exists:%{S}.example "
                               "exists:%{o}.o.example ?all") +
                           "xn--bcher-kva.example.o.example. A 127.0.0.2\n";
  const Seen seen = Check(zone, "192.0.2.1",
                          "\xc3\xbc@b\xc3\xbc"
                          "cher.example");
  EXPECT_EQ(seen.outcome(), "pass authorized");
  EXPECT_EQ(seen.domain, "xn--bcher-kva.example");
  const Queries want = {"xn--bcher-kva.example TXT", "xn--bcher-kva.example.o.example A"};
  EXPECT_EQ(seen.queries, want) << "no query for terms with %{l} or %{s}";
  EXPECT_EQ(seen.spent.terms, 3u);
  EXPECT_EQ(OutcomeOf(zone, "192.0.2.1", "u@\xff.example"), "none malformed-domain");
  EXPECT_EQ(Check(Spf("v=spf1 -all exp=e.example") + Txt("e.example", "%{L}"), "192.0.2.1",
                  "\xc3\xbc@example.com")
                .explanation,
            "");
}

TEST(SpfRulesTest, LongLocalParts) {
  const std::string spf = Spf("v=spf1 exists:%{l1r+}.example ?all");
  const auto queries = [&spf](size_t octets) {
    const std::string local_part = "a+" + std::string(octets - 2, 'x');
    return Check(spf, "192.0.2.1", local_part + "@example.com").queries.size();
  };
  EXPECT_EQ(queries(kMaxMacroOctets), 2u) << "n";
  EXPECT_EQ(queries(kMaxMacroOctets + 1), 1u) << "n + 1";
}

}  // namespace
}  // namespace postseal::spf
