#include "milter/own_networks.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "dns/address.h"

namespace postseal::milter {
namespace {

dns::Prefix Network(std::string_view address, int bits) {
  const std::optional<dns::IpAddress> parsed = dns::IpAddress::Parse(address);
  POSTSEAL_CHECK(parsed.has_value());
  return {*parsed, bits};
}

std::optional<dns::IpAddress> AddressOf(const struct sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  const uint8_t* octets = nullptr;
  size_t size = 0;
  if (address->sa_family == AF_INET) {
    octets = reinterpret_cast<const uint8_t*>(
        &reinterpret_cast<const struct sockaddr_in*>(address)->sin_addr);
    size = dns::IpAddress::kV4Octets;
  } else if (address->sa_family == AF_INET6) {
    octets = reinterpret_cast<const uint8_t*>(
        &reinterpret_cast<const struct sockaddr_in6*>(address)->sin6_addr);
    size = dns::IpAddress::kV6Octets;
  } else {
    return std::nullopt;
  }
  return dns::IpAddress::FromBytes(std::span<const uint8_t>(octets, size));
}

struct FreeInterfaces {
  void operator()(struct ifaddrs* interfaces) const { freeifaddrs(interfaces); }
};

}  // namespace

std::vector<dns::Prefix> PrivateNetworks() {
  return {Network("127.0.0.0", 8),   Network("::1", 128),        Network("10.0.0.0", 8),
          Network("172.16.0.0", 12), Network("192.168.0.0", 16), Network("169.254.0.0", 16),
          Network("fe80::", 10),     Network("fc00::", 7)};
}

std::vector<dns::Prefix> InterfaceAddresses() {
  std::vector<dns::Prefix> networks;
  struct ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return networks;
  const std::unique_ptr<struct ifaddrs, FreeInterfaces> owner(all);
  for (const struct ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    const std::optional<dns::IpAddress> address = AddressOf(one->ifa_addr);
    if (address.has_value()) networks.emplace_back(*address, address->bit_count());
  }
  return networks;
}

}  // namespace postseal::milter
