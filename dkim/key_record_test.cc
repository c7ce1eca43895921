#include "dkim/key_record.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dkim/algorithm.h"
#include "dkim/reason.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

KeyRecord Parsed(std::string_view text) {
  const ParsedKeyRecord parsed = ParseKeyRecord(text);
  EXPECT_FALSE(parsed.fault.has_value()) << text << ": " << parsed.fault->detail;
  return parsed.record;
}

TEST(KeyRecordTest, HasDefaults) {  // RFC 6376 §3.6.1
  const KeyRecord record = Parsed("p=AAAA");
  EXPECT_FALSE(record.has_version);
  EXPECT_EQ(record.key_type, KeyType::kRsa);
  EXPECT_EQ(record.key_type_text, "rsa");
  EXPECT_TRUE(record.Allows(HashAlgorithm::kSha1));
  EXPECT_TRUE(record.Allows(HashAlgorithm::kSha256));
  EXPECT_TRUE(record.for_email);
  EXPECT_EQ(record.services, std::nullopt);
  EXPECT_TRUE(record.AllowsService("email"));
  EXPECT_TRUE(record.AllowsService("tlsrpt"));
  EXPECT_FALSE(record.testing);
  EXPECT_FALSE(record.forbids_subdomains);
  EXPECT_EQ(record.notes, std::nullopt);
  EXPECT_EQ(record.public_key, "AAAA");
}

TEST(KeyRecordTest, ReadsEveryTag) {
  const KeyRecord record = Parsed(
      "v = DKIM1 ; h\t=\tsha256 : sha3; k=ed25519; n = call =3B me; p = AA BB\tCC ; "
      "s = tlsrpt : email; t = y\t: s : q; x = ignored; g=");
  EXPECT_TRUE(record.has_version);
  EXPECT_EQ(record.key_type, KeyType::kEd25519);
  EXPECT_FALSE(record.Allows(HashAlgorithm::kSha1));
  EXPECT_TRUE(record.Allows(HashAlgorithm::kSha256));
  EXPECT_EQ(record.notes, "call =3B me");
  EXPECT_EQ(record.public_key, "AA BB\tCC");
  EXPECT_EQ(record.services, "tlsrpt : email");
  EXPECT_TRUE(record.for_email);
  EXPECT_TRUE(record.testing);
  EXPECT_TRUE(record.forbids_subdomains);
}

TEST(KeyRecordTest, Lists) {
  const struct {
    std::string_view text;
    bool sha1;
    bool sha256;
    bool email;
    bool tlsrpt;
    const char* why;
  } cases[] = {
      {"p=", true, true, true, true, "all by default"},
      {"h=sha1; p=", true, false, true, true, "one hash"},
      {"h=sha256:sha1; p=", true, true, true, true, "both"},
      {"h=; p=", false, false, true, true, "an empty list lists nothing"},
      {"h=SHA256; p=", false, false, true, true, "values are case-sensitive (§3.2 ¶7)"},
      {"h=sha3:sha512; p=", false, false, true, true, "unrecognized ones are ignored"},
      {"s=*; p=", true, true, true, true, "* matches all"},
      {"s=email; p=", true, true, true, false, "one service"},
      {"s=other:*; p=", true, true, true, true, "* among others"},
      {"s=tlsrpt; p=", true, true, false, true, "RFC 8460 §3"},
      {"s=; p=", true, true, false, false, "an empty list lists nothing"},
      {"s=emails; p=", true, true, false, false, "not a prefix"},
      {"s=\r\n email\r\n :x; p=", true, true, true, false, "FWS around the colons"},
  };
  for (const auto& c : cases) {
    const KeyRecord record = Parsed(c.text);
    EXPECT_EQ(record.Allows(HashAlgorithm::kSha1), c.sha1) << c.why;
    EXPECT_EQ(record.Allows(HashAlgorithm::kSha256), c.sha256) << c.why;
    EXPECT_EQ(record.for_email, c.email) << c.why;
    EXPECT_EQ(record.AllowsService("email"), c.email) << c.why;
    EXPECT_EQ(record.AllowsService("tlsrpt"), c.tlsrpt) << c.why;
  }
}

