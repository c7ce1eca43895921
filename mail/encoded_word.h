// EncodedWord: an encoded-word of RFC 2047, taken apart. It is never decoded to
// be used: what an address says is what its octets say.
#ifndef POSTSEAL_MAIL_ENCODED_WORD_H_
#define POSTSEAL_MAIL_ENCODED_WORD_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/cursor.h"

namespace postseal::mail {

// EncodedWord is one encoded-word, as views into its text.
//   encoded-word = "=?" charset "?" encoding "?" encoded-text "?="   RFC 2047 §2
struct EncodedWord {
  std::string_view charset;
  std::string_view encoding;
  std::string_view encoded_text;

  // Parse reads |atom|, all of it; nullopt when it is no encoded-word. The length
  // is not bounded to 75 characters: those who decode do not all look at it.
  static constexpr std::optional<EncodedWord> Parse(std::string_view atom) {
    if (!atom.starts_with("=?") || !atom.ends_with("?=") || atom.size() < 4) return std::nullopt;
    base::Cursor in(atom.substr(2, atom.size() - 4));
    EncodedWord word;
    word.charset = in.TakeUntil('?');
    if (!in.Take('?')) return std::nullopt;
    word.encoding = in.TakeUntil('?');
    if (!in.Take('?')) return std::nullopt;
    word.encoded_text = in.rest();
    const bool is_whole = !word.charset.empty() && !word.encoding.empty() &&
                          !word.encoded_text.empty() &&
                          word.encoded_text.find('?') == std::string_view::npos;
    if (!is_whole) return std::nullopt;
    return word;
  }

  // Shows reports whether |octet| is among the octets that the word decodes to:
  // what a mail reader may show, whatever the charset. Unknown encodings show
  // nothing.
  bool Shows(char octet) const {
    if (base::EqualsIgnoreCase(encoding, "B")) return ShowsInBase64(octet);
    if (base::EqualsIgnoreCase(encoding, "Q")) return ShowsInQ(octet);
    return false;
  }

 private:
  // RFC 2047 §4.1: the encoding of RFC 4648 §4. Decoders differ in what they do with other
  // characters: some take four characters at a time, whatever they are, and some ignore
  // what is no base64 (RFC 2045 §6.8). What either of them shows is shown.
  bool ShowsInBase64(char octet) const {
    for (size_t at = 0; at < encoded_text.size(); at += 4) {
      if (DecodesTo(encoded_text.substr(at, 4), octet)) return true;
    }
    constexpr base::CharSet kBase64 = base::kAlphaDigit | base::CharSet("+/");
    std::array<char, 4> group;
    size_t size = 0;
    for (const char c : encoded_text) {
      if (kBase64(c)) group[size++] = c;
      // Padding ends a group, and some decoders go on behind it.
      if (size < group.size() && c != '=') continue;
      if (DecodesTo({group.data(), size}, octet)) return true;
      size = 0;
    }
    return DecodesTo({group.data(), size}, octet);
  }

  // DecodesTo says whether |octet| is among those of |group|, at most four characters.
  static bool DecodesTo(std::string_view group, char octet) {
    std::array<char, 3> decoded;
    const std::optional<size_t> count = base::Base64Decode(group, std::span<char>(decoded));
    if (!count.has_value()) return false;
    const auto end = decoded.begin() + static_cast<std::ptrdiff_t>(*count);
    return std::find(decoded.begin(), end, octet) != end;
  }

  // RFC 2047 §4.2: "=" and two hexadecimal digits, "_" for a space, or itself.
  bool ShowsInQ(char octet) const {
    for (size_t at = 0; at < encoded_text.size(); ++at) {
      char shown = encoded_text[at];
      if (shown == '_') shown = ' ';
      if (shown == '=' && encoded_text.size() - at > 2) {
        const int high = HexValue(encoded_text[at + 1]);
        const int low = HexValue(encoded_text[at + 2]);
        if (high >= 0 && low >= 0) {
          shown = static_cast<char>(high << 4 | low);
          at += 2;
        }
      }
      if (shown == octet) return true;
    }
    return false;
  }

  // HexValue is the value of a hexadecimal digit in either case; -1 for no digit.
  static constexpr int HexValue(char c) {
    if (base::kDigit(c)) return c - '0';
    const char lower = base::ToLower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }
};

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_ENCODED_WORD_H_
