// The algorithms of DKIM as enumerations, with their names on the wire.
//
// Every Parse takes a whole tag value, compares octet by octet (RFC 6376 §3.2:
// "values MUST be processed as case sensitive") and returns nullopt for a name
// it does not know, which the caller ignores or refuses as its clause says.
#ifndef POSTSEAL_DKIM_ALGORITHM_H_
#define POSTSEAL_DKIM_ALGORITHM_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace postseal::dkim {

// HeaderCanon and BodyCanon are the two halves of c=. RFC 6376 §3.4
// They are two types so that one can never be given for the other.
enum class HeaderCanon : uint8_t { kSimple, kRelaxed };
enum class BodyCanon : uint8_t { kSimple, kRelaxed };

// HashAlgorithm is what h= of a key record lists. RFC 6376 §3.6.1
enum class HashAlgorithm : uint8_t { kSha1, kSha256 };

// KeyType is k= of a key record. RFC 6376 §3.6.1, RFC 8463 §4
enum class KeyType : uint8_t { kRsa, kEd25519 };

// SignatureAlgorithm is a= of a signature. RFC 6376 §3.3, RFC 8463 §3
// kRsaSha1 is there to be recognised: it must not verify. RFC 8301 §3.1
enum class SignatureAlgorithm : uint8_t { kRsaSha1, kRsaSha256, kEd25519Sha256 };

// Name is the name on the wire.
constexpr std::string_view Name(HeaderCanon canon) {
  return canon == HeaderCanon::kSimple ? "simple" : "relaxed";
}
constexpr std::string_view Name(BodyCanon canon) {
  return canon == BodyCanon::kSimple ? "simple" : "relaxed";
}
constexpr std::string_view Name(HashAlgorithm hash) {
  return hash == HashAlgorithm::kSha1 ? "sha1" : "sha256";
}
constexpr std::string_view Name(KeyType type) { return type == KeyType::kRsa ? "rsa" : "ed25519"; }
constexpr std::string_view Name(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kRsaSha1:
      return "rsa-sha1";
    case SignatureAlgorithm::kRsaSha256:
      return "rsa-sha256";
    case SignatureAlgorithm::kEd25519Sha256:
      return "ed25519-sha256";
  }
  return "";
}

// OctetsOf is the size of a digest.
constexpr size_t OctetsOf(HashAlgorithm hash) { return hash == HashAlgorithm::kSha1 ? 20 : 32; }

// HashOf and KeyTypeOf are the two parts of a signature algorithm. The hash is
// that of the body and of the header; Ed25519 signs the header's digest.
// RFC 6376 §3.3, RFC 8463 §3
constexpr HashAlgorithm HashOf(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::kRsaSha1 ? HashAlgorithm::kSha1 : HashAlgorithm::kSha256;
}
constexpr KeyType KeyTypeOf(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::kEd25519Sha256 ? KeyType::kEd25519 : KeyType::kRsa;
}

namespace internal {

// FindByName is the member of |all| that is called |name|.
template <typename T>
constexpr std::optional<T> FindByName(std::string_view name, std::initializer_list<T> all) {
  for (const T value : all) {
    if (Name(value) == name) return value;
  }
  return std::nullopt;
}

}  // namespace internal

constexpr std::optional<HeaderCanon> ParseHeaderCanon(std::string_view name) {
  return internal::FindByName(name, {HeaderCanon::kSimple, HeaderCanon::kRelaxed});
}
constexpr std::optional<BodyCanon> ParseBodyCanon(std::string_view name) {
  return internal::FindByName(name, {BodyCanon::kSimple, BodyCanon::kRelaxed});
}
constexpr std::optional<HashAlgorithm> ParseHashAlgorithm(std::string_view name) {
  return internal::FindByName(name, {HashAlgorithm::kSha1, HashAlgorithm::kSha256});
}
constexpr std::optional<KeyType> ParseKeyType(std::string_view name) {
  return internal::FindByName(name, {KeyType::kRsa, KeyType::kEd25519});
}
constexpr std::optional<SignatureAlgorithm> ParseSignatureAlgorithm(std::string_view name) {
  return internal::FindByName(name, {SignatureAlgorithm::kRsaSha1, SignatureAlgorithm::kRsaSha256,
                                     SignatureAlgorithm::kEd25519Sha256});
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_ALGORITHM_H_
