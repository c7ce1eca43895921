// postseal_dmarc: dmarc::DmarcSession behind the C ABI.
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
#include "auth/dmarc_explanation.h"
#include "auth/dmarc_json.h"
#include "auth/dmarc_report.h"
#include "auth/explanation_node.h"
#include "auth/lookup_report.h"
#include "base/result.h"
#include "capi/config.h"
#include "capi/exchange.h"
#include "capi/handle.h"
#include "capi/postseal.h"
#include "dmarc/authors.h"
#include "dmarc/dmarc_session.h"
#include "dmarc/verdict.h"
#include "dns/exchange.h"
#include "dns/idna.h"
#include "dns/name.h"

namespace capi = postseal::capi;
namespace auth = postseal::auth;
namespace dmarc = postseal::dmarc;

struct postseal_dmarc : capi::Handle {
  postseal_dmarc(std::shared_ptr<const capi::ConfigState> state, const postseal::dns::Name& from)
      : config(std::move(state)), author(from), session(config->options.dmarc), exchange(&session) {
    exchange.DieWith(this);
  }
  ~postseal_dmarc() { exchange.Close(); }

  const std::shared_ptr<const capi::ConfigState> config;
  const postseal::dns::Name author;
  std::vector<dmarc::Identifier> identifiers;
  bool started = false;
  dmarc::DmarcSession session;
  capi::ExchangeOf<dmarc::DmarcSession> exchange;
  // Made when it is first asked for.
  mutable std::optional<auth::DmarcReport> report;
};

namespace postseal::capi {
namespace {

// kMaxAddedIdentifiers bounds the identifiers of one evaluation.
constexpr size_t kMaxAddedIdentifiers = 1024;

absl::Status Add(postseal_dmarc* handle, int32_t method, std::string_view domain, int32_t result) {
  if (handle->started) return absl::FailedPreconditionError("the evaluation was started");
  if (handle->identifiers.size() == kMaxAddedIdentifiers) {
    return absl::ResourceExhaustedError("there are as many identifiers as may be");
  }
  const auto name = dns::ParseInternational(domain);
  if (!name.has_value()) return absl::InvalidArgumentError("the identifier is no domain name");
  handle->identifiers.emplace_back(
      method == POSTSEAL_METHOD_SPF ? dmarc::Method::kSpf : dmarc::Method::kDkim, *name,
      static_cast<base::Result>(result));
  return absl::OkStatus();
}

const auth::DmarcReport& ReportOf(const postseal_dmarc& handle) {
  if (!handle.report.has_value()) {
    handle.report = auth::MakeDmarcReport(handle.session.verdict(), handle.identifiers);
  }
  return *handle.report;
}

// Make keeps the text that |make| returns, once there is a result.
template <typename MakeText>
postseal_status Make(postseal_dmarc* handle, postseal_bytes* out_text, MakeText make) {
  if (handle == nullptr || out_text == nullptr) return POSTSEAL_E_ARGUMENT;
  return handle->Call([&]() -> postseal_status {
    if (!handle->exchange.done() || handle->exchange.in_callback) {
      return handle->Fail(POSTSEAL_E_STATE, "the result is not there before the exchange is done");
    }
    *out_text = handle->Keep(make());
    return POSTSEAL_OK;
  });
}

}  // namespace
}  // namespace postseal::capi

extern "C" {

postseal_status postseal_dmarc_new(postseal_config* config, const char* from_domain,
                                   size_t from_domain_len, postseal_dmarc** out_dmarc,
                                   postseal_error** out_error) {
  if (!capi::IsInput(from_domain, from_domain_len) || out_dmarc == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  return capi::Guard([=]() -> postseal_status {
    const auto name = postseal::dns::ParseInternational(capi::View(from_domain, from_domain_len));
    if (!name.has_value()) {
      return capi::FailNew(POSTSEAL_E_ARGUMENT, "the author domain is no domain name", out_error);
    }
    *out_dmarc = new postseal_dmarc(capi::StateOf(config), *name);
    capi::Freeze(config);
    return POSTSEAL_OK;
  });
}

postseal_status postseal_dmarc_add(postseal_dmarc* dmarc, int32_t method, const char* domain,
                                   size_t domain_len, int32_t result) {
  if (dmarc == nullptr || !capi::IsInput(domain, domain_len) ||
      (method != POSTSEAL_METHOD_SPF && method != POSTSEAL_METHOD_DKIM) ||
      postseal_result_name(result) == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  return dmarc->Call(
      [=] { return capi::Add(dmarc, method, capi::View(domain, domain_len), result); });
}

postseal_status postseal_dmarc_start(postseal_dmarc* dmarc) {
  if (dmarc == nullptr) return POSTSEAL_E_ARGUMENT;
  return dmarc->Call([=] {
    if (dmarc->started) return absl::FailedPreconditionError("the evaluation was started");
    const absl::Status status =
        dmarc->session.Start(postseal::dmarc::Authors(&dmarc->author), dmarc->identifiers);
    dmarc->started = status.ok();
    return status;
  });
}

postseal_exchange* postseal_dmarc_exchange(postseal_dmarc* dmarc) {
  return dmarc == nullptr ? nullptr : &dmarc->exchange;
}

postseal_status postseal_dmarc_result(const postseal_dmarc* dmarc, int32_t* out_result,
                                      int32_t* out_reason, int32_t* out_disposition,
                                      postseal_bytes* out_org_domain) {
  if (dmarc == nullptr || out_result == nullptr || out_reason == nullptr ||
      out_disposition == nullptr || out_org_domain == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  if (dmarc->is_dead()) return POSTSEAL_E_NO_MEMORY;
  if (!dmarc->exchange.done()) return POSTSEAL_E_STATE;
  return capi::Guard([=]() -> postseal_status {
    const auth::DmarcReport& report = capi::ReportOf(*dmarc);
    *out_result = static_cast<int32_t>(report.result);
    *out_reason = static_cast<int32_t>(report.reason);
    *out_disposition = static_cast<int32_t>(report.disposition);
    *out_org_domain = capi::ToBytes(report.org_domain);
    return POSTSEAL_OK;
  });
}

postseal_status postseal_dmarc_json(postseal_dmarc* dmarc, postseal_bytes* out_json) {
  return capi::Make(dmarc, out_json, [=] {
    std::vector<auth::LookupReport> lookups;
    for (const postseal::dns::Lookup* lookup : dmarc->session.lookups()) {
      lookups.push_back(auth::MakeLookupReport(*lookup));
    }
    return auth::DmarcToJson(capi::ReportOf(*dmarc), std::nullopt, {}, lookups);
  });
}

postseal_status postseal_dmarc_explanation(postseal_dmarc* dmarc, postseal_bytes* out_text) {
  return capi::Make(dmarc, out_text, [=] {
    return auth::PrintExplanation(auth::ExplainDmarc(capi::ReportOf(*dmarc)));
  });
}

postseal_status postseal_dmarc_error(const postseal_dmarc* dmarc, postseal_bytes* out_text) {
  if (dmarc == nullptr || out_text == nullptr) return POSTSEAL_E_ARGUMENT;
  *out_text = capi::ToBytes(dmarc->error());
  return POSTSEAL_OK;
}

void postseal_dmarc_free(postseal_dmarc* dmarc) { delete dmarc; }

}  // extern "C"
