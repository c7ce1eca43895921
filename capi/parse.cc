// Texts that need no session: Authentication-Results fields, records, domains.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "auth/authres_json.h"
#include "auth/record_json.h"
#include "authres/authentication_results.h"
#include "authres/parsed_field.h"
#include "base/ascii.h"
#include "capi/config.h"
#include "capi/handle.h"
#include "capi/postseal.h"
#include "dmarc/public_suffix.h"
#include "dns/idna.h"
#include "dns/name.h"

namespace capi = postseal::capi;
namespace auth = postseal::auth;

namespace postseal::capi {
namespace {

postseal_status MakeText(std::string text, postseal_text** out_text) {
  auto made = std::make_unique<postseal_text>();
  made->text = std::move(text);
  *out_text = made.release();
  return POSTSEAL_OK;
}

// WithoutName is the value of |field|, which may be the value alone.
std::string_view WithoutName(std::string_view field) {
  const size_t colon = field.find(':');
  if (colon == field.npos) return field;
  std::string_view name = field.substr(0, colon);
  while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
  return base::EqualsIgnoreCase(name, authres::kFieldName) ? field.substr(colon + 1) : field;
}

std::string RecordJson(int32_t method, std::string_view text) {
  switch (method) {
    case POSTSEAL_METHOD_SPF:
      return auth::SpfRecordToJson(text);
    case POSTSEAL_METHOD_DKIM:
      return auth::KeyRecordToJson(text);
    default:
      return auth::DmarcRecordToJson(text);
  }
}

}  // namespace
}  // namespace postseal::capi

extern "C" {

postseal_status postseal_authres_parse(const char* field, size_t field_len,
                                       postseal_text** out_json) {
  if (!capi::IsInput(field, field_len) || out_json == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=] {
    const std::string_view value = capi::WithoutName(capi::View(field, field_len));
    return capi::MakeText(auth::ParsedFieldToJson(postseal::authres::Parse(value)), out_json);
  });
}

postseal_status postseal_record_parse(int32_t method, const char* text, size_t text_len,
                                      postseal_text** out_json) {
  if (method < POSTSEAL_METHOD_SPF || method > POSTSEAL_METHOD_DMARC ||
      !capi::IsInput(text, text_len) || out_json == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  if (text_len > auth::kMaxRecordOctets) return POSTSEAL_E_TOO_LARGE;
  return capi::Guard([=] {
    return capi::MakeText(capi::RecordJson(method, capi::View(text, text_len)), out_json);
  });
}

postseal_status postseal_org_domain(const postseal_config* config, const char* domain,
                                    size_t domain_len, postseal_text** out_domain) {
  if (config == nullptr || !capi::IsInput(domain, domain_len) || out_domain == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  return capi::Guard([=]() -> postseal_status {
    if (config->state->suffixes == nullptr) return POSTSEAL_E_STATE;
    const auto name = postseal::dns::ParseInternational(capi::View(domain, domain_len));
    if (!name.has_value()) return POSTSEAL_E_ARGUMENT;
    return capi::MakeText(std::string(config->state->suffixes->OrgDomain(*name)), out_domain);
  });
}

}  // extern "C"
