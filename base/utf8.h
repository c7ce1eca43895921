// UTF-8: well-formedness as RFC 3629 has it, one code point at a time.
#ifndef POSTSEAL_BASE_UTF8_H_
#define POSTSEAL_BASE_UTF8_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postseal::base {

// Utf8Char is one character of UTF-8 text: its code point and its octets.
// |octets| is 0 when the text does not start with a well-formed character.
struct Utf8Char {
  char32_t code_point = 0;
  size_t octets = 0;
};

// FirstUtf8Char decodes the character at the front of |text|. Overlong forms,
// surrogates and what lies beyond U+10FFFF are malformed. RFC 3629 §4
constexpr Utf8Char FirstUtf8Char(std::string_view text) {
  if (text.empty()) return {};
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xC2 || lead > 0xF4) return {};
  const size_t octets = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < octets) return {};
  char32_t code_point = lead & (0x7Fu >> octets);
  for (size_t i = 1; i < octets; ++i) {
    const auto octet = static_cast<uint8_t>(text[i]);
    if ((octet & 0xC0) != 0x80) return {};
    code_point = code_point << 6 | (octet & 0x3F);
  }
  const bool overlong =
      (octets == 3 && code_point < 0x800) || (octets == 4 && code_point < 0x10000);
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (overlong || surrogate || code_point > 0x10FFFF) return {};
  return {code_point, octets};
}

// IsUtf8 reports whether all of |text| is well-formed UTF-8.
constexpr bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t octets = FirstUtf8Char(text).octets;
    if (octets == 0) return false;
    text.remove_prefix(octets);
  }
  return true;
}

namespace internal {

struct CodePointRange {
  char32_t first;
  char32_t last;
};

// What text should not hide: controls (Cc), format characters with the bidi
// controls among them (Cf), line and paragraph separators (Zl, Zp), variation
// selectors, private use (Co) and noncharacters of the Basic Multilingual Plane.
inline constexpr std::array kNonGraphic = std::to_array<CodePointRange>({
    {0x0000, 0x001F},   {0x007F, 0x009F},    {0x00AD, 0x00AD},   {0x034F, 0x034F},
    {0x0600, 0x0605},   {0x061C, 0x061C},    {0x06DD, 0x06DD},   {0x070F, 0x070F},
    {0x0890, 0x0891},   {0x08E2, 0x08E2},    {0x115F, 0x1160},   {0x17B4, 0x17B5},
    {0x180B, 0x180F},   {0x200B, 0x200F},    {0x2028, 0x202E},   {0x2060, 0x206F},
    {0x3164, 0x3164},   {0xD800, 0xF8FF},    {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},    {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},
    {0x110BD, 0x110BD}, {0x110CD, 0x110CD},  {0x13430, 0x1345F}, {0x1BCA0, 0x1BCAF},
    {0x1D173, 0x1D17A}, {0xE0000, 0x10FFFF},
});

}  // namespace internal

// IsGraphic reports whether |code_point| has a shape of its own and leaves its
// neighbours where they are: what may be shown to a person as it is. A space is
// graphic; code points that Unicode has not assigned yet are.
constexpr bool IsGraphic(char32_t code_point) {
  for (const internal::CodePointRange& range : internal::kNonGraphic) {
    if (code_point < range.first) return true;
    if (code_point <= range.last) return false;
  }
  return false;
}

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_UTF8_H_
