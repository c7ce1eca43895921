// postseal_signer and postseal_sign: auth::SignSession behind the C ABI.
#include "dkim/sign.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "auth/sign_session.h"
#include "capi/handle.h"
#include "capi/key.h"
#include "capi/message_feeder.h"
#include "capi/postseal.h"
#include "dkim/algorithm.h"

namespace capi = postseal::capi;
namespace auth = postseal::auth;
namespace dkim = postseal::dkim;

struct postseal_signer : capi::Handle {
  std::shared_ptr<auth::SignOptions> options = std::make_shared<auth::SignOptions>();
  std::atomic<bool> frozen{false};
};

struct postseal_sign : capi::Handle {
  std::unique_ptr<auth::SignSession> session;
  capi::MessageFeeder feeder;
  // Of the digest handed out under each id.
  std::vector<std::string> digests;
};

namespace postseal::capi {
namespace {

// kMaxDomainOctets bounds d= and s= as they are given, in octets: U-labels take up to
// four times what RFC 1035 §2.3.4 allows.
constexpr size_t kMaxDomainOctets = 1024;
constexpr size_t kMaxNamesOctets = 64 * 1024;

// Add adds a signature; |key| is null for one that is made elsewhere.
absl::Status Add(postseal_signer* signer, std::string_view domain, std::string_view selector,
                 dkim::KeyType type, std::shared_ptr<const dkim::Signer> key) {
  if (signer->frozen) return absl::FailedPreconditionError("a session was made with this list");
  if (signer->options->jobs.size() == auth::kMaxKeys) {
    return absl::ResourceExhaustedError("the list has as many signatures as it may");
  }
  if (domain.size() > kMaxDomainOctets || selector.size() > kMaxDomainOctets) {
    return absl::InvalidArgumentError("the domain or the selector is too long");
  }
  auth::SigningJob job;
  job.request.domain = domain;
  job.request.selector = selector;
  job.request.algorithm = type == dkim::KeyType::kRsa ? dkim::SignatureAlgorithm::kRsaSha256
                                                      : dkim::SignatureAlgorithm::kEd25519Sha256;
  job.signer = std::move(key);
  if (absl::Status status = dkim::CheckRequest(job.request); !status.ok()) return status;
  signer->options->jobs.push_back(std::move(job));
  return absl::OkStatus();
}

// Change runs |change| on the request of the signature added last, unless that makes it
// one that cannot be.
template <typename Change>
postseal_status ChangeLast(postseal_signer* signer, Change change) {
  if (signer == nullptr) return POSTSEAL_E_ARGUMENT;
  return signer->Call([&] {
    if (signer->frozen) return absl::FailedPreconditionError("a session was made with this list");
    if (signer->options->jobs.empty()) {
      return absl::FailedPreconditionError("there is no signature to set this for");
    }
    dkim::SignatureRequest request = signer->options->jobs.back().request;
    absl::Status status = change(&request);
    if (status.ok()) status = dkim::CheckRequest(request);
    if (status.ok()) signer->options->jobs.back().request = std::move(request);
    return status;
  });
}

absl::StatusOr<std::vector<std::string>> SplitNames(std::string_view names) {
  if (names.size() > kMaxNamesOctets) {
    return absl::ResourceExhaustedError("the list of names is too long");
  }
  return std::vector<std::string>(absl::StrSplit(names, ':', absl::SkipEmpty()));
}

postseal_status Feed(postseal_sign* sign, const void* data, size_t size,
                     absl::Status (*feed)(postseal_sign*, std::string_view)) {
  if (sign == nullptr || !IsInput(data, size)) return POSTSEAL_E_ARGUMENT;
  return sign->Call([=] { return feed(sign, View(static_cast<const char*>(data), size)); });
}

// FeedOf feeds the session of |sign|.
auto FeedOf(postseal_sign* sign) {
  return [sign](std::string_view octets) { return sign->session->Feed(octets); };
}

absl::Status EndOfMessage(postseal_sign* sign) {
  if (absl::Status status = sign->session->EndOfMessage(); !status.ok()) return status;
  if (sign->session->fault() != dkim::SignFault::kNone) {
    return absl::InvalidArgumentError(dkim::SignFaultText(sign->session->fault()));
  }
  const absl::Status status = sign->session->SignLocally();
  return status.ok() ? status : absl::UnauthenticatedError(status.message());
}

}  // namespace
}  // namespace postseal::capi

extern "C" {

postseal_status postseal_signer_new(postseal_signer** out_signer) {
  if (out_signer == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=]() -> postseal_status {
    *out_signer = new postseal_signer();
    return POSTSEAL_OK;
  });
}

