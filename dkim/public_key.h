// PublicKey: the key of a DKIM key record, ready to verify.
#ifndef POSTSEAL_DKIM_PUBLIC_KEY_H_
#define POSTSEAL_DKIM_PUBLIC_KEY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/rsa_key.h"

namespace postseal::dkim {

// kMaxRsaExponentBits bounds the public exponent, in bits: verifying costs a
// squaring a bit, and a record must not choose how long we compute.
inline constexpr int kMaxRsaExponentBits = 33;

// PublicKeyFault says why the p= of a key record is no usable key.
enum class PublicKeyFault : uint8_t {
  kMalformed,         // not DER, or neither of the two RSA structures
  kTrailingOctets,    // a key, and then more
  kWrongAlgorithm,    // a SubjectPublicKeyInfo that is not of rsaEncryption
  kModulusTooSmall,   // not above kMaxRsaExponentBits bits: no modulus at all
  kModulusTooLarge,   // above kMaxRsaBits
  kModulusEven,       // not a product of two odd primes
  kBadExponent,       // even, 1, or above kMaxRsaExponentBits bits
  kEd25519Wrapped,    // a SubjectPublicKeyInfo where 32 raw octets belong
  kEd25519BadLength,  // not 32 octets
  // No canonical encoding of a point: RFC 8032 §5.1.3 fails to decode it.
  kEd25519NotCanonical,
  // One of the 8 points of small order: signatures of anything can be made without
  // a private key.
  kEd25519SmallOrder,
};

// PublicKeyFaultText is |fault| in words, for reports and logs.
std::string_view PublicKeyFaultText(PublicKeyFault fault);

// PublicKey is an RSA or Ed25519 public key. It never changes once parsed and is
// shared between threads freely.
class PublicKey {
 public:
  // Parsed is the key, or what is wrong with it. What the DNS says is no Status.
  using Parsed = std::variant<PublicKey, PublicKeyFault>;

  // Parse reads |octets|, a record's p= after base64 decoding, as a key of |type|
  // (the record's k=). An empty p= revokes the key (RFC 6376 §3.6.1); telling that
  // from a malformed one is the caller's business.
  //
  // RSA: a SubjectPublicKeyInfo, which everybody publishes and RFC 6376 appendix
  // C shows, or the RSAPublicKey that §3.6.1 calls for [choice]; strict DER.
  // Keys that RFC 8301 §3.2 calls too short are read as any other, so that the
  // policy can name their bits().
  // Ed25519: the 32 octets themselves (RFC 8463 §4), in canonical form, and no point
  // of small order. Whether they are a point of the curve shows in Verify, which is
  // then always false.
  static Parsed Parse(KeyType type, std::string_view octets);

  PublicKey(PublicKey&&) noexcept = default;
  PublicKey& operator=(PublicKey&&) noexcept = default;

  KeyType type() const { return rsa_ != nullptr ? KeyType::kRsa : KeyType::kEd25519; }

  // Equals says whether |other| is the same key, whatever structure it came in.
  bool Equals(const PublicKey& other) const;

  // bits is the size of the RSA modulus, or 256 for Ed25519.
  int bits() const { return bits_; }

  // Verify says whether |signature| is this key's signature of |digest|, made
  // with |hash|: RSASSA-PKCS1-v1_5 (RFC 6376 §3.3.2), or PureEdDSA over the
  // octets of a SHA-256 digest (RFC 8463 §3). It is false, too, for a signature
  // of the wrong length, for Ed25519 with SHA-1, and for a modulus too short to
  // hold the digest (below 496 bits for SHA-256, 368 for SHA-1).
  // It may be called from several threads at once.
  bool Verify(HashAlgorithm hash, const Digest& digest, std::string_view signature) const;

 private:
  static constexpr size_t kEd25519Octets = 32;
  using Ed25519Octets = std::array<uint8_t, kEd25519Octets>;

  PublicKey(RsaPointer rsa, int bits) : rsa_(std::move(rsa)), bits_(bits) {}
  explicit PublicKey(const Ed25519Octets& octets) : ed25519_(octets) {}

  static Parsed ParseRsa(std::string_view octets);
  static Parsed ParseEd25519(std::string_view octets);

  RsaPointer rsa_;  // null: the key is an Ed25519 one
  Ed25519Octets ed25519_{};
  int bits_ = 8 * kEd25519Octets;
};

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_PUBLIC_KEY_H_
