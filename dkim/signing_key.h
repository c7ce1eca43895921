// SigningKey: a private key from a file, that signs by BoringSSL.
#ifndef POSTSEAL_DKIM_SIGNING_KEY_H_
#define POSTSEAL_DKIM_SIGNING_KEY_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/secret.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/rsa_key.h"
#include "dkim/signer.h"

namespace postseal::dkim {

// SigningKey is an RSA or Ed25519 private key in memory. It is zeroed when it
// goes, and nothing gives the private octets out again.
class SigningKey final : public Signer {
 public:
  // FromPem reads the text of a key file (dkim/private_key_file.h says which
  // forms) and proves the key by a signature. The error, always
  // kInvalidArgument, names what was found and what is wanted; the caller puts
  // the file's name before it, and wipes |text|.
  //
  // RSA: kMinRsaBits (RFC 8301 §3.2) to kMaxRsaBits.
  static absl::StatusOr<std::shared_ptr<const SigningKey>> FromPem(std::string_view text);

  KeyType key_type() const override { return rsa_ != nullptr ? KeyType::kRsa : KeyType::kEd25519; }
  int bits() const override { return bits_; }
  absl::StatusOr<std::string> Sign(const Digest& digest) const override;

  // public_key_base64 is the p= of the key record that belongs to this key: a
  // SubjectPublicKeyInfo for RSA, the 32 octets for Ed25519 (RFC 8463 §4).
  const std::string& public_key_base64() const { return public_key_base64_; }

 private:
  explicit SigningKey(RsaPointer rsa);
  // |seed| is the 32 octets of RFC 8032 §5.1.5.
  explicit SigningKey(const base::SecretString& seed);

  // Proves checks that what the key signs verifies with its public half.
  bool Proves() const;

  RsaPointer rsa_;              // null: the key is an Ed25519 one
  base::SecretString ed25519_;  // the seed, then the public key: 64 octets
  std::string public_key_base64_;
  int bits_;
};

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_SIGNING_KEY_H_
