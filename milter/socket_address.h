// SocketAddress: where a milter listens, as OpenDKIM and the MTA's files write it.
#ifndef POSTSEAL_MILTER_SOCKET_ADDRESS_H_
#define POSTSEAL_MILTER_SOCKET_ADDRESS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "dns/address.h"
#include "dns/name.h"

namespace postseal::milter {

// kMaxSocketPathOctets bounds the path of a local socket, in octets: sun_path of
// Linux has 108, one of them the final NUL. unix(7)
inline constexpr size_t kMaxSocketPathOctets = 107;

// SocketAddress is a TCP port of an address or of a host's name, or a path. It is
// only text that was checked: names are resolved by whoever listens.
class SocketAddress {
 public:
  enum class Family : uint8_t { kLocal, kInet, kInet6 };

  // Parse reads
  //
  //   inet:PORT[@HOST]   inet6:PORT[@HOST]   local:PATH   unix:PATH   PATH
  //
  // PORT is a number; 0 asks the system for a free one. HOST is a name or an
  // address, which may stand in brackets; without it (or as "*") all interfaces are
  // meant. A PATH without a prefix begins with "/". InvalidArgument says what is
  // wrong, without the text itself.
  static absl::StatusOr<SocketAddress> Parse(std::string_view text);

  Family family() const { return family_; }
  bool is_local() const { return family_ == Family::kLocal; }
  // path is that of a local socket.
  const std::string& path() const { return path_; }
  // port and host are those of the other two; an empty host is every interface.
  uint16_t port() const { return port_; }
  const std::string& host() const { return host_; }

  // Print writes what Parse reads.
  std::string Print() const;

  friend bool operator==(const SocketAddress& a, const SocketAddress& b) {
    return a.family_ == b.family_ && a.port_ == b.port_ && a.host_ == b.host_ && a.path_ == b.path_;
  }

 private:
  SocketAddress() = default;

  static absl::StatusOr<SocketAddress> ParseLocal(std::string_view path);
  static absl::StatusOr<SocketAddress> ParseInet(Family family, std::string_view text);

  Family family_ = Family::kLocal;
  uint16_t port_ = 0;
  std::string host_;
  std::string path_;
};

// Implementation.

inline absl::StatusOr<SocketAddress> SocketAddress::Parse(std::string_view text) {
  base::Cursor cursor(text);
  if (cursor.TakeIgnoreCase("inet6:")) return ParseInet(Family::kInet6, cursor.rest());
  if (cursor.TakeIgnoreCase("inet:")) return ParseInet(Family::kInet, cursor.rest());
  if (cursor.TakeIgnoreCase("local:") || cursor.TakeIgnoreCase("unix:")) {
    return ParseLocal(cursor.rest());
  }
  if (cursor.Peek() == '/') return ParseLocal(text);
  return absl::InvalidArgumentError(
      "a socket is inet:PORT@HOST, inet6:PORT@HOST, local:PATH or a path that begins with \"/\"");
}

inline absl::StatusOr<SocketAddress> SocketAddress::ParseLocal(std::string_view path) {
  if (path.empty()) return absl::InvalidArgumentError("the path of the socket is missing");
  if (path.size() > kMaxSocketPathOctets) {
    return absl::InvalidArgumentError(
        absl::StrCat("the path of the socket has more than ", kMaxSocketPathOctets, " octets"));
  }
  for (const char c : path) {
    if (base::kControl(c)) {
      return absl::InvalidArgumentError("the path of the socket has a control character");
    }
  }
  SocketAddress address;
  address.path_ = std::string(path);
  return address;
}

inline absl::StatusOr<SocketAddress> SocketAddress::ParseInet(Family family,
                                                              std::string_view text) {
  base::Cursor cursor(text);
  const std::optional<uint32_t> port = dns::ParseDecimal(cursor.TakeUntil('@'), 65535);
  if (!port.has_value()) {
    return absl::InvalidArgumentError("the port of the socket is no number from 0 to 65535");
  }
  SocketAddress address;
  address.family_ = family;
  address.port_ = static_cast<uint16_t>(*port);
  if (cursor.at_end()) return address;
  cursor.Take('@');
  std::string_view host = cursor.rest();
  if (host.empty()) return absl::InvalidArgumentError("the host of the socket is missing");
  if (host == "*") return address;
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (const std::optional<dns::IpAddress> literal = dns::IpAddress::Parse(host)) {
    if (literal->is_v4() != (family == Family::kInet)) {
      return absl::InvalidArgumentError(
          "the address of the socket does not belong to inet: or inet6:, whichever it says");
    }
    address.host_ = literal->Print();
    return address;
  }
  constexpr base::CharSet kHostName = base::kAlphaDigit | base::CharSet("-_.");
  if (!base::AllIn(host, kHostName) || !dns::Name::Parse(host).has_value()) {
    return absl::InvalidArgumentError("the host of the socket is neither a name nor an address");
  }
  address.host_ = std::string(host);
  return address;
}

inline std::string SocketAddress::Print() const {
  if (is_local()) return absl::StrCat("local:", path_);
  const std::string_view prefix = family_ == Family::kInet ? "inet:" : "inet6:";
  if (host_.empty()) return absl::StrCat(prefix, port_);
  const bool colons = host_.find(':') != std::string::npos;
  return absl::StrCat(prefix, port_, "@", colons ? "[" : "", host_, colons ? "]" : "");
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_SOCKET_ADDRESS_H_
