#include "bench/floor.h"

#include <utility>
#include <variant>

#include "base/base64.h"
#include "dkim/algorithm.h"
#include "dkim/canonical_body_reference.h"

namespace postseal::bench {
namespace {

dkim::PublicKey PublicKeyOf(const dkim::SigningKey& key) {
  return std::get<dkim::PublicKey>(
      dkim::PublicKey::Parse(key.key_type(), *base::Base64Decode(key.public_key_base64())));
}

}  // namespace

Floor::Floor(std::string_view body, std::shared_ptr<const dkim::SigningKey> key)
    : canonical_body_(dkim::ReferenceCanonicalBody(dkim::BodyCanon::kRelaxed, body)),
      signing_key_(std::move(key)),
      public_key_(PublicKeyOf(*signing_key_)),
      digest_(dkim::Sha256(canonical_body_)),
      signature_(SignDigest()) {}

bool Floor::Verify() const {
  return public_key_.Verify(dkim::HashAlgorithm::kSha256, dkim::Sha256(canonical_body_),
                            signature_);
}

std::string Floor::Sign() const {
  return signing_key_->Sign(dkim::Sha256(canonical_body_)).value_or("");
}

std::string Floor::SignDigest() const { return signing_key_->Sign(digest_).value_or(""); }

}  // namespace postseal::bench
