#include "milter/own_networks.h"

#include "dns/address.h"
#include "gtest/gtest.h"

namespace postseal::milter {
namespace {

// "InternalHosts 0.0.0.0/0" stands for these: a neighbour in the network of a public
// interface must not be among them.
TEST(OwnNetworksTest, InterfacesAreAddressesAndNotNetworks) {
  const auto networks = InterfaceAddresses();
  EXPECT_FALSE(networks.empty()) << "the loopback interface is always there";
  for (const dns::Prefix& network : networks) {
    EXPECT_EQ(network.bits, network.address.bit_count()) << network.address.Print();
  }
}

TEST(OwnNetworksTest, PrivateNetworksHoldNoPublicAddress) {
  for (const char* const text : {"203.0.113.9", "100.64.0.1", "172.32.0.1", "2001:db8::1",
                                 "8.8.8.8", "2a00::1", "fec0::1"}) {
    for (const dns::Prefix& network : PrivateNetworks()) {
      EXPECT_FALSE(network.Contains(*dns::IpAddress::Parse(text))) << text;
    }
  }
}

}  // namespace
}  // namespace postseal::milter
