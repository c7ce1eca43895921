// IpAddress and Prefix: IPv4 and IPv6 addresses as values, with the text forms
// that DNS and SPF give them. No system call and no locale is involved.
#ifndef POSTSEAL_DNS_ADDRESS_H_
#define POSTSEAL_DNS_ADDRESS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"
#include "base/cursor.h"
#include "dns/name.h"

namespace postseal::dns {

// IpAddress is an IPv4 or IPv6 address. An IPv4-mapped IPv6 address is an IPv6
// address until Unmapped is called; it equals no IPv4 address.
class IpAddress {
 public:
  static constexpr size_t kV4Octets = 4;
  static constexpr size_t kV6Octets = 16;

  // IpAddress() is 0.0.0.0.
  constexpr IpAddress() = default;

  // Parse reads either form: see ParseV4 and ParseV6.
  static std::optional<IpAddress> Parse(std::string_view text) {
    return text.find(':') == std::string_view::npos ? ParseV4(text) : ParseV6(text);
  }

  // ParseV4 reads a dotted quad: four decimal numbers up to 255 without leading
  // zeros, "ip4-network" of RFC 7208 §12. nullopt for anything else.
  static std::optional<IpAddress> ParseV4(std::string_view text);

  // ParseV6 reads the forms of RFC 4291 §2.2: full, with one "::", and with a
  // dotted quad for the last 32 bits. nullopt for anything else, zones included.
  static std::optional<IpAddress> ParseV6(std::string_view text);

  // FromBytes takes 4 or 16 octets in network order; nullopt for another number.
  static std::optional<IpAddress> FromBytes(std::span<const uint8_t> bytes) {
    if (bytes.size() != kV4Octets && bytes.size() != kV6Octets) return std::nullopt;
    IpAddress address;
    std::copy(bytes.begin(), bytes.end(), address.octets_.begin());
    address.size_ = static_cast<uint8_t>(bytes.size());
    return address;
  }

  bool is_v4() const { return size_ == kV4Octets; }
  // bytes are the 4 or 16 octets in network order.
  std::span<const uint8_t> bytes() const { return {octets_.data(), size_}; }
  int bit_count() const { return size_ * 8; }

  // Unmapped is the IPv4 address inside an IPv4-mapped IPv6 address
  // (::ffff:0:0/96, RFC 4291 §2.5.5.2), and any other address itself.
  IpAddress Unmapped() const;

  // Print writes the one canonical text of RFC 5952; IPv4-mapped addresses end
  // in a dotted quad (RFC 5952 §5).
  std::string Print() const;

  // ReverseName is the name whose PTR records name this address, below
  // in-addr.arpa (RFC 1035 §3.5) or ip6.arpa (RFC 3596 §2.5).
  Name ReverseName() const;

  // MacroForm is what SPF's "%{i}" expands to (RFC 7208 §7.3): a dotted quad, or
  // 32 hexadecimal digits in lower case with dots between them.
  std::string MacroForm() const { return is_v4() ? PrintQuad(bytes()) : PrintNibbles(); }

  friend bool operator==(const IpAddress& a, const IpAddress& b) {
    return a.size_ == b.size_ && a.octets_ == b.octets_;
  }
  // operator< puts IPv4 before IPv6, then goes by number.
  friend bool operator<(const IpAddress& a, const IpAddress& b) {
    return std::pair(a.size_, a.octets_) < std::pair(b.size_, b.octets_);
  }

  template <typename H>
  friend H AbslHashValue(H h, const IpAddress& address) {
    h = H::combine_contiguous(std::move(h), address.octets_.data(), kV6Octets);
    return H::combine(std::move(h), address.size_);
  }

 private:
  friend struct Prefix;

  static constexpr std::string_view kHexDigits = "0123456789abcdef";

  // ParseQuad is ParseV4 that returns the address as a number, in a register: an
  // address comes back through memory, written in pieces, and whoever copies it at
  // once waits for them.
  static std::optional<uint32_t> ParseQuad(std::string_view text);
  static std::optional<uint32_t> TakeOctet(base::Cursor* cursor);
  uint16_t Group(size_t i) const {
    return static_cast<uint16_t>(octets_[2 * i] << 8 | octets_[2 * i + 1]);
  }
  // Half is the number that the octets from 8 * |i| on make. Compilers know this
  // spelling of a load in network order.
  uint64_t Half(size_t i) const {
    uint64_t half = 0;
    for (size_t k = 0; k < 8; ++k) half = half << 8 | octets_[8 * i + k];
    return half;
  }
  bool IsMapped() const;
  static std::string PrintQuad(std::span<const uint8_t> quad);
  std::string PrintNibbles() const;

