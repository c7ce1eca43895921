// Records and senders made to cost much: queries and time stay bounded.
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/result.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "gtest/gtest.h"
#include "spf/budget.h"
#include "spf/evaluation.h"
#include "spf/spf_session.h"
#include "spf/test_support.h"

namespace postseal::spf {
namespace {

using testing::Check;
using testing::Seen;

std::string Txt(std::string_view owner, std::string_view text) {
  std::string line = absl::StrCat(owner, ". TXT");
  do {
    absl::StrAppend(&line, " \"", text.substr(0, 250), "\"");
    text.remove_prefix(text.size() < 250 ? text.size() : 250);
  } while (!text.empty());
  return line + "\n";
}

void ExpectBounded(const Seen& seen) {
  EXPECT_LE(seen.queries.size(), kMaxQueries);
  EXPECT_LE(seen.spent.queries, kMaxQueries);
  EXPECT_LE(seen.spent.terms, kMaxTerms);
  EXPECT_LE(seen.spent.void_lookups, kMaxVoidLookups);
}

TEST(HostileTest, Loops) {
  const Seen include = Check(Txt("example.com", "v=spf1 include:example.com -all"));
  EXPECT_EQ(include.outcome(), "permerror too-many-terms");
  EXPECT_EQ(include.queries.size(), 1u) << "the one question is asked once";
  ExpectBounded(include);
  const Seen redirect = Check(Txt("example.com", "v=spf1 redirect=b.example") +
                              Txt("b.example", "v=spf1 redirect=example.com"));
  EXPECT_EQ(redirect.outcome(), "permerror too-many-terms");
  EXPECT_EQ(redirect.queries.size(), 2u);
  ExpectBounded(redirect);
  const Seen growing = Check(Txt("*.example.com", "v=spf1 include:x.%{d} -all") +
                             Txt("example.com", "v=spf1 include:x.%{d} -all"));
  EXPECT_EQ(growing.outcome(), "permerror too-many-terms");
  EXPECT_EQ(growing.queries.size(), 11u);
  ExpectBounded(growing);
}

TEST(HostileTest, ATreeOfIncludes) {
  // Every record includes ten others: 10^10 without a limit over the whole.
  std::string record = "v=spf1";
  for (int i = 0; i < 10; ++i) absl::StrAppend(&record, " include:", i, ".%{d}");
  const Seen seen = Check(Txt("example.com", record) + Txt("*.example.com", record));
  EXPECT_EQ(seen.outcome(), "permerror too-many-terms");
  EXPECT_EQ(seen.queries.size(), 11u);
  ExpectBounded(seen);
}

// TenMxOfTen has ten terms of ten names each.
std::string TenMxOfTen() {
  std::string record = "v=spf1";
  std::string zone;
  for (int i = 0; i < 10; ++i) {
    absl::StrAppend(&record, " mx:m", i, ".example");
    for (int j = 0; j < 10; ++j) {
      absl::StrAppend(&zone, "m", i, ".example. MX 1 h", i, "-", j, ".example.\nh", i, "-", j,
                      ".example. A 192.0.2.9\n");
    }
  }
  return zone + Txt("example.com", record + " -all");
}

TEST(HostileTest, TenMxOfTenNamesAreTheMostThereIs) {
  const Seen seen = Check(TenMxOfTen());
  EXPECT_EQ(seen.outcome(), "fail not-authorized");
  EXPECT_EQ(seen.queries.size(), 111u);
  ExpectBounded(seen);
}

TEST(HostileTest, TheNumberOfQueriesIsSettable) {
  SpfOptions options;
  options.max_queries = 111;
  EXPECT_EQ(Check(TenMxOfTen(), "192.0.2.1", "u@example.com", options).outcome(),
            "fail not-authorized")
      << "n";
  options.max_queries = 110;
  const Seen over = Check(TenMxOfTen(), "192.0.2.1", "u@example.com", options);
  EXPECT_EQ(over.outcome(), "permerror too-many-queries") << "n + 1";
  EXPECT_LE(over.queries.size(), 110u);
}

TEST(HostileTest, TheOctetsOfAnswersAreSettable) {
  const std::string zone = Txt("example.com", "v=spf1 -all");  // 1 + 11 octets
  SpfOptions options;
  options.max_answers_octets = 12 + sizeof(std::string_view);
  EXPECT_EQ(Check(zone, "192.0.2.1", "u@example.com", options).outcome(), "fail not-authorized")
      << "n";
  --options.max_answers_octets;
  EXPECT_EQ(Check(zone, "192.0.2.1", "u@example.com", options).outcome(),
            "permerror too-many-octets")
      << "n + 1";
}

TEST(HostileTest, LargeAnswersOfManyTermsEndTheEvaluation) {
  // Addresses are asked for up to ten at a time, and each answer may have 64 KiB.
  std::string zone = Txt("example.com",
                         "v=spf1 a:a.example a:b.example a:c.example a:d.example "
                         "a:e.example a:f.example -all");
  for (const char name : {'a', 'b', 'c', 'd', 'e', 'f'}) {
    for (int i = 0; i < 3000; ++i) {
      absl::StrAppend(&zone, std::string(1, name), ".example. A 10.0.", i / 250, ".", i % 250,
                      "\n");
    }
  }
  EXPECT_EQ(Check(zone).outcome(), "permerror too-many-octets");
}

TEST(HostileTest, APtrFloodOfTheClient) {
  std::string zone = Txt("example.com", "v=spf1 ptr exists:%{p}.x.example -all exp=%{p}.e.example");
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&zone, "1.2.0.192.in-addr.arpa. PTR n", i, ".victim.example.\n");
  }
  const Seen seen = Check(zone);
  EXPECT_EQ(seen.outcome(), "fail not-authorized") << "the domain is not to blame";
  EXPECT_EQ(seen.queries.size(), 1 + 1 + kMaxPtrNames + 1 + 1);
  ExpectBounded(seen);
}

