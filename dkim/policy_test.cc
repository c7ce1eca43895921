#include "dkim/policy.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "dkim/algorithm.h"
#include "dkim/header_index.h"
#include "dkim/key_record.h"
#include "dkim/reason.h"
#include "dkim/signature.h"
#include "gtest/gtest.h"
#include "mail/message_reader.h"

namespace postseal::dkim {
namespace {

constexpr int64_t kNow = 1767225600;

// Name is the reason's name, "" for none.
std::string_view Name(std::optional<Reason> reason) {
  return reason.has_value() ? InfoOf(*reason).name : "";
}

TEST(PolicyTest, ChecksTheClock) {  // RFC 6376 §3.5 t=, x=
  const struct {
    std::optional<int64_t> timestamp;
    std::optional<int64_t> expiration;
    std::string_view reason;
    const char* why;
  } cases[] = {
      {std::nullopt, std::nullopt, "", "neither is required"},
      {kNow, kNow + 1, "", "x= is later than t="},
      {kNow, kNow, "expiration-before-timestamp", "x= MUST be greater than t="},
      {kNow, kNow - 1, "expiration-before-timestamp", "before it"},
      {std::nullopt, kNow - kClockSkewSeconds, "", "the fudge factor"},
      {std::nullopt, kNow - kClockSkewSeconds - 1, "expired", "and one more"},
      {std::nullopt, 0, "expired", "1970"},
      {kNow + kFutureSkewSeconds, std::nullopt, "", "a clock of another zone"},
      {kNow + kFutureSkewSeconds + 1, std::nullopt, "future-timestamp", "and one more"},
      {kInfiniteTime, std::nullopt, "future-timestamp", "infinity is in the future"},
      {std::nullopt, kInfiniteTime, "", "never expires"},
      {kNow, kInfiniteTime, "", "later than any t="},
      {kInfiniteTime, kInfiniteTime, "future-timestamp", "x= is no fault here"},
  };
  for (const auto& c : cases) {
    Signature signature;
    signature.algorithm = SignatureAlgorithm::kRsaSha256;
    signature.timestamp = c.timestamp;
    signature.expiration = c.expiration;
    EXPECT_EQ(Name(CheckSignature(VerifyOptions(), signature, kNow)), c.reason) << c.why;
  }
}

TEST(PolicyTest, TheClockNeverOverflows) {
  constexpr int64_t kLast = std::numeric_limits<int64_t>::max();
  for (const int64_t now : {int64_t{0}, kLast}) {
    for (const int64_t time : {int64_t{0}, int64_t{999999999999}, kInfiniteTime}) {
      Signature signature;
      signature.algorithm = SignatureAlgorithm::kRsaSha256;
      signature.timestamp = time;
      const bool future = now == 0 && time > 0;
      EXPECT_EQ(Name(CheckSignature(VerifyOptions(), signature, now)),
                future ? "future-timestamp" : "")
          << now << " " << time;
    }
  }
}

TEST(PolicyTest, RefusesRsaSha1) {  // RFC 8301 §3.1
  Signature signature;
  signature.algorithm = SignatureAlgorithm::kRsaSha1;
  VerifyOptions options;
  EXPECT_EQ(Name(CheckSignature(options, signature, kNow)), "rsa-sha1");
  options.allow_rsa_sha1 = true;
  EXPECT_EQ(Name(CheckSignature(options, signature, kNow)), "");
}

TEST(PolicyTest, ChecksKeyRecords) {  // RFC 6376 §3.6.1, §6.1.2
  const struct {
    std::string_view record;
    std::string_view identity_domain;
    std::string_view service;
    std::string_view reason;
  } cases[] = {
      {"p=AA", "a.example", "email", ""},
      {"h=sha1; p=AA", "a.example", "email", "key-hash-mismatch"},
      {"h=sha1:sha256; p=AA", "a.example", "email", ""},
      {"p=", "a.example", "email", "key-revoked"},
      {"k=ed25519; p=", "a.example", "email", "key-revoked"},
      {"k=ed25519; p=AA", "a.example", "email", "key-type-mismatch"},
      {"k=x; p=AA", "a.example", "email", "key-type-mismatch"},
      {"s=tlsrpt; p=AA", "a.example", "email", "key-service-mismatch"},
      {"s=tlsrpt; p=AA", "a.example", "tlsrpt", ""},
      {"s=*; p=AA", "a.example", "tlsrpt", ""},
      {"s=email; p=AA", "a.example", "tlsrpt", "key-service-mismatch"},
      {"t=s; p=AA", "a.example", "email", ""},
      {"t=s; p=AA", "b.a.example", "email", "key-forbids-subdomain"},
      {"t=y; p=AA", "b.a.example", "email", ""},
  };
  for (const auto& c : cases) {
    Signature signature;
    signature.algorithm = SignatureAlgorithm::kRsaSha256;
    signature.domain = *ParseDomain("a.example");
    signature.identity_domain = *ParseDomain(c.identity_domain);
    VerifyOptions options;
    options.service = c.service;
    const ParsedKeyRecord parsed = ParseKeyRecord(c.record);
    ASSERT_FALSE(parsed.fault.has_value()) << c.record;
    EXPECT_EQ(Name(CheckKeyRecord(options, parsed.record, signature)), c.reason) << c.record;
  }
}

TEST(PolicyTest, ChecksCoverage) {  // RFC 6376 §8.2, §8.15
  const struct {
    std::string_view header;
    std::vector<std::string_view> names;
    std::optional<uint64_t> length;
    std::string_view reason;
    const char* why;
  } cases[] = {
      {"From: a\r\n\r\n", {"from"}, std::nullopt, "", "all is covered"},
      {"From: a\r\n\r\n", {"From", "from"}, 10, "", "l= is the whole body"},
      {"From: a\r\n\r\n", {"From"}, 9, "partial-body", "an octet less"},
      {"From: a\r\n\r\n", {"From"}, 0, "partial-body", "nothing"},
      {"From: a\r\nFROM : b\r\n\r\n", {"From"}, std::nullopt, "unsigned-from", "one more From"},
      {"From: a\r\nfrom: b\r\n\r\n", {"From", "FROM"}, std::nullopt, "", "both are signed"},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    mail::MessageReader reader;
    reader.Feed(c.header);
    const HeaderIndex header(&arena, reader.fields());
    Signature signature;
    signature.signed_names = c.names;
    signature.body_length = c.length;
    VerifyOptions options;
    EXPECT_EQ(Name(CheckCoverage(options, signature, header, 10)), c.reason) << c.why;
    options.allow_partial_body = options.allow_unsigned_from = true;
    // l=0 covers nothing, and no option makes that enough.
    EXPECT_EQ(Name(CheckCoverage(options, signature, header, 10)),
              c.length == 0u ? "partial-body" : "")
        << c.why;
  }
}

TEST(PolicyTest, CountsSignedNames) {
  const std::vector<std::string_view> names = {"From", "to", "FROM", "Fro", "Fromm"};
  Signature signature;
  signature.signed_names = names;
  EXPECT_EQ(CountSigned(signature, "from"), 2u);
  EXPECT_EQ(CountSigned(signature, "TO"), 1u);
  EXPECT_EQ(CountSigned(signature, "cc"), 0u);
}

TEST(PolicyTest, TheLimits) {
  EXPECT_EQ(kMaxSignatures, 10u);
  EXPECT_EQ(kMaxKeyRecords, 4u);
  EXPECT_EQ(kMaxPublicKeyOperations, 20u);
  EXPECT_EQ(kClockSkewSeconds, 300);
  EXPECT_EQ(kFutureSkewSeconds, 86400);
}

// Each allow_ member loosens a rule, and diagnosing costs: none is on unasked.
TEST(PolicyTest, TheDefaultsAreSafe) {
  const VerifyOptions options;
  EXPECT_FALSE(options.allow_rsa_sha1);
  EXPECT_FALSE(options.diagnose);
  EXPECT_EQ(options.service, "email");
}

}  // namespace
}  // namespace postseal::dkim
