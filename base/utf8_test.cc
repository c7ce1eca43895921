#include "base/utf8.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace postseal::base {
namespace {

// Encode is UTF-8 by the table of RFC 3629 §3, without any check.
std::string Encode(uint32_t c) {
  const auto octet = [](uint32_t value) { return std::string(1, static_cast<char>(value)); };
  if (c < 0x80) return octet(c);
  if (c < 0x800) return octet(0xC0 | c >> 6) + octet(0x80 | (c & 63));
  if (c < 0x10000)
    return octet(0xE0 | c >> 12) + octet(0x80 | (c >> 6 & 63)) + octet(0x80 | (c & 63));
  return octet(0xF0 | c >> 18) + octet(0x80 | (c >> 12 & 63)) + octet(0x80 | (c >> 6 & 63)) +
         octet(0x80 | (c & 63));
}

TEST(Utf8Test, EveryCodePoint) {
  for (uint32_t c = 0; c < 0x120000; ++c) {
    const std::string text = Encode(c);
    const bool is_scalar = c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF);
    ASSERT_EQ(FirstUtf8Char(text + "x").octets, is_scalar ? text.size() : 0) << c;
    if (!is_scalar) continue;
    ASSERT_EQ(FirstUtf8Char(text).code_point, c);
    ASSERT_EQ(FirstUtf8Char(std::string_view(text).substr(0, text.size() - 1)).octets, 0u) << c;
  }
}

TEST(Utf8Test, Malformed) {
  struct Case {
    std::string_view text;
    const char* why;
  };
  constexpr Case kCases[] = {
      {"\x80", "a continuation first"},
      {"\xbf", "a continuation first"},
      {"\xc0\x80", "overlong NUL, RFC 3629 §10"},
      {"\xc1\xbf", "overlong"},
      {"\xe0\x80\x80", "overlong"},
      {"\xe0\x9f\xbf", "overlong"},
      {"\xf0\x80\x80\x80", "overlong"},
      {"\xf0\x8f\xbf\xbf", "overlong"},
      {"\xed\xa0\x80", "surrogate"},
      {"\xed\xbf\xbf", "surrogate"},
      {"\xf4\x90\x80\x80", "beyond U+10FFFF"},
      {"\xf5\x80\x80\x80", "never in UTF-8"},
      {"\xff", "never in UTF-8"},
      {"\xc3(", "no continuation"},
      {"\xe2\x82(", "no continuation"},
      {"\xf0\x9f\x98(", "no continuation"},
      {"abc\xe9", "within a text"},
  };
  for (const Case& test : kCases) EXPECT_FALSE(IsUtf8(test.text)) << test.why;
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("A\xe2\x89\xa2\xce\x91.")) << "RFC 3629 §7";
  EXPECT_TRUE(IsUtf8("\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4")) << "RFC 3629 §7";
  EXPECT_TRUE(IsUtf8("\xef\xbb\xbf\xf0\xa3\x8e\xb4")) << "RFC 3629 §7";
}

TEST(Utf8Test, IsGraphic) {
  for (char32_t c = 0; c < 0x100; ++c) {
    const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    EXPECT_EQ(IsGraphic(c), !is_control && c != 0xAD) << static_cast<uint32_t>(c);
  }
  // Bidi_Control of Unicode, all twelve, and what else is not to be seen.
  constexpr char32_t kHidden[] = {0x061C, 0x200E, 0x200F, 0x202A, 0x202B,  0x202C,  0x202D,  0x202E,
                                  0x2066, 0x2067, 0x2068, 0x2069, 0x200B,  0x2028,  0x2029,  0xFEFF,
                                  0xE000, 0xFFFE, 0xFFFF, 0xFE0F, 0xE0041, 0xF0000, 0x10FFFF};
  for (const char32_t c : kHidden) EXPECT_FALSE(IsGraphic(c)) << static_cast<uint32_t>(c);
  constexpr char32_t kShown[] = {0x00FC, 0x0431, 0x05D0, 0x0627, 0x4E2D, 0xAC00, 0xFFFD, 0x1F600};
  for (const char32_t c : kShown) EXPECT_TRUE(IsGraphic(c)) << static_cast<uint32_t>(c);
}

}  // namespace
}  // namespace postseal::base
