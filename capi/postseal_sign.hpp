// postseal_sign.hpp: keys, and messages signed with them. Include postseal.hpp.
#ifndef POSTSEAL_SIGN_HPP_
#define POSTSEAL_SIGN_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postseal.h"
#include "postseal_base.hpp"

namespace postseal {

// KeyType is the type of a key, and the signature algorithm that goes with it.
enum class KeyType : std::int32_t { kRsa = POSTSEAL_KEY_RSA, kEd25519 = POSTSEAL_KEY_ED25519 };

// Canonicalization is one of RFC 6376 section 3.4.
enum class Canonicalization : std::int32_t {
  kSimple = POSTSEAL_CANON_SIMPLE,
  kRelaxed = POSTSEAL_CANON_RELAXED
};

// Key is a private key, or whoever has it. Copies share it; so do threads.
class Key {
 public:
  // SignDigest signs 32 octets, see postseal_sign_fn; empty when it cannot, and an
  // exception means the same. Several threads may call it at once.
  using SignDigest = std::function<std::string(std::string_view digest)>;

  // FromPem reads a private key (PKCS #1, PKCS #8), or throws.
  static Key FromPem(std::string_view pem) {
    postseal_key* key = nullptr;
    postseal_error* error = nullptr;
    internal::CheckNew(postseal_key_new(pem.data(), pem.size(), &key, &error), error);
    return Key(key, nullptr);
  }
  // FromCallback makes a key of |type| and |bits| that signs by |sign|, which is kept as
  // long as anything uses the key.
  static Key FromCallback(KeyType type, std::int32_t bits, SignDigest sign) {
    auto kept = std::make_unique<SignDigest>(std::move(sign));
    postseal_key* key = nullptr;
    internal::Check(
        postseal_key_new_callback(static_cast<std::int32_t>(type), bits, &Call, kept.get(), &key));
    return Key(key, std::move(kept));
  }

  // type is the key's type.
  KeyType type() const noexcept { return static_cast<KeyType>(postseal_key_type(get())); }
  // bits is the size of the modulus, 256 for Ed25519.
  std::int32_t bits() const noexcept { return postseal_key_bits(get()); }

  // get is the handle, for the C functions. It stays this object's.
  postseal_key* get() const noexcept { return state_->handle.get(); }

 private:
  friend class Signer;
  // State frees the key before the function that it calls.
  struct State {
    std::unique_ptr<SignDigest> sign;
    internal::Handle<postseal_key, postseal_key_free> handle;
  };
  Key(postseal_key* key, std::unique_ptr<SignDigest> sign) {
    internal::Handle<postseal_key, postseal_key_free> handle(key);
    state_ = std::make_shared<State>(State{std::move(sign), std::move(handle)});
  }
  static std::size_t Call(void* userdata, const std::uint8_t* digest, std::size_t digest_len,
                          std::uint8_t* signature) {
    try {
      const std::string made =
          (*static_cast<SignDigest*>(userdata))(internal::View({digest, digest_len}));
      if (made.size() > POSTSEAL_MAX_SIGNATURE_OCTETS) return 0;
      std::copy(made.begin(), made.end(), signature);
      return made.size();
    } catch (...) {
      return 0;
    }
  }
  std::shared_ptr<const State> state_;
};

// Keypair is a new key in the forms in which it is stored and published.
class Keypair {
 public:
  // Keypair makes a key from the system's random numbers. |rsa_bits|, for RSA alone: 1024
  // to 4096, a multiple of 128; 0 is 2048.
  explicit Keypair(KeyType type, std::int32_t rsa_bits = 0) {
    postseal_keypair* keypair = nullptr;
    postseal_error* error = nullptr;
    internal::CheckNew(
        postseal_keypair_new(static_cast<std::int32_t>(type), rsa_bits, &keypair, &error), error);
    handle_.reset(keypair);
  }
  // PrivatePem is the key file (PKCS #8): a view that is zeroed when this object goes.
  std::string_view PrivatePem() const& {
    postseal_bytes pem = {nullptr, 0};
    internal::Check(postseal_keypair_private_pem(get(), &pem));
    return internal::View(pem);
  }
  std::string_view PrivatePem() const&& = delete;
  // Record is the text of the TXT record to publish.
  std::string Record() const {
    postseal_bytes record = {nullptr, 0};
    internal::Check(postseal_keypair_record(get(), &record));
    return internal::Copy(record);
  }
  // ZoneText is that record for a zone file, at its whole name.
  std::string ZoneText(std::string_view domain, std::string_view selector) {
    postseal_bytes text = {nullptr, 0};
    internal::Check(postseal_keypair_zone_text(get(), domain.data(), domain.size(), selector.data(),
                                               selector.size(), &text));
    return internal::Copy(text);
  }

