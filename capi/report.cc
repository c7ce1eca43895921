// What postseal_verify found: results one by one, and the whole as field, JSON or text.
#include "auth/report.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "auth/authentication_results.h"
#include "auth/evidence.h"
#include "auth/evidence_json.h"
#include "auth/explanation.h"
#include "auth/explanation_node.h"
#include "auth/received_spf.h"
#include "auth/report_json.h"
#include "auth/spf_report.h"
#include "capi/handle.h"
#include "capi/postseal.h"
#include "capi/verify.h"

namespace postseal::capi {
namespace {

constexpr std::string_view kNotDone = "the report is not there before the exchange is done";

// IsReady says whether there is a report to read.
bool IsReady(const postseal_verify& verify) {
  return !verify.is_dead() && verify.session->done() && !verify.exchange.in_callback;
}

// WhyNotReady is the status of a call for which IsReady is false.
postseal_status WhyNotReady(const postseal_verify& verify) {
  return verify.is_dead() ? POSTSEAL_E_NO_MEMORY : POSTSEAL_E_STATE;
}

// Make keeps what |make|(report) -> StatusOr<std::string> returns.
template <typename MakeText>
postseal_status Make(postseal_verify* verify, postseal_bytes* out_text, MakeText make) {
  if (verify == nullptr || out_text == nullptr) return POSTSEAL_E_ARGUMENT;
  return verify->Call([&]() -> absl::Status {
    if (!IsReady(*verify)) return absl::FailedPreconditionError(kNotDone);
    absl::StatusOr<std::string> text = make(verify->session->report());
    if (text.ok()) *out_text = verify->Keep(*std::move(text));
    return text.status();
  });
}

const std::optional<auth::SpfReport>* SpfOf(const auth::Report& report, int32_t identity) {
  return identity == POSTSEAL_SPF_HELO ? &report.spf_helo : &report.spf;
}

bool IsIdentity(int32_t identity) {
  return identity == POSTSEAL_SPF_MAIL_FROM || identity == POSTSEAL_SPF_HELO;
}

absl::StatusOr<std::string> MakeField(const postseal_verify& verify, std::string_view authserv_id,
                                      const auth::Report& report) {
  return auth::PrintAuthenticationResults(report, authserv_id, verify.charset());
}

absl::StatusOr<std::string> MakeJson(const postseal_verify& verify, std::string_view authserv_id,
                                     const auth::Report& report) {
  const auto field = MakeField(verify, authserv_id, report);
  if (!field.ok()) return field.status();
  return auth::ReportToJson(report, auth::FieldValue(*field));
}

absl::StatusOr<std::string> MakeEvidence(const postseal_verify& verify,
                                         std::string_view authserv_id, const auth::Report& report) {
  if (!verify.digest.has_value()) {
    return absl::FailedPreconditionError("the option record_message is not set");
  }
  auth::Evidence evidence;
  evidence.now = verify.now;
  evidence.authserv_id = authserv_id;
  evidence.envelope = verify.envelope;
  evidence.options = verify.config->options;
  evidence.dns = report.dns;
  evidence.message_octets = verify.message_octets;
  evidence.message_sha256 = absl::BytesToHexString(verify.digest->Peek().view());
  return auth::EvidenceToJson(evidence);
}

}  // namespace
}  // namespace postseal::capi

namespace capi = postseal::capi;
namespace auth = postseal::auth;

