// HostList: the clients that InternalHosts, PeerList and their like name.
// opendkim.conf(5), PeerList
#ifndef POSTSEAL_MILTER_HOST_LIST_H_
#define POSTSEAL_MILTER_HOST_LIST_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ascii.h"
#include "base/check.h"
#include "dns/address.h"
#include "dns/name.h"
#include "milter/glob.h"

namespace postseal::milter {

// kMaxHostEntryOctets bounds one entry, in octets: a domain name with its marks.
inline constexpr size_t kMaxHostEntryOctets = dns::Name::kMaxOctets + 4;
// kMaxHostGlobs bounds the entries of a list that hold a "*" elsewhere than at the
// front of a domain: they are tried one after the other.
inline constexpr size_t kMaxHostGlobs = 1000;

// HostList is a set of addresses, networks, host names and domains, each of which
// may be negated. A lookup costs a hash a prefix length in use and a hash a label.
class HostList {
  static constexpr base::CharSet kStars = base::CharSet("*");

 public:
  // Entry is one element, read.
  struct Entry {
    bool negated = false;                // "!"
    std::optional<dns::Prefix> network;  // an address is a network of one
    std::string name;                    // lower case; a domain's begins with "."
    bool is_glob = false;                // name is a pattern

    // is_everyone says whether the entry holds for every client of a family.
    bool is_everyone() const {
      return network.has_value() ? network->bits == 0 : is_glob && base::AllIn(name, kStars);
    }
  };

  // ParseEntry reads one element:
  //
  //   ADDRESS   ADDRESS/BITS   ADDRESS/NETMASK (IPv4)   HOST   .DOMAIN   *.DOMAIN   *
  //
  // each with "!" before it if it is negated. An address may stand in brackets.
  // Octets of a network beyond its bits are ignored; an IPv4-mapped IPv6 network is
  // the IPv4 one. Other patterns, "192.0.2.*", hold for the name and for the text of
  // the address. InvalidArgument without the text for anything else.
  static absl::StatusOr<Entry> ParseEntry(std::string_view text);

  // Parse reads several entries. The first that is wrong is the error.
  static absl::StatusOr<HostList> Parse(std::span<const std::string_view> entries);
  static absl::StatusOr<HostList> Parse(std::initializer_list<std::string_view> entries) {
    return Parse(std::span<const std::string_view>(entries.begin(), entries.size()));
  }

  // Add adds |entry|; of two that contradict each other the negated one counts.
  // ResourceExhausted for a pattern above kMaxHostGlobs.
  absl::Status Add(const Entry& entry);

  // Matches says whether the client is in the list. |address| is absent where the
  // MTA gave none, |host_name| empty where it is unknown; a name in brackets, which
  // is how an MTA writes an address without a name, is none.
  //
  // Names count before addresses and the more precise entry before the less precise
  // one: the host, its domains from the longest, the address, its networks from the
  // longest, then patterns. The first that is found decides, be it negated or not:
  // "exclusions of specific hosts that are otherwise members of larger sets".
  bool Matches(const std::optional<dns::IpAddress>& address, std::string_view host_name) const;

  // MatchesName is Matches for a name alone: a domain, or the host part of an
  // address.
  bool MatchesName(std::string_view host_name) const { return Matches(std::nullopt, host_name); }

  bool empty() const { return names_.empty() && networks_.empty() && globs_.empty(); }
  size_t size() const { return names_.size() + networks_.size() + globs_.size(); }

 private:
  using NetworkKey = std::pair<int, dns::IpAddress>;

  struct Glob {
    std::string pattern;
    bool negated;
  };

  // Masked is |address| with the bits after the first |bits| cleared.
  static dns::IpAddress Masked(const dns::IpAddress& address, int bits);
  static std::optional<dns::Prefix> ParseNetwork(std::string_view text);
  static std::optional<int> ParseBits(const dns::IpAddress& address, std::string_view text);

  // The Find functions say what the list has on it: true for a member, false for an
  // excluded one, nullopt for nothing.
  std::optional<bool> FindName(const std::string& name) const;
  std::optional<bool> FindNetwork(const dns::IpAddress& address) const;
  std::optional<bool> FindGlob(std::string_view text) const;

