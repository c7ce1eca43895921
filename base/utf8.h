// UTF-8: well-formedness as RFC 3629 has it, one code point at a time.
#ifndef POSTSEAL_BASE_UTF8_H_
#define POSTSEAL_BASE_UTF8_H_

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

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_UTF8_H_