postseal_status postseal_signer_add_key(postseal_signer* signer, const char* domain,
                                        size_t domain_len, const char* selector,
                                        size_t selector_len, postseal_key* key) {
  if (signer == nullptr || key == nullptr || !capi::IsInput(domain, domain_len) ||
      !capi::IsInput(selector, selector_len)) {
    return POSTSEAL_E_ARGUMENT;
  }
  return signer->Call([=] {
    return capi::Add(signer, capi::View(domain, domain_len), capi::View(selector, selector_len),
                     key->signer->key_type(), key->signer);
  });
}

postseal_status postseal_signer_add_external(postseal_signer* signer, const char* domain,
                                             size_t domain_len, const char* selector,
                                             size_t selector_len, int32_t type) {
  if (signer == nullptr || !capi::IsInput(domain, domain_len) ||
      !capi::IsInput(selector, selector_len) ||
      (type != POSTSEAL_KEY_RSA && type != POSTSEAL_KEY_ED25519)) {
    return POSTSEAL_E_ARGUMENT;
  }
  return signer->Call([=] {
    return capi::Add(signer, capi::View(domain, domain_len), capi::View(selector, selector_len),
                     type == POSTSEAL_KEY_RSA ? dkim::KeyType::kRsa : dkim::KeyType::kEd25519,
                     nullptr);
  });
}

postseal_status postseal_signer_set_canonicalization(postseal_signer* signer, int32_t header,
                                                     int32_t body) {
  const auto is_canon = [](int32_t canon) {
    return canon == POSTSEAL_CANON_SIMPLE || canon == POSTSEAL_CANON_RELAXED;
  };
  if (!is_canon(header) || !is_canon(body)) return POSTSEAL_E_ARGUMENT;
  return capi::ChangeLast(signer, [=](dkim::SignatureRequest* request) {
    request->header_canon =
        header == POSTSEAL_CANON_SIMPLE ? dkim::HeaderCanon::kSimple : dkim::HeaderCanon::kRelaxed;
    request->body_canon =
        body == POSTSEAL_CANON_SIMPLE ? dkim::BodyCanon::kSimple : dkim::BodyCanon::kRelaxed;
    return absl::OkStatus();
  });
}

postseal_status postseal_signer_set_headers(postseal_signer* signer, const char* names,
                                            size_t names_len) {
  if (!capi::IsInput(names, names_len)) return POSTSEAL_E_ARGUMENT;
  return capi::ChangeLast(signer, [=](dkim::SignatureRequest* request) {
    auto list = capi::SplitNames(capi::View(names, names_len));
    if (!list.ok()) return list.status();
    dkim::FieldSelection& fields = request->fields;
    fields.sign = *std::move(list);
    // The defaults are gone when oversigned fields were chosen before.
    if (!fields.oversign_present.empty()) fields.oversign = {"From"};
    fields.oversign_present.clear();
    return absl::OkStatus();
  });
}

postseal_status postseal_signer_set_oversign(postseal_signer* signer, const char* names,
                                             size_t names_len) {
  if (!capi::IsInput(names, names_len)) return POSTSEAL_E_ARGUMENT;
  return capi::ChangeLast(signer, [=](dkim::SignatureRequest* request) {
    auto list = capi::SplitNames(capi::View(names, names_len));
    if (!list.ok()) return list.status();
    list->push_back("From");
    request->fields.oversign = *std::move(list);
    request->fields.oversign_present.clear();
    return absl::OkStatus();
  });
}

postseal_status postseal_signer_set_identity(postseal_signer* signer, const char* identity,
                                             size_t identity_len) {
  if (!capi::IsInput(identity, identity_len)) return POSTSEAL_E_ARGUMENT;
  return capi::ChangeLast(signer, [=](dkim::SignatureRequest* request) {
    request->identity = std::string(capi::View(identity, identity_len));
    return absl::OkStatus();
  });
}

postseal_status postseal_signer_set_expires_in(postseal_signer* signer, int64_t seconds) {
  if (seconds < 0) return POSTSEAL_E_ARGUMENT;
  return capi::ChangeLast(signer, [=](dkim::SignatureRequest* request) {
    request->expires_in_seconds = seconds == 0 ? std::nullopt : std::optional(seconds);
    return absl::OkStatus();
  });
}

postseal_status postseal_signer_set_timestamp(postseal_signer* signer, int32_t with_timestamp) {
  if (with_timestamp != 0 && with_timestamp != 1) return POSTSEAL_E_ARGUMENT;
  return capi::ChangeLast(signer, [=](dkim::SignatureRequest* request) {
    request->with_timestamp = with_timestamp == 1;
    return absl::OkStatus();
  });
}

postseal_status postseal_signer_set_copy_fields(postseal_signer* signer, int32_t copy_fields) {
  if (copy_fields != 0 && copy_fields != 1) return POSTSEAL_E_ARGUMENT;
  return capi::ChangeLast(signer, [=](dkim::SignatureRequest* request) {
    request->copy_fields = copy_fields == 1;
    return absl::OkStatus();
  });
}

