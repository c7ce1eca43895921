// Evidence: written and read again it is the same, and answers from it lead to the
// same report.
#include "auth/evidence.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "auth/envelope.h"
#include "auth/evidence_json.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/report_json.h"
#include "auth/verify_session.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/rdata.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"

namespace postseal::auth {
namespace {

TEST(EvidenceTest, RoundTrip) {
  Evidence evidence;
  evidence.now = 1767225600;
  evidence.authserv_id = "mx.example";
  evidence.envelope.client_ip = dns::IpAddress::Parse("2001:db8::1");
  evidence.envelope.helo = "a\"b\\\xff";
  evidence.envelope.rfc5321_mail_from = "";
  evidence.envelope.receiver = "mx.example";
  evidence.message_octets = 12;
  evidence.message_sha256 = "abc";
  LookupReport& lookup = evidence.dns.emplace_back();
  lookup.name = std::string("\0\x80.example", 10);
  lookup.type = dns::Type::kMx;
  lookup.outcome = dns::Outcome::kRecords;
  lookup.secure = lookup.expired = lookup.oversized = lookup.unused = true;
  lookup.ttl_seconds = 4'000'000'000;
  lookup.rdata = {std::string("\0\1\2", 3), ""};
  const std::string json = EvidenceToJson(evidence);
  EXPECT_EQ(json.find('\n'), json.npos);
  const auto parsed = ParseEvidence(json);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(EvidenceToJson(*parsed), json);
  EXPECT_EQ(parsed->envelope.helo, evidence.envelope.helo);
  EXPECT_EQ(parsed->envelope.rfc5321_mail_from, "");
  EXPECT_EQ(parsed->envelope.client_ip, evidence.envelope.client_ip);
  ASSERT_EQ(parsed->dns.size(), 1u);
  EXPECT_EQ(parsed->dns[0].name, lookup.name);
  EXPECT_TRUE(parsed->dns[0].unused);
  EXPECT_EQ(parsed->dns[0].rdata, lookup.rdata);
  evidence.envelope.rfc5321_mail_from.reset();
  EXPECT_FALSE(ParseEvidence(EvidenceToJson(evidence))->envelope.rfc5321_mail_from.has_value());
}

TEST(EvidenceTest, EveryOptionIsKept) {
  Evidence evidence;
  ForEachOption(&evidence.options, [](const char* name, auto* value) {
    using Value = std::remove_pointer_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, std::string_view>) {
      *value = "tlsrpt";
    } else if constexpr (std::is_same_v<Value, bool>) {
      *value = !*value;
    } else if constexpr (std::is_enum_v<Value>) {
      *value = static_cast<Value>(1);
    } else if constexpr (std::is_same_v<Value, std::optional<uint8_t>>) {
      *value = 99;
    } else {
      *value = *value + 1;
    }
    EXPECT_NE(std::string_view(name), "");
  });
  const auto parsed = ParseEvidence(EvidenceToJson(evidence));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(EvidenceToJson(*parsed), EvidenceToJson(evidence));
  EXPECT_EQ(parsed->options.dkim.service, "tlsrpt");
  EXPECT_NE(EvidenceToJson(*parsed), EvidenceToJson(Evidence()));
}

TEST(EvidenceTest, WhatIsNotEvidenceIsNamed) {
  struct Case {
    std::string_view json;
    std::string_view error;
  };
  const Case cases[] = {
      {"", "postseal_evidence"},
      {"[]", "postseal_evidence"},
      {R"({"postseal_evidence": 2, "dns": []})", "postseal_evidence"},
      {R"({"postseal_evidence": 1})", "\"dns\""},
      {R"({"postseal_evidence": 1, "dns": {}})", "\"dns\""},
      {R"({"postseal_evidence": 1, "dns": [1]})", "\"outcome\""},
      {R"({"postseal_evidence": 1, "dns": [{"outcome": "records"}]})", "\"rdata\""},
      {R"({"postseal_evidence": 1, "dns": [{"outcome": "records", "rdata": ["?"]}]})", "\"rdata\""},
      {R"({"postseal_evidence": 1, "dns": [{"outcome": "records", "rdata": [], "type": 65536}]})",
       "\"type\""},
      {R"({"postseal_evidence": 1, "dns": [], "now": -1})", "\"now\""},
      {R"({"postseal_evidence": 1, "dns": [], "helo": 1})", "\"helo\""},
      {R"({"postseal_evidence": 1, "dns": [], "helo": {"base64": "?"}})", "\"helo\""},
      {R"({"postseal_evidence": 1, "dns": [], "client_ip": "1.2.3"})", "\"client_ip\""},
      {R"({"postseal_evidence": 1, "dns": [], "pct_draw": 100})", "\"pct_draw\""},
      {R"({"postseal_evidence": 1, "dns": [], "options": {"scan_body": 1}})", "\"scan_body\""},
      {R"({"postseal_evidence": 1, "dns": [], "options": {"dkim_service": "x"}})",
       "\"dkim_service\""},
      {R"({"postseal_evidence": 1, "dns": [], "options": {"dkim_min_rsa_bits": 2147483648}})",
       "\"dkim_min_rsa_bits\""},
  };
  for (const Case& c : cases) {
    const auto parsed = ParseEvidence(c.json);
    ASSERT_FALSE(parsed.ok()) << c.json;
    EXPECT_NE(parsed.status().message().find(c.error), std::string_view::npos)
        << c.json << ": " << parsed.status();
  }
}

TEST(EvidenceTest, KeepsTheDrawForPct) {
  for (const std::optional<uint8_t> draw :
       {std::optional<uint8_t>(), std::optional<uint8_t>(0), std::optional<uint8_t>(kMaxPctDraw)}) {
    Evidence evidence;
    evidence.envelope.pct_draw = draw;
    const auto parsed = ParseEvidence(EvidenceToJson(evidence));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->envelope.pct_draw, draw);
  }
}

