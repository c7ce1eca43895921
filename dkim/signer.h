// Signer: what can sign a digest: a key in memory, or whatever holds one.
#ifndef POSTSEAL_DKIM_SIGNER_H_
#define POSTSEAL_DKIM_SIGNER_H_

#include <string>

#include "absl/status/statusor.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"

namespace postseal::dkim {

// Signer makes the signatures of one private key. Implementations are safe to
// use from several threads at once and do not change: key_type and bits always
// answer the same.
//
// Sign returns when it is done; a key behind a network is better served by the
// signing session, which hands its digests out and takes signatures in.
class Signer {
 public:
  virtual ~Signer() = default;

  virtual KeyType key_type() const = 0;

  // bits is the size of the RSA modulus, or 256 for Ed25519.
  virtual int bits() const = 0;

  // Sign returns the signature of |digest|, a SHA-256 one, as the octets that b=
  // holds before base64: RSASSA-PKCS1-v1_5 as long as the modulus (RFC 6376
  // §3.3.2), or 64 octets of PureEdDSA over the digest's octets (RFC 8463 §3).
  //
  // A digest of another size is kInvalidArgument: RFC 8301 §3.1 forbids signing
  // with SHA-1. Any other error is the environment's: a token that was pulled, a
  // service that does not answer.
  virtual absl::StatusOr<std::string> Sign(const Digest& digest) const = 0;
};

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_SIGNER_H_
