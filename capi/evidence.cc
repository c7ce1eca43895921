// postseal_evidence: auth::Evidence behind the C ABI.
#include "auth/evidence.h"

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "auth/evidence_json.h"
#include "capi/config.h"
#include "capi/exchange.h"
#include "capi/handle.h"
#include "capi/postseal.h"
#include "capi/verify.h"
#include "dmarc/public_suffix.h"

namespace capi = postseal::capi;
namespace auth = postseal::auth;

struct postseal_evidence : capi::Handle {
  auth::Evidence evidence;
};

namespace postseal::capi {
namespace {

// RecordedState is the configuration that |evidence| was recorded with. The suffix list is
// not in it: libpsl's stands in.
std::shared_ptr<const ConfigState> RecordedState(const auth::Evidence& evidence) {
  auto state = std::make_shared<ConfigState>();
  state->options = evidence.options;
  if (auto suffixes = dmarc::PublicSuffixList::Builtin(); suffixes.ok()) {
    state->suffixes = *std::move(suffixes);
    state->options.dmarc.suffixes = state->suffixes.get();
  }
  return state;
}

}  // namespace
}  // namespace postseal::capi

extern "C" {

postseal_status postseal_evidence_new(const char* json, size_t json_len,
                                      postseal_evidence** out_evidence,
                                      postseal_error** out_error) {
  if (!capi::IsInput(json, json_len) || out_evidence == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=]() -> postseal_status {
    if (json_len > capi::kMaxInputOctets) {
      return capi::FailNew(POSTSEAL_E_TOO_LARGE, "evidence is never as large", out_error);
    }
    auto parsed = auth::ParseEvidence(capi::View(json, json_len));
    if (!parsed.ok()) return capi::FailNew(parsed.status(), out_error);
    auto evidence = std::make_unique<postseal_evidence>();
    evidence->evidence = *std::move(parsed);
    *out_evidence = evidence.release();
    return POSTSEAL_OK;
  });
}

postseal_status postseal_evidence_verify(const postseal_evidence* evidence,
                                         postseal_verify** out_verify, postseal_error** out_error) {
  if (evidence == nullptr || out_verify == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=] {
    return capi::NewVerify(capi::RecordedState(evidence->evidence), evidence->evidence.envelope,
                           evidence->evidence.now, out_verify, out_error);
  });
}

postseal_status postseal_evidence_answer(const postseal_evidence* evidence,
                                         postseal_exchange* exchange) {
  if (evidence == nullptr || exchange == nullptr) return POSTSEAL_E_ARGUMENT;
  return exchange->Call([=]() -> postseal_status {
    if (exchange->in_callback) return exchange->Fail(POSTSEAL_E_STATE, "inside a callback");
    auth::AnswerFrom(evidence->evidence.dns, exchange);
    return POSTSEAL_OK;
  });
}

void postseal_evidence_free(postseal_evidence* evidence) { delete evidence; }

}  // extern "C"
