// Base64 (RFC 4648 §4) as DKIM writes it: white space may stand anywhere.
#ifndef POSTSEAL_BASE_BASE64_H_
#define POSTSEAL_BASE_BASE64_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postseal::base {

// Base64MaxDecoded is the most octets that |text_size| characters decode to.
constexpr size_t Base64MaxDecoded(size_t text_size) {
  return text_size / 4 * 3 + text_size % 4 * 3 / 4;
}

// Base64Decode decodes |text| into the front of |out| and returns how many
// octets it wrote; nullopt when |text| is not base64 or |out| is too small.
// |out| then holds rubbish. Base64MaxDecoded(text.size()) is always enough.
//
//   base64string = ALPHADIGITPS *([FWS] ALPHADIGITPS)
//                  [ [FWS] "=" [ [FWS] "=" ] ]              RFC 6376 §2.10
//
// - SP, TAB, CR and LF are skipped wherever they stand, since "whitespace is
//   ignored in this value" (RFC 6376 §3.5, b= and bh=). They need not form
//   proper FWS: a milter sees folds as a lone LF. [choice]
// - The padding may be missing or short, as in the rule above, which does not
//   count it; padding that the length does not call for is refused. [choice]
// - Bits left over in the last character may be non-zero: RFC 4648 §3.5 lets a
//   decoder choose, and nothing here compares encoded text. [choice]
// - No characters at all decode to no octets; whether that is allowed is for
//   the tag to say (an empty p= is a revoked key, RFC 6376 §3.6.1).
inline std::optional<size_t> Base64Decode(std::string_view text, std::span<char> out);
inline std::optional<size_t> Base64Decode(std::string_view text, std::span<uint8_t> out);

// Base64Decode with a string of its own for the octets.
inline std::optional<std::string> Base64Decode(std::string_view text);

// Base64Encode returns |octets| in base64, padded, on one line. RFC 4648 §4
inline std::string Base64Encode(std::string_view octets);
inline std::string Base64Encode(std::span<const uint8_t> octets);

namespace internal {

inline constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Values above 63 in the decoding table; the or of four values is below 64 only
// when all four are sextets.
inline constexpr uint8_t kBase64Space = 0x40;
inline constexpr uint8_t kBase64Pad = 0x80;
inline constexpr uint8_t kBase64Bad = 0xC0;

inline constexpr std::array<uint8_t, 256> kBase64Values = [] {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kBase64Bad;
  for (size_t i = 0; i < kBase64Alphabet.size(); ++i) {
    values[static_cast<uint8_t>(kBase64Alphabet[i])] = static_cast<uint8_t>(i);
  }
  for (const char c : {' ', '\t', '\r', '\n'}) values[static_cast<uint8_t>(c)] = kBase64Space;
  values['='] = kBase64Pad;
  return values;
}();

// Base64TailIsValid judges what follows the first "=": at most |pads| more of
// them, and white space.
constexpr bool Base64TailIsValid(const uint8_t* in, const uint8_t* end, size_t pads) {
  for (; in != end; ++in) {
    const uint8_t value = kBase64Values[*in];
    if (value == kBase64Space) continue;
    if (value != kBase64Pad || pads-- == 0) return false;
  }
  return true;
}

}  // namespace internal

inline std::optional<size_t> Base64Decode(std::string_view text, std::span<uint8_t> out) {
  using internal::kBase64Values;
  const uint8_t* in = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* const end = in + text.size();
  size_t written = 0;
  for (;;) {
    // The common run: four sextets, three octets.
    while (end - in >= 4 && out.size() - written >= 3) {
      const uint8_t a = kBase64Values[in[0]];
      const uint8_t b = kBase64Values[in[1]];
      const uint8_t c = kBase64Values[in[2]];
      const uint8_t d = kBase64Values[in[3]];
      if ((a | b | c | d) >= internal::kBase64Space) break;
      out[written] = static_cast<uint8_t>(a << 2 | b >> 4);
      out[written + 1] = static_cast<uint8_t>(b << 4 | c >> 2);
      out[written + 2] = static_cast<uint8_t>(c << 6 | d);
      written += 3;
      in += 4;
    }

    // One group with white space in it, or the last one.
    uint32_t bits = 0;
    size_t sextets = 0;
    bool padded = false;
    while (in != end && sextets < 4 && !padded) {
      const uint8_t value = kBase64Values[*in++];
      if (value < internal::kBase64Space) {
        bits = bits << 6 | value;
        ++sextets;
      } else if (value == internal::kBase64Pad) {
        padded = true;
      } else if (value != internal::kBase64Space) {
        return std::nullopt;
      }
    }
    // Six bits are no octet, and "=" only fills a group that has begun.
    if (sextets == 1 || (padded && sextets == 0)) return std::nullopt;
    if (padded && !internal::Base64TailIsValid(in, end, 3 - sextets)) return std::nullopt;
    const size_t octets = sextets * 3 / 4;
    if (out.size() - written < octets) return std::nullopt;
    bits <<= 6 * (4 - sextets);
    for (size_t i = 0; i < octets; ++i) {
      out[written++] = static_cast<uint8_t>(bits >> (16 - 8 * i));
    }
    if (padded || in == end) return written;
  }
}

inline std::optional<size_t> Base64Decode(std::string_view text, std::span<char> out) {
  return Base64Decode(text, std::span(reinterpret_cast<uint8_t*>(out.data()), out.size()));
}

inline std::optional<std::string> Base64Decode(std::string_view text) {
  std::string out(Base64MaxDecoded(text.size()), '\0');
  const std::optional<size_t> size = Base64Decode(text, std::span<char>(out));
  if (!size.has_value()) return std::nullopt;
  out.resize(*size);
  return out;
}

inline std::string Base64Encode(std::span<const uint8_t> octets) {
  using internal::kBase64Alphabet;
  std::string out((octets.size() + 2) / 3 * 4, '=');
  size_t at = 0;
  for (; octets.size() >= 3; octets = octets.subspan(3)) {
    const uint32_t bits = uint32_t{octets[0]} << 16 | uint32_t{octets[1]} << 8 | octets[2];
    for (int shift = 18; shift >= 0; shift -= 6) out[at++] = kBase64Alphabet[bits >> shift & 63];
  }
  if (octets.empty()) return out;
  const uint32_t bits =
      uint32_t{octets[0]} << 16 | (octets.size() == 2 ? uint32_t{octets[1]} << 8 : 0);
  out[at++] = kBase64Alphabet[bits >> 18 & 63];
  out[at++] = kBase64Alphabet[bits >> 12 & 63];
  if (octets.size() == 2) out[at++] = kBase64Alphabet[bits >> 6 & 63];
  return out;
}

inline std::string Base64Encode(std::string_view octets) {
  return Base64Encode(std::span(reinterpret_cast<const uint8_t*>(octets.data()), octets.size()));
}

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_BASE64_H_