extern "C" {

postseal_status postseal_verify_result(const postseal_verify* verify, int32_t* out_result) {
  if (verify == nullptr || out_result == nullptr) return POSTSEAL_E_ARGUMENT;
  if (!capi::IsReady(*verify)) return capi::WhyNotReady(*verify);
  *out_result = static_cast<int32_t>(verify->session->report().Verdict());
  return POSTSEAL_OK;
}

postseal_status postseal_verify_spf(const postseal_verify* verify, int32_t identity,
                                    int32_t* out_result, int32_t* out_reason,
                                    postseal_bytes* out_domain) {
  if (verify == nullptr || !capi::IsIdentity(identity) || out_result == nullptr ||
      out_reason == nullptr || out_domain == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  if (!capi::IsReady(*verify)) return capi::WhyNotReady(*verify);
  const auto& spf = *capi::SpfOf(verify->session->report(), identity);
  if (!spf.has_value()) return POSTSEAL_E_NOT_FOUND;
  *out_result = static_cast<int32_t>(spf->result);
  *out_reason = static_cast<int32_t>(spf->reason);
  *out_domain = capi::ToBytes(spf->domain);
  return POSTSEAL_OK;
}

size_t postseal_verify_num_signatures(const postseal_verify* verify) {
  if (verify == nullptr || !capi::IsReady(*verify)) return 0;
  return verify->session->report().dkim.size();
}

postseal_status postseal_verify_signature(const postseal_verify* verify, size_t index,
                                          int32_t* out_result, int32_t* out_reason,
                                          postseal_bytes* out_domain, postseal_bytes* out_selector,
                                          int32_t* out_key_bits) {
  if (verify == nullptr || out_result == nullptr || out_reason == nullptr ||
      out_domain == nullptr || out_selector == nullptr || out_key_bits == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  if (!capi::IsReady(*verify)) return capi::WhyNotReady(*verify);
  const auto& signatures = verify->session->report().dkim;
  if (index >= signatures.size()) return POSTSEAL_E_NOT_FOUND;
  *out_result = static_cast<int32_t>(signatures[index].result);
  *out_reason = static_cast<int32_t>(signatures[index].reason);
  *out_domain = capi::ToBytes(signatures[index].domain);
  *out_selector = capi::ToBytes(signatures[index].selector);
  *out_key_bits = signatures[index].key_bits;
  return POSTSEAL_OK;
}

postseal_status postseal_verify_dmarc(const postseal_verify* verify, int32_t* out_result,
                                      int32_t* out_reason, int32_t* out_disposition,
                                      postseal_bytes* out_from_domain) {
  if (verify == nullptr || out_result == nullptr || out_reason == nullptr ||
      out_disposition == nullptr || out_from_domain == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  if (!capi::IsReady(*verify)) return capi::WhyNotReady(*verify);
  const auto& dmarc = verify->session->report().dmarc;
  if (!dmarc.has_value()) return POSTSEAL_E_NOT_FOUND;
  *out_result = static_cast<int32_t>(dmarc->result);
  *out_reason = static_cast<int32_t>(dmarc->reason);
  *out_disposition = static_cast<int32_t>(dmarc->disposition);
  *out_from_domain = capi::ToBytes(dmarc->from_domain);
  return POSTSEAL_OK;
}

postseal_status postseal_verify_authentication_results(postseal_verify* verify,
                                                       const char* authserv_id,
                                                       size_t authserv_id_len,
                                                       postseal_bytes* out_field) {
  if (!capi::IsInput(authserv_id, authserv_id_len)) return POSTSEAL_E_ARGUMENT;
  return capi::Make(verify, out_field, [=](const auth::Report& report) {
    return capi::MakeField(*verify, capi::View(authserv_id, authserv_id_len), report);
  });
}

postseal_status postseal_verify_received_spf(postseal_verify* verify, int32_t identity,
                                             postseal_bytes* out_field) {
  if (verify == nullptr || !capi::IsIdentity(identity)) return POSTSEAL_E_ARGUMENT;
  bool found = true;
  const postseal_status status =
      capi::Make(verify, out_field, [&](const auth::Report& report) -> absl::StatusOr<std::string> {
        const auto& spf = *capi::SpfOf(report, identity);
        found = spf.has_value();
        if (!found) return absl::NotFoundError("the envelope did not allow a check");
        return auth::PrintReceivedSpf(*spf, verify->envelope, verify->charset());
      });
  return found ? status : POSTSEAL_E_NOT_FOUND;
}

postseal_status postseal_verify_json(postseal_verify* verify, const char* authserv_id,
                                     size_t authserv_id_len, postseal_bytes* out_json) {
  if (!capi::IsInput(authserv_id, authserv_id_len)) return POSTSEAL_E_ARGUMENT;
  return capi::Make(verify, out_json, [=](const auth::Report& report) {
    return capi::MakeJson(*verify, capi::View(authserv_id, authserv_id_len), report);
  });
}

postseal_status postseal_verify_explanation(postseal_verify* verify, postseal_bytes* out_text) {
  return capi::Make(verify, out_text,
                    [](const auth::Report& report) -> absl::StatusOr<std::string> {
                      return auth::PrintExplanation(auth::Explain(report));
                    });
}

postseal_status postseal_verify_evidence(postseal_verify* verify, const char* authserv_id,
                                         size_t authserv_id_len, postseal_bytes* out_json) {
  if (!capi::IsInput(authserv_id, authserv_id_len)) return POSTSEAL_E_ARGUMENT;
  return capi::Make(verify, out_json, [=](const auth::Report& report) {
    return capi::MakeEvidence(*verify, capi::View(authserv_id, authserv_id_len), report);
  });
}

}  // extern "C"
