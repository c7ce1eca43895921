// What a message can do to whoever verifies it: make work, and put words into the
// field that says what was verified. The work is read off the report's counters.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "auth/authentication_results.h"
#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/verify_session.h"
#include "authres/authentication_results.h"
#include "authres/parsed_field.h"
#include "base/result.h"
#include "dkim/policy.h"
#include "dkim/reason.h"
#include "dkim/signature_report.h"
#include "dkim/signing_key.h"
#include "dns/address.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "mail/message_reader.h"
#include "testing/forge.h"

namespace postseal::auth {
namespace {

constexpr int64_t kNow = 1767225600;
constexpr size_t kMebibyte = 1024 * 1024;
constexpr std::string_view kHeader = "From: a@example.com\r\nSubject: hi\r\n\r\n";
// The author's walk: example.com and com.
constexpr size_t kWalkQueries = 2;

const dkim::SigningKey& Key() {
  static const auto key =
      *dkim::SigningKey::FromPem(testing::ReadTestFile("testdata/keys/ed25519.pem"));
  return *key;
}

std::string KeyRecord(std::string_view name) {
  return absl::StrCat(name, ". TXT \"v=DKIM1; k=ed25519; p=", Key().public_key_base64(), "\"\n");
}

// Verify feeds |pieces|, one after the other.
Report Verify(const std::vector<std::string_view>& pieces, std::string_view zone,
              const Options& options = {}, const Envelope& envelope = {}) {
  dns::ZoneResolver resolver;
  const absl::Status status = resolver.AddText(zone, "zone");
  EXPECT_TRUE(status.ok()) << status;
  auto session = *VerifySession::Create(std::make_shared<Options>(options), envelope, kNow);
  for (const std::string_view piece : pieces) EXPECT_TRUE(session->Feed(piece).ok());
  EXPECT_TRUE(session->EndOfMessage().ok());
  dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
  EXPECT_TRUE(session->done());
  return session->report();
}

size_t Count(const Report& report, dkim::Reason reason) {
  size_t count = 0;
  for (const dkim::SignatureReport& signature : report.dkim) count += signature.reason == reason;
  return count;
}

// ReadBack is what a reader of the printed field makes of |report|: without reasons
// and comments, which are for people.
std::string ReadBack(const Report& report) {
  const std::string field = *PrintAuthenticationResults(report, "mx.example.net");
  mail::MessageReader reader;
  EXPECT_EQ(reader.Feed(field + "\r\n"), "");
  EXPECT_EQ(reader.fields().size(), 1u) << field;
  const authres::ParsedField parsed = authres::Parse(reader.fields()[0].value);
  EXPECT_TRUE(parsed.IsValid()) << field;
  EXPECT_EQ(parsed.authserv_id, "mx.example.net");
  std::string out;
  for (const authres::Result& result : parsed.results) {
    absl::StrAppend(&out, out.empty() ? "" : "; ", result.method, "=", result.result);
    for (const authres::Property& property : result.properties) {
      absl::StrAppend(&out, " ", property.ptype, ".", property.property, "=", property.value);
    }
  }
  return out;
}

// Composition Kills, A4 to A7, and the same marks in d=: whatever the sender names,
// a reader finds the results that there are, each with the whole name (RFC 8601 §2.2).
TEST(AttackTest, NamesOfTheSenderAddNothingToTheField) {
  constexpr std::string_view kHelo = "; spf=pass smtp.helo=attack.example";
  constexpr std::string_view kDmarc = "; dmarc=fail header.from=legit.example policy.dmarc=reject";
  const struct {
    std::string mail_from;
    std::string signing_domain;  // none: no signature
    std::string spf;
    std::string dkim;
    const char* why;
  } kCases[] = {
      {"any@attack.example", "legit.example'a.attack.example",
       "spf=pass smtp.mailfrom=attack.example",
       "dkim=permerror header.d=legit.example'a.attack.example", "A4"},
      {"<any@legit.example(a.attack.example>", "", "spf=none", "dkim=none", "A5"},
      {"<any@legit.example'@any.attack.example>", "", "spf=none", "dkim=none", "A6"},
      {"<@legit.example,@any.example:'any@attack.example>", "",
       "spf=pass smtp.mailfrom=attack.example", "dkim=none", "A7: the route is ignored"},
      {"any@attack.example", "legit.example(.attack.example",
       "spf=pass smtp.mailfrom=attack.example",
       "dkim=permerror header.d=legit.example(.attack.example", "a comment begins"},
      {"any@attack.example", "legit.example\"=(.attack.example",
       "spf=pass smtp.mailfrom=attack.example",
       "dkim=permerror header.d=legit.example\"=(.attack.example", "a quoted string begins"},
      {"any@attack.example", "legit.example dkim=pass header.d=legit.example",
       "spf=pass smtp.mailfrom=attack.example",
       "dkim=permerror header.d=legit.example dkim=pass header.d=legit.example", "spaces"},
  };
  const std::string zone =
      "attack.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
      "_dmarc.legit.example. TXT \"v=DMARC1; p=reject\"\n";
  for (const auto& c : kCases) {
    std::string message = "From: admin@legit.example\r\n\r\nHello\r\n";
    std::string properties;
    if (!c.signing_domain.empty()) {
      message = absl::StrCat("DKIM-Signature: v=1; a=ed25519-sha256; d=", c.signing_domain,
                             "; s=s; h=From; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;"
                             " b=AAAA\r\n",
                             message);
      properties = " header.a=ed25519-sha256 header.s=s header.b=AAAA";
    }
    Envelope envelope;
    envelope.client_ip = dns::IpAddress::Parse("192.0.2.1");
    envelope.helo = "attack.example";
    envelope.rfc5321_mail_from = c.mail_from;
    const Report report = Verify({message}, zone, {}, envelope);
    EXPECT_EQ(ReadBack(report), absl::StrCat(c.spf, kHelo, "; ", c.dkim, properties, kDmarc))
        << c.why;
  }
}

// OpenDKIM issue 271, with a key of its own for each signature.
TEST(AttackTest, TenThousandSignatureFields) {
  std::string flood;
  for (int i = 0; i < 10'000; ++i) {
    absl::StrAppend(&flood, "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=f", i,
                    "; h=From; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n");
  }
  const std::string body = "Hello\r\n";
  const Report cut = Verify({flood, kHeader, body}, "");
  EXPECT_NE(cut.header_fault, mail::HeaderFault::kNone);
  EXPECT_EQ(Count(cut, dkim::Reason::kHeaderTooLarge), cut.dkim.size()) << "none is tried";
  EXPECT_EQ(cut.spent.dns_queries, 0u) << "what was not seen may have another author";
  EXPECT_EQ(cut.spent.body_octets_hashed, 0u);

  Options wide;
  wide.header.max_fields = 10'100;
  wide.header.max_header_octets = 2 * kMebibyte;
  const Report whole = Verify({flood, kHeader, body}, "", wide);
  EXPECT_EQ(whole.header_fault, mail::HeaderFault::kNone);
  EXPECT_EQ(whole.spent.signatures, 10'000u);
  EXPECT_EQ(whole.spent.dns_queries, dkim::kMaxSignatures + kWalkQueries);
  EXPECT_EQ(whole.spent.public_key_operations, 0u);
  EXPECT_EQ(whole.spent.body_octets_hashed, body.size()) << "one hash serves all";
  EXPECT_EQ(Count(whole, dkim::Reason::kTooManySignatures), 10'000 - dkim::kMaxSignatures);
}

TEST(AttackTest, TenThousandFields) {
  std::string flood;
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&flood, "X-", i, ": ", i, "\r\n");
  const std::string message = testing::Forge(
      absl::StrCat(kHeader, "Hello\r\n"),
      " v=1; a=ed25519-sha256; d=example.com; s=s; h=From:Subject:From; bh=%bh; b=", Key());
  const Report cut = Verify({flood, message}, KeyRecord("s._domainkey.example.com"));
  EXPECT_EQ(cut.header_fault, mail::HeaderFault::kTooManyFields);
  EXPECT_EQ(cut.DkimResult(), base::Result::kNeutral) << "never none: a signature may be there";
  EXPECT_NE(cut.dmarc->result, base::Result::kPass);
  EXPECT_EQ(cut.spent.dns_queries, 0u);
}

// Every signature is valid, of its own selector, and in one of four canonical forms.
TEST(AttackTest, FiveHundredSignatures) {
  constexpr size_t kSignatures = 500;
  constexpr const char* kForms[] = {"simple/simple", "simple/relaxed", "relaxed/simple",
                                    "relaxed/relaxed"};
  const std::string body = "Hello \t World\r\n";
  std::string message = absl::StrCat(kHeader, body);
  std::string zone;
  for (size_t i = 0; i < kSignatures; ++i) {
    const std::string selector = absl::StrCat("s", i);
    absl::StrAppend(&zone, KeyRecord(absl::StrCat(selector, "._domainkey.example.com")));
    message = testing::Forge(
        message,
        absl::StrCat(" v=1; a=ed25519-sha256; c=", kForms[i % 4], "; d=example.com; s=", selector,
                     "; h=From:Subject:From; bh=%bh; b="),
        Key());
  }
  const Report report = Verify({message}, zone);
  EXPECT_EQ(report.spent.signatures, kSignatures);
  EXPECT_EQ(report.spent.public_key_operations, dkim::kMaxSignatures);
  EXPECT_EQ(report.spent.dns_queries, dkim::kMaxSignatures + kWalkQueries);
  EXPECT_LE(report.spent.body_octets_hashed, 2 * body.size()) << "simple and relaxed";
  EXPECT_EQ(Count(report, dkim::Reason::kVerified), dkim::kMaxSignatures);
  EXPECT_EQ(Count(report, dkim::Reason::kTooManySignatures), kSignatures - dkim::kMaxSignatures);
  EXPECT_EQ(report.dkim.back().result, base::Result::kPass) << "the oldest stands lowest";
  const std::string printed = ReadBack(report);
  size_t results = 0;
  for (size_t at = printed.find("dkim="); at != printed.npos; at = printed.find("dkim=", at + 1)) {
    ++results;
  }
  EXPECT_EQ(results, kMaxPrintedSignatures);
}

// RFC 6376 §3.4.4: white space at the end of a line goes, and any other is one space,
// so that 100 MiB of it hash as almost nothing. No line is kept.
TEST(AttackTest, ALineOfOneHundredMebibytes) {
  constexpr size_t kPieces = 100;
  const std::string spaces(kMebibyte, ' ');
  for (const std::string_view end : {"x\r\n", "\r\n"}) {
    const std::string canonical = end == "x\r\n" ? " x\r\n" : "";
    const std::string message = testing::Forge(
        absl::StrCat(kHeader, canonical),
        " v=1; a=ed25519-sha256; c=simple/relaxed; d=example.com; s=s; h=From:Subject:From;"
        " bh=%bh; b=",
        Key());
    std::vector<std::string_view> pieces = {
        std::string_view(message).substr(0, message.size() - canonical.size())};
    pieces.insert(pieces.end(), kPieces, spaces);
    pieces.push_back(end);
    const Report report = Verify(pieces, KeyRecord("s._domainkey.example.com"));
    ASSERT_EQ(report.dkim.size(), 1u);
    EXPECT_EQ(dkim::InfoOf(report.dkim[0].reason).name, "verified");
    EXPECT_EQ(report.dkim[0].canonical_body_octets, canonical.size());
    EXPECT_EQ(report.spent.body_octets, kPieces * kMebibyte + end.size());
    EXPECT_EQ(report.spent.body_octets_hashed, report.spent.body_octets) << "one pass";
  }
}

}  // namespace
}  // namespace postseal::auth
