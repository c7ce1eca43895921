// Every reason of dkim/reason.inc comes out of a session, and none without a
// case here: a new row fails this test until it has one.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/verify_session.h"
#include "base/result.h"
#include "dkim/reason.h"
#include "dkim/signature.h"
#include "dkim/signature_report.h"
#include "dkim/signing_key.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "testing/forge.h"

namespace postseal::auth {
namespace {

constexpr int64_t kNow = 1767225600;
constexpr std::string_view kMessage = "From: a@example.com\r\nSubject: hi\r\n\r\nHello\r\n";
constexpr std::string_view kTags =
    " v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.com; s=s; h=From:Subject; bh=%bh; b=";

std::shared_ptr<const dkim::SigningKey> Key(const std::string& name) {
  return *dkim::SigningKey::FromPem(testing::ReadTestFile("testdata/keys/" + name + ".pem"));
}

// Case is one way to a reason: pieces of kTags, of the signed message and of the
// key record are replaced. In the record "%p" is p=.
struct Case {
  dkim::Reason reason;
  std::string_view tag = "";
  std::string tag_instead = "";
  std::string_view text = "";
  std::string_view text_instead = "";
  std::string_view record = "v=DKIM1; k=ed25519; p=%p";
};

using R = dkim::Reason;

const Case kCases[] = {
    {R::kVerified},
    {R::kBodyHashMismatch, "", "", "Hello", "Hallo"},
    {R::kSignatureMismatch, "", "", "Subject: hi", "Subject: ho"},
    {R::kBodyTooShort, "s=s;", "s=s; l=8;"},
    {R::kSignatureSyntax, "s=s;", "s=s;;"},
    {R::kDuplicateTag, "s=s;", "s=s; s=s;"},
    {R::kMissingTag, "v=1;", ""},
    {R::kBadTagValue, "s=s;", "s=s; t=x;"},
    {R::kUnsupportedVersion, "v=1;", "v=2;"},
    {R::kUnsupportedAlgorithm, "a=ed25519-sha256", "a=rsa-sha512"},
    {R::kUnsupportedCanonicalization, "c=relaxed/relaxed", "c=nowsp"},
    {R::kUnsupportedQueryMethod, "s=s;", "s=s; q=http;"},
    {R::kBadDomain, "d=example.com", "d=com"},
    {R::kBadSelector, "s=s;", "s=s.;"},
    {R::kDomainMismatch, "s=s;", "s=s; i=@example.net;"},
    {R::kFromNotSigned, "h=From:Subject", "h=Subject"},
    {R::kTooManyNames, "h=From", absl::StrCat("h=From", std::string(dkim::kMaxSignedNames, ':'))},
    {R::kExpired, "s=s;", "s=s; x=1700000000;"},
    {R::kExpirationBeforeTimestamp, "s=s;", "s=s; t=1767225600; x=1767225600;"},
    {R::kFutureTimestamp, "s=s;", "s=s; t=1800000000;"},
    {R::kNoKey, "s=s;", "s=none;"},
    {R::kKeyLookupFailed, "s=s;", "s=fail;"},
    {R::kKeySyntax, "", "", "", "", "v=DKIM1; k=ed25519"},
    {R::kKeyVersion, "", "", "", "", "v=spf1 -all"},
    {R::kKeyRevoked, "", "", "", "", "v=DKIM1; k=ed25519; p="},
    {R::kKeyTypeMismatch, "", "", "", "", "v=DKIM1; k=rsa; p=%p"},
    {R::kKeyHashMismatch, "", "", "", "", "v=DKIM1; k=ed25519; h=sha1; p=%p"},
    {R::kKeyServiceMismatch, "", "", "", "", "v=DKIM1; k=ed25519; s=other; p=%p"},
    {R::kKeyForbidsSubdomain, "s=s;", "s=s; i=@a.example.com;", "", "",
     "v=DKIM1; k=ed25519; t=s; p=%p"},
    {R::kKeyUnusable, "", "", "", "", "v=DKIM1; k=ed25519; p=AAAA"},
    {R::kPartialBody, "s=s;", "s=s; l=6;"},
    {R::kUnsignedFrom, "", "", "DKIM-Signature:", "From: b@example.com\r\nDKIM-Signature:"},
};

dkim::SignatureReport Verify(std::string_view message, std::string_view zone,
                             const Options& options = {}) {
  dns::ZoneResolver resolver;
  EXPECT_TRUE(resolver.AddText(zone, "zone").ok()) << zone;
  auto session = *VerifySession::Create(std::make_shared<Options>(options), Envelope(), kNow);
  EXPECT_TRUE(session->Feed(message).ok());
  EXPECT_TRUE(session->EndOfMessage().ok());
  dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
  EXPECT_EQ(session->report().dkim.size(), 1u) << message;
  return session->report().dkim.empty() ? dkim::SignatureReport() : session->report().dkim[0];
}

class EveryReasonTest : public ::testing::Test {
 protected:
  // Expect checks that |report| has |reason| and the result that goes with it.
  void Expect(dkim::Reason reason, const dkim::SignatureReport& report) {
    EXPECT_EQ(dkim::InfoOf(report.reason).name, dkim::InfoOf(reason).name);
    EXPECT_EQ(report.result, dkim::InfoOf(reason).result) << dkim::InfoOf(reason).name;
    seen_.insert(report.reason);
  }

  std::set<dkim::Reason> seen_;
};

TEST_F(EveryReasonTest, ComesOutOfASession) {
  const auto key = Key("ed25519");
  for (const Case& c : kCases) {
    const std::string tags = absl::StrReplaceAll(kTags, {{c.tag, c.tag_instead}});
    const std::string message =
        absl::StrReplaceAll(testing::Forge(kMessage, tags, *key), {{c.text, c.text_instead}});
    const std::string record = absl::StrReplaceAll(c.record, {{"%p", key->public_key_base64()}});
    Expect(c.reason, Verify(message, absl::StrCat("s._domainkey.example.com. TXT \"", record,
                                                  "\"\n$FAIL fail._domainkey.example.com\n")));
  }
  // What needs another key, a limit, or a signature that cannot be made.
  const auto rsa = Key("rsa1024");
  const std::string p = rsa->public_key_base64();
  Options strict;
  strict.dkim.min_rsa_bits = 1025;
  Expect(R::kKeyTooSmall,
         Verify(testing::Forge(kMessage, absl::StrReplaceAll(kTags, {{"ed25519", "rsa"}}), *rsa),
                absl::StrCat("s._domainkey.example.com. TXT \"p=", p.substr(0, 200), "\" \"",
                             p.substr(200), "\"\n"),
                strict));
  Expect(R::kRsaSha1,
         Verify(absl::StrCat("DKIM-Signature: v=1; a=rsa-sha1; d=example.com; s=s; h=From;"
                             " bh=2jmj7l5rSw0yVb/vlWAYkK/YBwk=; b=AAAA\r\n",
                             kMessage),
                ""));
  const std::string good = testing::Forge(kMessage, kTags, *key);
  Options none;
  none.dkim.max_signatures = 0;
  Expect(R::kTooManySignatures, Verify(good, "", none));
  Options short_header;
  short_header.header.max_header_octets = good.find("\r\n\r\n") + 1;
  Expect(R::kHeaderTooLarge, Verify(good, "", short_header));

  for (size_t i = 0; i < std::size(dkim::kReasons); ++i) {
    EXPECT_TRUE(seen_.contains(static_cast<dkim::Reason>(i)))
        << dkim::kReasons[i].name << " has no case";
  }
}

}  // namespace
}  // namespace postseal::auth