  // get is the handle, for the C functions. It stays this object's.
  postseal_keypair* get() const noexcept { return handle_.get(); }

 private:
  internal::Handle<postseal_keypair, postseal_keypair_free> handle_;
};

// Signer is a list of signatures to make, for any number of messages. It keeps what its
// keys need; Sign keeps it. It never changes once used.
class Signer {
 public:
  Signer() : state_(std::make_shared<State>()) {}

  // AddKey adds a signature for |domain| (d=) by the key published under |selector|
  // (s=). The setters below are about the signature added last.
  Signer& AddKey(std::string_view domain, std::string_view selector, const Key& key) {
    state_->keys.push_back(key.state_);
    return Checked(postseal_signer_add_key(get(), domain.data(), domain.size(), selector.data(),
                                           selector.size(), key.get()));
  }
  // AddExternal adds one whose key is elsewhere: Sign::NextSignature has the digest.
  Signer& AddExternal(std::string_view domain, std::string_view selector, KeyType type) {
    return Checked(postseal_signer_add_external(get(), domain.data(), domain.size(),
                                                selector.data(), selector.size(),
                                                static_cast<std::int32_t>(type)));
  }
  // SetCanonicalization sets c=.
  Signer& SetCanonicalization(Canonicalization header, Canonicalization body) {
    return Checked(postseal_signer_set_canonicalization(get(), static_cast<std::int32_t>(header),
                                                        static_cast<std::int32_t>(body)));
  }
  // SetHeaders sets which fields are signed: names with colons between. From always is.
  Signer& SetHeaders(std::string_view names) {
    return Checked(postseal_signer_set_headers(get(), names.data(), names.size()));
  }
  // SetOversign sets which fields are named once more than they are there.
  Signer& SetOversign(std::string_view names) {
    return Checked(postseal_signer_set_oversign(get(), names.data(), names.size()));
  }
  // SetIdentity sets i=, which must be in the domain of d=.
  Signer& SetIdentity(std::string_view identity) {
    return Checked(postseal_signer_set_identity(get(), identity.data(), identity.size()));
  }
  // SetExpiresIn sets x= to that many seconds after now; 0 leaves it out.
  Signer& SetExpiresIn(std::int64_t seconds) {
    return Checked(postseal_signer_set_expires_in(get(), seconds));
  }
  // SetTimestamp says whether t= is written; it is by default.
  Signer& SetTimestamp(bool with_timestamp) {
    return Checked(postseal_signer_set_timestamp(get(), with_timestamp ? 1 : 0));
  }
  // SetCopyFields says whether z= is written; it is not by default.
  Signer& SetCopyFields(bool copy_fields) {
    return Checked(postseal_signer_set_copy_fields(get(), copy_fields ? 1 : 0));
  }

  // get is the handle, for the C functions. It stays this object's.
  postseal_signer* get() const noexcept { return state_->handle.get(); }