TEST(HostileTest, MacroBombs) {
  // Everything expands to as much as it can, as often as it can, in what a TXT answer may hold.
  std::string bomb = "v=spf1 ?exists:";
  while (bomb.size() < 15000) bomb += "%{S}%{s}%{l1r-}%{d99r.-+,/_=}";
  const std::string local_part(kMaxMacroOctets, '-');
  const Seen name =
      Check(Txt("example.com", bomb + ".%{d} -all"), "192.0.2.1", local_part + "@example.com");
  EXPECT_EQ(name.outcome(), "fail not-authorized");
  ASSERT_EQ(name.queries.size(), 2u);
  EXPECT_LE(name.queries[1].size(), dns::Name::kMaxOctets + std::string_view(" A").size());
  std::string text;
  while (text.size() < 15000) text += "%{S}%{i}";
  const Seen explanation =
      Check(Txt("example.com", "v=spf1 -all exp=e.example") + Txt("e.example", text));
  EXPECT_EQ(explanation.outcome(), "fail not-authorized");
  EXPECT_EQ(explanation.explanation, "");
}

TEST(HostileTest, LargeRecords) {
  std::string record = "v=spf1";
  for (int i = 0; record.size() < 15500; ++i) {
    absl::StrAppend(&record, " ip4:10.", i / 256 % 256, ".", i % 256, ".1");
  }
  EXPECT_EQ(Check(Txt("example.com", record + " -all")).outcome(), "fail not-authorized");
  EXPECT_EQ(Check(Txt("example.com", record + " moo")).outcome(), "permerror unknown-mechanism");
  const std::string spaces(15500, ' ');
  EXPECT_EQ(Check(Txt("example.com", "v=spf1" + spaces + "-all")).outcome(), "fail not-authorized");
  std::string terms = "v=spf1";
  while (terms.size() < 15500) terms += " a";
  const Seen seen = Check(Txt("example.com", terms) + "example.com. A 192.0.2.9\n");
  EXPECT_EQ(seen.outcome(), "permerror too-many-terms");
  EXPECT_EQ(seen.queries.size(), 2u);
}

TEST(HostileTest, OctetsOfEveryKind) {
  std::string every;  // all octets, for a local-part
  for (int octet = 0; octet < 256; ++octet) {
    const std::string record = absl::StrCat("v=spf1 a", std::string(1, static_cast<char>(octet)));
    SpfSession session;
    session.Start(testing::MakeRequest("192.0.2.1", "user@example.com"));
    const auto query = session.NextQuery();
    ASSERT_TRUE(query.has_value());
    const std::string rdata =
        absl::StrCat(std::string(1, static_cast<char>(record.size())), record);
    const std::string_view records[] = {rdata};
    dns::Answer answer(dns::Outcome::kRecords);
    answer.rdata = records;
    ASSERT_TRUE(session.Provide(query->id, answer).ok());
    // "a " is an a, which has a query, and "a=" a modifier; any other octet is a
    // fault right there.
    EXPECT_EQ(session.done(), octet != ' ') << octet;
    if (session.done()) {
      EXPECT_EQ(session.verdict().result(),
                octet == '=' ? base::Result::kNeutral : base::Result::kPermError)
          << octet;
    }
    session.FailOutstanding();
    EXPECT_TRUE(session.done());
    every += static_cast<char>(octet);
  }
  const Seen seen = Check(Txt("example.com", "v=spf1 exists:%{l}.%{h}.x.example ?all"), "192.0.2.1",
                          every + "@example.com");
  EXPECT_EQ(seen.outcome(), "neutral not-asserted");
  EXPECT_EQ(seen.queries.size(), 1u);
}

// RFC 7208 §4.6.4 has all but the last, which is an SMTP reply's (RFC 5321 §4.5.3.1.5).
TEST(HostileTest, TheLimits) {
  EXPECT_EQ(kMaxTerms, 10u);
  EXPECT_EQ(kMaxVoidLookups, 2u);
  EXPECT_EQ(kMaxMxNames, 10u);
  EXPECT_EQ(kMaxPtrNames, 10u);
  EXPECT_EQ(kMaxQueries, 123u);
  EXPECT_EQ(kMaxExplanationOctets, 512u);
}

}  // namespace
}  // namespace postseal::spf
