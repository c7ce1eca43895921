#include "store/fact.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/options.h"
#include "auth/verify_session.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

constexpr std::string_view kZone = R"(
example.com. TXT "v=spf1 ip4:192.0.2.1 -all"
mail.example.com. TXT "v=spf1 a -all"
mail.example.com. A 192.0.2.1
_dmarc.example.com. TXT "v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; fo=1:d; rua=mailto:r@example.com; ruf=mailto:f@example.com"
test.example. TXT "v=spf1 -all"
_dmarc.test.example. TXT "v=DMARC1; p=quarantine; t=y"
open.example. TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.open.example. TXT "v=DMARC1; p=none"
_dmarc.uri.example. TXT "v=DMARC1; p=bogus; sp=reject; rua=mailto:r@uri.example"
slow.example. A 192.0.2.9
_dmarc.slow.example. TXT "v=DMARC1; p=reject"
$FAIL slow.example TXT
$FAIL _dmarc.gone.example TXT
)";

auth::Envelope EnvelopeOf(std::string_view mail_from) {
  auth::Envelope envelope;
  envelope.client_ip = dns::IpAddress::Parse("192.0.2.1");
  envelope.helo = "mail.example.com";
  envelope.rfc5321_mail_from = mail_from;
  return envelope;
}

auth::Report Verify(const auth::Envelope& envelope, const std::string& message) {
  dns::ZoneResolver resolver;
  EXPECT_TRUE(resolver.AddText(kZone, "zone").ok());
  auto session = *auth::VerifySession::Create(std::make_shared<auth::Options>(), envelope, kNow);
  EXPECT_TRUE(session->Feed(message).ok());
  EXPECT_TRUE(session->EndOfMessage().ok());
  dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
  EXPECT_TRUE(session->done());
  return session->report();
}

std::string From(std::string_view domain) {
  return "From: a@" + std::string(domain) + "\r\n\r\nHello\r\n";
}

std::optional<Fact> FactOf(std::string_view mail_from, const std::string& message,
                           const Handling& handling = {}) {
  const auth::Envelope envelope = EnvelopeOf(mail_from);
  return MakeFact(Verify(envelope, message), envelope, handling, kNow + 5);
}

TEST(FactTest, APass) {
  const auto fact = FactOf("b@example.com", From("Example.com"));
  ASSERT_TRUE(fact.has_value());
  EXPECT_EQ(fact->time, kNow + 5);
  EXPECT_EQ(fact->day(), kToday);
  EXPECT_EQ(fact->source_ip.Print(), "192.0.2.1");
  EXPECT_EQ(fact->header_from, "example.com");
  EXPECT_EQ(fact->envelope_from, "example.com");
  EXPECT_EQ(fact->envelope_to, std::nullopt);
  EXPECT_EQ(fact->policy_domain, "example.com");
  EXPECT_EQ(fact->policy.p, dmarc::Policy::kReject);
  EXPECT_EQ(fact->policy.sp, dmarc::Policy::kQuarantine);
  EXPECT_EQ(fact->policy.np, dmarc::Policy::kNone);
  EXPECT_EQ(fact->policy.adkim, dmarc::AlignmentMode::kStrict);
  EXPECT_EQ(fact->policy.aspf, dmarc::AlignmentMode::kRelaxed);
  EXPECT_TRUE(fact->policy.fo.any_failed && fact->policy.fo.dkim && !fact->policy.fo.spf);
  EXPECT_TRUE(fact->policy.has_rua);
  EXPECT_FALSE(fact->policy.testing);
  EXPECT_EQ(fact->disposition, Disposition::kPass);
  EXPECT_TRUE(fact->reasons.empty());
  EXPECT_TRUE(fact->aligned_spf);
  EXPECT_FALSE(fact->aligned_dkim);
  EXPECT_TRUE(fact->dkim.empty());
  EXPECT_EQ(fact->spf, (SpfFact{"example.com", base::Result::kPass}));
}

