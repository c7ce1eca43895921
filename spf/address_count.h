// AddressCount: how many addresses a set of prefixes holds, each counted once.
#ifndef POSTSEAL_SPF_ADDRESS_COUNT_H_
#define POSTSEAL_SPF_ADDRESS_COUNT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "dns/address.h"

namespace postseal::spf {

// AddressCount collects prefixes. Of an IPv6 address the first 64 bits count: a
// network of that size is what one host gets (RFC 4291 §2.5.1), and no number holds
// the addresses.
class AddressCount {
 public:
  // Add adds the addresses that share the first |bits| bits with |address|, which
  // are at most all it has.
  void Add(const dns::IpAddress& address, int bits) {
    const std::span<const uint8_t> octets = address.bytes();
    uint64_t number = 0;
    for (size_t i = 0; i < std::min<size_t>(octets.size(), 8); ++i)
      number = number << 8 | octets[i];
    const int width = address.is_v4() ? 32 : 64;
    const int free_bits = width - std::min(bits, width);
    // A shift by all 64 bits is none at all.
    const uint64_t free =
        free_bits == 64 ? std::numeric_limits<uint64_t>::max() : (uint64_t{1} << free_bits) - 1;
    (address.is_v4() ? v4_ : v6_).push_back({number & ~free, number | free});
  }

  // ipv4_addresses is the number of IPv4 addresses; all are 2^32.
  uint64_t ipv4_addresses() { return Count(&v4_); }
  // ipv6_networks is the number of IPv6 networks of 64 bits; all are UINT64_MAX,
  // one less than they are.
  uint64_t ipv6_networks() { return Count(&v6_); }

 private:
  // Range is all numbers from |first| to |last|.
  struct Range {
    friend bool operator<(const Range& a, const Range& b) { return a.first < b.first; }
    uint64_t first;
    uint64_t last;
  };

  // Count merges |ranges| and adds up what is left.
  static uint64_t Count(std::vector<Range>* ranges) {
    std::sort(ranges->begin(), ranges->end());
    size_t merged = 0;
    for (const Range& range : *ranges) {
      if (merged > 0 && range.first <= (*ranges)[merged - 1].last) {
        (*ranges)[merged - 1].last = std::max((*ranges)[merged - 1].last, range.last);
      } else {
        (*ranges)[merged++] = range;
      }
    }
    ranges->resize(merged);
    uint64_t count = 0;
    for (const Range& range : *ranges) {
      const uint64_t size = range.last - range.first;
      // Only the range of everything has a size that its number does not hold.
      if (size == std::numeric_limits<uint64_t>::max()) return size;
      count += size + 1;
      // Disjoint ranges that together are everything.
      if (count == 0) return std::numeric_limits<uint64_t>::max();
    }
    return count;
  }

  std::vector<Range> v4_;
  std::vector<Range> v6_;
};

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_ADDRESS_COUNT_H_
