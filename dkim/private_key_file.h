// ReadPrivateKeyFile: from the text of a key file to the private key's octets.
// Not for users of the library: dkim/signing_key.h is.
#ifndef POSTSEAL_DKIM_PRIVATE_KEY_FILE_H_
#define POSTSEAL_DKIM_PRIVATE_KEY_FILE_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "base/secret.h"
#include "dkim/algorithm.h"

namespace postseal::dkim {

// PrivateKeyOctets is what a key file holds.
struct PrivateKeyOctets {
  KeyType type;
  // kRsa: a DER RSAPrivateKey (RFC 8017 appendix A.1.2), not looked into yet.
  // kEd25519: the seed, 32 octets (RFC 8032 §5.1.5).
  base::SecretString octets;
};

// ReadPrivateKeyFile finds the private key in |text|:
// - PEM "PRIVATE KEY": PKCS#8 (RFC 5958) with an RSA or Ed25519 key (RFC 8410);
// - PEM "RSA PRIVATE KEY": PKCS#1;
// - 32 octets in base64 on a line: an Ed25519 seed, as RFC 8463 appendix A.1
//   and dkimpy write it;
// - 32 raw octets: an Ed25519 seed.
// Other PEM blocks in the file, such as certificates, are passed over if one
// of these follows. The error, kInvalidArgument, names what was found instead.
absl::StatusOr<PrivateKeyOctets> ReadPrivateKeyFile(std::string_view text);

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_PRIVATE_KEY_FILE_H_