constexpr std::string_view kZone = R"(
example.com. TXT "v=spf1 ptr include:a.example include:slow.example -all"
a.example. TXT "v=spf1 mx a -all"
a.example. MX 10 m.example.
m.example. A 192.0.2.9
$TIMEOUT slow.example TXT
$FAIL a.example A
)";

// Host is how answers reach a session.
template <typename Host>
Report Verify(Host host) {
  auto options = std::make_shared<Options>();
  Envelope envelope;
  envelope.client_ip = dns::IpAddress::Parse("192.0.2.1");
  envelope.rfc5321_mail_from = "bob@example.com";
  auto session = *VerifySession::Create(options, envelope, 1767225600);
  EXPECT_TRUE(session
                  ->Feed("From: a@example.com\r\nDKIM-Signature: v=1; a=rsa-sha256; d=example.com;"
                         " s=late; h=From; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; "
                         "b=AAAA\r\n\r\nHi\r\n")
                  .ok());
  EXPECT_TRUE(session->EndOfMessage().ok());
  host(session.get());
  EXPECT_TRUE(session->done());
  return session->report();
}

TEST(EvidenceTest, AnswersFromItLeadToTheSameReport) {
  dns::ZoneResolver resolver;
  ASSERT_TRUE(resolver.AddText(kZone, "zone").ok());
  using Host = void (*)(VerifySession*, dns::ZoneResolver*);
  const Host hosts[] = {
      [](VerifySession* session, dns::ZoneResolver* zone) {
        dns::RunBlocking(session, zone, dns::Deadline::max());
      },
      // Nothing is answered in time.
      [](VerifySession* session, dns::ZoneResolver*) {
        while (session->NextQuery().has_value()) continue;
        session->FailOutstanding();
      },
      // The deadline passes while ptr waits, which goes on with a query that is refused.
      [](VerifySession* session, dns::ZoneResolver*) {
        const std::string record = dns::TxtRdata("v=spf1 ptr include:a.example -all");
        const std::string_view rdata[] = {record};
        dns::Answer answer(dns::Outcome::kRecords);
        answer.rdata = rdata;
        EXPECT_TRUE(session->Provide(session->NextQuery()->id, answer).ok());
        session->FailOutstanding();
        const auto& dns = session->report().dns;
        EXPECT_TRUE(std::any_of(dns.begin(), dns.end(), [](const auto& l) { return l.refused; }));
      },
      // The first answer is larger than is kept.
      [](VerifySession* session, dns::ZoneResolver*) {
        const std::string large(dns::kMaxAnswerOctets + 1, 'x');
        const std::string_view rdata[] = {large};
        dns::Answer answer(dns::Outcome::kRecords);
        answer.rdata = rdata;
        EXPECT_TRUE(session->Provide(session->NextQuery()->id, answer).ok());
        session->FailOutstanding();
      },
  };
  for (const Host host : hosts) {
    const Report report = Verify([&](VerifySession* session) { host(session, &resolver); });
    EXPECT_GT(report.dns.size(), 1u);
    const Report again =
        Verify([&report](VerifySession* session) { AnswerFrom(report.dns, session); });
    EXPECT_EQ(ReportToJson(again, ""), ReportToJson(report, ""));
  }
}

}  // namespace
}  // namespace postseal::auth
