#include "dkim/signature.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/arena.h"
#include "dkim/algorithm.h"
#include "dkim/reason.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

// "12345678901234567890123456789012" in base64, as in RFC 6376 §3.5.
constexpr std::string_view kBodyHash = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
constexpr std::string_view kValue =
    " v=1; a=rsa-sha256; d=example.net; s=brisbane; h=From:To;"
    " bh=MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=; b=c2lnbmF0dXJl";

std::string Replaced(std::string_view from, std::string_view to) {
  EXPECT_NE(kValue.find(from), std::string_view::npos) << from;
  return absl::StrReplaceAll(kValue, {{from, to}});
}

// FaultName is the name of the reason why |value| is no signature, "" if it is one.
std::string_view FaultName(std::string_view value) {
  base::Arena arena;
  const ParsedSignature parsed = ParseSignature(&arena, value);
  return parsed.fault.has_value() ? InfoOf(parsed.fault->reason).name : "";
}

TEST(SignatureTest, ReadsTheExampleOfRfc6376) {  // §3.5; its b= is cut there
  base::Arena arena;
  const ParsedSignature parsed =
      ParseSignature(&arena,
                     " v=1; a=rsa-sha256; d=example.net; s=brisbane;\r\n"
                     "   c=simple; q=dns/txt; i=@eng.example.net;\r\n"
                     "   t=1117574938; x=1118006938;\r\n"
                     "   h=from:to:subject:date;\r\n"
                     "   z=From:foo@eng.example.net|To:joe@example.com|\r\n"
                     "    Subject:demo=20run|Date:July=205,=202005=203:44:08=20PM=20-0700;\r\n"
                     "   bh=MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=;\r\n"
                     "   b=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR");
  ASSERT_FALSE(parsed.fault.has_value()) << parsed.fault->detail;
  const Signature& signature = parsed.signature;
  EXPECT_EQ(signature.algorithm, SignatureAlgorithm::kRsaSha256);
  EXPECT_EQ(signature.algorithm_text, "rsa-sha256");
  EXPECT_EQ(signature.header_canon, HeaderCanon::kSimple);
  EXPECT_EQ(signature.body_canon, BodyCanon::kSimple);
  EXPECT_EQ(signature.domain_text, "example.net");
  EXPECT_EQ(signature.domain.text(), "example.net");
  EXPECT_EQ(signature.selector_text, "brisbane");
  EXPECT_EQ(signature.key_name.text(), "brisbane._domainkey.example.net");
  EXPECT_EQ(signature.identity, "@eng.example.net");
  EXPECT_EQ(signature.identity_domain.text(), "eng.example.net");
  EXPECT_EQ(absl::StrJoin(signature.signed_names, ","), "from,to,subject,date");
  EXPECT_EQ(signature.body_hash, "12345678901234567890123456789012");
  EXPECT_EQ(signature.signature.size(), 48u) << "64 characters of base64";
  EXPECT_EQ(signature.body_length, std::nullopt);
  EXPECT_EQ(signature.timestamp, 1117574938);
  EXPECT_EQ(signature.expiration, 1118006938);
  EXPECT_EQ(signature.copied_fields,
            "From:foo@eng.example.net|To:joe@example.com|\r\n"
            "    Subject:demo=20run|Date:July=205,=202005=203:44:08=20PM=20-0700");
}

