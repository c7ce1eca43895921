#include "dkim/digest.h"

#include <string>

#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

std::string Hex(const Digest& digest) {
  std::string hex;
  for (const char c : digest.view()) {
    hex += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4];
    hex += "0123456789abcdef"[static_cast<uint8_t>(c) & 15];
  }
  return hex;
}

Digest Hash(HashAlgorithm algorithm, std::string_view text) {
  Hasher hasher(algorithm);
  hasher.Update(text);
  return hasher.Peek();
}

// The examples of FIPS 180 (2002 edition, appendices A and B), and the digests of the empty text
// that RFC 6376 §3.4.4 gives in base64.
TEST(DigestTest, KnownAnswers) {
  constexpr std::string_view kTwoBlocks =
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  const std::string million(1'000'000, 'a');
  struct {
    HashAlgorithm algorithm;
    std::string_view text;
    const char* digest;
  } const cases[] = {
      {HashAlgorithm::kSha1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
      {HashAlgorithm::kSha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {HashAlgorithm::kSha1, kTwoBlocks, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
      {HashAlgorithm::kSha1, million, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"},
      {HashAlgorithm::kSha256, "",
       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {HashAlgorithm::kSha256, "abc",
       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {HashAlgorithm::kSha256, kTwoBlocks,
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {HashAlgorithm::kSha256, million,
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Hex(Hash(c.algorithm, c.text)), c.digest) << Name(c.algorithm);
  }
}

TEST(DigestTest, PeekAndCopyLeaveTheHasherAlone) {
  for (const HashAlgorithm algorithm : {HashAlgorithm::kSha1, HashAlgorithm::kSha256}) {
    Hasher hasher(algorithm);
    hasher.Update("ab");
    EXPECT_EQ(hasher.Peek(), Hash(algorithm, "ab"));
    Hasher copy = hasher;
    hasher.Update("c");
    copy.Update("d");
    EXPECT_EQ(hasher.Peek(), Hash(algorithm, "abc"));
    EXPECT_EQ(copy.Peek(), Hash(algorithm, "abd"));
    EXPECT_EQ(hasher.algorithm(), algorithm);
  }
}

TEST(DigestTest, PiecesMakeNoDifference) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i);
  for (const HashAlgorithm algorithm : {HashAlgorithm::kSha1, HashAlgorithm::kSha256}) {
    for (size_t cut = 0; cut <= text.size(); ++cut) {
      Hasher hasher(algorithm);
      hasher.Update(std::string_view(text).substr(0, cut));
      hasher.Update(std::string_view(text).substr(cut));
      ASSERT_EQ(hasher.Peek(), Hash(algorithm, text)) << cut;
    }
  }
}

TEST(DigestTest, DigestsOfDifferentAlgorithmsDiffer) {
  EXPECT_FALSE(Hash(HashAlgorithm::kSha1, "abc") == Hash(HashAlgorithm::kSha256, "abc"));
  EXPECT_EQ(Sha256("abc"), Hash(HashAlgorithm::kSha256, "abc"));
  EXPECT_EQ(Digest{}.view(), "");
}

}  // namespace
}  // namespace postseal::dkim
