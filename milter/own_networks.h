// OwnNetworks: the networks that are ours in the absence of better knowledge.
#ifndef POSTSEAL_MILTER_OWN_NETWORKS_H_
#define POSTSEAL_MILTER_OWN_NETWORKS_H_

#include <vector>

#include "dns/address.h"

namespace postseal::milter {

// PrivateNetworks are those that no packet from the Internet comes from: loopback
// (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3), RFC 1918, link-local (RFC 3927, RFC 4291
// §2.5.6) and unique local ones (RFC 4193).
std::vector<dns::Prefix> PrivateNetworks();

// InterfaceAddresses are the addresses of this machine's interfaces, as they are now,
// each as a network of one address. The networks of the interfaces are not ours: at a
// hosting company strangers have the addresses beside a public one.
std::vector<dns::Prefix> InterfaceAddresses();

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_OWN_NETWORKS_H_
