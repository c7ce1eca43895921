#include "dkim/signing_key.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/secret.h"
#include "dkim/private_key_file.h"
#include "openssl/base.h"
#include "openssl/bytestring.h"
#include "openssl/curve25519.h"
#include "openssl/err.h"
#include "openssl/nid.h"
#include "openssl/rsa.h"

namespace postseal::dkim {
namespace {

constexpr size_t kSha256Octets = 32;

const uint8_t* Octets(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
uint8_t* Octets(char* text) { return reinterpret_cast<uint8_t*>(text); }

// ModulusBits returns the bits of the modulus in |octets|, a DER RSAPrivateKey,
// or 0 when there is none. It is looked at before anything is computed with it.
int ModulusBits(const base::SecretString& octets) {
  CBS der;
  CBS_init(&der, Octets(octets.view()), octets.size());
  CBS key;
  CBS modulus;
  uint64_t version = 0;
  if (CBS_get_asn1(&der, &key, CBS_ASN1_SEQUENCE) == 0 ||
      CBS_get_asn1_uint64(&key, &version) == 0 ||
      CBS_get_asn1(&key, &modulus, CBS_ASN1_INTEGER) == 0 ||
      CBS_is_unsigned_asn1_integer(&modulus) == 0) {
    return 0;
  }
  return BitLength({reinterpret_cast<const char*>(CBS_data(&modulus)), CBS_len(&modulus)});
}

absl::StatusOr<RsaPointer> ReadRsa(const base::SecretString& octets) {
  const int bits = ModulusBits(octets);
  if (bits == 0) {
    return absl::InvalidArgumentError("the RSA private key is no PKCS#1 structure: it is damaged");
  }
  if (bits < kMinRsaBits) {
    return absl::InvalidArgumentError(absl::StrCat("the RSA key has ", bits, " bits; DKIM needs ",
                                                   kMinRsaBits, " (RFC 8301 section 3.2)"));
  }
  if (bits > kMaxRsaBits) {
    return absl::InvalidArgumentError(
        absl::StrCat("the RSA key has ", bits, " bits; the most is ", kMaxRsaBits));
  }
  // Checks, too, that the numbers belong together (RSA_check_key).
  RsaPointer rsa(RSA_private_key_from_bytes(Octets(octets.view()), octets.size()));
  if (rsa == nullptr) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        "the numbers of the RSA private key do not belong together: it is damaged");
  }
  return rsa;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const SigningKey>> SigningKey::FromPem(std::string_view text) {
  absl::StatusOr<PrivateKeyOctets> read = ReadPrivateKeyFile(text);
  if (!read.ok()) return read.status();
  std::shared_ptr<const SigningKey> key;
  if (read->type == KeyType::kEd25519) {
    key.reset(new SigningKey(read->octets));
  } else {
    absl::StatusOr<RsaPointer> rsa = ReadRsa(read->octets);
    if (!rsa.ok()) return rsa.status();
    key.reset(new SigningKey(*std::move(rsa)));
  }
  if (!key->Proves()) {
    return absl::InvalidArgumentError(
        "the private key does not sign for its public key: it is damaged");
  }
  return key;
}

SigningKey::SigningKey(RsaPointer rsa)
    : rsa_(std::move(rsa)),
      public_key_base64_(PrintBase64(PrintRsaPublicKey(*rsa_))),
      bits_(static_cast<int>(RSA_bits(rsa_.get()))) {}

SigningKey::SigningKey(const base::SecretString& seed)
    : ed25519_(base::SecretString::WithSize(ED25519_PRIVATE_KEY_LEN)),
      bits_(8 * ED25519_PUBLIC_KEY_LEN) {
  uint8_t public_key[ED25519_PUBLIC_KEY_LEN];
  ED25519_keypair_from_seed(public_key, Octets(ed25519_.data()), Octets(seed.view()));
  public_key_base64_ =
      PrintBase64({reinterpret_cast<const char*>(public_key), ED25519_PUBLIC_KEY_LEN});
}

absl::StatusOr<std::string> SigningKey::Sign(const Digest& digest) const {
  const std::string_view hashed = digest.view();
  // RFC 8301 §3.1: rsa-sha1 must not be used for signing.
  if (hashed.size() != kSha256Octets) {
    return absl::InvalidArgumentError("only SHA-256 digests are signed (RFC 8301 section 3.1)");
  }
  if (rsa_ == nullptr) {
    std::string signature(ED25519_SIGNATURE_LEN, '\0');
    // RFC 8463 §3: the message that Ed25519 signs is the digest.
    if (ED25519_sign(Octets(signature.data()), Octets(hashed), hashed.size(),
                     Octets(ed25519_.view())) == 0) {
      return absl::InternalError("Ed25519 signing failed");
    }
    return signature;
  }
  std::string signature(RSA_size(rsa_.get()), '\0');
  unsigned size = 0;
  // The blinding that makes this safe against timing is kept, locked, in the key.
  if (RSA_sign(NID_sha256, Octets(hashed), hashed.size(), Octets(signature.data()), &size,
               rsa_.get()) == 0) {
    ERR_clear_error();
    return absl::InternalError("RSA signing failed");
  }
  signature.resize(size);
  return signature;
}

bool SigningKey::Proves() const {
  const Digest digest = Sha256("");
  const absl::StatusOr<std::string> signature = Sign(digest);
  if (!signature.ok()) return false;
  const std::string_view hashed = digest.view();
  if (rsa_ == nullptr) {
    return ED25519_verify(
               Octets(hashed), hashed.size(), Octets(*signature),
               Octets(ed25519_.view().substr(ED25519_PRIVATE_KEY_LEN - ED25519_PUBLIC_KEY_LEN))) !=
           0;
  }
  const bool good = RSA_verify(NID_sha256, Octets(hashed), hashed.size(), Octets(*signature),
                               signature->size(), rsa_.get()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace postseal::dkim
