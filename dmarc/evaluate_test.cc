#include "dmarc/evaluate.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/result.h"
#include "dmarc/authors.h"
#include "dmarc/dmarc_session.h"
#include "dmarc/options.h"
#include "dmarc/test_support.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "gtest/gtest.h"

namespace postseal::dmarc {
namespace {

using base::Result;
using testing::Evaluate;
using testing::Message;
using testing::Record;
using testing::Seen;

using List = std::vector<std::string>;

TEST(EvaluateTest, SimpleExample) {  // RFC 9989 §B.4.1
  const std::string zone = absl::StrCat(Record("example.com", "v=DMARC1; p=reject"),
                                        Record("signing.example.com", "v=DMARC1; p=none"));
  const Seen seen =
      Evaluate(zone, Message("example.com").Spf("example.com").Dkim("signing.example.com"));
  EXPECT_EQ(seen.outcome(), "pass aligned");
  EXPECT_EQ(seen.org_domain, "example.com");
  EXPECT_EQ(seen.policy_domain, "example.com");
  EXPECT_EQ(seen.alignments, List({"strict", "relaxed"}));
  EXPECT_EQ(seen.policies(), "reject reject none");
  EXPECT_EQ(seen.queries,
            List({"_dmarc.example.com TXT", "_dmarc.com TXT", "_dmarc.signing.example.com TXT"}));
}

TEST(EvaluateTest, DeepExample) {  // RFC 9989 §B.4.2
  const std::string zone = absl::StrCat(Record("example.com", "v=DMARC1; p=reject"),
                                        Record("signing.example.com", "v=DMARC1; p=none"));
  const Seen seen = Evaluate(
      zone,
      Message("a.b.c.d.e.f.g.h.i.j.k.example.com").Spf("example.com").Dkim("signing.example.com"));
  EXPECT_EQ(seen.outcome(), "pass aligned");
  EXPECT_EQ(seen.org_domain, "example.com");
  EXPECT_EQ(seen.policy_domain, "example.com");
  EXPECT_EQ(seen.alignments, List({"relaxed", "relaxed"}));
  EXPECT_EQ(seen.queries.size(), 9) << "8 of the author, 1 more of the signature";
}

// The records of §B.4.3.
std::string BankZone() {
  return absl::StrCat(Record("bank.example", "v=DMARC1; p=reject; psd=y"),
                      Record("giant.bank.example", "v=DMARC1; p=reject"));
}

// Item 10 of the regressions of others: each identifier has a walk of its own.
TEST(EvaluateTest, PublicSuffixExample) {  // RFC 9989 §B.4.3
  const Seen seen = Evaluate(
      BankZone(),
      Message("giant.bank.example").Spf("mail.giant.bank.example").Dkim("mail.mega.bank.example"));
  EXPECT_EQ(seen.outcome(), "pass aligned");
  EXPECT_EQ(seen.alignments, List({"relaxed", "none"}));
  EXPECT_TRUE(seen.aligned_spf);
  EXPECT_FALSE(seen.aligned_dkim);
  EXPECT_EQ(seen.policy_domain, "giant.bank.example");
  const Seen dkim_alone =
      Evaluate(BankZone(), Message("giant.bank.example").Dkim("mail.mega.bank.example"));
  EXPECT_EQ(dkim_alone.outcome(), "fail not-aligned");
  EXPECT_EQ(dkim_alone.policies(), "reject reject reject");
}

TEST(EvaluateTest, EachIdentifierIsWalkedForItself) {  // regression 10; RFC 9989 §4.10.2
  // The identifier is below the author's Organizational Domain, and is one itself.
  const std::string zone = absl::StrCat(Record("example.com", "v=DMARC1; p=reject"),
                                        Record("dept.example.com", "v=DMARC1; p=none; psd=n"));
  const Seen seen = Evaluate(zone, Message("example.com").Dkim("mail.dept.example.com"));
  EXPECT_EQ(seen.outcome(), "fail not-aligned");
  EXPECT_EQ(seen.walks, List({"example.com", "mail.dept.example.com"}));
  // And the other way round.
  EXPECT_EQ(Evaluate(zone, Message("mail.dept.example.com").Spf("example.com")).outcome(),
            "fail not-aligned");
}

TEST(EvaluateTest, StrictAlignment) {  // regression 1; RFC 9989 §4.4
  struct {
    std::string_view record;
    std::string_view author;
    std::string_view spf;
    std::string_view dkim;
    std::string_view outcome;
  } const kCases[] = {
      {"v=DMARC1; p=reject; adkim=s", "example.com", "", "mail.example.com", "fail not-aligned"},
      {"v=DMARC1; p=reject; aspf=s", "example.com", "mail.example.com", "", "fail not-aligned"},
      {"v=DMARC1; p=reject; adkim=s", "mail.example.com", "", "example.com", "fail not-aligned"},
      {"v=DMARC1; p=reject; aspf=s", "mail.example.com", "example.com", "", "fail not-aligned"},
      {"v=DMARC1; p=reject; adkim=s", "example.com", "", "example.com", "pass aligned"},
      {"v=DMARC1; p=reject; aspf=s", "example.com", "example.com", "", "pass aligned"},
      {"v=DMARC1; p=reject; adkim=s", "example.com", "mail.example.com", "", "pass aligned"},
      {"v=DMARC1; p=reject; aspf=s", "example.com", "", "mail.example.com", "pass aligned"},
      {"v=DMARC1; p=reject; adkim=s; aspf=s", "mail.example.com", "mail.example.com", "",
       "pass aligned"},
  };
  for (const auto& c : kCases) {
    Message message(c.author);
    if (!c.spf.empty()) message.Spf(c.spf);
    if (!c.dkim.empty()) message.Dkim(c.dkim);
    const Seen seen = Evaluate(Record("example.com", c.record), message);
    EXPECT_EQ(seen.outcome(), c.outcome) << c.record << " " << c.author;
    if (seen.result != Result::kPass) {
      EXPECT_EQ(seen.walks.size(), 1) << "RFC 9989 §4.10.2: no need";
    }
  }
}

TEST(EvaluateTest, TheWalkReachesTheTopLevelDomain) {  // regression 8
  const Seen seen = Evaluate(Record("example", "v=DMARC1; p=reject; psd=y"),
                             Message("shop.example").Dkim("other.example"));
  EXPECT_EQ(seen.policy_domain, "example");
  EXPECT_EQ(seen.policy_source, "public-suffix");
  EXPECT_EQ(seen.org_domain, "shop.example");
  EXPECT_EQ(seen.outcome(), "fail not-aligned") << "RFC 9989 §4.10.2, step 2";
}

TEST(EvaluateTest, AnUnusableRecordAboveDoesNotAbort) {  // regression 8; RFC 9989 §4.10
  const std::string zone = absl::StrCat(Record("com", "v=DMARC2; p=reject"),
                                        Record("example.com", "v=DMARC1; p=reject"));
  EXPECT_EQ(Evaluate(zone, Message("a.example.com").Spf("example.com")).outcome(), "pass aligned");
}

TEST(EvaluateTest, OfSeveralRecordsNoneIsUsed) {  // regression 9; RFC 9989 §4.10, step 2
  const std::string zone = absl::StrCat(Record("example.com", "v=DMARC1; p=none"),
                                        Record("example.com", "v=DMARC1; p=reject"));
  const Seen seen = Evaluate(zone, Message("example.com").Spf("example.com"));
  EXPECT_EQ(seen.outcome(), "none several-records");
  EXPECT_EQ(seen.record, "");
  EXPECT_EQ(seen.policies(), "  none");
}

TEST(EvaluateTest, OneBadTagDoesNotDiscardTheRecord) {  // regression 20; RFC 9989 §4.8
  const Seen seen = Evaluate(Record("example.com", "v=DMARC1; p=reject; adkim=x; bogus"),
                             Message("example.com").Dkim("mail.example.com"));
  EXPECT_EQ(seen.outcome(), "pass aligned");
  EXPECT_EQ(seen.policies(), "reject reject none");
}

TEST(EvaluateTest, WhoseRecordApplies) {  // RFC 9989 §4.10.1
  struct {
    std::string_view author;
    std::string zone;
    std::string_view policy_domain;
    std::string_view policies;
    std::string_view why;
  } const kCases[] = {
      {"example.com", Record("example.com", "v=DMARC1; p=reject; sp=none; np=none"), "example.com",
       "reject reject reject", "the Author Domain's p="},
      {"a.example.com",
       Record("example.com", "v=DMARC1; p=reject; sp=quarantine") + "a.example.com. A 192.0.2.1\n",
       "example.com", "quarantine quarantine quarantine", "sp= for subdomains"},
      {"a.example.com", Record("example.com", "v=DMARC1; p=reject"), "example.com",
       "reject reject reject", "p= without sp="},
      {"a.mail.example.com",
       Record("mail.example.com", "v=DMARC1; p=reject") + Record("example.com", "v=DMARC1; p=none"),
       "example.com", "none none none", "records in between are not used"},
      {"a.mail.example.com",
       Record("mail.example.com", "v=DMARC1; p=reject; psd=n") +
           Record("example.com", "v=DMARC1; p=none"),
       "mail.example.com", "reject reject reject", "but that of the Organizational Domain is"},
      {"a.bank.example", Record("bank.example", "v=DMARC1; p=none; sp=reject; psd=y"),
       "bank.example", "reject reject reject", "the PSD's"},
      {"a.b.bank.example",
       Record("bank.example", "v=DMARC1; p=none; psd=y") +
           Record("b.bank.example", "v=DMARC1; p=reject"),
       "b.bank.example", "reject reject reject", "the Organizational Domain's before the PSD's"},
      {"mail.a.b.c.d.e.f.g.example.com",
       Record("b.c.d.e.f.g.example.com", "v=DMARC1; p=reject; psd=n") +
           Record("example.com", "v=DMARC1; p=none"),
       "example.com", "none none none", "§5.1.8: the shortcut passes it by"},
      {"bank.example", Record("bank.example", "v=DMARC1; p=reject; sp=none; psd=y"), "bank.example",
       "reject reject reject", "the PSD as Author Domain"},
  };
  for (const auto& c : kCases) {
    const Seen seen = Evaluate(c.zone, Message(c.author));
    EXPECT_EQ(seen.outcome(), "fail not-authenticated") << c.why;
    EXPECT_EQ(seen.policy_domain, c.policy_domain) << c.why;
    EXPECT_EQ(seen.policies(), c.policies) << c.why;
  }
}

TEST(EvaluateTest, NonExistentSubdomains) {  // RFC 9989 §4.7, np; §3.2.13
  const std::string record = Record("example.com", "v=DMARC1; p=none; sp=quarantine; np=reject");
  struct {
    std::string_view zone;
    std::string_view author;
    std::string_view published;
    std::string_view tag;
    bool asked;
    std::string_view why;
  } const kCases[] = {
      {"", "a.example.com", "reject", "np", true, "NXDOMAIN"},
      {"a.example.com. A 192.0.2.1\n", "a.example.com", "quarantine", "sp", true, "it has an A"},
      {"a.example.com. MX 1 mx.example.net.\n", "a.example.com", "quarantine", "sp", true,
       "NODATA: any type counts"},
      {"x.a.example.com. A 192.0.2.1\n", "a.example.com", "quarantine", "sp", true,
       "NODATA: something is below it"},
      {"_dmarc.a.example.com. TXT \"other\"\n", "a.example.com", "quarantine", "sp", false,
       "RFC 8020 §2: something is below it, as the first query says"},
      {"*.example.com. TXT \"other\"\n", "a.example.com", "quarantine", "sp", false,
       "RFC 4592: the wildcard makes both exist"},
      {"", "example.com", "none", "p", false, "not for the domain itself"},
  };
  for (const auto& c : kCases) {
    const Seen seen = Evaluate(absl::StrCat(record, c.zone), Message(c.author));
    EXPECT_EQ(seen.published, c.published) << c.why;
    EXPECT_EQ(seen.tag, c.tag) << c.why;
    EXPECT_EQ(seen.queries.back() == absl::StrCat(c.author, " A"), c.asked) << c.why;
  }
  for (const std::string_view same :
       {"v=DMARC1; p=none; np=none", "v=DMARC1; p=reject; sp=none; np=none",
        "v=DMARC1; p=reject; sp=none"}) {
    EXPECT_EQ(Evaluate(Record("example.com", same), Message("a.example.com")).existence,
              "not-asked")
        << "it makes no difference";
  }
}

TEST(EvaluateTest, AResolverThatCannotTellMakesNothingNonExistent) {
  const std::string rdata = dns::TxtRdata("v=DMARC1; p=none; sp=quarantine; np=reject");
  const std::string_view view = rdata;
  const dns::Name author = testing::MakeName("a.example.com");
  DmarcSession session;
  ASSERT_TRUE(session.Start(Authors(&author), {}).ok());
  while (const auto query = session.NextQuery()) {
    dns::Answer answer(dns::Outcome::kNotFound);
    if (query->query.name.text() == "_dmarc.example.com") {
      answer.outcome = dns::Outcome::kRecords;
      answer.rdata = std::span(&view, 1);
    }
    ASSERT_TRUE(session.Provide(query->id, answer).ok());
  }
  const Seen seen(session);
  EXPECT_EQ(seen.published, "quarantine");
  EXPECT_EQ(seen.queries.back(), "a.example.com A");
}

TEST(EvaluateTest, UnknownExistence) {  // RFC 9989 §5.3.6
  const std::string zone =
      absl::StrCat(Record("example.com", "v=DMARC1; p=none; np=reject"), "$FAIL a.example.com A\n");
  const Seen failing = Evaluate(zone, Message("a.example.com"));
  EXPECT_EQ(failing.outcome(), "temperror existence-lookup-failed");
  EXPECT_EQ(failing.policies(), "  none");
  const Seen passing = Evaluate(zone, Message("a.example.com").Dkim("example.com"));
  EXPECT_EQ(passing.outcome(), "pass aligned") << "what passes does not depend on the policy";
}

TEST(EvaluateTest, TestMode) {  // RFC 9989 §4.7, t
  constexpr std::string_view kCases[][2] = {
      {"v=DMARC1; p=reject; t=y", "reject quarantine quarantine"},
      {"v=DMARC1; p=quarantine; t=y", "quarantine none none"},
      {"v=DMARC1; p=none; t=y", "none none none"},
      {"v=DMARC1; p=reject; t=n", "reject reject reject"}};
  for (const auto& [record, policies] : kCases) {
    EXPECT_EQ(Evaluate(Record("example.com", record), Message("example.com")).policies(), policies);
  }
}

TEST(EvaluateTest, MissingOrMalformedPolicies) {  // RFC 9989 §4.10.1
  struct {
    std::string_view record;
    std::string_view outcome;
    std::string_view always_none;
  } const kCases[] = {
      {"v=DMARC1", "none no-usable-policy", "fail not-authenticated"},
      {"v=DMARC1; rua=mailto:a@b.example", "fail not-authenticated", "fail not-authenticated"},
      {"v=DMARC1; rua=bogus", "none no-usable-policy", "fail not-authenticated"},
      {"v=DMARC1; p=x; rua=mailto:a@b.example", "fail not-authenticated", "fail not-authenticated"},
      {"v=DMARC1; p=reject; sp=x", "none no-usable-policy", "fail not-authenticated"},
      {"v=DMARC1; p=reject; np=x; rua=mailto:a@b.example", "fail not-authenticated",
       "fail not-authenticated"},
  };
  DmarcOptions always_none;
  always_none.missing_policy = MissingPolicy::kAlwaysNone;
  for (const auto& c : kCases) {
    const std::string zone = Record("example.com", c.record);
    const Seen seen = Evaluate(zone, Message("example.com"));
    EXPECT_EQ(seen.outcome(), c.outcome) << c.record;
    EXPECT_EQ(seen.disposition, "none") << c.record;
    EXPECT_NE(seen.record, "") << "the record is there to be shown";
    EXPECT_EQ(Evaluate(zone, Message("example.com"), always_none).outcome(), c.always_none);
  }
}

TEST(EvaluateTest, DnsErrorsAreNeitherPassNorNoneNorFail) {  // RFC 9989 §5.3.6
  const std::string record = Record("example.com", "v=DMARC1; p=reject");
  const Message aligned = Message("a.example.com").Spf("a.example.com").Dkim("b.example.com");
  struct {
    std::string zone;
    Message message;
    std::string_view outcome;
    std::string_view why;
  } const kCases[] = {
      {"$FAIL _dmarc.a.example.com\n" + record, aligned, "temperror policy-lookup-failed",
       "the author's own record is not known"},
      {"$FAIL _dmarc.example.com\n", aligned, "temperror policy-lookup-failed",
       "nor the Organizational Domain"},
      {"$FAIL _dmarc.com\n" + record, aligned, "temperror policy-lookup-failed",
       "psd=n at com would be another one"},
      {"$FAIL _dmarc.b.example.com\n" + record, Message("a.example.com").Dkim("b.example.com"),
       "temperror alignment-lookup-failed", "the identifier's walk"},
      {"$FAIL _dmarc.b.example.com\n" + record, aligned, "pass aligned", "another one is aligned"},
      {"$FAIL _dmarc.com\n" + record, Message("example.com").Dkim("b.example.com"),
       "temperror alignment-lookup-failed", "the author's walk"},
      {"$FAIL _dmarc.com\n" + record, Message("example.com").Dkim("example.com"), "pass aligned",
       "RFC 9989 §4.10.2: the same domain, which has a record, needs no walk"},
      {"$FAIL _dmarc.com\n" + record, Message("example.com").Dkim("example.net"),
       "fail not-aligned", "no Organizational Domain is above both"},
      {record, Message("example.com").Spf("a.example.com", Result::kTempError),
       "temperror spf-temperror", "it would be aligned"},
      {record, Message("example.com").Dkim("a.example.com", Result::kTempError),
       "temperror dkim-temperror", "it would be aligned"},
      {record, Message("example.com").Spf("evil.example", Result::kTempError),
       "fail not-authenticated", "it would not be aligned, so it cannot help"},
      {record, Message("example.com").Dkim("evil.example", Result::kTempError).Dkim("example.org"),
       "fail not-aligned", "it would not be aligned, so it cannot help"},
      {record, Message("example.com").Dkim("a.example.com", Result::kTempError).Spf("example.com"),
       "pass aligned", "another one is aligned"},
      {"", Message("example.com").Spf("example.com", Result::kTempError), "none no-record",
       "there is no policy"},
  };
  for (const auto& c : kCases) {
    const Seen seen = Evaluate(c.zone, c.message);
    EXPECT_EQ(seen.outcome(), c.outcome) << c.why << "\n" << c.zone;
    if (seen.result != Result::kFail) {
      EXPECT_EQ(seen.disposition, "none") << c.why;
    }
  }
}

TEST(EvaluateTest, OnlyAPassCounts) {  // RFC 9989 §4.4
  for (const Result result : {Result::kNone, Result::kFail, Result::kSoftFail, Result::kPolicy,
                              Result::kNeutral, Result::kPermError}) {
    const Seen seen =
        Evaluate(Record("example.com", "v=DMARC1; p=reject"),
                 Message("example.com").Spf("example.com", result).Dkim("example.com", result));
    EXPECT_EQ(seen.outcome(), "fail not-authenticated") << base::ResultName(result);
  }
}

// Regression 16, CVE-2019-20790: a pass of the HELO identity is no identifier. The
// types see to that: an Identifier of SPF is the MAIL FROM identity, and without
// one nothing is aligned.
TEST(EvaluateTest, WithoutMailFromIdentityNothingIsAligned) {  // RFC 9989 §4.4.2
  EXPECT_EQ(Evaluate(Record("example.com", "v=DMARC1; p=reject"), Message("example.com")).outcome(),
            "fail not-authenticated");
}

TEST(EvaluateTest, NoRecordIsNone) {  // RFC 9989 §4.10.1
  const Seen seen = Evaluate("", Message("example.com").Spf("example.com").Dkim("a.example.com"));
  EXPECT_EQ(seen.outcome(), "none no-record");
  EXPECT_EQ(seen.queries, List({"_dmarc.example.com TXT", "_dmarc.com TXT"}))
      << "§4.10.2: identifiers are not walked";
}

TEST(EvaluateTest, WhatCannotBeAlignedIsNotWalked) {
  const Seen seen = Evaluate(Record("example.com", "v=DMARC1; p=reject"),
                             Message("example.com").Spf("example.net").Dkim("notexample.com"));
  EXPECT_EQ(seen.outcome(), "fail not-aligned");
  EXPECT_EQ(seen.queries, List({"_dmarc.example.com TXT", "_dmarc.com TXT"}));
}

TEST(EvaluateTest, AtMostSoManyIdentifiers) {
  const auto evaluate = [](size_t others) {
    Message message("example.com");
    // These are organizational domains of their own.
    std::string zone = Record("example.com", "v=DMARC1; p=reject");
    for (size_t i = 0; i < others; ++i) {
      const std::string domain = absl::StrCat("d", i, ".example.com");
      zone += Record(domain, "v=DMARC1; p=none; psd=n");
      // The same domain again costs nothing.
      message.Dkim(domain).Dkim(domain);
    }
    return Evaluate(zone, message.Dkim("last.example.com"));
  };
  const Seen within = evaluate(kMaxIdentifiers - 1);
  EXPECT_EQ(within.outcome(), "pass aligned");
  EXPECT_EQ(within.identifiers_skipped, 0);
  const Seen beyond = evaluate(kMaxIdentifiers);
  EXPECT_EQ(beyond.outcome(), "fail not-aligned");
  EXPECT_EQ(beyond.identifiers_skipped, 1);
}

}  // namespace
}  // namespace postseal::dmarc
