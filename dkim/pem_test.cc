#include "dkim/pem.h"

#include <string>
#include <string_view>

#include "dkim/testdata.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

// Openssl's own files: reading and printing one gives it back.
TEST(PemTest, PrintsWhatOpensslPrints) {
  for (const char* file : {"keys/rsa1024.pem", "keys/rsa2048.pem", "keys/rsa2048_pkcs1.pem",
                           "keys/rsa4096.pem", "keys/ed25519.pem"}) {
    SCOPED_TRACE(file);
    const std::string text = ReadTestdata(file);
    const auto block = FindPemBlock(text);
    ASSERT_TRUE(block.ok()) << block.status();
    ASSERT_TRUE(block->has_value());
    const auto octets = DecodePem(**block);
    ASSERT_TRUE(octets.ok()) << octets.status();
    EXPECT_EQ(PrintPem((*block)->label, octets->view()).view(), text);
  }
}

TEST(PemTest, FindsBlocksOneAfterTheOther) {
  constexpr std::string_view kText =
      "Bag Attributes\n"
      "-----BEGIN A-----\r\n"
      "QUE=\r\n"
      "-----END A-----\r\n"
      "-----BEGIN B C-----\n"
      "-----END B C-----";
  const auto first = FindPemBlock(kText);
  ASSERT_TRUE(first.ok() && first->has_value());
  EXPECT_EQ((*first)->label, "A");
  EXPECT_EQ((*first)->first_line, 3u);
  EXPECT_EQ((*first)->body, "QUE=\r\n");
  const auto octets = DecodePem(**first);
  ASSERT_TRUE(octets.ok()) << octets.status();
  EXPECT_EQ(octets->view(), "AA");

  const auto second = FindPemBlock((*first)->rest, (*first)->rest_line);
  ASSERT_TRUE(second.ok() && second->has_value());
  EXPECT_EQ((*second)->label, "B C");
  EXPECT_EQ((*second)->first_line, 6u);
  EXPECT_EQ((*second)->body, "");

  const auto third = FindPemBlock((*second)->rest, (*second)->rest_line);
  ASSERT_TRUE(third.ok());
  EXPECT_FALSE(third->has_value());
}

// RFC 4648 §10, and §3.5 for the padding.
TEST(DecodeBase64Test, TestVectors) {
  const struct {
    const char* base64;
    const char* octets;  // null: refused
  } kCases[] = {
      {"", ""},
      {"Zg==", "f"},
      {"Zm8=", "fo"},
      {"Zm9v", "foo"},
      {"Zm9vYg==", "foob"},
      {"Zm9vYmE=", "fooba"},
      {"Zm9vYmFy", "foobar"},
      {" Z\tm\r\n9v ", "foo"},
      {"Zg", nullptr},
      {"Zg=", nullptr},
      {"Zg===", nullptr},
      {"=", nullptr},
      {"Zm9v=", nullptr},
      {"Z===", nullptr},
      {"Zg==Zg==", nullptr},
      {"Zm9-", nullptr},
      {"Zm\xffv", nullptr},
  };
  for (const auto& c : kCases) {
    const auto octets = DecodeBase64(c.base64);
    ASSERT_EQ(octets.has_value(), c.octets != nullptr) << c.base64;
    if (!octets.has_value()) continue;
    EXPECT_EQ(octets->view(), c.octets) << c.base64;
  }
}

TEST(PrintPemTest, LinesOf64Characters) {
  EXPECT_EQ(PrintPem("X", "").view(), "-----BEGIN X-----\n-----END X-----\n");
  EXPECT_EQ(PrintPem("X", "foob").view(), "-----BEGIN X-----\nZm9vYg==\n-----END X-----\n");
  // 48 octets fill one line, with the next the second begins.
  const std::string zeros(49, '\0');
  const std::string full(64, 'A');
  EXPECT_EQ(PrintPem("X", zeros.substr(1)).view(),
            "-----BEGIN X-----\n" + full + "\n-----END X-----\n");
  EXPECT_EQ(PrintPem("X", zeros).view(),
            "-----BEGIN X-----\n" + full + "\nAA==\n-----END X-----\n");
}

}  // namespace
}  // namespace postseal::dkim
