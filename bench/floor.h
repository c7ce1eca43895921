// Floor: what no verifier or signer can do without, to compare whole sessions with.
#ifndef POSTSEAL_BENCH_FLOOR_H_
#define POSTSEAL_BENCH_FLOOR_H_

#include <memory>
#include <string>
#include <string_view>

#include "dkim/digest.h"
#include "dkim/public_key.h"
#include "dkim/signing_key.h"

namespace postseal::bench {

// Floor is one body and one key, with all the work done that could have been done
// before: the body is in canonical form, the keys are parsed. Left are BoringSSL's
// SHA-256 and its public-key operation, which dkim/ hands through. It reads no
// header and hashes none, so that nobody can reach it.
class Floor {
 public:
  // A floor for |body| as it was sent, in relaxed canonicalization.
  Floor(std::string_view body, std::shared_ptr<const dkim::SigningKey> key);

  // Verify hashes the body and verifies a signature of that digest.
  bool Verify() const;
  // Sign hashes the body and returns a signature of that digest.
  std::string Sign() const;
  // SignDigest returns the same signature, without the hash.
  std::string SignDigest() const;

 private:
  std::string canonical_body_;
  std::shared_ptr<const dkim::SigningKey> signing_key_;
  dkim::PublicKey public_key_;
  dkim::Digest digest_;
  std::string signature_;
};

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_FLOOR_H_
