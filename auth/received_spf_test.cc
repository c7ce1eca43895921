#include "auth/received_spf.h"

#include <string>

#include "base/result.h"
#include "dns/address.h"
#include "gtest/gtest.h"
#include "spf/evaluation.h"
#include "spf/reason.h"

namespace postseal::auth {
namespace {

Envelope Bounce() {
  Envelope envelope;
  envelope.client_ip = dns::IpAddress::Parse("192.0.2.1");
  envelope.helo = "foo.example.com";
  envelope.rfc5321_mail_from = "<>";
  envelope.receiver = "mybox.example.org";
  return envelope;
}

// The pairs are those of RFC 7208 §9.1; a verifier SHOULD give client-ip, helo and, of
// MAIL FROM, envelope-from.
TEST(PrintReceivedSpfTest, SaysWhatWasCheckedAndFound) {
  SpfReport report;
  report.result = base::Result::kPass;
  report.reason = spf::Reason::kAuthorized;
  report.mechanism = "ip4:192.0.2.0/24";
  Envelope envelope = Bounce();
  envelope.rfc5321_mail_from = "myname@example.com";
  const auto field = PrintReceivedSpf(report, envelope);
  ASSERT_TRUE(field.ok()) << field.status();
  for (const char* part :
       {"Received-SPF: pass (mybox.example.org:", "client-ip=192.0.2.1", "helo=foo.example.com",
        "envelope-from=\"myname@example.com\"", "receiver=mybox.example.org", "identity=mailfrom",
        "mechanism=\"ip4:192.0.2.0/24\""}) {
    EXPECT_NE(field->find(part), field->npos) << part << " in " << *field;
  }
}

TEST(PrintReceivedSpfTest, HeloHasNoEnvelopeFromAndAnErrorNoMechanism) {
  SpfReport report;
  report.result = base::Result::kPermError;
  report.reason = spf::Reason::kSeveralRecords;
  report.scope = spf::Identity::kHelo;
  const auto field = PrintReceivedSpf(report, Bounce());
  ASSERT_TRUE(field.ok()) << field.status();
  EXPECT_NE(field->find("identity=helo"), field->npos) << *field;
  EXPECT_NE(field->find("problem="), field->npos) << *field;
  EXPECT_EQ(field->find("mechanism="), field->npos) << *field;
  EXPECT_EQ(field->find("envelope-from="), field->npos) << *field;
}

TEST(PrintReceivedSpfTest, NoMatchIsDefault) {
  SpfReport report;
  report.result = base::Result::kNeutral;
  report.reason = spf::Reason::kNothingMatched;
  const auto field = PrintReceivedSpf(report, Bounce());
  ASSERT_TRUE(field.ok()) << field.status();
  EXPECT_NE(field->find("mechanism=default"), field->npos) << *field;
  EXPECT_NE(field->find("envelope-from=\"\""), field->npos) << *field;
}

}  // namespace
}  // namespace postseal::auth
