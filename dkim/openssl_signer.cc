#include "dkim/openssl_signer.h"

#include <dlfcn.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dkim/private_key_file.h"

namespace postseal::dkim {
namespace {

constexpr size_t kSha256Octets = 32;

// Constants of OpenSSL's public headers: EVP_PKEY_RSA and RSA_PKCS1_PADDING.
constexpr int kEvpPkeyRsa = 6;
constexpr int kRsaPkcs1Padding = 1;

template <typename Function>
bool Find(void* library, const char* name, Function** function) {
  *function = reinterpret_cast<Function*>(dlsym(library, name));
  return *function != nullptr;
}

}  // namespace

// Library is the part of libcrypto.so.3 that signing takes, by the prototypes of
// its public headers, with void for their opaque types. None of those headers is
// included: this program has the BoringSSL functions of the same names.
struct OpenSslSigner::Library {
  void* (*read_key)(int type, void** key, const unsigned char** der, long size);
  void (*free_key)(void* key);
  void* (*new_context)(void* key, void* engine);
  void (*free_context)(void* context);
  int (*sign_init)(void* context);
  int (*set_padding)(void* context, int padding);
  int (*set_digest)(void* context, const void* digest);
  const void* (*sha256)();
  int (*sign)(void* context, unsigned char* signature, size_t* signature_size,
              const unsigned char* digest, size_t digest_size);
  // The error queue is the thread's and may hold the host's errors: ours alone
  // are taken off again.
  int (*set_error_mark)();
  int (*pop_to_error_mark)();
};

const OpenSslSigner::Library* OpenSslSigner::GetLibrary() {
  // Never closed: OpenSSL registers handlers that run when the process ends.
  static const Library* const library = []() -> const Library* {
    // Local, so that its names answer nobody else's; a libcrypto.so.3 that the
    // process has already is the one we get.
    void* const handle = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return nullptr;
    static Library found;
    const bool complete = Find(handle, "d2i_PrivateKey", &found.read_key) &&
                          Find(handle, "EVP_PKEY_free", &found.free_key) &&
                          Find(handle, "EVP_PKEY_CTX_new", &found.new_context) &&
                          Find(handle, "EVP_PKEY_CTX_free", &found.free_context) &&
                          Find(handle, "EVP_PKEY_sign_init", &found.sign_init) &&
                          Find(handle, "EVP_PKEY_CTX_set_rsa_padding", &found.set_padding) &&
                          Find(handle, "EVP_PKEY_CTX_set_signature_md", &found.set_digest) &&
                          Find(handle, "EVP_sha256", &found.sha256) &&
                          Find(handle, "EVP_PKEY_sign", &found.sign) &&
                          Find(handle, "ERR_set_mark", &found.set_error_mark) &&
                          Find(handle, "ERR_pop_to_mark", &found.pop_to_error_mark);
    return complete ? &found : nullptr;
  }();
  return library;
}

absl::StatusOr<std::shared_ptr<const OpenSslSigner>> OpenSslSigner::FromPem(std::string_view text) {
  // BoringSSL judges the key, so that both signers accept the same files.
  const auto same = SigningKey::FromPem(text);
  if (!same.ok()) return same.status();
  if ((*same)->key_type() != KeyType::kRsa) {
    return absl::InvalidArgumentError("an Ed25519 key; OpenSSL is used for RSA alone");
  }
  const Library* const library = GetLibrary();
  if (library == nullptr) {
    return absl::UnavailableError("libcrypto.so.3 (OpenSSL 3) is not there or lacks a function");
  }
  const absl::StatusOr<PrivateKeyOctets> read = ReadPrivateKeyFile(text);
  if (!read.ok()) return read.status();
  const std::string_view octets = read->octets.view();
  const auto* der = reinterpret_cast<const unsigned char*>(octets.data());
  library->set_error_mark();
  void* const key = library->read_key(kEvpPkeyRsa, nullptr, &der, static_cast<long>(octets.size()));
  library->pop_to_error_mark();
  if (key == nullptr) return absl::UnavailableError("OpenSSL does not read the RSA key");

  const std::shared_ptr<const OpenSslSigner> signer(new OpenSslSigner(library, key, **same));
  const Digest digest = Sha256("");
  const auto expected = (*same)->Sign(digest);
  const auto signature = signer->Sign(digest);
  if (!expected.ok()) return expected.status();
  if (!signature.ok() || *signature != *expected) {
    return absl::UnavailableError("OpenSSL's signature is not the one that BoringSSL makes");
  }
  return signer;
}

OpenSslSigner::OpenSslSigner(const Library* library, void* key, const SigningKey& same)
    : library_(library),
      key_(key),
      bits_(same.bits()),
      public_key_base64_(same.public_key_base64()) {}

// OpenSSL zeroes the private numbers it frees.
OpenSslSigner::~OpenSslSigner() { library_->free_key(key_); }

absl::StatusOr<std::string> OpenSslSigner::Sign(const Digest& digest) const {
  const std::string_view hashed = digest.view();
  // RFC 8301 §3.1: rsa-sha1 must not be used for signing.
  if (hashed.size() != kSha256Octets) {
    return absl::InvalidArgumentError("only SHA-256 digests are signed (RFC 8301 section 3.1)");
  }
  std::string signature(static_cast<size_t>(bits_ + 7) / 8, '\0');
  size_t size = signature.size();
  library_->set_error_mark();
  // A context serves one thread; the key serves all.
  void* const context = library_->new_context(key_, nullptr);
  const bool good =
      context != nullptr && library_->sign_init(context) == 1 &&
      library_->set_padding(context, kRsaPkcs1Padding) == 1 &&
      library_->set_digest(context, library_->sha256()) == 1 &&
      library_->sign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(hashed.data()), hashed.size()) == 1;
  library_->free_context(context);
  library_->pop_to_error_mark();
  if (!good) return absl::InternalError("RSA signing by OpenSSL failed");
  signature.resize(size);
  return signature;
}

}  // namespace postseal::dkim
