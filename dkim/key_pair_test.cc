#include "dkim/key_pair.h"

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/public_key.h"
#include "dkim/rfc8463_example.h"
#include "dkim/signing_key.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

// ExpectPair checks that the two halves of |pair| belong together.
void ExpectPair(const KeyPair& pair, KeyType type, int bits) {
  const auto signing = SigningKey::FromPem(pair.private_pem.view());
  ASSERT_TRUE(signing.ok()) << signing.status();
  EXPECT_EQ((*signing)->key_type(), type);
  EXPECT_EQ((*signing)->bits(), bits);
  EXPECT_EQ((*signing)->public_key_base64(), pair.public_base64);

  const PublicKey::Parsed parsed = PublicKey::Parse(type, rfc8463::Decode(pair.public_base64));
  ASSERT_TRUE(std::holds_alternative<PublicKey>(parsed));
  const Digest digest = Sha256("a header");
  const auto signature = (*signing)->Sign(digest);
  ASSERT_TRUE(signature.ok()) << signature.status();
  EXPECT_TRUE(std::get<PublicKey>(parsed).Verify(HashAlgorithm::kSha256, digest, *signature));
}

// ExpectLayout checks |pem| line by line: 64 columns but for the last, LF.
// Returns the octets inside.
std::string ExpectLayout(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN PRIVATE KEY-----\n";
  constexpr std::string_view kEnd = "-----END PRIVATE KEY-----\n";
  EXPECT_EQ(pem.substr(0, kBegin.size()), kBegin);
  EXPECT_EQ(pem.substr(pem.size() - kEnd.size()), kEnd);
  std::string_view body = pem.substr(kBegin.size(), pem.size() - kBegin.size() - kEnd.size());
  std::string base64;
  while (body.size() > 65) {
    EXPECT_EQ(body.find('\n'), 64u);
    base64.append(body.substr(0, 64));
    body.remove_prefix(65);
  }
  EXPECT_EQ(body.find('\n'), body.size() - 1);
  return rfc8463::Decode(base64.append(body.substr(0, body.size() - 1)));
}

TEST(GenerateKeyPairTest, Rsa2048) {
  const auto pair = GenerateKeyPair(KeyType::kRsa);
  ASSERT_TRUE(pair.ok()) << pair.status();
  ExpectPair(*pair, KeyType::kRsa, 2048);
  const std::string der = ExpectLayout(pair->private_pem.view());
  // A SEQUENCE, version 0 and rsaEncryption with NULL, as `openssl genrsa` has it.
  EXPECT_EQ(der.substr(4, 20), rfc8463::Decode("AgEAMA0GCSqGSIb3DQEBAQUABII="));
  // A 2048-bit SubjectPublicKeyInfo is 294 octets.
  EXPECT_EQ(pair->public_base64.size(), 392u);
}

TEST(GenerateKeyPairTest, Ed25519) {
  const auto pair = GenerateKeyPair(KeyType::kEd25519);
  ASSERT_TRUE(pair.ok()) << pair.status();
  ExpectPair(*pair, KeyType::kEd25519, 256);
  const std::string der = ExpectLayout(pair->private_pem.view());
  // The first 16 octets of RFC 8410 §10.3's first example.
  EXPECT_EQ(der.size(), 48u);
  EXPECT_EQ(der.substr(0, 16), rfc8463::Decode("MC4CAQAwBQYDK2VwBCIEIA=="));
  EXPECT_EQ(pair->public_base64.size(), 44u);
}

TEST(GenerateKeyPairTest, EachKeyIsAnother) {
  const auto a = GenerateKeyPair(KeyType::kEd25519);
  const auto b = GenerateKeyPair(KeyType::kEd25519);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_NE(a->public_base64, b->public_base64);
}

TEST(GenerateKeyPairTest, BitsFrom1024To4096) {
  const auto smallest = GenerateKeyPair(KeyType::kRsa, 1024);
  ASSERT_TRUE(smallest.ok()) << smallest.status();
  ExpectPair(*smallest, KeyType::kRsa, 1024);
  const auto largest = GenerateKeyPair(KeyType::kRsa, kMaxGeneratedRsaBits);
  ASSERT_TRUE(largest.ok()) << largest.status();
  ExpectPair(*largest, KeyType::kRsa, 4096);
  for (const int bits : {-1, 0, 512, 1023, 1025, 1100, 4097, 8192}) {
    EXPECT_EQ(GenerateKeyPair(KeyType::kRsa, bits).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bits;
  }
}

}  // namespace
}  // namespace postseal::dkim
