// postseal_spf and postseal_lint: spf::SpfSession and spf::Lint behind the C ABI.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "auth/envelope.h"
#include "auth/explanation_node.h"
#include "auth/lookup_report.h"
#include "auth/spf_explanation.h"
#include "auth/spf_json.h"
#include "auth/spf_lint_json.h"
#include "auth/spf_mail_from.h"
#include "auth/spf_report.h"
#include "capi/config.h"
#include "capi/envelope.h"
#include "capi/exchange.h"
#include "capi/handle.h"
#include "capi/postseal.h"
#include "dns/exchange.h"
#include "dns/idna.h"
#include "dns/name.h"
#include "spf/evaluation.h"
#include "spf/lint.h"
#include "spf/spf_session.h"

namespace capi = postseal::capi;
namespace auth = postseal::auth;
namespace spf = postseal::spf;

struct postseal_spf : capi::Handle {
  explicit postseal_spf(const spf::SpfOptions& options) : session(options), exchange(&session) {}
  ~postseal_spf() { exchange.Close(); }

  spf::Identity identity = spf::Identity::kMailFrom;
  spf::SpfSession session;
  capi::ExchangeOf<spf::SpfSession> exchange;
  // Made when it is first asked for.
  mutable std::optional<auth::SpfReport> report;
};

struct postseal_lint : capi::Handle {
  explicit postseal_lint(const postseal::dns::Name& name)
      : domain(name.text()), lint(name), exchange(&lint) {}
  ~postseal_lint() { exchange.Close(); }

  const std::string domain;
  spf::Lint lint;
  capi::ExchangeOf<spf::Lint> exchange;
};

namespace postseal::capi {
namespace {

// kMinLintLabels is the labels of a domain that can have a record. RFC 7208 §4.3 ¶1
constexpr size_t kMinLintLabels = 2;

// MakeRequest says what |envelope|, which the request views, leaves out.
absl::StatusOr<spf::Request> MakeRequest(const auth::Envelope& envelope, spf::Identity identity,
                                         int64_t now) {
  if (!envelope.client_ip.has_value()) {
    return absl::InvalidArgumentError("the client's address is not known");
  }
  if (now < 0) return absl::InvalidArgumentError("now is before 1970");
  spf::Request request;
  request.client = *envelope.client_ip;
  request.now = now;
  request.helo = envelope.helo;
  request.receiver = envelope.receiver;
  request.identity = identity;
  if (identity == spf::Identity::kMailFrom) {
    if (!envelope.rfc5321_mail_from.has_value()) {
      return absl::InvalidArgumentError("the reverse-path is not known");
    }
    request.mail_from = auth::SpfMailFrom(*envelope.rfc5321_mail_from);
  }
  // RFC 7208 §2.4 ¶3: of the null reverse-path, the identity is postmaster at HELO.
  if (request.mail_from.empty() && envelope.helo.empty()) {
    return absl::InvalidArgumentError("HELO is not known, and the identity is taken from it");
  }
  return request;
}

std::vector<auth::LookupReport> LookupReports(std::span<dns::Lookup* const> lookups) {
  std::vector<auth::LookupReport> reports;
  for (const dns::Lookup* lookup : lookups) reports.push_back(auth::MakeLookupReport(*lookup));
  return reports;
}

const auth::SpfReport& ReportOf(const postseal_spf& spf) {
  if (!spf.report.has_value()) {
    spf.report = auth::MakeSpfReport(spf.session.verdict(), spf.identity);
  }
  return *spf.report;
}

// Make keeps the text that |make| returns, once there is a result.
template <typename Owner, typename MakeText>
postseal_status Make(Owner* owner, postseal_bytes* out_text, MakeText make) {
  if (owner == nullptr || out_text == nullptr) return POSTSEAL_E_ARGUMENT;
  return owner->Call([&]() -> postseal_status {
    if (!owner->exchange.done() || owner->exchange.in_callback) return POSTSEAL_E_STATE;
    *out_text = owner->Keep(make());
    return POSTSEAL_OK;
  });
}

}  // namespace
}  // namespace postseal::capi

extern "C" {

postseal_status postseal_spf_new(postseal_config* config, const postseal_envelope* envelope,
                                 int32_t identity, int64_t now, postseal_spf** out_spf,
                                 postseal_error** out_error) {
  if (envelope == nullptr || out_spf == nullptr ||
      (identity != POSTSEAL_SPF_MAIL_FROM && identity != POSTSEAL_SPF_HELO)) {
    return POSTSEAL_E_ARGUMENT;
  }
  return capi::Guard([=]() -> postseal_status {
    const auto kind =
        identity == POSTSEAL_SPF_HELO ? spf::Identity::kHelo : spf::Identity::kMailFrom;
    const auto request = capi::MakeRequest(envelope->envelope, kind, now);
    if (!request.ok()) return capi::FailNew(request.status(), out_error);
    auto made = std::make_unique<postseal_spf>(capi::FrozenState(config)->options.spf);
    made->identity = kind;
    made->session.Start(*request);
    *out_spf = made.release();
    return POSTSEAL_OK;
  });
}

postseal_exchange* postseal_spf_exchange(postseal_spf* spf) {
  return spf == nullptr ? nullptr : &spf->exchange;
}

postseal_status postseal_spf_result(const postseal_spf* spf, int32_t* out_result,
                                    int32_t* out_reason, postseal_bytes* out_domain) {
  if (spf == nullptr || out_result == nullptr || out_reason == nullptr || out_domain == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  if (!spf->exchange.done()) return POSTSEAL_E_STATE;
  return capi::Guard([=]() -> postseal_status {
    const auth::SpfReport& report = capi::ReportOf(*spf);
    *out_result = static_cast<int32_t>(report.result);
    *out_reason = static_cast<int32_t>(report.reason);
    *out_domain = capi::ToBytes(report.domain);
    return POSTSEAL_OK;
  });
}

postseal_status postseal_spf_json(postseal_spf* spf, postseal_bytes* out_json) {
  return capi::Make(spf, out_json, [=] {
    return auth::SpfToJson(capi::ReportOf(*spf), capi::LookupReports(spf->session.lookups()));
  });
}

postseal_status postseal_spf_explanation(postseal_spf* spf, postseal_bytes* out_text) {
  return capi::Make(spf, out_text, [=] {
    return auth::PrintExplanation(
        auth::ExplainSpf(capi::ReportOf(*spf), capi::LookupReports(spf->session.lookups())));
  });
}

void postseal_spf_free(postseal_spf* spf) { delete spf; }

postseal_status postseal_lint_new(const char* domain, size_t domain_len, postseal_lint** out_lint,
                                  postseal_error** out_error) {
  if (!capi::IsInput(domain, domain_len) || out_lint == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=]() -> postseal_status {
    const auto name = postseal::dns::ParseInternational(capi::View(domain, domain_len));
    if (!name.has_value() || name->label_count() < capi::kMinLintLabels) {
      return capi::FailNew(POSTSEAL_E_ARGUMENT, "no domain name of several labels", out_error);
    }
    *out_lint = new postseal_lint(*name);
    return POSTSEAL_OK;
  });
}

postseal_exchange* postseal_lint_exchange(postseal_lint* lint) {
  return lint == nullptr ? nullptr : &lint->exchange;
}

postseal_status postseal_lint_json(postseal_lint* lint, postseal_bytes* out_json) {
  return capi::Make(lint, out_json, [=] {
    return auth::SpfLintToJson(lint->lint.report(), lint->domain,
                               capi::LookupReports(lint->lint.lookups()));
  });
}

void postseal_lint_free(postseal_lint* lint) { delete lint; }

}  // extern "C"