TEST(KeyRecordTest, Flags) {  // RFC 6376 §3.6.1 t=
  const struct {
    std::string_view text;
    bool testing;
    bool strict;
  } cases[] = {
      {"t=y; p=", true, false},    {"t=s; p=", false, true},   {"t=y:s; p=", true, true},
      {"t=s : y; p=", true, true}, {"t=ys; p=", false, false}, {"t=Y; p=", false, false},
      {"t=; p=", false, false},    {"t=x:s; p=", false, true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Parsed(c.text).testing, c.testing) << c.text;
    EXPECT_EQ(Parsed(c.text).forbids_subdomains, c.strict) << c.text;
  }
}

TEST(KeyRecordTest, UnknownKeyTypesAreKept) {  // RFC 6376 §3.6.1 k=
  for (const std::string_view type : {"mldsa44", "RSA", ""}) {
    const std::string text = "k=" + std::string(type) + "; p=AA";
    const KeyRecord record = Parsed(text);
    EXPECT_EQ(record.key_type, std::nullopt);
    EXPECT_EQ(record.key_type_text, type);
  }
}

TEST(KeyRecordTest, NamesEachFaultWithItsOffset) {
  const struct {
    std::string_view text;
    Reason reason;
    size_t offset;
    const char* why;
  } cases[] = {
      {"", Reason::kKeySyntax, 0, "no tag-list"},
      {"v=DKIM1", Reason::kKeySyntax, 7, "p= is required"},
      {"v=DKIM1; k=rsa;", Reason::kKeySyntax, 15, "p= is required"},
      {"P=AAAA", Reason::kKeySyntax, 6, "P= is another tag"},
      {"v=DKIM1.0; p=", Reason::kKeyVersion, 0, "a string comparison (§3.6.1 v=)"},
      {"v=dkim1; p=", Reason::kKeyVersion, 0, "with case"},
      {"v=; p=", Reason::kKeyVersion, 0, "an empty v= is not DKIM1"},
      {"p=; v=DKIM1", Reason::kKeyVersion, 4, "v= must be first"},
      {"v=spf1 -all", Reason::kKeyVersion, 0, "a wildcard's SPF record"},
      {"v=DMARC1; p=none; ; ", Reason::kKeyVersion, 0, "or its DMARC record"},
      {"v=DKIM1; p=AA; p=BB", Reason::kKeySyntax, 15, "a tag twice (§3.2 ¶8)"},
      {"v=DKIM1; p=AA; ;", Reason::kKeySyntax, 15, "an empty tag-spec"},
      {"v=DKIM1; p", Reason::kKeySyntax, 10, "no \"=\""},
      {"v=DKIM1; p=A\x01", Reason::kKeySyntax, 12, "a control"},
  };
  for (const auto& c : cases) {
    const ParsedKeyRecord parsed = ParseKeyRecord(c.text);
    ASSERT_TRUE(parsed.fault.has_value()) << c.why;
    EXPECT_EQ(InfoOf(parsed.fault->reason).name, InfoOf(c.reason).name) << c.why;
    EXPECT_EQ(parsed.fault->offset, c.offset) << c.why;
    EXPECT_FALSE(parsed.fault->detail.empty()) << c.why;
  }
}

TEST(KeyRecordTest, PrintsWhatItParsed) {
  const struct {
    std::string_view text;
    std::string_view printed;
  } cases[] = {
      {"p=", "k=rsa; p="},
      {"v=DKIM1; p=AAAA", "v=DKIM1; k=rsa; p=AAAA"},
      {"v=DKIM1;h=sha256;k=ed25519;t=s:y;s=email;n=hi;p=AA",
       "v=DKIM1; h=sha256; k=ed25519; n=hi; t=y:s; s=email; p=AA"},
      {"h=sha1; t=s; p=AA", "h=sha1; k=rsa; t=s; p=AA"},
      {"h=sha1:sha256; p=AA", "k=rsa; p=AA"},
      {"h=other; p=AA", "h=; k=rsa; p=AA"},
      {"k=mldsa44; p=AA;", "k=mldsa44; p=AA"},
  };
  for (const auto& c : cases) {
    const std::string printed = PrintKeyRecord(Parsed(c.text));
    EXPECT_EQ(printed, c.printed);
    EXPECT_EQ(PrintKeyRecord(Parsed(printed)), printed) << "a fixed point";
  }
}

}  // namespace
}  // namespace postseal::dkim