 private:
  friend class Sign;
  // State frees the list before the keys in it.
  struct State {
    State() : handle(internal::Made(postseal_signer_new)) {}
    std::vector<std::shared_ptr<const Key::State>> keys;
    internal::Handle<postseal_signer, postseal_signer_free> handle;
  };
  Signer& Checked(postseal_status status) {
    internal::Check<postseal_signer>(status, get(), postseal_signer_error);
    return *this;
  }
  std::shared_ptr<State> state_;
};

// SignatureRequest is a digest that a key elsewhere is to sign. |digest| lives as long as
// the session.
struct SignatureRequest {
  std::uint32_t id = 0;
  KeyType type = KeyType::kRsa;
  std::string_view digest;  // 32 octets; see postseal_sign_fn
};

// Sign signs one message with all that a Signer lists. One thread at a time.
class Sign {
 public:
  // Sign starts. |now| is in Unix seconds, for t= and x=.
  Sign(const Signer& signer, std::int64_t now) : signer_(signer.state_) {
    postseal_sign* sign = nullptr;
    postseal_error* error = nullptr;
    internal::CheckNew(postseal_sign_new(signer.get(), now, &sign, &error), error);
    handle_.reset(sign);
  }
  // Feed takes the next octets of the message, exactly as it will be sent.
  void Feed(std::string_view data) {
    Check(postseal_sign_feed(get(), internal::Octets(data), data.size()));
  }
  // Header, EndOfHeaders and Body are like those of Verify.
  void Header(std::string_view name, std::string_view value) {
    Check(postseal_sign_header(get(), name.data(), name.size(), value.data(), value.size()));
  }
  // EndOfHeaders ends the fields.
  void EndOfHeaders() { Check(postseal_sign_end_of_headers(get())); }
  // Body takes the next octets of the body.
  void Body(std::string_view data) {
    Check(postseal_sign_body(get(), internal::Octets(data), data.size()));
  }
  // EndOfMessage makes the signatures of the keys that are here. Throws with
  // POSTSEAL_E_ARGUMENT for a message that cannot be signed, with POSTSEAL_E_KEY when a
  // key failed: the other signatures still count, and Fields has them.
  void EndOfMessage() { Check(postseal_sign_end_of_message(get())); }
  // NextSignature hands out a digest for a key that is elsewhere, each once.
  std::optional<SignatureRequest> NextSignature() {
    SignatureRequest request;
    std::int32_t type = 0;
    postseal_bytes digest = {nullptr, 0};
    const postseal_status status = postseal_sign_next_signature(get(), &request.id, &type, &digest);
    Check(status);
    if (status != POSTSEAL_MORE) return std::nullopt;
    request.type = static_cast<KeyType>(type);
    request.digest = internal::View(digest);
    return request;
  }
  // ProvideSignature takes the signature of digest |id|, in any order.
  void ProvideSignature(std::uint32_t id, std::string_view signature) {
    Check(
        postseal_sign_provide_signature(get(), id, internal::Octets(signature), signature.size()));
  }
  // FailSignature gives digest |id| up; the others still count.
  void FailSignature(std::uint32_t id) { Check(postseal_sign_fail_signature(get(), id)); }
  // Fields is the DKIM-Signature fields, each with CRLF, to be put before the message's
  // first line. Throws until all are there or given up.
  std::string Fields() {
    postseal_bytes fields = {nullptr, 0};
    Check(postseal_sign_fields(get(), &fields));
    return internal::Copy(fields);
  }

  // get is the handle, for the C functions. It stays this object's.
  postseal_sign* get() const noexcept { return handle_.get(); }

 private:
  void Check(postseal_status status) const {
    internal::Check<postseal_sign>(status, get(), postseal_sign_error);
  }
  // The session goes before the list and keys that it uses.
  std::shared_ptr<const Signer::State> signer_;
  internal::Handle<postseal_sign, postseal_sign_free> handle_;
};

}  // namespace postseal

#endif  // POSTSEAL_SIGN_HPP_
