#include "capi/key.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "capi/postseal.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/key_pair.h"
#include "dkim/key_record_text.h"
#include "dkim/policy.h"
#include "dkim/signing_key.h"

namespace postseal::capi {
namespace {

// kMaxKeyFileOctets bounds a key in PEM, in octets.
constexpr size_t kMaxKeyFileOctets = 64 * 1024;
// kMaxCallbackRsaBits bounds the modulus of a key elsewhere: its signature has
// POSTSEAL_MAX_SIGNATURE_OCTETS then.
constexpr int32_t kMaxCallbackRsaBits = 8 * POSTSEAL_MAX_SIGNATURE_OCTETS;
constexpr int32_t kEd25519Bits = 256;

// CallbackSigner signs by a function of the host.
class CallbackSigner final : public dkim::Signer {
 public:
  CallbackSigner(dkim::KeyType type, int bits, postseal_sign_fn sign, void* userdata)
      : type_(type), bits_(bits), sign_(sign), userdata_(userdata) {}

  dkim::KeyType key_type() const override { return type_; }
  int bits() const override { return bits_; }

  absl::StatusOr<std::string> Sign(const dkim::Digest& digest) const override {
    std::string signature(POSTSEAL_MAX_SIGNATURE_OCTETS, '\0');
    const size_t size = sign_(userdata_, digest.octets.data(), digest.size,
                              reinterpret_cast<uint8_t*>(signature.data()));
    if (size == 0 || size > signature.size()) {
      return absl::UnauthenticatedError("the key's callback could not sign");
    }
    signature.resize(size);
    return signature;
  }

 private:
  dkim::KeyType type_;
  int bits_;
  postseal_sign_fn sign_;
  void* userdata_;
};

// MakeKey hands out a key that signs by |signer|.
postseal_status MakeKey(std::shared_ptr<const dkim::Signer> signer, postseal_key** out_key) {
  auto key = std::make_unique<postseal_key>();
  key->signer = std::move(signer);
  *out_key = key.release();
  return POSTSEAL_OK;
}

bool IsKeyType(int32_t type) { return type == POSTSEAL_KEY_RSA || type == POSTSEAL_KEY_ED25519; }

dkim::KeyType ToKeyType(int32_t type) {
  return type == POSTSEAL_KEY_RSA ? dkim::KeyType::kRsa : dkim::KeyType::kEd25519;
}

bool AreBits(int32_t type, int32_t bits) {
  if (type == POSTSEAL_KEY_ED25519) return bits == kEd25519Bits;
  return bits >= dkim::kMinRsaBits && bits <= kMaxCallbackRsaBits;
}

}  // namespace
}  // namespace postseal::capi

namespace capi = postseal::capi;
namespace dkim = postseal::dkim;

struct postseal_keypair : capi::Handle {
  dkim::KeyType type = dkim::KeyType::kRsa;
  dkim::KeyPair pair;
  // With the NUL that pair.private_pem lacks.
  postseal::base::SecretString pem;
  std::string record;
};

extern "C" {

postseal_status postseal_key_new(const char* pem, size_t pem_len, postseal_key** out_key,
                                 postseal_error** out_error) {
  if (!capi::IsInput(pem, pem_len) || out_key == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=]() -> postseal_status {
    if (pem_len > capi::kMaxKeyFileOctets) {
      return capi::FailNew(POSTSEAL_E_TOO_LARGE, "a key file is never as large", out_error);
    }
    auto key = dkim::SigningKey::FromPem(capi::View(pem, pem_len));
    if (!key.ok()) return capi::FailNew(POSTSEAL_E_KEY, key.status().message(), out_error);
    return capi::MakeKey(*std::move(key), out_key);
  });
}

postseal_status postseal_key_new_callback(int32_t type, int32_t bits, postseal_sign_fn sign,
                                          void* userdata, postseal_key** out_key) {
  if (!capi::IsKeyType(type) || !capi::AreBits(type, bits) || sign == nullptr ||
      out_key == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  return capi::Guard([=] {
    return capi::MakeKey(
        std::make_shared<capi::CallbackSigner>(capi::ToKeyType(type), bits, sign, userdata),
        out_key);
  });
}

int32_t postseal_key_type(const postseal_key* key) {
  if (key == nullptr) return -1;
  return key->signer->key_type() == dkim::KeyType::kRsa ? POSTSEAL_KEY_RSA : POSTSEAL_KEY_ED25519;
}

int32_t postseal_key_bits(const postseal_key* key) {
  return key == nullptr ? 0 : key->signer->bits();
}

void postseal_key_free(postseal_key* key) { delete key; }

postseal_status postseal_keypair_new(int32_t type, int32_t rsa_bits, postseal_keypair** out_keypair,
                                     postseal_error** out_error) {
  if (!capi::IsKeyType(type) || out_keypair == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=]() -> postseal_status {
    const dkim::KeyType key_type = capi::ToKeyType(type);
    auto pair = dkim::GenerateKeyPair(key_type, rsa_bits == 0 ? dkim::kDefaultRsaBits : rsa_bits);
    if (!pair.ok()) return capi::FailNew(pair.status(), out_error);
    auto keypair = std::make_unique<postseal_keypair>();
    keypair->type = key_type;
    keypair->pair = *std::move(pair);
    const std::string_view pem = keypair->pair.private_pem.view();
    keypair->pem = postseal::base::SecretString::WithSize(pem.size() + 1);
    pem.copy(keypair->pem.data(), pem.size());
    keypair->record =
        absl::StrCat("v=DKIM1; k=", dkim::Name(key_type), "; p=", keypair->pair.public_base64);
    *out_keypair = keypair.release();
    return POSTSEAL_OK;
  });
}

postseal_status postseal_keypair_private_pem(const postseal_keypair* keypair,
                                             postseal_bytes* out_pem) {
  if (keypair == nullptr || out_pem == nullptr) return POSTSEAL_E_ARGUMENT;
  const std::string_view pem = keypair->pem.view();
  *out_pem = {reinterpret_cast<const uint8_t*>(pem.data()), pem.size() - 1};
  return POSTSEAL_OK;
}

postseal_status postseal_keypair_record(const postseal_keypair* keypair,
                                        postseal_bytes* out_record) {
  if (keypair == nullptr || out_record == nullptr) return POSTSEAL_E_ARGUMENT;
  *out_record = capi::ToBytes(keypair->record);
  return POSTSEAL_OK;
}

postseal_status postseal_keypair_zone_text(postseal_keypair* keypair, const char* domain,
                                           size_t domain_len, const char* selector,
                                           size_t selector_len, postseal_bytes* out_text) {
  if (keypair == nullptr || out_text == nullptr || !capi::IsInput(domain, domain_len) ||
      !capi::IsInput(selector, selector_len)) {
    return POSTSEAL_E_ARGUMENT;
  }
  return keypair->Call([=] {
    dkim::ZoneRecord record;
    record.selector = capi::View(selector, selector_len);
    record.domain = capi::View(domain, domain_len);
    record.key_type = keypair->type;
    record.public_base64 = keypair->pair.public_base64;
    record.append_domain = true;
    auto text = dkim::PrintZoneRecord(record);
    if (text.ok()) *out_text = keypair->Keep(*std::move(text));
    return text.status();
  });
}

void postseal_keypair_free(postseal_keypair* keypair) { delete keypair; }

}  // extern "C"
