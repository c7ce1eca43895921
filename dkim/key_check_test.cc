#include "dkim/key_check.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "dns/answer.h"
#include "dns/rdata.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

constexpr std::string_view kPublic = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

std::string Check(const std::string& record, const std::optional<std::string>& own = {}) {
  const std::string rdata = dns::TxtRdata(record);
  const std::string_view view = rdata;
  dns::Answer answer(dns::Outcome::kRecords);
  answer.rdata = std::span(&view, 1);
  return std::string(KeyCheckName(CheckPublishedKey(answer, own).outcome));
}

TEST(KeyCheckTest, Records) {  // RFC 6376 §3.6.1, RFC 8301 §3.2
  const std::string good = "v=DKIM1; k=ed25519; p=" + std::string(kPublic);
  EXPECT_EQ(Check(good), "good");
  EXPECT_EQ(Check(good, std::string(kPublic)), "good");
  EXPECT_EQ(Check(good, "/xi9y9B+UJ2+4FyO8cYAE4Din62x3IOcVxZUY9IUTuU="), "mismatch");
  EXPECT_EQ(Check(good + "; t=y"), "good") << "testing is no fault";
  EXPECT_EQ(Check("v=DKIM1; k=ed25519; p="), "invalid") << "revoked";
  EXPECT_EQ(Check("v=DKIM1; k=mldsa44; p=AAAA"), "invalid");
  EXPECT_EQ(Check("v=DKIM1; p=" + std::string(kPublic)), "invalid") << "no RSA key";
  EXPECT_EQ(Check(good + "; s=tlsrpt"), "invalid");
  EXPECT_EQ(Check(good + "; h=sha1"), "invalid") << "nobody may sign with SHA-1";
  EXPECT_EQ(Check("v=spf1 -all"), "invalid");
  EXPECT_EQ(Check("v=DKIM1; k=ed25519; p=***"), "invalid");
}

TEST(KeyCheckTest, BothStructuresOfAnRsaKeyAreTheSameKey) {  // RFC 6376 §3.6.1
  // The key of RFC 6376 appendix C as SubjectPublicKeyInfo; what follows its first
  // 22 octets of DER and two of a BIT STRING's head is the RSAPublicKey.
  const std::string spki =
      "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOC"
      "KG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGj"
      "aNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";
  const std::string octets = *base::Base64Decode(spki);
  const std::string bare = base::Base64Encode(std::string_view(octets).substr(22));
  EXPECT_EQ(Check("v=DKIM1; p=" + bare, spki), "good");
  EXPECT_EQ(Check("v=DKIM1; p=" + spki, bare), "good");
  EXPECT_EQ(Check("v=DKIM1; p=" + spki, std::string(kPublic)), "mismatch");
}

TEST(KeyCheckTest, Lookups) {
  const auto outcome = [](dns::Outcome found) {
    return CheckPublishedKey(dns::Answer(found), std::nullopt).outcome;
  };
  EXPECT_EQ(outcome(dns::Outcome::kNxDomain), KeyCheck::Outcome::kMissing);
  EXPECT_EQ(outcome(dns::Outcome::kNoData), KeyCheck::Outcome::kMissing);
  EXPECT_EQ(outcome(dns::Outcome::kNotFound), KeyCheck::Outcome::kMissing);
  EXPECT_EQ(outcome(dns::Outcome::kTempError), KeyCheck::Outcome::kTempError);
  EXPECT_EQ(outcome(dns::Outcome::kRecords), KeyCheck::Outcome::kMissing)
      << "a resolver that says records and brings none";
  const std::string rdata = dns::TxtRdata("v=DKIM1; k=ed25519; p=" + std::string(kPublic));
  const std::string_view two[] = {rdata, rdata};
  dns::Answer answer(dns::Outcome::kRecords);
  answer.rdata = two;
  EXPECT_EQ(CheckPublishedKey(answer, std::nullopt).outcome, KeyCheck::Outcome::kSeveral)
      << "RFC 6376 §3.6.2.2";
  const std::string_view broken =
      "\x05"
      "abc";
  answer.rdata = std::span(&broken, 1);
  EXPECT_EQ(CheckPublishedKey(answer, std::nullopt).outcome, KeyCheck::Outcome::kInvalid);
}

}  // namespace
}  // namespace postseal::dkim
