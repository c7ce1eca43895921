// GenerateKeyPair: a new private key, and the p= that goes into the DNS.
#ifndef POSTSEAL_DKIM_KEY_PAIR_H_
#define POSTSEAL_DKIM_KEY_PAIR_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/secret.h"
#include "dkim/algorithm.h"

namespace postseal::dkim {

// kDefaultRsaBits is what signers should use at least, in bits. RFC 8301 §3.2
inline constexpr int kDefaultRsaBits = 2048;

// kMaxGeneratedRsaBits is the largest key that every verifier must be able to
// use, in bits. RFC 8301 §3.2
inline constexpr int kMaxGeneratedRsaBits = 4096;

// KeyPair is a new key in the forms in which it is stored.
struct KeyPair {
  // The key file: PKCS#8 in PEM, laid out as `openssl genrsa` and `openssl
  // genpkey` of OpenSSL 3 do. SigningKey::FromPem and OpenDKIM read it.
  base::SecretString private_pem;
  // The p= of the key record, without white space.
  std::string public_base64;
};

// GenerateKeyPair makes a key from the system's random numbers. |rsa_bits|
// counts for RSA alone: a multiple of 128 from kMinRsaBits to
// kMaxGeneratedRsaBits, otherwise kInvalidArgument. The public exponent is 65537.
// A large RSA key takes seconds.
absl::StatusOr<KeyPair> GenerateKeyPair(KeyType type, int rsa_bits = kDefaultRsaBits);

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_KEY_PAIR_H_
