#include "auth/report_json.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "auth/json_objects.h"
#include "auth/oddities.h"
#include "base/result.h"
#include "dkim/reason.h"
#include "dkim/signature_report.h"
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

}  // namespace

std::string ReportToJson(const Report& report, std::string_view authentication_results,
                         std::optional<std::string_view> message) {
  Json out;
  if (message.has_value()) out["message"] = *message;
  out["authentication_results"] = authentication_results;
  // Not known is not the same as a result: null.
  out["spf"] = report.spf.has_value() ? SpfObject(*report.spf) : Json(nullptr);
  out["spf_helo"] = report.spf_helo.has_value() ? SpfObject(*report.spf_helo) : Json(nullptr);
  if (report.iprev.has_value()) {
    out["iprev"] = {{"result", base::ResultName(report.iprev->result)},
                    {"client_ip", report.iprev->client_ip},
                    {"name", internal::TextOrNull(report.iprev->name)}};
  }
  out["dkim"] = Json::array();
  for (const dkim::SignatureReport& signature : report.dkim) {
    out["dkim"].push_back(SignatureToJson(signature));
  }
  const auto uncovered = report.UncoveredFields();
  out["uncovered_fields"] = uncovered.has_value() ? Json(*uncovered) : Json(nullptr);
  out["dmarc"] = report.dmarc.has_value()
                     ? DmarcObjects(*report.dmarc, report.dmarc_rfc7489, report.dmarc_differences)
                     : Json(nullptr);
  out["header_fault"] = mail::HeaderFaultName(report.header_fault);
  out["notes"] = Json::array();
  for (const Oddity& oddity : OdditiesOf(report)) out["notes"].push_back(oddity.name);
  out["dns"] = LookupObjects(report.dns);
  out["spent"] = {{"dns_queries", report.spent.dns_queries},
                  {"signatures", report.spent.signatures},
                  {"public_key_operations", report.spent.public_key_operations},
                  {"header_bytes", report.spent.header_octets},
                  {"body_bytes_hashed", report.spent.body_octets_hashed}};
  return DumpObject(out);
}

}  // namespace postseal::auth