TEST(SignatureTest, ReadsAppendixA2OfRfc6376) {
  base::Arena arena;
  constexpr std::string_view kB =
      "AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n"
      "        4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"
      "        KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n"
      "        4bmp/YzhwvcubU4=";
  const std::string value = absl::StrCat(
      " v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"
      "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"
      "      h=Received : From : To : Subject : Date : Message-ID;\r\n"
      "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      "      b=",
      kB, ";");
  const ParsedSignature parsed = ParseSignature(&arena, value);
  ASSERT_FALSE(parsed.fault.has_value()) << parsed.fault->detail;
  EXPECT_EQ(parsed.signature.key_name.text(), "brisbane._domainkey.example.com") << "A.3";
  EXPECT_EQ(parsed.signature.identity, "joe@football.example.com");
  EXPECT_EQ(absl::StrJoin(parsed.signature.signed_names, ","),
            "Received,From,To,Subject,Date,Message-ID");
  EXPECT_EQ(parsed.signature.body_hash.size(), 32u);
  EXPECT_EQ(parsed.signature.signature.size(), 128u) << "a key of 1024 bits";
  EXPECT_EQ(parsed.signature.signature_text, kB);
  EXPECT_EQ(parsed.signature.raw_signature, kB);
  EXPECT_EQ(parsed.signature.timestamp, std::nullopt);
  EXPECT_EQ(parsed.signature.expiration, std::nullopt);
  EXPECT_EQ(parsed.signature.copied_fields, std::nullopt);
}

TEST(SignatureTest, HasDefaults) {  // RFC 6376 §3.5 c=, i=, l=
  base::Arena arena;
  const ParsedSignature parsed = ParseSignature(&arena, kValue);
  ASSERT_FALSE(parsed.fault.has_value()) << parsed.fault->detail;
  EXPECT_EQ(parsed.signature.header_canon, HeaderCanon::kSimple);
  EXPECT_EQ(parsed.signature.body_canon, BodyCanon::kSimple);
  EXPECT_EQ(parsed.signature.identity, std::nullopt);
  EXPECT_EQ(parsed.signature.identity_domain.text(), "example.net");
  EXPECT_EQ(parsed.signature.body_length, std::nullopt);
  EXPECT_EQ(parsed.signature.signature, "signature");
}

TEST(SignatureTest, Canonicalization) {  // RFC 6376 §3.5 c=
  const struct {
    std::string_view text;
    std::optional<HeaderCanon> header;
    BodyCanon body = BodyCanon::kSimple;
  } cases[] = {
      {"simple", HeaderCanon::kSimple},
      {"relaxed", HeaderCanon::kRelaxed},
      {"simple/simple", HeaderCanon::kSimple},
      {"simple/relaxed", HeaderCanon::kSimple, BodyCanon::kRelaxed},
      {"relaxed/simple", HeaderCanon::kRelaxed},
      {"relaxed/relaxed", HeaderCanon::kRelaxed, BodyCanon::kRelaxed},
      {"", std::nullopt},
      {"/", std::nullopt},
      {"relaxed/", std::nullopt},
      {"/relaxed", std::nullopt},
      {"relaxed/relaxed/relaxed", std::nullopt},
      {"relaxed / relaxed", std::nullopt},
      {"Relaxed", std::nullopt},
      {"nowsp", std::nullopt},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    const std::string value = Replaced(" h=", absl::StrCat(" c=", c.text, "; h="));
    const ParsedSignature parsed = ParseSignature(&arena, value);
    if (!c.header.has_value()) {
      ASSERT_TRUE(parsed.fault.has_value()) << c.text;
      EXPECT_EQ(parsed.fault->reason, Reason::kUnsupportedCanonicalization) << c.text;
      continue;
    }
    EXPECT_FALSE(parsed.fault.has_value()) << c.text;
    EXPECT_EQ(parsed.signature.header_canon, *c.header) << c.text;
    EXPECT_EQ(parsed.signature.body_canon, c.body) << c.text;
  }
}

