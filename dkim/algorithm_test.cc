#include "dkim/algorithm.h"

#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

// Names and parts: RFC 6376 §3.3, §3.4, §3.6.1; RFC 8463 §3, §4.
TEST(AlgorithmTest, SignatureAlgorithms) {
  struct {
    const char* name;
    SignatureAlgorithm algorithm;
    KeyType type;
    HashAlgorithm hash;
  } const cases[] = {
      {"rsa-sha1", SignatureAlgorithm::kRsaSha1, KeyType::kRsa, HashAlgorithm::kSha1},
      {"rsa-sha256", SignatureAlgorithm::kRsaSha256, KeyType::kRsa, HashAlgorithm::kSha256},
      {"ed25519-sha256", SignatureAlgorithm::kEd25519Sha256, KeyType::kEd25519,
       HashAlgorithm::kSha256},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ParseSignatureAlgorithm(c.name), c.algorithm);
    EXPECT_EQ(Name(c.algorithm), c.name);
    EXPECT_EQ(KeyTypeOf(c.algorithm), c.type) << c.name;
    EXPECT_EQ(HashOf(c.algorithm), c.hash) << c.name;
  }
}

TEST(AlgorithmTest, PartsParse) {
  EXPECT_EQ(ParseHeaderCanon("simple"), HeaderCanon::kSimple);
  EXPECT_EQ(ParseHeaderCanon("relaxed"), HeaderCanon::kRelaxed);
  EXPECT_EQ(ParseBodyCanon("simple"), BodyCanon::kSimple);
  EXPECT_EQ(ParseBodyCanon("relaxed"), BodyCanon::kRelaxed);
  EXPECT_EQ(ParseHashAlgorithm("sha1"), HashAlgorithm::kSha1);
  EXPECT_EQ(ParseHashAlgorithm("sha256"), HashAlgorithm::kSha256);
  EXPECT_EQ(ParseKeyType("rsa"), KeyType::kRsa);
  EXPECT_EQ(ParseKeyType("ed25519"), KeyType::kEd25519);
}

TEST(AlgorithmTest, OtherNamesDoNotParse) {
  struct {
    const char* name;
    const char* why;
  } const cases[] = {
      {"", "empty"},
      {"RSA-SHA256", "values are case sensitive, RFC 6376 §3.2"},
      {"rsa-sha256 ", "white space belongs to the tag list, not to the value"},
      {"rsa-sha512", "unknown hash"},
      {"ed25519-sha1", "Ed25519 is defined with SHA-256 only, RFC 8463 §3"},
      {"rsa", "no hash"},
      {"rsa-sha25", "a prefix"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ParseSignatureAlgorithm(c.name), std::nullopt) << c.why;
  }
  EXPECT_EQ(ParseHeaderCanon("nowsp"), std::nullopt);
  EXPECT_EQ(ParseBodyCanon("relaxed/relaxed"), std::nullopt);
  EXPECT_EQ(ParseHashAlgorithm("sha-256"), std::nullopt);
  EXPECT_EQ(ParseKeyType("Ed25519"), std::nullopt);
}

}  // namespace
}  // namespace postseal::dkim