  // Octets past size_ stay zero, so that whole arrays compare.
  std::array<uint8_t, kV6Octets> octets_{};
  uint8_t size_ = kV4Octets;
};

// Prefix is an address with the number of its leading bits that count.
struct Prefix {
  Prefix() = default;
  Prefix(const IpAddress& prefix_address, int prefix_bits)
      : address(prefix_address), bits(prefix_bits) {}

  // Contains says whether |other| has the same leading bits. Families never mix
  // (see IpAddress::Unmapped), and a prefix longer than its address or shorter
  // than 0 bits contains nothing.
  bool Contains(const IpAddress& other) const;

  IpAddress address;
  int bits = 0;
};

// ParseDecimal reads all of |text| as a decimal number up to |max| without
// leading zeros; nullopt for anything else.
inline std::optional<uint32_t> ParseDecimal(std::string_view text, uint32_t max);

// Implementation.

inline std::optional<uint32_t> ParseDecimal(std::string_view text, uint32_t max) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  uint64_t value = 0;
  for (const char c : text) {
    if (!base::kDigit(c)) return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
    if (value > max) return std::nullopt;
  }
  return static_cast<uint32_t>(value);
}

// TakeOctet takes a decimal number up to 255 without leading zeros.
inline std::optional<uint32_t> IpAddress::TakeOctet(base::Cursor* cursor) {
  // The least number of each length.
  constexpr uint32_t kLeast[] = {256, 0, 10, 100};
  uint32_t octet = 0;
  size_t digits = 0;
  for (; digits < 3; ++digits) {
    const char digit = cursor->Peek();
    if (!cursor->TakeIf(base::kDigit)) break;
    octet = octet * 10 + static_cast<uint32_t>(digit - '0');
  }
  if (octet < kLeast[digits] || octet > 255) return std::nullopt;
  return octet;
}

inline std::optional<uint32_t> IpAddress::ParseQuad(std::string_view text) {
  base::Cursor cursor(text);
  uint32_t number = 0;
  for (size_t i = 0; i < kV4Octets; ++i) {
    if (i > 0 && !cursor.Take('.')) return std::nullopt;
    const auto octet = TakeOctet(&cursor);
    if (!octet.has_value()) return std::nullopt;
    number = number << 8 | *octet;
  }
  if (!cursor.at_end()) return std::nullopt;
  return number;
}

inline std::optional<IpAddress> IpAddress::ParseV4(std::string_view text) {
  const std::optional<uint32_t> number = ParseQuad(text);
  if (!number.has_value()) return std::nullopt;
  IpAddress address;
  address.octets_ = {static_cast<uint8_t>(*number >> 24), static_cast<uint8_t>(*number >> 16),
                     static_cast<uint8_t>(*number >> 8), static_cast<uint8_t>(*number)};
  return address;
}

