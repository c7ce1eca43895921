#include "auth/report_json.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "auth/oddities.h"
#include "base/result.h"
#include "dkim/reason.h"
#include "dkim/signature_report.h"
#include "dns/answer.h"
#include "mail/message_reader.h"
#include "nlohmann/json.hpp"

namespace postseal::auth {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value.has_value() ? Json(*value) : Json(nullptr);
}

Json SignatureToJson(const dkim::SignatureReport& signature) {
  Json out;
  out["result"] = base::ResultName(signature.result);
  out["domain"] = signature.domain;
  out["selector"] = signature.selector;
  // RFC 6376 §3.5 i=: "@" and d= when absent.
  out["identity"] = signature.identity.empty() && !signature.domain.empty() ? "@" + signature.domain
                                                                            : signature.identity;
  out["algorithm"] = signature.algorithm;
  out["canonicalization"] = signature.canonicalization;
  out["key_bits"] = signature.key_bits;
  out["reason"] = dkim::InfoOf(signature.reason).name;
  out["clause"] = dkim::InfoOf(signature.reason).clause;
  out["detail"] = signature.detail;
  out["testing"] = signature.testing;
  out["key_secure"] = signature.key_secure;
  out["timestamp"] = OrNull(signature.timestamp);
  out["expiration"] = OrNull(signature.expiration);
  out["body_length"] = OrNull(signature.body_length);
  out["canonical_body_octets"] = OrNull(signature.canonical_body_octets);
  out["uncovered_fields"] = Json::array();
  for (const std::string_view field : signature.uncovered_fields) {
    out["uncovered_fields"].push_back(field);
  }
  out["hints"] = Json::array();
  for (const dkim::Hint& hint : signature.hints) {
    out["hints"].push_back({{"code", hint.code}, {"text", hint.text}});
  }
  return out;
}

Json LookupToJson(const LookupReport& lookup) {
  Json out;
  out["name"] = lookup.name;
  out["type"] = dns::TypeName(lookup.type);
  out["outcome"] = dns::OutcomeName(lookup.outcome);
  out["secure"] = lookup.secure;
  out["ttl"] = lookup.ttl_seconds;
  return out;
}

}  // namespace

std::string ReportToJson(const Report& report, std::string_view authentication_results) {
  Json out;
  out["authentication_results"] = authentication_results;
  out["dkim"] = Json::array();
  for (const dkim::SignatureReport& signature : report.dkim) {
    out["dkim"].push_back(SignatureToJson(signature));
  }
  out["header_fault"] = mail::HeaderFaultName(report.header_fault);
  out["notes"] = Json::array();
  for (const Oddity& oddity : OdditiesOf(report)) out["notes"].push_back(oddity.name);
  out["dns"] = Json::array();
  for (const LookupReport& lookup : report.dns) out["dns"].push_back(LookupToJson(lookup));
  out["spent"] = {{"dns_queries", report.spent.dns_queries},
                  {"signatures", report.spent.signatures},
                  {"public_key_operations", report.spent.public_key_operations},
                  {"header_bytes", report.spent.header_octets},
                  {"body_bytes_hashed", report.spent.body_octets_hashed}};
  return out.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}

}  // namespace postseal::auth
