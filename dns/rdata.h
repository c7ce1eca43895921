// Record data (RDATA) in wire form: readers that take anything, and the builders
// that mirror them. Names in record data are never compressed here: resolvers
// hand them out expanded (RFC 3597 §4).
#ifndef POSTSEAL_DNS_RDATA_H_
#define POSTSEAL_DNS_RDATA_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "dns/address.h"
#include "dns/name.h"

namespace postseal::dns {

// kMaxCharacterStringOctets is the longest <character-string>, in octets
// without its length octet. RFC 1035 §3.3
inline constexpr size_t kMaxCharacterStringOctets = 255;
// kMaxRdataOctets is the longest record data, in octets: RDLENGTH has 16 bits.
// RFC 1035 §3.2.1
inline constexpr size_t kMaxRdataOctets = 65535;

// Mx is the record data of an MX record. The root as |exchange| is the "null MX"
// of RFC 7505 §3.
struct Mx {
  Mx(uint16_t mx_preference, const Name& mx_exchange)
      : preference(mx_preference), exchange(mx_exchange) {}
  friend bool operator==(const Mx& a, const Mx& b) {
    return a.preference == b.preference && a.exchange == b.exchange;
  }

  uint16_t preference;
  Name exchange;
};

// JoinTxt is the text of a TXT record: its strings one after another with
// nothing between them (RFC 6376 §3.6.2.2, RFC 7208 §3.3). One string is
// returned as a view into |rdata|, several are joined in |arena|. nullopt when
// |rdata| is no sequence of one or more character-strings (RFC 1035 §3.3.14).
std::optional<std::string_view> JoinTxt(std::string_view rdata, base::Arena* arena);

// ParseAddress reads the data of an A record (4 octets) or an AAAA record (16).
std::optional<IpAddress> ParseAddress(std::string_view rdata);

// ParseName reads the data of a PTR, CNAME or NS record: one name in wire form,
// uncompressed, and nothing after it. nullopt also for a label that holds a dot,
// which Name cannot hold.
std::optional<Name> ParseName(std::string_view rdata);

// ParseMx reads the data of an MX record; the exchange is read as by ParseName.
std::optional<Mx> ParseMx(std::string_view rdata);

// TxtRdata splits |text| into strings of 255 octets, the last one shorter. JoinTxt
// undoes it. No text becomes one empty string.
std::string TxtRdata(std::string_view text);
// This form keeps the given |strings| apart; one above 255 octets is split, and
// no string at all becomes one empty string.
std::string TxtRdata(std::span<const std::string_view> strings);
std::string AddressRdata(const IpAddress& address);
std::string NameRdata(const Name& name);
std::string MxRdata(const Mx& mx);

// Implementation.

inline std::optional<std::string_view> JoinTxt(std::string_view rdata, base::Arena* arena) {
  // Each string is a length octet and that many octets (RFC 1035 §3.3).
  size_t strings = 0;
  for (size_t i = 0; i < rdata.size(); ++strings) {
    const size_t length = static_cast<uint8_t>(rdata[i]);
    if (length > rdata.size() - i - 1) return std::nullopt;
    i += 1 + length;
  }
  if (strings == 0) return std::nullopt;
  if (strings == 1) return rdata.substr(1);
  const size_t size = rdata.size() - strings;
  char* const joined = static_cast<char*>(arena->Allocate(size, 1));
  size_t end = 0;
  for (size_t i = 0; i < rdata.size();) {
    const size_t length = static_cast<uint8_t>(rdata[i]);
    std::memcpy(joined + end, rdata.data() + i + 1, length);
    end += length;
    i += 1 + length;
  }
  return std::string_view(joined, size);
}

inline std::optional<IpAddress> ParseAddress(std::string_view rdata) {
  return IpAddress::FromBytes({reinterpret_cast<const uint8_t*>(rdata.data()), rdata.size()});
}

inline std::optional<Name> ParseName(std::string_view rdata) {
  std::array<char, Name::kMaxOctets + 1> text;
  size_t size = 0;
  for (;;) {
    if (rdata.empty()) return std::nullopt;
    const size_t length = static_cast<uint8_t>(rdata.front());
    rdata.remove_prefix(1);
    if (length == 0) break;
    // Above 63 is a compression pointer or a reserved label type (RFC 1035 §4.1.4).
    if (length > Name::kMaxLabelOctets || length > rdata.size()) return std::nullopt;
    const std::string_view label = rdata.substr(0, length);
    if (label.find('.') != std::string_view::npos) return std::nullopt;
    if (size + length + 1 > text.size()) return std::nullopt;
    std::memcpy(text.data() + size, label.data(), length);
    size += length;
    text[size++] = '.';
    rdata.remove_prefix(length);
  }
  if (!rdata.empty()) return std::nullopt;
  if (size == 0) return Name();
  return Name::Parse({text.data(), size});
}

inline std::optional<Mx> ParseMx(std::string_view rdata) {
  if (rdata.size() < 2) return std::nullopt;
  const auto exchange = ParseName(rdata.substr(2));
  if (!exchange.has_value()) return std::nullopt;
  const auto high = static_cast<uint8_t>(rdata[0]);
  const auto low = static_cast<uint8_t>(rdata[1]);
  return Mx(static_cast<uint16_t>(high << 8 | low), *exchange);
}

inline std::string TxtRdata(std::string_view text) { return TxtRdata(std::span(&text, 1)); }

inline std::string TxtRdata(std::span<const std::string_view> strings) {
  std::string rdata;
  for (std::string_view text : strings) {
    do {
      const std::string_view part = text.substr(0, kMaxCharacterStringOctets);
      rdata += static_cast<char>(part.size());
      rdata += part;
      text.remove_prefix(part.size());
    } while (!text.empty());
  }
  if (rdata.empty()) rdata += '\0';
  return rdata;
}

inline std::string AddressRdata(const IpAddress& address) {
  return std::string(address.bytes().begin(), address.bytes().end());
}

inline std::string NameRdata(const Name& name) {
  std::string rdata;
  for (std::string_view rest = name.text(); !rest.empty();) {
    const std::string_view label = rest.substr(0, rest.find('.'));
    rdata += static_cast<char>(label.size());
    rdata += label;
    rest.remove_prefix(label.size());
    if (!rest.empty()) rest.remove_prefix(1);
  }
  rdata += '\0';
  return rdata;
}

inline std::string MxRdata(const Mx& mx) {
  std::string rdata;
  rdata += static_cast<char>(mx.preference >> 8);
  rdata += static_cast<char>(mx.preference & 0xff);
  return rdata + NameRdata(mx.exchange);
}

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_RDATA_H_
