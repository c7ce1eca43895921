// OpenSslSigner: RSA signing by the system's OpenSSL, which is about twice as
// fast as BoringSSL where the CPU has AVX-512 IFMA.
#ifndef POSTSEAL_DKIM_OPENSSL_SIGNER_H_
#define POSTSEAL_DKIM_OPENSSL_SIGNER_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/signer.h"
#include "dkim/signing_key.h"

namespace postseal::dkim {

// OpenSslSigner is an RSA private key inside libcrypto.so.3, which is loaded
// when the first key is and stays for good. It makes the same octets as
// SigningKey: RSASSA-PKCS1-v1_5 leaves no choice.
class OpenSslSigner final : public Signer {
 public:
  // FromPem reads a key file as SigningKey::FromPem does, with its errors, and
  // compares a signature with that key's. kUnavailable when there is no
  // libcrypto.so.3 or it will not work: the caller goes on with a SigningKey.
  // kInvalidArgument for an Ed25519 key, which BoringSSL is faster with.
  static absl::StatusOr<std::shared_ptr<const OpenSslSigner>> FromPem(std::string_view text);

  ~OpenSslSigner() override;

  OpenSslSigner(const OpenSslSigner&) = delete;
  OpenSslSigner& operator=(const OpenSslSigner&) = delete;

  KeyType key_type() const override { return KeyType::kRsa; }
  int bits() const override { return bits_; }
  absl::StatusOr<std::string> Sign(const Digest& digest) const override;

  // public_key_base64 is the p= of the key record that belongs to this key.
  const std::string& public_key_base64() const { return public_key_base64_; }

 private:
  struct Library;

  // GetLibrary loads the library once; null when it cannot be used.
  static const Library* GetLibrary();

  // Takes |key|, an EVP_PKEY of |library|.
  OpenSslSigner(const Library* library, void* key, const SigningKey& same);

  const Library* library_;
  void* key_;
  int bits_;
  std::string public_key_base64_;
};

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_OPENSSL_SIGNER_H_