// RFC 9990: where alignment failed and what was applied is not what was published,
// there is a reason.
TEST(FactTest, DispositionsAndReasons) {
  using Reasons = std::vector<OverrideReason>;
  const OverrideReason list = {OverrideType::kMailingList, "known"};
  const OverrideReason local = {OverrideType::kLocalPolicy, ""};
  const OverrideReason test = {OverrideType::kPolicyTestMode, ""};
  struct Case {
    std::string_view mail_from;
    std::string_view from;
    dmarc::Policy applied;
    Reasons given;
    Disposition disposition;
    Reasons reasons;
    std::string_view why;
  };
  const Case cases[] = {
      {"a@open.example",
       "open.example",
       dmarc::Policy::kNone,
       {},
       Disposition::kNone,
       {},
       "p=none would not have been acted on: none, not pass"},
      {"a@other.example",
       "example.com",
       dmarc::Policy::kReject,
       {},
       Disposition::kReject,
       {},
       "as published"},
      {"a@other.example",
       "example.com",
       dmarc::Policy::kNone,
       {},
       Disposition::kNone,
       {local},
       "a fail that is let through"},
      {"a@other.example",
       "example.com",
       dmarc::Policy::kQuarantine,
       {},
       Disposition::kQuarantine,
       {local},
       "less than published"},
      {"a@other.example",
       "example.com",
       dmarc::Policy::kNone,
       {list},
       Disposition::kNone,
       {list},
       "the reason is given"},
      {"a@example.com",
       "example.com",
       dmarc::Policy::kReject,
       {},
       Disposition::kReject,
       {local},
       "a pass that is refused"},
      {"a@other.example",
       "test.example",
       dmarc::Policy::kNone,
       {},
       Disposition::kNone,
       {test},
       "t=y weakens p=quarantine to none"},
      {"a@other.example",
       "test.example",
       dmarc::Policy::kNone,
       {list},
       Disposition::kNone,
       {test, list},
       "both"},
      {"a@other.example",
       "test.example",
       dmarc::Policy::kNone,
       {test},
       Disposition::kNone,
       {test},
       "once"},
      {"a@other.example",
       "test.example",
       dmarc::Policy::kQuarantine,
       {},
       Disposition::kQuarantine,
       {},
       "t=y is not honoured, the published policy is applied"},
      {"a@slow.example",
       "slow.example",
       dmarc::Policy::kNone,
       {},
       Disposition::kNone,
       {{OverrideType::kLocalPolicy, "temporary error"}},
       "SPF of the author's domain failed"},
  };
  for (const Case& c : cases) {
    Handling handling;
    handling.applied = c.applied;
    handling.reasons = c.given;
    const auto fact = FactOf(c.mail_from, From(c.from), handling);
    ASSERT_TRUE(fact.has_value()) << c.why;
    EXPECT_EQ(fact->disposition, c.disposition) << c.why;
    EXPECT_EQ(fact->reasons, c.reasons) << c.why;
  }
}

TEST(FactTest, WhatHasNoRow) {
  EXPECT_FALSE(FactOf("a@x.example", From("nothing.example"))) << "no record";
  EXPECT_FALSE(FactOf("a@x.example", From("gone.example"))) << "the lookup failed";
  EXPECT_FALSE(FactOf("a@x.example", "From: a@example.com, b@open.example\r\n\r\n")) << "two";
  EXPECT_FALSE(FactOf("a@x.example", "Subject: x\r\n\r\n")) << "no author";
  auth::Envelope envelope = EnvelopeOf("a@example.com");
  const auth::Report report = Verify(envelope, From("example.com"));
  EXPECT_TRUE(MakeFact(report, envelope, {}, kNow));
  envelope.client_ip.reset();
  EXPECT_FALSE(MakeFact(report, envelope, {}, kNow)) << "source_ip is required";
}

TEST(FactTest, EnvelopeFrom) {
  EXPECT_EQ(FactOf("", From("example.com"))->envelope_from, "") << "null";
  EXPECT_EQ(FactOf("", From("example.com"))->spf->domain, "mail.example.com");
  EXPECT_EQ(FactOf("bad path", From("example.com"))->envelope_from, std::nullopt);
  auth::Envelope envelope = EnvelopeOf("");
  envelope.rfc5321_mail_from.reset();
  const auto fact = MakeFact(Verify(envelope, From("example.com")), envelope, {}, kNow);
  EXPECT_EQ(fact->envelope_from, std::nullopt) << "not known";
}

// RFC 9989 §4.10.1: a record without valid policies, but with rua=, is p=none.
TEST(FactTest, AnAssumedPolicy) {
  const auto fact = FactOf("a@x.example", From("uri.example"));
  ASSERT_TRUE(fact.has_value());
  EXPECT_EQ(fact->policy.p, dmarc::Policy::kNone);
  EXPECT_EQ(fact->policy.sp, std::nullopt);
  EXPECT_TRUE(fact->policy.has_rua);
  EXPECT_TRUE(fact->reasons.empty());
}