  absl::flat_hash_map<std::string, bool> names_;  // to "is a member"
  absl::flat_hash_map<NetworkKey, bool> networks_;
  std::vector<int> v4_bits_;  // the lengths in use, longest first
  std::vector<int> v6_bits_;
  std::vector<Glob> globs_;
};

// Implementation.

inline dns::IpAddress HostList::Masked(const dns::IpAddress& address, int bits) {
  std::array<uint8_t, dns::IpAddress::kV6Octets> octets{};
  const std::span<const uint8_t> bytes = address.bytes();
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int kept = std::clamp(bits - static_cast<int>(i) * 8, 0, 8);
    octets[i] = static_cast<uint8_t>(bytes[i] & (0xff00 >> kept));
  }
  const auto masked =
      dns::IpAddress::FromBytes(std::span<const uint8_t>(octets.data(), bytes.size()));
  POSTSEAL_CHECK(masked.has_value());
  return *masked;
}

inline std::optional<int> HostList::ParseBits(const dns::IpAddress& address,
                                              std::string_view text) {
  if (const auto bits = dns::ParseDecimal(text, static_cast<uint32_t>(address.bit_count()))) {
    return static_cast<int>(*bits);
  }
  const std::optional<dns::IpAddress> mask = dns::IpAddress::ParseV4(text);
  if (!address.is_v4() || !mask.has_value()) return std::nullopt;
  // A netmask is some bits that are set, then some that are not.
  int bits = 0;
  for (const uint8_t octet : mask->bytes()) {
    for (int i = 7; i >= 0 && (octet >> i & 1) != 0; --i) ++bits;
    if (octet != 0xff) break;
  }
  const auto ones = dns::IpAddress::ParseV4("255.255.255.255");
  POSTSEAL_CHECK(ones.has_value());
  if (!(Masked(*ones, bits) == *mask)) return std::nullopt;
  return bits;
}

inline std::optional<dns::Prefix> HostList::ParseNetwork(std::string_view text) {
  const size_t slash = text.find('/');
  std::string_view literal = text.substr(0, slash);
  if (literal.size() > 2 && literal.front() == '[' && literal.back() == ']') {
    literal = literal.substr(1, literal.size() - 2);
  }
  const std::optional<dns::IpAddress> address = dns::IpAddress::Parse(literal);
  if (!address.has_value()) return std::nullopt;
  int bits = address->bit_count();
  if (slash != std::string_view::npos) {
    const std::optional<int> given = ParseBits(*address, text.substr(slash + 1));
    if (!given.has_value()) return std::nullopt;
    bits = *given;
  }
  constexpr int kMappedBits = 96;  // RFC 4291 §2.5.5.2
  const dns::IpAddress unmapped = address->Unmapped();
  if (!(unmapped == *address) && bits >= kMappedBits) {
    return dns::Prefix(Masked(unmapped, bits - kMappedBits), bits - kMappedBits);
  }
  return dns::Prefix(Masked(*address, bits), bits);
}

inline absl::StatusOr<HostList::Entry> HostList::ParseEntry(std::string_view text) {
  if (text.size() > kMaxHostEntryOctets) {
    return absl::InvalidArgumentError("the entry is longer than any name or address");
  }
  Entry entry;
  if (!text.empty() && text.front() == '!') {
    entry.negated = true;
    text.remove_prefix(1);
  }
  entry.network = ParseNetwork(text);
  if (entry.network.has_value()) return entry;
  const bool is_domain = text.substr(0, 2) == "*." && text.find('*', 1) == std::string_view::npos;
  if (is_domain) text.remove_prefix(1);
  // Names of hosts, and what stands in the patterns for names and addresses.
  constexpr base::CharSet kHost = base::kAlphaDigit | base::kNonAscii | base::CharSet("-_.:*");
  entry.is_glob = text.find('*') != std::string_view::npos;
  const std::string_view name = !text.empty() && text.front() == '.' ? text.substr(1) : text;
  // A host name's last label is not numeric (RFC 3696 §2): "192.0.2" and "300.1.1.1" are
  // addresses with a mistake.
  constexpr base::CharSet kNumeric = base::kDigit | base::CharSet("-.");
  const std::string_view top = base::StripTrailing(name, base::CharSet("."));
  const bool is_numeric = base::AllIn(top.substr(top.rfind('.') + 1), kNumeric);
  const bool is_name = base::AllIn(name, kHost) && dns::Name::Parse(name).has_value() &&
                       name.find(':') == std::string_view::npos && !is_numeric;
  if (entry.is_glob ? !base::AllIn(text, kHost) : !is_name) {
    return absl::InvalidArgumentError("the entry is no address, network, host name or \".domain\"");
  }
  entry.name = base::ToLower(base::StripTrailing(text, base::CharSet(".")));
  return entry;
}

