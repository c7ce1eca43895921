#include "dkim/key_pair.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/secret.h"
#include "dkim/pem.h"
#include "dkim/rsa_key.h"
#include "openssl/base.h"
#include "openssl/bn.h"
#include "openssl/bytestring.h"
#include "openssl/curve25519.h"
#include "openssl/err.h"
#include "openssl/mem.h"
#include "openssl/rsa.h"

namespace postseal::dkim {
namespace {

// BoringSSL rounds down to a multiple of this; we say so instead.
constexpr int kRsaBitsStep = 128;

// PrintPkcs8 is a PrivateKeyInfo (RFC 5208 §5, RFC 5958 version 0) in PEM.
// |add_key| adds the contents of its privateKey to a CBB.
template <typename AddKey>
base::SecretString PrintPkcs8(std::string_view oid, bool null_parameters, AddKey add_key) {
  bssl::ScopedCBB der;
  CBB info;
  CBB algorithm;
  CBB part;
  uint8_t* octets = nullptr;
  size_t size = 0;
  POSTSEAL_CHECK(
      CBB_init(der.get(), 64) != 0 && CBB_add_asn1(der.get(), &info, CBS_ASN1_SEQUENCE) != 0 &&
      CBB_add_asn1_uint64(&info, 0) != 0 &&
      CBB_add_asn1(&info, &algorithm, CBS_ASN1_SEQUENCE) != 0 &&
      CBB_add_asn1(&algorithm, &part, CBS_ASN1_OBJECT) != 0 &&
      CBB_add_bytes(&part, reinterpret_cast<const uint8_t*>(oid.data()), oid.size()) != 0 &&
      (!null_parameters || CBB_add_asn1(&algorithm, &part, CBS_ASN1_NULL) != 0) &&
      CBB_add_asn1(&info, &part, CBS_ASN1_OCTETSTRING) != 0 && add_key(&part) &&
      CBB_finish(der.get(), &octets, &size) != 0);
  // Zeroed when it is freed, as all that BoringSSL frees; also when memory runs out.
  const bssl::UniquePtr<uint8_t> owned(octets);
  return PrintPem("PRIVATE KEY", {reinterpret_cast<const char*>(octets), size});
}

KeyPair GenerateEd25519() {
  constexpr size_t kSeedOctets = 32;
  uint8_t public_key[ED25519_PUBLIC_KEY_LEN];
  base::SecretString private_key = base::SecretString::WithSize(ED25519_PRIVATE_KEY_LEN);
  const auto* seed = reinterpret_cast<const uint8_t*>(private_key.data());
  ED25519_keypair(public_key, reinterpret_cast<uint8_t*>(private_key.data()));
  // RFC 8410 §7: no parameters, and an OCTET STRING in the OCTET STRING.
  base::SecretString pem = PrintPkcs8(kEd25519Oid, false, [seed](CBB* to) {
    CBB octets;
    return CBB_add_asn1(to, &octets, CBS_ASN1_OCTETSTRING) != 0 &&
           // Flushed while |octets|, which |to| refers to, is there.
           CBB_add_bytes(&octets, seed, kSeedOctets) != 0 && CBB_flush(to) != 0;
  });
  return {std::move(pem),
          PrintBase64({reinterpret_cast<const char*>(public_key), ED25519_PUBLIC_KEY_LEN})};
}

absl::StatusOr<KeyPair> GenerateRsa(int bits) {
  const RsaPointer key(RSA_new());
  const bssl::UniquePtr<BIGNUM> exponent(BN_new());
  if (key == nullptr || exponent == nullptr || BN_set_word(exponent.get(), RSA_F4) == 0 ||
      RSA_generate_key_ex(key.get(), bits, exponent.get(), nullptr) == 0) {
    ERR_clear_error();
    return absl::InternalError("no RSA key could be generated");
  }
  base::SecretString pem = PrintPkcs8(kRsaEncryptionOid, true, [&key](CBB* to) {
    return RSA_marshal_private_key(to, key.get()) != 0;
  });
  return KeyPair{std::move(pem), PrintBase64(PrintRsaPublicKey(*key))};
}

}  // namespace

absl::StatusOr<KeyPair> GenerateKeyPair(KeyType type, int rsa_bits) {
  if (type == KeyType::kEd25519) return GenerateEd25519();
  if (rsa_bits < kMinRsaBits || rsa_bits > kMaxGeneratedRsaBits || rsa_bits % kRsaBitsStep != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("an RSA key of ", rsa_bits, " bits; wanted is a multiple of ", kRsaBitsStep,
                     " from ", kMinRsaBits, " to ", kMaxGeneratedRsaBits));
  }
  return GenerateRsa(rsa_bits);
}

}  // namespace postseal::dkim
