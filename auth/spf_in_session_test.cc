// SPF within a VerifySession: which identities are checked, and how they share the
// session's queries, deadline and limits.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/envelope.h"
#include "auth/iprev.h"
#include "auth/lookup_report.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/verify_session.h"
#include "base/result.h"
#include "dmarc/record.h"
#include "dns/address.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "spf/reason.h"

namespace postseal::auth {
namespace {

constexpr int64_t kNow = 1767225600;
constexpr std::string_view kMessage = "From: a@example.com\r\n\r\nHello\r\n";
constexpr std::string_view kZone = R"(
example.com. TXT "v=spf1 ip4:192.0.2.0/24 include:other.example -all"
other.example. TXT "v=spf1 ip4:198.51.100.7 -all"
mail.example.com. TXT "v=spf1 a -all"
mail.example.com. A 192.0.2.1
1.2.0.192.in-addr.arpa. PTR mail.example.com.
9.2.0.192.in-addr.arpa. PTR mail.example.com.
$FAIL broken.example TXT
)";

Envelope From(std::string_view client, std::string_view helo, std::string_view mail_from) {
  Envelope envelope;
  envelope.client_ip = dns::IpAddress::Parse(client);
  envelope.helo = helo;
  envelope.rfc5321_mail_from = mail_from;
  return envelope;
}

Report Verify(const Envelope& envelope, Options options = {}, std::string_view zone = kZone) {
  options.check_dmarc = false;
  dns::ZoneResolver resolver;
  EXPECT_TRUE(resolver.AddText(zone, "zone").ok());
  auto session = *VerifySession::Create(std::make_shared<Options>(options), envelope, kNow);
  EXPECT_TRUE(session->Feed(kMessage).ok());
  EXPECT_TRUE(session->EndOfMessage().ok());
  dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
  EXPECT_TRUE(session->done());
  return session->report();
}

TEST(SpfInSessionTest, BothIdentitiesAreChecked) {  // RFC 7208 §2.3, §2.4
  const Report report = Verify(From("192.0.2.1", "mail.example.com", "bob@example.com"));
  ASSERT_TRUE(report.spf.has_value() && report.spf_helo.has_value());
  EXPECT_EQ(report.spf->result, base::Result::kPass);
  EXPECT_EQ(report.spf->domain, "example.com");
  EXPECT_EQ(report.spf->mechanism, "ip4:192.0.2.0/24");
  EXPECT_EQ(report.spf_helo->result, base::Result::kPass);
  EXPECT_EQ(report.spf_helo->domain, "mail.example.com");
  EXPECT_EQ(report.Verdict(), base::Result::kPass);
}

TEST(SpfInSessionTest, TheNullReversePathIsPostmasterAtHelo) {  // RFC 7208 §2.4 ¶3
  const Report report = Verify(From("192.0.2.1", "mail.example.com", ""));
  ASSERT_TRUE(report.spf.has_value());
  EXPECT_EQ(report.spf->scope, spf::Identity::kMailFrom);
  EXPECT_EQ(report.spf->domain, "mail.example.com");
  EXPECT_EQ(report.spf->result, base::Result::kPass);
}

TEST(SpfInSessionTest, WhatIsNotKnownIsNotEvaluated) {
  EXPECT_FALSE(Verify(Envelope()).spf.has_value());
  Envelope without_client = From("192.0.2.1", "mail.example.com", "bob@example.com");
  without_client.client_ip.reset();
  EXPECT_FALSE(Verify(without_client).spf.has_value());
  EXPECT_FALSE(Verify(without_client).spf_helo.has_value());
  Envelope helo_only = From("192.0.2.1", "mail.example.com", "");
  helo_only.rfc5321_mail_from.reset();
  EXPECT_FALSE(Verify(helo_only).spf.has_value());
  EXPECT_TRUE(Verify(helo_only).spf_helo.has_value());
}

TEST(SpfInSessionTest, APassOfHeloAloneAuthenticatesNobody) {  // RFC 9989 §5.3.2, CVE-2019-20790
  const Report report = Verify(From("192.0.2.1", "mail.example.com", "bob@none.example"));
  EXPECT_EQ(report.spf_helo->result, base::Result::kPass);
  EXPECT_EQ(report.spf->result, base::Result::kNone);
  EXPECT_EQ(report.Verdict(), base::Result::kFail);
}

TEST(SpfInSessionTest, TheFirstQueryIsThereBeforeTheMessage) {
  auto session = *VerifySession::Create(
      std::make_shared<Options>(), From("192.0.2.1", "mail.example.com", "bob@example.com"), kNow);
  std::vector<std::string> names;
  while (auto query = session->NextQuery()) names.emplace_back(query->query.name.text());
  EXPECT_EQ(names, (std::vector<std::string>{"mail.example.com", "example.com"}));
}

TEST(SpfInSessionTest, TheDeadlineIsATemporaryError) {  // RFC 7208 §4.6.4 ¶7
  auto session = *VerifySession::Create(std::make_shared<Options>(),
                                        From("192.0.2.1", "", "bob@example.com"), kNow);
  EXPECT_TRUE(session->EndOfMessage().ok());
  EXPECT_FALSE(session->done());
  session->FailOutstanding();
  ASSERT_TRUE(session->done());
  EXPECT_EQ(session->report().spf->result, base::Result::kTempError);
  EXPECT_EQ(session->report().Verdict(), base::Result::kPermError) << "there is no From";
  for (const LookupReport& lookup : session->report().dns) EXPECT_TRUE(lookup.expired);
}

TEST(SpfInSessionTest, DnsErrorsAreNeverPassOrNone) {
  const Report report = Verify(From("192.0.2.1", "", "bob@broken.example"));
  EXPECT_EQ(report.spf->result, base::Result::kTempError);
}

// Ten mx of ten names each are legal (RFC 7208 §4.6.4), so the limit of the session
// must let both identities have such a record. Nor may a sender with such records
// spend the queries that the policy of the author's domain needs.
TEST(SpfInSessionTest, TheLargestLegalRecordsStarveNoOtherMethod) {
  std::string zone = "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n";
  for (const char* domain : {"big.example", "helo.example"}) {
    zone += std::string(domain) + ". TXT \"v=spf1";
    for (char mx = 'a'; mx <= 'j'; ++mx) zone += std::string(" mx:") + mx + "." + domain;
    zone += " ?all\"\n";
    for (char mx = 'a'; mx <= 'j'; ++mx) {
      for (char host = 'a'; host <= 'j'; ++host) {
        const std::string name = std::string(1, host) + "." + mx + "." + domain + ".";
        zone += std::string(1, mx) + "." + domain + ". MX 1 " + name + "\n";
        zone += name + " A 198.51.100.1\n";
      }
    }
  }
  const Report report = Verify(From("192.0.2.1", "helo.example", "bob@big.example"), {}, zone);
  EXPECT_EQ(report.spf->result, base::Result::kNeutral) << spf::InfoOf(report.spf->reason).text;
  EXPECT_EQ(report.spf_helo->result, base::Result::kNeutral);
  EXPECT_EQ(report.spent.dns_queries, 2 * 111u);

  dns::ZoneResolver resolver;
  ASSERT_TRUE(resolver.AddText(zone, "zone").ok());
  auto session = *VerifySession::Create(std::make_shared<Options>(),
                                        From("192.0.2.1", "helo.example", "bob@big.example"), kNow);
  dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
  std::string flood;
  for (int i = 0; i < 100; ++i) {
    flood += "DKIM-Signature: v=1; a=rsa-sha256; d=x.example; s=s" + std::to_string(i) +
             "; h=From; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n";
  }
  ASSERT_TRUE(session->Feed(flood).ok());
  ASSERT_TRUE(session->Feed(kMessage).ok());
  ASSERT_TRUE(session->EndOfMessage().ok());
  dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
  ASSERT_TRUE(session->done());
  EXPECT_EQ(session->report().Verdict(), base::Result::kFail);
  EXPECT_EQ(session->report().dmarc->disposition, dmarc::Policy::kReject);
}

// Issue 12.1: the answers of the sender's own SPF records must not keep the policy of the
// domain that he writes in the name of from being read.
TEST(SpfInSessionTest, LargeSpfAnswersStarveNoOtherMethod) {
  const std::string string_of_250 = " \"" + std::string(250, 'x') + "\"";
  struct Case {
    int records;  // of 1 KB each, in each of 20 sets
    base::Result spf;
  };
  const Case cases[] = {{15, base::Result::kNeutral}, {62, base::Result::kTempError}};
  for (const Case& c : cases) {
    std::string zone = "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n";
    for (const char* domain : {"big.example", "helo.example"}) {
      std::string record = "v=spf1";
      for (char name = 'a'; name <= 'j'; ++name) {
        const std::string included = std::string(1, name) + "." + domain;
        record += " include:" + included;
        zone += included + ". TXT \"v=spf1 -all\"\n";
        for (int i = 0; i < c.records; ++i) {
          zone += included + ". TXT \"" + std::to_string(i) + "\"" + string_of_250 + string_of_250 +
                  string_of_250 + string_of_250 + "\n";
        }
      }
      zone += std::string(domain) + ". TXT \"" + record + " ?all\"\n";
    }
    dns::ZoneResolver resolver;
    ASSERT_TRUE(resolver.AddText(zone, "zone").ok());
    auto session = *VerifySession::Create(
        std::make_shared<Options>(), From("192.0.2.1", "helo.example", "bob@big.example"), kNow);
    dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
    ASSERT_TRUE(session->Feed(kMessage).ok());
    ASSERT_TRUE(session->EndOfMessage().ok());
    dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
    ASSERT_TRUE(session->done());
    EXPECT_EQ(session->report().spf->result, c.spf);
    EXPECT_EQ(session->report().spf_helo->result, c.spf);
    EXPECT_EQ(session->report().dmarc->result, base::Result::kFail);
    EXPECT_EQ(session->report().dmarc->disposition, dmarc::Policy::kReject);
  }
}

// Issue 12.4: whether the author exists is asked before SPF has ended, so that a sender
// whose own DNS is slow cannot have the deadline pass first. RFC 9989 §4.7, np
TEST(SpfInSessionTest, SlowSpfDoesNotSwitchOffTheNonExistentDomainPolicy) {
  struct Case {
    const char* name;
    std::string_view zone;
    base::Result result;
    dmarc::Policy disposition;
  };
  const Case cases[] = {
      {"the author does not exist", "", base::Result::kFail, dmarc::Policy::kReject},
      {"it exists", "no.example.com. A 192.0.2.1\n", base::Result::kFail, dmarc::Policy::kNone},
      {"its DNS is slow too", "$TIMEOUT no.example.com A\n", base::Result::kTempError,
       dmarc::Policy::kNone},
  };
  for (const Case& c : cases) {
    dns::ZoneResolver resolver;
    ASSERT_TRUE(resolver
                    .AddText("_dmarc.example.com. TXT \"v=DMARC1; p=none; np=reject\"\n"
                             "$TIMEOUT slow.example TXT\n" +
                                 std::string(c.zone),
                             "zone")
                    .ok());
    const std::shared_ptr<VerifySession> session = *VerifySession::Create(
        std::make_shared<Options>(), From("192.0.2.1", "", "bob@slow.example"), kNow);
    ASSERT_TRUE(session->Feed("From: ceo@no.example.com\r\n\r\nHello\r\n").ok());
    ASSERT_TRUE(session->EndOfMessage().ok());
    dns::Pump(session, &resolver);
    ASSERT_FALSE(session->done()) << c.name;
    session->FailOutstanding();
    ASSERT_TRUE(session->done()) << c.name;
    EXPECT_EQ(session->report().spf->result, base::Result::kTempError) << c.name;
    EXPECT_EQ(session->report().dmarc->result, c.result) << c.name;
    EXPECT_EQ(session->report().dmarc->disposition, c.disposition) << c.name;
  }
}

TEST(SpfInSessionTest, OneQueryTooManyForTheSessionIsATemporaryError) {
  Options options;
  const Envelope envelope = From("198.51.100.7", "", "bob@example.com");
  options.max_lookups = 2;
  EXPECT_EQ(Verify(envelope, options).spf->result, base::Result::kPass);
  options.max_lookups = 1;
  EXPECT_EQ(Verify(envelope, options).spf->result, base::Result::kTempError);
}

TEST(SpfInSessionTest, Iprev) {  // RFC 8601 §3
  Options options;
  options.check_iprev = true;
  struct Case {
    std::string_view client;
    base::Result result;
    std::string_view name;
  };
  const Case cases[] = {
      {"192.0.2.1", base::Result::kPass, "mail.example.com"},
      {"::ffff:192.0.2.1", base::Result::kPass, "mail.example.com"},
      {"192.0.2.9", base::Result::kFail, ""},
      {"192.0.2.77", base::Result::kPermError, ""},
  };
  for (const Case& c : cases) {
    const Report report = Verify(From(c.client, "", ""), options);
    ASSERT_TRUE(report.iprev.has_value()) << c.client;
    EXPECT_EQ(report.iprev->result, c.result) << c.client;
    EXPECT_EQ(report.iprev->name, c.name) << c.client;
  }
  EXPECT_FALSE(Verify(From("192.0.2.1", "", "")).iprev.has_value()) << "only when asked for";
  EXPECT_EQ(Verify(From("192.0.2.1", "", ""), options,
                   "$FAIL 1.2.0.192.in-addr.arpa PTR\nexample.com. TXT x\n")
                .iprev->result,
            base::Result::kTempError);
  EXPECT_EQ(Verify(From("192.0.2.1", "", ""), options,
                   "1.2.0.192.in-addr.arpa. PTR m.example.\n$FAIL m.example A\n")
                .iprev->result,
            base::Result::kTempError);
}

TEST(SpfInSessionTest, IprevLooksAtTenNames) {
  Options options;
  options.check_iprev = true;
  for (const size_t names : {kMaxIprevNames, kMaxIprevNames + 1}) {
    std::string zone;
    for (size_t i = 1; i <= names; ++i) {
      const std::string name = "n" + std::to_string(i) + ".example.";
      zone += "1.2.0.192.in-addr.arpa. PTR " + name + "\n";
      zone += name + (i == names ? " A 192.0.2.1\n" : " A 192.0.2.2\n");
    }
    EXPECT_EQ(Verify(From("192.0.2.1", "", ""), options, zone).iprev->result,
              names == kMaxIprevNames ? base::Result::kPass : base::Result::kFail);
  }
}

}  // namespace
}  // namespace postseal::auth
