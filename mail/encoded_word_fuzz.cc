// An encoded-word that parses prints to the text that it was, and shows the octets that
// decoding it as a whole gives.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/check.h"
#include "mail/encoded_word.h"

namespace {

using postseal::mail::EncodedWord;

// DecodeQ is RFC 2047 §4.2, of a text in which a lone "=" stays as it is.
std::string DecodeQ(std::string_view text) {
  const auto value = [](char c) {
    return std::string_view("0123456789abcdef").find(postseal::base::ToLower(c));
  };
  std::string out;
  while (!text.empty()) {
    if (text[0] == '=' && text.size() > 2) {
      const size_t high = value(text[1]);
      const size_t low = value(text[2]);
      if (high != std::string_view::npos && low != std::string_view::npos) {
        out += static_cast<char>(high << 4 | low);
        text.remove_prefix(3);
        continue;
      }
    }
    out += text[0] == '_' ? ' ' : text[0];
    text.remove_prefix(1);
  }
  return out;
}

std::optional<std::string> Decode(const EncodedWord& word) {
  if (postseal::base::EqualsIgnoreCase(word.encoding, "Q")) return DecodeQ(word.encoded_text);
  if (postseal::base::EqualsIgnoreCase(word.encoding, "B")) {
    // With padding, so that groups of four characters are what they seem.
    if (word.encoded_text.size() % 4 != 0) return std::nullopt;
    return postseal::base::Base64Decode(word.encoded_text);
  }
  return "";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::optional<EncodedWord> word = EncodedWord::Parse(text);
  if (!word.has_value()) return 0;
  const std::string printed = std::string("=?")
                                  .append(word->charset)
                                  .append("?")
                                  .append(word->encoding)
                                  .append("?")
                                  .append(word->encoded_text)
                                  .append("?=");
  POSTSEAL_CHECK(printed == text);
  const std::optional<std::string> decoded = Decode(*word);
  for (int octet = 0; octet < 256; ++octet) {
    const bool shows = word->Shows(static_cast<char>(octet));
    if (!decoded.has_value()) continue;
    POSTSEAL_CHECK(shows == (decoded->find(static_cast<char>(octet)) != std::string::npos));
  }
  return 0;
}