auth::Report WithSignatures(const std::vector<dkim::SignatureReport>& signatures) {
  auth::Report report = Verify(EnvelopeOf("a@example.com"), From("example.com"));
  report.dkim = signatures;
  return report;
}

dkim::SignatureReport SignatureOf(std::string domain, std::string selector, base::Result result) {
  dkim::SignatureReport signature;
  signature.domain = domain;
  signature.identifier = std::move(domain);
  signature.selector = std::move(selector);
  signature.result = result;
  return signature;
}

TEST(FactTest, SignaturesHaveAnOrderOfTheirOwn) {
  const auto a = SignatureOf("a.example", "s", base::Result::kPass);
  const auto b = SignatureOf("b.example", "s", base::Result::kPass);
  const auto envelope = EnvelopeOf("a@example.com");
  EXPECT_EQ(MakeFact(WithSignatures({a, b}), envelope, {}, kNow),
            MakeFact(WithSignatures({b, a}), envelope, {}, kNow));
  const auto nameless = SignatureOf("", "s", base::Result::kPermError);
  const auto fact = MakeFact(WithSignatures({nameless, a}), envelope, {}, kNow);
  EXPECT_EQ(fact->dkim.size(), 1u) << "a report cannot name it";
}

TEST(FactTest, TheBestSignaturesStay) {
  for (const size_t fails : {kMaxDkimFacts - 1, kMaxDkimFacts}) {
    std::vector<dkim::SignatureReport> signatures(
        fails, SignatureOf("a.example", "s", base::Result::kFail));
    signatures.push_back(SignatureOf("z.example", "s", base::Result::kPass));
    const auto fact = MakeFact(WithSignatures(signatures), EnvelopeOf("a@example.com"), {}, kNow);
    EXPECT_EQ(fact->dkim.size(), kMaxDkimFacts);
    EXPECT_EQ(fact->dkim.front().domain, "z.example");
  }
}

TEST(FactTest, Limits) {
  Handling handling;
  handling.reasons.assign(kMaxOverrideReasons + 1,
                          {OverrideType::kOther, std::string(kMaxCommentOctets + 1, 'x')});
  handling.envelope_to.emplace(kMaxDomainOctets + 1, 'x');
  const auth::Envelope envelope = EnvelopeOf("a@example.com");
  const auth::Report report = WithSignatures(
      {SignatureOf(std::string(300, 'd'), std::string(300, 's'), base::Result::kFail)});
  const auto fact = MakeFact(report, envelope, handling, INT64_MAX);
  EXPECT_EQ(fact->reasons.size(), kMaxOverrideReasons);
  EXPECT_EQ(fact->reasons[0].comment.size(), kMaxCommentOctets);
  EXPECT_EQ(fact->envelope_to->size(), kMaxDomainOctets);
  EXPECT_EQ(fact->dkim[0].domain.size(), kMaxDomainOctets);
  EXPECT_EQ(fact->dkim[0].selector.size(), kMaxSelectorOctets);
  EXPECT_EQ(fact->time, kMaxFactTime);
  EXPECT_EQ(MakeFact(report, envelope, handling, -1)->time, 0);
}

TEST(FactTest, BoundedText) {
  struct Case {
    std::string_view text;
    size_t max;
    std::string_view want;
    std::string_view why;
  };
  const Case cases[] = {
      {"abc", 3, "abc", "n"},
      {"abcd", 3, "abc", "n + 1"},
      {"", 0, "", "nothing"},
      {"a\xc3\xa9z", 3, "a\xc3\xa9", "fits"},
      {"a\xc3\xa9z", 2, "a", "no half characters"},
      {"a\nb", 9, "a\\x0ab", "no controls"},
      {std::string_view("a\0b", 3), 9, "a\\x00b", "nor NUL, which SQL would end at"},
      {"\xff", 9, "\\xff", "not UTF-8"},
      {"\xff", 3, "", "no half escapes"},
      {"<'\">", 9, "<'\">", "escaped by who prints it"},
  };
  for (const Case& c : cases) EXPECT_EQ(BoundedText(c.text, c.max), c.want) << c.why;
}

}  // namespace
}  // namespace postseal::store
