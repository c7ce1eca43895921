#include "base/ascii.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace postseal::base {
namespace {

// The sets against the ranges of RFC 5234 appendix B.1, octet by octet.
TEST(AsciiTest, Sets) {
  for (int octet = 0; octet < 256; ++octet) {
    const char c = static_cast<char>(octet);
    const bool is_digit = octet >= 0x30 && octet <= 0x39;
    const bool is_alpha = (octet >= 0x41 && octet <= 0x5A) || (octet >= 0x61 && octet <= 0x7A);
    EXPECT_EQ(kDigit(c), is_digit) << octet;
    EXPECT_EQ(kAlpha(c), is_alpha) << octet;
    EXPECT_EQ(kAlphaDigit(c), is_digit || is_alpha) << octet;
    EXPECT_EQ(kWsp(c), octet == 0x20 || octet == 0x09) << octet;
    EXPECT_EQ(kControl(c), octet <= 0x1F || octet == 0x7F) << octet;
    EXPECT_EQ(kNonAscii(c), octet >= 0x80) << octet;
    EXPECT_FALSE(CharSet()(c)) << octet;
    EXPECT_TRUE(CharSet::Range(0, 255)(c)) << octet;
  }
}

TEST(AsciiTest, SetAlgebra) {
  constexpr CharSet kVowels("aeiou");
  constexpr CharSet kSome = (CharSet::Range('a', 'f') | CharSet("x")) - kVowels;
  std::string members;
  for (int octet = 0; octet < 256; ++octet) {
    if (kSome(static_cast<char>(octet))) members += static_cast<char>(octet);
  }
  EXPECT_EQ(members, "bcdfx");
  EXPECT_TRUE(CharSet("\xff")('\xff')) << "char may be signed";
}

TEST(AsciiTest, ToLowerTouchesOnlyLetters) {
  for (int octet = 0; octet < 256; ++octet) {
    const int lower = octet >= 'A' && octet <= 'Z' ? octet + 32 : octet;
    EXPECT_EQ(ToLower(static_cast<char>(octet)), static_cast<char>(lower)) << octet;
  }
  EXPECT_EQ(ToLower("ABC[xyz]\xC4"), "abc[xyz]\xC4");
}

TEST(AsciiTest, EqualsIgnoreCase) {
  EXPECT_TRUE(EqualsIgnoreCase("", ""));
  EXPECT_TRUE(EqualsIgnoreCase("DKIM-Signature", "dkim-signature"));
  EXPECT_FALSE(EqualsIgnoreCase("From", "Fro"));
  EXPECT_FALSE(EqualsIgnoreCase("@", "`")) << "32 apart and no letters";
  EXPECT_FALSE(EqualsIgnoreCase("[", "{")) << "32 apart and no letters";
  EXPECT_FALSE(EqualsIgnoreCase("\xC4", "\xE4")) << "no Latin-1";
  EXPECT_FALSE(EqualsIgnoreCase("K", "\xE2\x84\xAA")) << "no Kelvin sign";
}

TEST(AsciiTest, AllIn) {
  EXPECT_TRUE(AllIn("", kDigit));
  EXPECT_TRUE(AllIn("0123", kDigit));
  EXPECT_FALSE(AllIn("01a3", kDigit));
  EXPECT_FALSE(AllIn(std::string_view("12\0", 3), kDigit)) << "a NUL is an octet";
}

TEST(AsciiTest, IsAscii) {
  for (size_t size = 0; size <= 20; ++size) {
    std::string text(size, '\x7F');
    EXPECT_TRUE(IsAscii(text)) << size;
    for (size_t i = 0; i < size; ++i) {
      text[i] = '\x80';
      EXPECT_FALSE(IsAscii(text)) << i << " of " << size;
      EXPECT_FALSE(IsAscii(text.substr(i)));
      EXPECT_TRUE(IsAscii(text.substr(i + 1)));
      text[i] = '\0';
    }
  }
}

TEST(AsciiTest, Strip) {
  EXPECT_EQ(Strip(" \ta b\t ", kWsp), "a b");
  EXPECT_EQ(Strip("\r\na", kWsp), "\r\na") << "only what is in the set";
  EXPECT_EQ(Strip(" \t", kWsp), "");
  EXPECT_EQ(Strip("", kWsp), "");
  EXPECT_EQ(StripTrailing(" a ", kWsp), " a");
}

}  // namespace
}  // namespace postseal::base
