#include "dns/idna.h"

#include <idn2.h>

#include <cstdint>

#include "base/ascii.h"

namespace postseal::dns {
namespace {

// AppendALabel appends the A-label of |label|, which holds a non-ASCII octet.
bool AppendALabel(std::string_view label, std::string* out) {
  // libidn2 takes a C string, which would end at a NUL.
  if (label.find('\0') != std::string_view::npos) return false;
  const std::string terminated(label);
  // Non-transitional: "faß" and "fass" are different names (RFC 5891, TR 46 §4.1).
  constexpr int kFlags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
  uint8_t* converted = nullptr;
  if (idn2_lookup_u8(reinterpret_cast<const uint8_t*>(terminated.c_str()), &converted, kFlags) !=
      IDN2_OK) {
    return false;
  }
  const std::string_view a_label(reinterpret_cast<const char*>(converted));
  // TR 46 maps some characters to a dot or to "a/c", and some labels to nothing.
  // libidn2's own check (IDN2_USE_STD3_ASCII_RULES) drops a "_" instead of
  // refusing it.
  constexpr base::CharSet kLetterDigitHyphen = base::kAlphaDigit | base::CharSet("-");
  const bool good = !a_label.empty() && base::AllIn(a_label, kLetterDigitHyphen);
  if (good) out->append(a_label);
  idn2_free(converted);
  return good;
}

}  // namespace

std::optional<std::string> ToAscii(std::string_view name) {
  if (name.size() > kMaxInternationalOctets) return std::nullopt;
  std::string out;
  for (;;) {
    const size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    if (base::AllIn(label, base::CharSet::Range(0, 127))) {
      out += label;
    } else if (!AppendALabel(label, &out)) {
      return std::nullopt;
    }
    if (dot == std::string_view::npos) return out;
    out += '.';
    name.remove_prefix(dot + 1);
  }
}

std::optional<Name> ParseInternational(std::string_view text) {
  const auto ascii = ToAscii(text);
  return ascii.has_value() ? Name::Parse(*ascii) : std::nullopt;
}

}  // namespace postseal::dns
