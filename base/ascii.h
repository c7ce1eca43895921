// Locale-free ASCII classification and case folding, and CharSet, a set of
// octets known at compile time. No other file of the project uses <cctype>.
#ifndef POSTSEAL_BASE_ASCII_H_
#define POSTSEAL_BASE_ASCII_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace postseal::base {

// CharSet is a set of octets. Sets are constants, built from literals and
// ranges: `constexpr CharSet kHex = CharSet::Range('0', '9') | CharSet("abcdefABCDEF");`
// A table of 256 flags: asking is one load, and parsers ask for every octet.
class CharSet {
 public:
  constexpr CharSet() = default;
  constexpr explicit CharSet(std::string_view members) {
    for (const char c : members) contains_[static_cast<uint8_t>(c)] = true;
  }

  // Range is the set of octets from |first| to |last|, both included.
  static constexpr CharSet Range(uint8_t first, uint8_t last) {
    CharSet set;
    for (int c = first; c <= last; ++c) set.contains_[static_cast<size_t>(c)] = true;
    return set;
  }

  constexpr bool operator()(char c) const { return contains_[static_cast<uint8_t>(c)]; }

  friend constexpr CharSet operator|(CharSet a, const CharSet& b) {
    for (size_t i = 0; i < a.contains_.size(); ++i) a.contains_[i] |= b.contains_[i];
    return a;
  }
  friend constexpr CharSet operator-(CharSet a, const CharSet& b) {
    for (size_t i = 0; i < a.contains_.size(); ++i) a.contains_[i] &= !b.contains_[i];
    return a;
  }

 private:
  std::array<bool, 256> contains_{};
};

// The core rules of RFC 5234 appendix B.1.
inline constexpr CharSet kDigit = CharSet::Range('0', '9');
inline constexpr CharSet kAlpha = CharSet::Range('a', 'z') | CharSet::Range('A', 'Z');
inline constexpr CharSet kAlphaDigit = kAlpha | kDigit;
inline constexpr CharSet kWsp = CharSet(" \t");
inline constexpr CharSet kControl = CharSet::Range(0, 31) | CharSet::Range(127, 127);
inline constexpr CharSet kNonAscii = CharSet::Range(128, 255);

constexpr char ToLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

inline std::string ToLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ToLower(c);
  return out;
}

// EqualsIgnoreCase compares without regard to ASCII case; other octets exactly.
constexpr bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    // Two letters of different case differ in bit 5 alone.
    const int difference = a[i] ^ b[i];
    if (difference == 0) continue;
    const int lower = a[i] | 0x20;
    if (difference != 0x20 || lower < 'a' || lower > 'z') return false;
  }
  return true;
}

// AllIn reports whether every octet of |text| is in |set|.
constexpr bool AllIn(std::string_view text, const CharSet& set) {
  for (const char c : text) {
    if (!set(c)) return false;
  }
  return true;
}

// IsAscii says whether no octet of |text| is above 127. It goes by words: names and
// local-parts are too short for anything wider.
inline bool IsAscii(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  uint64_t bits = 0;
  for (; text.size() >= sizeof(bits); text.remove_prefix(sizeof(bits))) {
    uint64_t word;
    std::memcpy(&word, text.data(), sizeof(word));
    bits |= word;
  }
  for (const char c : text) bits |= static_cast<uint8_t>(c);
  return (bits & kHighBits) == 0;
}

// StripTrailing and Strip return |text| without the octets of |set| at its end,
// or at both ends.
constexpr std::string_view StripTrailing(std::string_view text, const CharSet& set) {
  while (!text.empty() && set(text.back())) text.remove_suffix(1);
  return text;
}
constexpr std::string_view Strip(std::string_view text, const CharSet& set) {
  while (!text.empty() && set(text.front())) text.remove_prefix(1);
  return StripTrailing(text, set);
}

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_ASCII_H_
