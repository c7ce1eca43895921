#include "spf/address_count.h"

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "gtest/gtest.h"

namespace postseal::spf {
namespace {

struct Network {
  std::string_view address;
  int bits;
};

struct Case {
  std::vector<Network> networks;
  uint64_t v4;
  uint64_t v6;
  std::string_view why;
};

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

TEST(AddressCountTest, CountsEachAddressOnce) {
  const Case kCases[] = {
      {{}, 0, 0, "nothing"},
      {{{"192.0.2.1", 32}}, 1, 0, "a host"},
      {{{"192.0.2.1", 24}}, 256, 0, "a network, whatever its host bits"},
      {{{"0.0.0.0", 0}}, uint64_t{1} << 32, 0, "all of IPv4"},
      {{{"255.255.255.255", 32}}, 1, 0, "the last address"},
      {{{"192.0.2.0", 24}, {"192.0.2.0", 24}}, 256, 0, "the same twice"},
      {{{"192.0.2.128", 25}, {"192.0.2.0", 24}, {"192.0.2.7", 32}}, 256, 0, "one in another"},
      {{{"192.0.2.0", 25}, {"192.0.2.128", 25}}, 256, 0, "neighbours"},
      {{{"10.0.0.0", 8}, {"10.0.0.1", 32}, {"11.0.0.1", 32}},
       (1 << 24) + 1,
       0,
       "one after a wide range that a narrow one followed"},
      {{{"2001:db8::", 32}}, 0, uint64_t{1} << 32, "a /32 has 2^32 /64s"},
      {{{"2001:db8::1", 128}, {"2001:db8::2", 128}}, 0, 1, "two hosts of one network"},
      {{{"2001:db8::1", 64}, {"2001:db8:0:1::", 64}}, 0, 2, "two networks"},
      {{{"::", 0}}, 0, kMax, "all of IPv6"},
      {{{"::", 1}, {"8000::", 1}}, 0, kMax, "all of IPv6 in halves"},
      {{{"::", 1}}, 0, uint64_t{1} << 63, "half of it"},
      {{{"0.0.0.1", 32}, {"::1", 128}}, 1, 1, "the families do not mix"},
  };
  for (const Case& c : kCases) {
    AddressCount count;
    for (const Network& network : c.networks) {
      count.Add(*dns::IpAddress::Parse(network.address), network.bits);
    }
    EXPECT_EQ(count.ipv4_addresses(), c.v4) << c.why;
    EXPECT_EQ(count.ipv6_networks(), c.v6) << c.why;
    EXPECT_EQ(count.ipv4_addresses(), c.v4) << "counted again: " << c.why;
  }
}

}  // namespace
}  // namespace postseal::spf
