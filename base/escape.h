// Escaping of attacker-controlled text for terminals and logs.
#ifndef POSTSEAL_BASE_ESCAPE_H_
#define POSTSEAL_BASE_ESCAPE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace postseal::base {

// NonAscii says what becomes of octets above 127: escaped, all of them, or
// passed where they are well-formed UTF-8 for a graphic character.
enum class NonAscii : uint8_t { kEscape, kPassGraphic };

// AppendEscaped appends |text| to |out| so that it can be shown: printable
// ASCII as it is, a backslash doubled, any other octet as \xHH. No control, be it
// C0, C1 or one that turns the writing direction, gets through, and different
// texts stay different.
inline void AppendEscaped(std::string_view text, NonAscii non_ascii, std::string* out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  while (!text.empty()) {
    const Utf8Char c = FirstUtf8Char(text);
    const bool may_pass = c.octets == 1 || (c.octets > 1 && non_ascii == NonAscii::kPassGraphic);
    if (may_pass && IsGraphic(c.code_point)) {
      if (c.code_point == U'\\') out->push_back('\\');
      out->append(text.substr(0, c.octets));
      text.remove_prefix(c.octets);
      continue;
    }
    const auto octet = static_cast<uint8_t>(text.front());
    out->append({'\\', 'x', kHex[octet >> 4], kHex[octet & 15]});
    text.remove_prefix(1);
  }
}

// Escape returns what AppendEscaped appends.
inline std::string Escape(std::string_view text, NonAscii non_ascii = NonAscii::kEscape) {
  std::string out;
  out.reserve(text.size());
  AppendEscaped(text, non_ascii, &out);
  return out;
}

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_ESCAPE_H_