inline absl::StatusOr<HostList> HostList::Parse(std::span<const std::string_view> entries) {
  HostList list;
  for (const std::string_view text : entries) {
    const absl::StatusOr<Entry> entry = ParseEntry(text);
    if (!entry.ok()) return entry.status();
    if (absl::Status status = list.Add(*entry); !status.ok()) return status;
  }
  return list;
}

inline absl::Status HostList::Add(const Entry& entry) {
  if (entry.network.has_value()) {
    const int bits = entry.network->bits;
    std::vector<int>& lengths = entry.network->address.is_v4() ? v4_bits_ : v6_bits_;
    const auto place = std::lower_bound(lengths.begin(), lengths.end(), bits, std::greater<int>());
    if (place == lengths.end() || *place != bits) lengths.insert(place, bits);
    const NetworkKey key(bits, Masked(entry.network->address, bits));
    bool& member = networks_.try_emplace(key, true).first->second;
    member = member && !entry.negated;
  } else if (entry.is_glob) {
    if (globs_.size() == kMaxHostGlobs) {
      return absl::ResourceExhaustedError("the list has too many entries with a \"*\" inside");
    }
    globs_.push_back({entry.name, entry.negated});
  } else {
    bool& member = names_.try_emplace(entry.name, true).first->second;
    member = member && !entry.negated;
  }
  return absl::OkStatus();
}

inline std::optional<bool> HostList::FindName(const std::string& name) const {
  if (names_.empty()) return std::nullopt;
  if (const auto it = names_.find(name); it != names_.end()) return it->second;
  for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const auto it = names_.find(std::string_view(name).substr(dot));
    if (it != names_.end()) return it->second;
  }
  return std::nullopt;
}

inline std::optional<bool> HostList::FindNetwork(const dns::IpAddress& address) const {
  for (const int bits : address.is_v4() ? v4_bits_ : v6_bits_) {
    const auto it = networks_.find(NetworkKey(bits, Masked(address, bits)));
    if (it != networks_.end()) return it->second;
  }
  return std::nullopt;
}

inline std::optional<bool> HostList::FindGlob(std::string_view text) const {
  if (text.empty()) return std::nullopt;
  std::optional<bool> found;
  for (const Glob& glob : globs_) {
    if (!GlobMatches(glob.pattern, text)) continue;
    if (glob.negated) return false;
    found = true;
  }
  return found;
}

inline bool HostList::Matches(const std::optional<dns::IpAddress>& address,
                              std::string_view host_name) const {
  if (empty()) return false;
  const bool has_name = !host_name.empty() && host_name.front() != '[' &&
                        host_name.size() <= dns::Name::kMaxOctets + 1;
  const std::string name =
      has_name ? base::ToLower(base::StripTrailing(host_name, base::CharSet("."))) : std::string();
  if (const std::optional<bool> found = FindName(name)) return *found;
  std::string literal;
  if (address.has_value()) {
    const dns::IpAddress unmapped = address->Unmapped();
    if (const std::optional<bool> found = FindNetwork(unmapped)) return *found;
    if (!globs_.empty()) literal = unmapped.Print();
  }
  const std::optional<bool> by_name = FindGlob(name);
  const std::optional<bool> by_address = FindGlob(literal);
  if (by_name.has_value() && by_address.has_value()) return *by_name && *by_address;
  return by_name.value_or(false) || by_address.value_or(false);
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_HOST_LIST_H_
