// Digest and Hasher: the hash algorithms of DKIM, streaming.
#ifndef POSTSEAL_DKIM_DIGEST_H_
#define POSTSEAL_DKIM_DIGEST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dkim/algorithm.h"

namespace postseal::dkim {

// Digest is the value of a hash function: 20 octets for SHA-1, 32 for SHA-256.
struct Digest {
  static constexpr size_t kMaxOctets = 32;

  std::array<uint8_t, kMaxOctets> octets{};
  uint8_t size = 0;

  // view is the octets in use; it lives as long as this.
  std::string_view view() const { return {reinterpret_cast<const char*>(octets.data()), size}; }

  // Octets beyond |size| are zero. Not in constant time: bh= is no secret.
  friend bool operator==(const Digest&, const Digest&) = default;
};

// Hasher computes a Digest of text given in pieces. A copy of it goes on by
// itself. It neither allocates nor fails.
class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm);

  void Update(std::string_view text);

  // Peek is the digest of all text given so far; hashing can go on.
  Digest Peek() const;

  HashAlgorithm algorithm() const { return algorithm_; }

 private:
  // The library's state (digest.cc), whose header stays out of ours. It is
  // trivially copyable.
  static constexpr size_t kStateBytes = 112;
  alignas(8) std::array<unsigned char, kStateBytes> state_;
  HashAlgorithm algorithm_;
};

// Sha256 is the SHA-256 digest of |text|.
Digest Sha256(std::string_view text);

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_DIGEST_H_
