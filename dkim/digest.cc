#include "dkim/digest.h"

#include <openssl/sha.h>

#include <new>
#include <type_traits>

namespace postseal::dkim {
namespace {

static_assert(SHA_DIGEST_LENGTH <= Digest::kMaxOctets);
static_assert(SHA256_DIGEST_LENGTH <= Digest::kMaxOctets);

// StateAs gives Hasher's storage its type. The constructor makes the object;
// copying the octets of a trivially copyable object copies the object.
template <typename Context, typename Storage>
auto* StateAs(Storage& storage) {
  static_assert(sizeof(Context) <= sizeof(Storage) && alignof(Context) <= 8);
  static_assert(std::is_trivially_copyable_v<Context>);
  using Pointer = std::conditional_t<std::is_const_v<Storage>, const Context*, Context*>;
  return std::launder(reinterpret_cast<Pointer>(storage.data()));
}

}  // namespace

Hasher::Hasher(HashAlgorithm algorithm) : state_{}, algorithm_(algorithm) {
  if (algorithm_ == HashAlgorithm::kSha1) {
    SHA1_Init(new (state_.data()) SHA_CTX);
  } else {
    SHA256_Init(new (state_.data()) SHA256_CTX);
  }
}

void Hasher::Update(std::string_view text) {
  if (algorithm_ == HashAlgorithm::kSha1) {
    SHA1_Update(StateAs<SHA_CTX>(state_), text.data(), text.size());
  } else {
    SHA256_Update(StateAs<SHA256_CTX>(state_), text.data(), text.size());
  }
}

Digest Hasher::Peek() const {
  Digest digest;
  if (algorithm_ == HashAlgorithm::kSha1) {
    SHA_CTX copy = *StateAs<SHA_CTX>(state_);
    SHA1_Final(digest.octets.data(), &copy);
    digest.size = SHA_DIGEST_LENGTH;
  } else {
    SHA256_CTX copy = *StateAs<SHA256_CTX>(state_);
    SHA256_Final(digest.octets.data(), &copy);
    digest.size = SHA256_DIGEST_LENGTH;
  }
  return digest;
}

Digest Sha256(std::string_view text) {
  Hasher hasher(HashAlgorithm::kSha256);
  hasher.Update(text);
  return hasher.Peek();
}

}  // namespace postseal::dkim
