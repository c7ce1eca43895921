#include "dkim/public_key.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "openssl/base.h"
#include "openssl/bn.h"
#include "openssl/bytestring.h"
#include "openssl/curve25519.h"
#include "openssl/err.h"
#include "openssl/nid.h"
#include "openssl/rsa.h"

namespace postseal::dkim {
namespace {

// The smallest exponent in use is 3; 1 would make every number its own signature.
constexpr int kMinRsaExponentBits = 2;

const uint8_t* Octets(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string_view View(const CBS& der) {
  return {reinterpret_cast<const char*>(CBS_data(&der)), CBS_len(&der)};
}

// TakePositive reads a DER INTEGER above zero and sets |out| to its magnitude.
bool TakePositive(CBS* der, CBS* out) {
  int negative = 0;
  if (CBS_get_asn1(der, out, CBS_ASN1_INTEGER) == 0 ||
      CBS_is_valid_asn1_integer(out, &negative) == 0 || negative != 0) {
    return false;
  }
  // A leading zero octet only keeps the sign bit clear.
  if (CBS_data(out)[0] == 0) CBS_skip(out, 1);
  return CBS_len(out) != 0;
}

bool IsOdd(const CBS& magnitude) {
  return (CBS_data(&magnitude)[CBS_len(&magnitude) - 1] & 1) != 0;
}

// OpenSubjectPublicKeyInfo turns |info|, the contents of a SubjectPublicKeyInfo
// (RFC 5280 §4.1.2.7), into those of the RSAPublicKey inside.
std::optional<PublicKeyFault> OpenSubjectPublicKeyInfo(CBS* info) {
  CBS algorithm;
  CBS oid;
  CBS bits;
  uint8_t unused_bits = 0;
  if (CBS_get_asn1(info, &algorithm, CBS_ASN1_SEQUENCE) == 0 ||
      CBS_get_asn1(&algorithm, &oid, CBS_ASN1_OBJECT) == 0) {
    return PublicKeyFault::kMalformed;
  }
  if (View(oid) != kRsaEncryptionOid) return PublicKeyFault::kWrongAlgorithm;
  // RFC 3279 §2.3.1 has NULL parameters; some encoders leave them out [choice].
  CBS null;
  if (CBS_len(&algorithm) != 0 && (CBS_get_asn1(&algorithm, &null, CBS_ASN1_NULL) == 0 ||
                                   CBS_len(&null) != 0 || CBS_len(&algorithm) != 0)) {
    return PublicKeyFault::kMalformed;
  }
  if (CBS_get_asn1(info, &bits, CBS_ASN1_BITSTRING) == 0 || CBS_get_u8(&bits, &unused_bits) == 0 ||
      unused_bits != 0) {
    return PublicKeyFault::kMalformed;
  }
  if (CBS_len(info) != 0) return PublicKeyFault::kTrailingOctets;
  if (CBS_get_asn1(&bits, info, CBS_ASN1_SEQUENCE) == 0) return PublicKeyFault::kMalformed;
  if (CBS_len(&bits) != 0) return PublicKeyFault::kTrailingOctets;
  return std::nullopt;
}

std::optional<PublicKeyFault> CheckModulus(const CBS& modulus) {
  // The length first: nothing is computed with a number that is too long. Its
  // octets are bounded by the caller, so that BitLength cannot overflow.
  if (CBS_len(&modulus) > kMaxRsaBits / 8) return PublicKeyFault::kModulusTooLarge;
  // BoringSSL refuses these: the modulus must exceed any exponent.
  if (BitLength(View(modulus)) <= kMaxRsaExponentBits) return PublicKeyFault::kModulusTooSmall;
  if (!IsOdd(modulus)) return PublicKeyFault::kModulusEven;
  return std::nullopt;
}

bool IsGoodExponent(const CBS& exponent) {
  return CBS_len(&exponent) <= (kMaxRsaExponentBits + 7) / 8 &&
         BitLength(View(exponent)) <= kMaxRsaExponentBits &&
         BitLength(View(exponent)) >= kMinRsaExponentBits && IsOdd(exponent);
}

// CheckPoint says why |key| must not be used as an Ed25519 public key, if so.
//
// The octets are y in little-endian order, and in the top bit the sign of x. RFC 8032
// §5.1.3 refuses y of p = 2^255 - 19 and more, and x = 0 with the sign bit set;
// BoringSSL takes both. Points of small order are refused too: with one as its key
// R = A, S = 0 or the like verifies whatever the message is, at the first attempt or
// after a few. RFC 8032 leaves them to the verifier [choice].
std::optional<PublicKeyFault> CheckPoint(std::array<uint8_t, 32> key) {
  // The y of the points whose order divides 8, in octets as above. x does not matter:
  // -x gives a point of the same order. ed25519_point_test.cc shows that these are all.
  static constexpr std::array<uint8_t, 32> kSmallOrder[] = {
      {0},  // (±sqrt(-1), 0), of order 4
      {1},  // the neutral point
      // of order 8
      {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
       0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
       0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
      {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
       0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
       0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
      // p - 1, of order 2
      {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
  };
  const bool negative = (key.back() & 0x80) != 0;
  key.back() &= 0x7f;
  // y >= p leaves nothing but the lowest octet to choose: 0xed to 0xff.
  const bool above =
      key.front() >= 0xed && key.back() == 0x7f &&
      std::all_of(key.begin() + 1, key.end() - 1, [](uint8_t octet) { return octet == 0xff; });
  // x is 0 where y is 1 or -1.
  const bool is_zero_x = key == kSmallOrder[1] || key == kSmallOrder[4];
  if (above || (negative && is_zero_x)) return PublicKeyFault::kEd25519NotCanonical;
  for (const auto& small : kSmallOrder) {
    if (key == small) return PublicKeyFault::kEd25519SmallOrder;
  }
  return std::nullopt;
}

}  // namespace

std::string_view PublicKeyFaultText(PublicKeyFault fault) {
  switch (fault) {
    case PublicKeyFault::kMalformed:
      return "not an RSA public key in DER";
    case PublicKeyFault::kTrailingOctets:
      return "octets after the RSA public key";
    case PublicKeyFault::kWrongAlgorithm:
      return "the key inside is not of algorithm rsaEncryption";
    case PublicKeyFault::kModulusTooSmall:
      return "RSA modulus of a few bits";
    case PublicKeyFault::kModulusTooLarge:
      return "RSA modulus above 8192 bits";
    case PublicKeyFault::kModulusEven:
      return "even RSA modulus";
    case PublicKeyFault::kBadExponent:
      return "RSA exponent is even, 1, or above 33 bits";
    case PublicKeyFault::kEd25519Wrapped:
      return "Ed25519 key in a SubjectPublicKeyInfo instead of its 32 octets";
    case PublicKeyFault::kEd25519BadLength:
      return "Ed25519 key is not 32 octets";
    case PublicKeyFault::kEd25519NotCanonical:
      return "Ed25519 key is not the canonical encoding of a point";
    case PublicKeyFault::kEd25519SmallOrder:
      return "Ed25519 key is a point of small order: anybody can sign for it";
  }
  return "";
}

PublicKey::Parsed PublicKey::Parse(KeyType type, std::string_view octets) {
  return type == KeyType::kRsa ? ParseRsa(octets) : ParseEd25519(octets);
}

// The walk over the DER is ours: OpenSSL's generic decoder costs more than the
// verification, and this way every fault has its name before BoringSSL computes.
PublicKey::Parsed PublicKey::ParseRsa(std::string_view octets) {
  CBS der;
  CBS_init(&der, Octets(octets), octets.size());
  CBS key;
  if (CBS_get_asn1(&der, &key, CBS_ASN1_SEQUENCE) == 0) return PublicKeyFault::kMalformed;
  if (CBS_len(&der) != 0) return PublicKeyFault::kTrailingOctets;

  if (CBS_peek_asn1_tag(&key, CBS_ASN1_SEQUENCE) != 0) {
    if (const auto fault = OpenSubjectPublicKeyInfo(&key)) return *fault;
  }
  // RSAPublicKey, RFC 8017 appendix A.1.1
  CBS modulus;
  CBS exponent;
  if (!TakePositive(&key, &modulus) || !TakePositive(&key, &exponent)) {
    return PublicKeyFault::kMalformed;
  }
  if (CBS_len(&key) != 0) return PublicKeyFault::kTrailingOctets;
  if (const auto fault = CheckModulus(modulus)) return *fault;
  if (!IsGoodExponent(exponent)) return PublicKeyFault::kBadExponent;

  RsaPointer rsa(RSA_new());
  bssl::UniquePtr<BIGNUM> n(BN_bin2bn(CBS_data(&modulus), CBS_len(&modulus), nullptr));
  bssl::UniquePtr<BIGNUM> e(BN_bin2bn(CBS_data(&exponent), CBS_len(&exponent), nullptr));
  // Only memory can be wanting here.
  POSTSEAL_CHECK(rsa != nullptr && n != nullptr && e != nullptr &&
                 RSA_set0_key(rsa.get(), n.get(), e.get(), nullptr) != 0);
  n.release();
  e.release();
  return PublicKey(std::move(rsa), BitLength(View(modulus)));
}

PublicKey::Parsed PublicKey::ParseEd25519(std::string_view octets) {
  // RFC 8463 §4: the key itself, not the SubjectPublicKeyInfo of RFC 8410 §4,
  // which is this prefix and then the key.
  constexpr std::string_view kWrapping("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);
  if (octets.size() == kWrapping.size() + kEd25519Octets &&
      octets.substr(0, kWrapping.size()) == kWrapping) {
    return PublicKeyFault::kEd25519Wrapped;
  }
  if (octets.size() != kEd25519Octets) return PublicKeyFault::kEd25519BadLength;
  Ed25519Octets key;
  std::memcpy(key.data(), octets.data(), key.size());
  if (const auto fault = CheckPoint(key)) return *fault;
  return PublicKey(key);
}

bool PublicKey::Equals(const PublicKey& other) const {
  if (type() != other.type()) return false;
  if (rsa_ == nullptr) return ed25519_ == other.ed25519_;
  return BN_cmp(RSA_get0_n(rsa_.get()), RSA_get0_n(other.rsa_.get())) == 0 &&
         BN_cmp(RSA_get0_e(rsa_.get()), RSA_get0_e(other.rsa_.get())) == 0;
}

bool PublicKey::Verify(HashAlgorithm hash, const Digest& digest, std::string_view signature) const {
  const std::string_view hashed = digest.view();
  if (rsa_ == nullptr) {
    // RFC 8463 §3 defines ed25519-sha256 alone.
    return hash == HashAlgorithm::kSha256 && signature.size() == ED25519_SIGNATURE_LEN &&
           ED25519_verify(Octets(hashed), hashed.size(), Octets(signature), ed25519_.data()) != 0;
  }
  const int nid = hash == HashAlgorithm::kSha1 ? NID_sha1 : NID_sha256;
  // RSA_verify compares the whole padded block (RFC 8017 §8.2.2), demands a
  // signature as long as the modulus, and locks what it caches in the key.
  const bool good = RSA_verify(nid, Octets(hashed), hashed.size(), Octets(signature),
                               signature.size(), rsa_.get()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace postseal::dkim