TEST(SignatureTest, NamesEachFaultWithItsOffset) {
  const struct {
    std::string_view value;
    Reason reason;
    size_t offset;
    const char* why;
  } cases[] = {
      {"", Reason::kSignatureSyntax, 0, "nothing"},
      {" v=1; d=a.example; s=s; s=s", Reason::kDuplicateTag, 24, "§3.2 ¶8"},
      {" v=1; ;", Reason::kSignatureSyntax, 6, "an empty tag-spec"},
      {" v=1; a=rsa-sha256; b\x01", Reason::kSignatureSyntax, 21, "no \"=\""},
      {" v=2; a=b", Reason::kUnsupportedVersion, 1, "§6.1.1 ¶3 before what else is wrong"},
      {" a=rsa-sha256; v=", Reason::kUnsupportedVersion, 15, "v= needs a digit"},
      {" a=rsa-sha256", Reason::kMissingTag, 0, "v= is required"},
      {" v=1; a=rsa-md5; d=a.example; s=s; h=from; bh=AAAA; b=AA==", Reason::kUnsupportedAlgorithm,
       6, "§3.3"},
      {" v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA; b=AA==", Reason::kBadTagValue, 46,
       "3 octets are no SHA-256 hash"},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    const ParsedSignature parsed = ParseSignature(&arena, c.value);
    ASSERT_TRUE(parsed.fault.has_value()) << c.why;
    EXPECT_EQ(InfoOf(parsed.fault->reason).name, InfoOf(c.reason).name) << c.why;
    EXPECT_EQ(parsed.fault->offset, c.offset) << c.why;
    EXPECT_FALSE(parsed.fault->detail.empty()) << c.why;
  }
  // Each faulty value points at its tag.
  const struct {
    std::string_view from;
    std::string_view to;
    Reason reason;
  } replaced[] = {
      {"a=rsa-sha256", "a=rsa", Reason::kUnsupportedAlgorithm},
      {"d=example.net", "d=-", Reason::kBadDomain},
      {"d=example.net", "d=net", Reason::kBadDomain},
      {"s=brisbane", "s=a b", Reason::kBadSelector},
      {"s=brisbane", "s=.", Reason::kBadSelector},
      {"s=brisbane", "s=s.", Reason::kBadSelector},
      {"h=From:To", "h=To", Reason::kFromNotSigned},
      {"h=From:To", "h=From To", Reason::kBadTagValue},
      {"h=From:To", "h=From:", Reason::kBadTagValue},
      {"h=From:To", "h=:From", Reason::kBadTagValue},
      {"h=From:To", "h=From: :To", Reason::kBadTagValue},
      {"h=From:To", "h=From:T\xc3\xb6", Reason::kBadTagValue},
      {"bh=M", "bh=*", Reason::kBadTagValue},
      {"b=c2lnbmF0dXJl", "b=", Reason::kBadTagValue},
      {"b=c2lnbmF0dXJl", "b=c2l*", Reason::kBadTagValue},
      {"b=c2lnbmF0dXJl", "b=c2lnb", Reason::kBadTagValue},
      {"h=From:To", "i=@example.com; h=From:To", Reason::kDomainMismatch},
      {"h=From:To", "i=example.net; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "i=a@b@; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "i=a=4; h=From:To", Reason::kBadTagValue},
      // Local-part: RFC 5321 §4.1.2
      {"h=From:To", "i=a@b@example.net; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "i=a=20b@example.net; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "i=.a@example.net; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "i=<a@example.net; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "i=\"a@example.net; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "i=\"a\"b@example.net; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "i=a=00@example.net; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "i=a=0D=0Ab@example.net; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "i=a=FF@example.net; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "i=@a@example.net; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "q=dns; h=From:To", Reason::kUnsupportedQueryMethod},
      {"h=From:To", "q=; h=From:To", Reason::kUnsupportedQueryMethod},
      {"h=From:To", "q=dns/txt/x; h=From:To", Reason::kUnsupportedQueryMethod},
      {"h=From:To", "t=; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "t=1 2; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "x=+1; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "l=0x1; h=From:To", Reason::kBadTagValue},
      {"h=From:To", "l=; h=From:To", Reason::kBadTagValue},
  };
  for (const auto& c : replaced) {
    base::Arena arena;
    const std::string value = Replaced(c.from, c.to);
    const ParsedSignature parsed = ParseSignature(&arena, value);
    ASSERT_TRUE(parsed.fault.has_value()) << c.to;
    EXPECT_EQ(InfoOf(parsed.fault->reason).name, InfoOf(c.reason).name) << c.to;
    EXPECT_EQ(parsed.fault->offset, value.find(c.to)) << c.to;
  }
}

TEST(SignatureTest, NamesTheDomainOfABrokenSignature) {
  const struct {
    std::string_view value;
    std::string_view domain;
    std::string_view key_name;
  } cases[] = {
      {" v=2; d=example.net; s=s", "example.net", "s._domainkey.example.net"},
      {" d=example.net; s=s", "example.net", "s._domainkey.example.net"},
      {" v=1; d=example.net; d=example.net", "example.net", ""},
      {" v=1; s=s; d=example.net; a\x01", "example.net", "s._domainkey.example.net"},
      {" v=1; s=s", "", ""},
      {" v=1; d=..; s=s", "", ""},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    const ParsedSignature parsed = ParseSignature(&arena, c.value);
    EXPECT_TRUE(parsed.fault.has_value()) << c.value;
    EXPECT_EQ(parsed.signature.domain.text(), c.domain) << c.value;
    EXPECT_EQ(parsed.signature.key_name.text(), c.key_name) << c.value;
  }
}

TEST(SignatureTest, RequiresItsTags) {  // RFC 6376 §6.1.1 ¶4
  for (const std::string_view tag :
       {" v=1;", " a=rsa-sha256;", " d=example.net;", " s=brisbane;", " h=From:To;",
        " bh=MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=;", " b=c2lnbmF0dXJl"}) {
    EXPECT_EQ(FaultName(Replaced(tag, "")), "missing-tag") << tag;
  }
}

TEST(SignatureTest, RawSignatureIsAllBetweenEqualsAndSemicolon) {  // RFC 6376 §3.7 ¶2
  const struct {
    std::string_view tag;
    std::string_view raw;
  } cases[] = {
      {" b=c2ln", "c2ln"},
      {" b = c2ln ", " c2ln "},
      {" b\t=\r\n c2\r\n ln\r\n ; x=1", "\r\n c2\r\n ln\r\n "},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    const std::string value = Replaced(" b=c2lnbmF0dXJl", c.tag);
    const ParsedSignature parsed = ParseSignature(&arena, value);
    EXPECT_FALSE(parsed.fault.has_value()) << c.tag;
    EXPECT_EQ(parsed.signature.raw_signature, c.raw);
    EXPECT_EQ(parsed.signature.signature, "sig");
  }
}

TEST(SignatureTest, DomainsAndSelectorsReachTheirLimits) {  // RFC 1035 §2.3.4
  const std::string label(63, 'x');
  const std::string tail = absl::StrCat(".", label, ".", label);
  // "s._domainkey." and the domain are 253 octets, then 254.
  const std::string longest = std::string(63, 'd') + std::string(".") + std::string(48, 'd') + tail;
  ASSERT_EQ(longest.size() + std::string_view("s._domainkey.").size(), 253u);
  EXPECT_EQ(FaultName(Replaced("d=example.net; s=brisbane", absl::StrCat("d=", longest, "; s=s"))),
            "");
  EXPECT_EQ(FaultName(Replaced("d=example.net; s=brisbane", absl::StrCat("d=", longest, "; s=st"))),
            "bad-selector");
  EXPECT_EQ(FaultName(Replaced("s=brisbane", absl::StrCat("s=", label))), "");
  EXPECT_EQ(FaultName(Replaced("s=brisbane", absl::StrCat("s=", label, "x"))), "bad-selector");
}

TEST(SignatureTest, LengthsAreClamped) {  // RFC 6376 §3.5 l=
  const struct {
    std::string text;
    std::optional<uint64_t> octets;
  } cases[] = {
      {"0", 0},
      {"00010", 10},
      {"18446744073709551615", UINT64_MAX},
      {"18446744073709551616", UINT64_MAX},
      {std::string(kMaxLengthDigits, '1'), UINT64_MAX},
      {std::string(kMaxLengthDigits, '0'), 0},
      {std::string(kMaxLengthDigits + 1, '0'), std::nullopt},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    const std::string value = Replaced(" h=", absl::StrCat(" l=", c.text, "; h="));
    const ParsedSignature parsed = ParseSignature(&arena, value);
    EXPECT_EQ(parsed.fault.has_value(), !c.octets.has_value()) << c.text;
    EXPECT_EQ(parsed.signature.body_length, c.octets) << c.text;
  }
}

TEST(SignatureTest, LongTimesAreInfinite) {  // RFC 6376 §3.5 t=
  const struct {
    std::string_view text;
    int64_t seconds;
  } cases[] = {
      {"0", 0},
      {"000000000001", 1},
      {"999999999999", 999999999999},
      {"1000000000000", kInfiniteTime},
      {"99999999999999999999999999999999", kInfiniteTime},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    const std::string value = Replaced(" h=", absl::StrCat(" t=", c.text, "; x=", c.text, "; h="));
    const ParsedSignature parsed = ParseSignature(&arena, value);
    EXPECT_FALSE(parsed.fault.has_value()) << c.text;
    EXPECT_EQ(parsed.signature.timestamp, c.seconds) << c.text;
    EXPECT_EQ(parsed.signature.expiration, c.seconds) << c.text;
  }
}

TEST(SignatureTest, BoundsTheNames) {
  const auto with = [](size_t count) {
    return Replaced(
        "h=From:To",
        absl::StrCat("h=", absl::StrJoin(std::vector<std::string>(count, "from"), ":")));
  };
  EXPECT_EQ(FaultName(with(kMaxSignedNames)), "");
  EXPECT_EQ(FaultName(with(kMaxSignedNames + 1)), "too-many-names");
}

TEST(SignatureTest, IdentityMayBeQuotedPrintable) {  // RFC 6376 §2.11, §3.5 i=
  const struct {
    std::string_view text;
    std::string_view identity;
  } cases[] = {
      {"joe@example.net", "joe@example.net"},
      {"j=6Fe=40example.net", "joe@example.net"},
      {"\"a=20b\"@example.net", "\"a b\"@example.net"},
      {"joe\r\n @\r\n example.net", "joe@example.net"},
      {"=22=3D=3B=22@EXAMPLE.net", "\"=;\"@EXAMPLE.net"},
      {"a..b@example.net", "a..b@example.net"},
      {"a.@example.net", "a.@example.net"},
      {"@example.net", "@example.net"},
      {"\"a@b\"@sub.example.net", "\"a@b\"@sub.example.net"},
      {"=C3=BC@example.net", "\xc3\xbc@example.net"},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    const std::string value = Replaced(" h=", absl::StrCat(" i=", c.text, "; h="));
    const ParsedSignature parsed = ParseSignature(&arena, value);
    EXPECT_FALSE(parsed.fault.has_value()) << c.text;
    EXPECT_EQ(parsed.signature.identity, c.identity) << c.text;
  }
}

TEST(QuotedPrintableTest, Decodes) {  // RFC 6376 §2.11
  const struct {
    std::string_view text;
    std::optional<std::string_view> octets;
    const char* why;
  } cases[] = {
      {"", "", "nothing"},
      {"abc", "abc", "dkim-safe-char stands for itself"},
      {"demo=20run", "demo run", "§3.5"},
      {"=3D=3B=7C", "=;|", "what must be encoded"},
      {"=00=FF", std::string_view("\0\xff", 2), "any octet may be encoded"},
      {"a b\tc\r\n d", "abcd", "white space is no part of the value"},
      {"=3\r\n D", "=", "it is removed before decoding, wherever it stands"},
      {"=\r\n\t3D", "=", "even after the \"=\""},
      {"=3d", "=", "lower case is taken [choice]"},
      {"=", std::nullopt, "no digits"},
      {"a=4", std::nullopt, "one digit"},
      {"=4 ", std::nullopt, "one digit and white space"},
      {"=G0", std::nullopt, "no hexadecimal digit"},
      {"=0G", std::nullopt, "nor a second one"},
      {"==3D", std::nullopt, "an \"=\" must be encoded"},
      {"a=\r\nb", std::nullopt, "there is no soft line break"},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    EXPECT_EQ(DecodeQuotedPrintable(&arena, c.text), c.octets) << c.why;
  }
}

TEST(QuotedPrintableTest, EncodesWhatIsNotSafe) {  // RFC 6376 §2.11
  for (int octet = 0; octet < 256; ++octet) {
    const std::string text(1, static_cast<char>(octet));
    const bool safe = (octet >= 0x21 && octet <= 0x3A) || octet == 0x3C ||
                      (octet >= 0x3E && octet <= 0x7E && octet != '|');
    const std::string encoded = EncodeQuotedPrintable(text);
    if (safe) {
      EXPECT_EQ(encoded, text);
      continue;
    }
    constexpr std::string_view kHex = "0123456789ABCDEF";
    const auto at = static_cast<size_t>(octet);
    EXPECT_EQ(encoded, absl::StrCat("=", kHex.substr(at / 16, 1), kHex.substr(at % 16, 1)));
  }
  EXPECT_EQ(EncodeQuotedPrintable("demo run; a|b"), "demo=20run=3B=20a=7Cb");
}

TEST(QuotedPrintableTest, RoundTrips) {
  std::string all;
  for (int octet = 0; octet < 256; ++octet) all.push_back(static_cast<char>(octet));
  base::Arena arena;
  EXPECT_EQ(DecodeQuotedPrintable(&arena, EncodeQuotedPrintable(all)), all);
}

TEST(ParseDomainTest, TakesDomainNames) {
  const struct {
    std::string_view text;
    std::optional<std::string_view> name;
  } cases[] = {
      {"example.com", "example.com"},
      {"EXAMPLE.Com", "example.com"},
      {"com", "com"},
      {"_a.b-c.example", "_a.b-c.example"},
      {"xn--bcher-kva.example", "xn--bcher-kva.example"},
      {"b\xc3\xbc"
       "cher.example",
       "xn--bcher-kva.example"},
      {"", std::nullopt},
      {".", std::nullopt},
      {"example.com.", std::nullopt},
      {".example.com", std::nullopt},
      {"a..b", std::nullopt},
      {"a b", std::nullopt},
      {"[192.0.2.1]", std::nullopt},
      {"a@b.example", std::nullopt},
      {"\xff.example", std::nullopt},
      {"b\xc3\xbc.example.", std::nullopt},
  };
  for (const auto& c : cases) {
    const std::optional<dns::Name> name = ParseDomain(c.text);
    EXPECT_EQ(name.has_value(), c.name.has_value()) << c.text;
    if (name.has_value() && c.name.has_value()) {
      EXPECT_EQ(name->text(), *c.name);
    }
  }
}

TEST(SignatureTest, OneHashSizeForEachAlgorithm) {  // RFC 6376 §3.5 bh=
  constexpr std::string_view kSha1Size = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=";
  EXPECT_EQ(FaultName(Replaced(kBodyHash, kSha1Size)), "bad-tag-value");
  EXPECT_EQ(FaultName(Replaced("a=rsa-sha256", "a=rsa-sha1")), "bad-tag-value");
  const std::string sha1 =
      absl::StrReplaceAll(kValue, {{"rsa-sha256", "rsa-sha1"}, {kBodyHash, kSha1Size}});
  EXPECT_EQ(FaultName(sha1), "") << "whether SHA-1 counts is a matter of policy";
  EXPECT_EQ(FaultName(Replaced("a=rsa-sha256", "a=ed25519-sha256")), "") << "RFC 8463 §3";
  EXPECT_EQ(FaultName(Replaced("a=rsa-sha256", "a=ed25519-sha1")), "unsupported-algorithm");
}

}  // namespace
}  // namespace postseal::dkim
