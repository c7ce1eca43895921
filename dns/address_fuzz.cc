// Text is an address to us when it is one to inet_pton, which is the reference; what is
// printed is read again; networks and the names of the reverse tree stay within their
// bounds.
#include <arpa/inet.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/check.h"
#include "dns/address.h"

namespace postseal::dns {
namespace {

// Reference is what inet_pton makes of |text|; it takes C strings.
std::optional<IpAddress> Reference(int family, std::string_view text) {
  if (text.find('\0') != text.npos) return std::nullopt;
  uint8_t octets[IpAddress::kV6Octets];
  if (inet_pton(family, std::string(text).c_str(), octets) != 1) return std::nullopt;
  const size_t size = family == AF_INET ? IpAddress::kV4Octets : IpAddress::kV6Octets;
  return IpAddress::FromBytes(std::span<const uint8_t>(octets, size));
}

void CheckAddress(const IpAddress& address) {
  const std::string printed = address.Print();
  POSTSEAL_CHECK(IpAddress::Parse(printed) == address);
  char expected[INET6_ADDRSTRLEN];
  POSTSEAL_CHECK(inet_ntop(address.is_v4() ? AF_INET : AF_INET6, address.bytes().data(), expected,
                           sizeof expected) != nullptr);
  // RFC 5952 has dotted quads after ::ffff: alone; inet_ntop has them in more places.
  if (std::strchr(expected, '.') == nullptr) POSTSEAL_CHECK(printed == expected);
  POSTSEAL_CHECK(address.ReverseName().label_count() == (address.is_v4() ? 6u : 34u));
  POSTSEAL_CHECK(!address.MacroForm().empty());
  const IpAddress unmapped = address.Unmapped();
  POSTSEAL_CHECK(unmapped == address || (unmapped.is_v4() && !address.is_v4()));
  for (int bits = 0; bits <= address.bit_count(); ++bits) {
    POSTSEAL_CHECK(Prefix(address, bits).Contains(address));
  }
}

}  // namespace
}  // namespace postseal::dns

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using postseal::dns::IpAddress;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::optional<IpAddress> v4 = IpAddress::ParseV4(text);
  const std::optional<IpAddress> v6 = IpAddress::ParseV6(text);
  POSTSEAL_CHECK(v4 == postseal::dns::Reference(AF_INET, text));
  POSTSEAL_CHECK(v6 == postseal::dns::Reference(AF_INET6, text));
  POSTSEAL_CHECK(!v4.has_value() || !v6.has_value());
  POSTSEAL_CHECK(IpAddress::Parse(text) == (v4.has_value() ? v4 : v6));
  if (v4.has_value()) postseal::dns::CheckAddress(*v4);
  if (v6.has_value()) postseal::dns::CheckAddress(*v6);
  const auto octets = IpAddress::FromBytes({data, size});
  POSTSEAL_CHECK(octets.has_value() == (size == 4 || size == 16));
  if (octets.has_value()) postseal::dns::CheckAddress(*octets);
  return 0;
}