inline std::optional<IpAddress> IpAddress::ParseV6(std::string_view text) {
  constexpr base::CharSet kHex =
      base::kDigit | base::CharSet::Range('a', 'f') | base::CharSet::Range('A', 'F');
  IpAddress address;
  address.size_ = kV6Octets;
  size_t size = 0;            // octets written
  std::optional<size_t> gap;  // how many of them stand before the "::"
  base::Cursor cursor(text);
  if (cursor.Take("::")) gap = 0;
  while (!cursor.at_end()) {
    if (size == kV6Octets) return std::nullopt;
    const std::string_view rest = cursor.rest();
    const std::string_view group = cursor.TakeWhile(kHex);
    if (cursor.Peek() == '.') {
      const auto quad = ParseV4(rest);
      if (!quad.has_value() || size + kV4Octets > kV6Octets) return std::nullopt;
      std::copy_n(quad->octets_.begin(), kV4Octets, address.octets_.begin() + size);
      size += kV4Octets;
      break;
    }
    if (group.empty() || group.size() > 4) return std::nullopt;
    uint32_t value = 0;
    for (const char c : group) {
      value = value << 4 | static_cast<uint32_t>(kHexDigits.find(base::ToLower(c)));
    }
    address.octets_[size++] = static_cast<uint8_t>(value >> 8);
    address.octets_[size++] = static_cast<uint8_t>(value & 0xff);
    if (cursor.at_end()) break;
    if (cursor.Take("::")) {
      if (gap.has_value()) return std::nullopt;
      gap = size;
    } else if (!cursor.Take(':') || cursor.at_end()) {
      return std::nullopt;
    }
  }
  if (!gap.has_value()) return size == kV6Octets ? std::optional(address) : std::nullopt;
  // RFC 4291 §2.2: "::" stands for one or more groups.
  if (size > kV6Octets - 2) return std::nullopt;
  const auto first = address.octets_.begin() + *gap;
  std::move_backward(first, address.octets_.begin() + size, address.octets_.end());
  std::fill_n(first, kV6Octets - size, uint8_t{0});
  return address;
}

inline bool IpAddress::IsMapped() const {
  if (is_v4()) return false;
  for (size_t i = 0; i < 5; ++i) {
    if (Group(i) != 0) return false;
  }
  return Group(5) == 0xffff;
}

inline IpAddress IpAddress::Unmapped() const {
  if (!IsMapped()) return *this;
  IpAddress v4;
  std::copy_n(octets_.begin() + 12, kV4Octets, v4.octets_.begin());
  return v4;
}

inline std::string IpAddress::PrintQuad(std::span<const uint8_t> quad) {
  std::string out;
  for (const uint8_t octet : quad) {
    if (!out.empty()) out += '.';
    out += std::to_string(octet);
  }
  return out;
}

inline std::string IpAddress::PrintNibbles() const {
  std::string out;
  for (const uint8_t octet : bytes()) {
    if (!out.empty()) out += '.';
    out += kHexDigits[octet >> 4];
    out += '.';
    out += kHexDigits[octet & 0xf];
  }
  return out;
}

inline std::string IpAddress::Print() const {
  if (is_v4()) return PrintQuad(bytes());
  if (IsMapped()) return "::ffff:" + PrintQuad(bytes().subspan(12));
  // RFC 5952 §4.2: "::" replaces the longest run of at least two zero groups,
  // the first one of equally long runs.
  constexpr size_t kGroups = kV6Octets / 2;
  size_t gap = kGroups;
  size_t gap_length = 1;
  for (size_t i = 0; i < kGroups; ++i) {
    size_t end = i;
    while (end < kGroups && Group(end) == 0) ++end;
    if (end - i > gap_length) {
      gap = i;
      gap_length = end - i;
    }
  }
  std::string out;
  for (size_t i = 0; i < kGroups;) {
    if (i == gap) {
      out += "::";
      i += gap_length;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    bool leading = true;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const int nibble = (Group(i) >> shift) & 0xf;
      leading = leading && nibble == 0 && shift > 0;
      if (!leading) out += kHexDigits[nibble];
    }
    ++i;
  }
  return out;
}

inline Name IpAddress::ReverseName() const {
  std::string text;
  for (size_t i = size_; i-- > 0;) {
    if (is_v4()) {
      text += std::to_string(octets_[i]);
    } else {
      text += kHexDigits[octets_[i] & 0xf];
      text += '.';
      text += kHexDigits[octets_[i] >> 4];
    }
    text += '.';
  }
  text += is_v4() ? "in-addr.arpa" : "ip6.arpa";
  const auto name = Name::Parse(text);
  POSTSEAL_CHECK(name.has_value());
  return *name;
}

inline bool Prefix::Contains(const IpAddress& other) const {
  if (address.is_v4() != other.is_v4() || bits < 0 || bits > address.bit_count()) return false;
  if (bits == 0) return true;
  // What differs, as two numbers whose leading bits are the address's: octets past
  // an IPv4 address are zero in both.
  const uint64_t first = address.Half(0) ^ other.Half(0);
  if (bits <= 64) return first >> (64 - bits) == 0;
  return first == 0 && (address.Half(1) ^ other.Half(1)) >> (128 - bits) == 0;
}

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_ADDRESS_H_
