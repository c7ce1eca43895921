// An encoded-word that parses prints to the text that it was, and shows the octets that
// decoding it as a whole gives; base64, which decoders read in more than one way, more.
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

// DecodeB is what a decoder makes of |text| that ignores what is no base64.
std::optional<std::string> DecodeB(std::string_view text) {
  std::string base64;
  for (const char c : text) {
    if (postseal::base::kAlphaDigit(c) || c == '+' || c == '/' || c == '=') base64 += c;
  }
  return postseal::base::Base64Decode(base64);
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
  const bool is_q = postseal::base::EqualsIgnoreCase(word->encoding, "Q");
  const bool is_b = postseal::base::EqualsIgnoreCase(word->encoding, "B");
  std::string decoded;
  if (is_q) decoded = DecodeQ(word->encoded_text);
  if (is_b) decoded = DecodeB(word->encoded_text).value_or("");
  for (int i = 0; i < 256; ++i) {
    const char octet = static_cast<char>(i);
    const bool is_there = decoded.find(octet) != std::string::npos;
    // Base64 shows more: what other decoders make of it.
    POSTSEAL_CHECK(is_b ? word->Shows(octet) || !is_there : word->Shows(octet) == is_there);
  }
  return 0;
}