postseal_status postseal_signer_error(const postseal_signer* signer, postseal_bytes* out_text) {
  if (signer == nullptr || out_text == nullptr) return POSTSEAL_E_ARGUMENT;
  *out_text = capi::ToBytes(signer->error());
  return POSTSEAL_OK;
}

void postseal_signer_free(postseal_signer* signer) { delete signer; }

postseal_status postseal_sign_new(postseal_signer* signer, int64_t now, postseal_sign** out_sign,
                                  postseal_error** out_error) {
  if (signer == nullptr || out_sign == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=]() -> postseal_status {
    signer->frozen = true;
    auto session = auth::SignSession::Create(signer->options, now);
    if (!session.ok()) return capi::FailNew(session.status(), out_error);
    auto sign = std::make_unique<postseal_sign>();
    sign->session = *std::move(session);
    sign->digests.resize(signer->options->jobs.size());
    *out_sign = sign.release();
    return POSTSEAL_OK;
  });
}

postseal_status postseal_sign_feed(postseal_sign* sign, const uint8_t* data, size_t data_len) {
  return capi::Feed(sign, data, data_len, [](postseal_sign* to, std::string_view octets) {
    return to->feeder.Octets(octets, capi::FeedOf(to));
  });
}

postseal_status postseal_sign_header(postseal_sign* sign, const char* name, size_t name_len,
                                     const char* value, size_t value_len) {
  if (sign == nullptr || !capi::IsInput(name, name_len) || !capi::IsInput(value, value_len)) {
    return POSTSEAL_E_ARGUMENT;
  }
  return sign->Call([=] {
    return sign->feeder.Header(capi::View(name, name_len), capi::View(value, value_len),
                               capi::FeedOf(sign));
  });
}

postseal_status postseal_sign_end_of_headers(postseal_sign* sign) {
  return capi::Feed(sign, nullptr, 0, [](postseal_sign* to, std::string_view) {
    return to->feeder.EndOfHeaders(capi::FeedOf(to));
  });
}

postseal_status postseal_sign_body(postseal_sign* sign, const uint8_t* data, size_t data_len) {
  return capi::Feed(sign, data, data_len, [](postseal_sign* to, std::string_view octets) {
    return to->feeder.Body(octets, capi::FeedOf(to));
  });
}

postseal_status postseal_sign_end_of_message(postseal_sign* sign) {
  if (sign == nullptr) return POSTSEAL_E_ARGUMENT;
  return sign->Call([=] { return capi::EndOfMessage(sign); });
}

postseal_status postseal_sign_next_signature(postseal_sign* sign, uint32_t* out_id,
                                             int32_t* out_type, postseal_bytes* out_digest) {
  if (sign == nullptr || out_id == nullptr || out_type == nullptr || out_digest == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  return sign->Call([=]() -> postseal_status {
    const auto pending = sign->session->NextSignature();
    if (!pending.has_value()) return POSTSEAL_OK;
    sign->digests[pending->id] = pending->digest.view();
    *out_id = pending->id;
    *out_type = dkim::KeyTypeOf(pending->algorithm) == dkim::KeyType::kRsa ? POSTSEAL_KEY_RSA
                                                                           : POSTSEAL_KEY_ED25519;
    *out_digest = capi::ToBytes(sign->digests[pending->id]);
    return POSTSEAL_MORE;
  });
}

postseal_status postseal_sign_provide_signature(postseal_sign* sign, uint32_t id,
                                                const uint8_t* signature, size_t signature_len) {
  if (sign == nullptr || !capi::IsInput(signature, signature_len)) return POSTSEAL_E_ARGUMENT;
  return sign->Call(
      [=] { return sign->session->ProvideSignature(id, capi::View(signature, signature_len)); });
}

postseal_status postseal_sign_fail_signature(postseal_sign* sign, uint32_t id) {
  if (sign == nullptr) return POSTSEAL_E_ARGUMENT;
  return sign->Call([=] { return sign->session->FailSignature(id); });
}

postseal_status postseal_sign_fields(postseal_sign* sign, postseal_bytes* out_fields) {
  if (sign == nullptr || out_fields == nullptr) return POSTSEAL_E_ARGUMENT;
  return sign->Call([=] {
    auto fields = sign->session->fields();
    if (fields.ok()) *out_fields = sign->Keep(*std::move(fields));
    return fields.status();
  });
}

postseal_status postseal_sign_error(const postseal_sign* sign, postseal_bytes* out_text) {
  if (sign == nullptr || out_text == nullptr) return POSTSEAL_E_ARGUMENT;
  *out_text = capi::ToBytes(sign->error());
  return POSTSEAL_OK;
}

void postseal_sign_free(postseal_sign* sign) { delete sign; }

}  // extern "C"
