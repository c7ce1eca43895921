// JSON objects that several outputs share. Only *_json.cc files include this, so
// that the JSON library stays out of every other translation unit.
#ifndef POSTSEAL_AUTH_JSON_OBJECTS_H_
#define POSTSEAL_AUTH_JSON_OBJECTS_H_

#include <span>
#include <string>
#include <string_view>

#include "auth/report.h"
#include "auth/spf_report.h"
#include "base/result.h"
#include "dns/answer.h"
#include "nlohmann/json.hpp"
#include "spf/reason.h"

namespace postseal::auth {

// SpfObject is |report| as "spf" of the verify command's object, or the spf
// command's own object less the DNS.
nlohmann::ordered_json SpfObject(const SpfReport& report);

// LookupObject is an element of "dns".
nlohmann::ordered_json LookupObject(const LookupReport& lookup);
nlohmann::ordered_json LookupObjects(std::span<const LookupReport> lookups);

// DumpObject is |object| on one line, without a line end, in ASCII. Octets that
// are no UTF-8 become U+FFFD.
std::string DumpObject(const nlohmann::ordered_json& object);

// Implementation.

namespace internal {

inline nlohmann::ordered_json TextOrNull(std::string_view text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

}  // namespace internal

inline nlohmann::ordered_json SpfObject(const SpfReport& report) {
  const spf::ReasonInfo& reason = spf::InfoOf(report.reason);
  nlohmann::ordered_json out;
  out["result"] = base::ResultName(report.result);
  out["scope"] = SpfScopeName(report.scope);
  out["domain"] = report.domain;
  out["reason"] = reason.name;
  out["clause"] = reason.clause;
  out["mechanism"] = internal::TextOrNull(report.mechanism);
  out["explanation"] = internal::TextOrNull(report.explanation);
  out["record_domain"] = internal::TextOrNull(report.origin.domain);
  out["record"] = internal::TextOrNull(report.origin.record);
  out["offset"] = report.origin.record.empty() ? nlohmann::ordered_json(nullptr)
                                               : nlohmann::ordered_json(report.origin.offset);
  out["spent"] = {{"terms", report.spent.terms},
                  {"void_lookups", report.spent.void_lookups},
                  {"dns_queries", report.spent.queries}};
  return out;
}

inline nlohmann::ordered_json LookupObject(const LookupReport& lookup) {
  nlohmann::ordered_json out;
  out["name"] = lookup.name;
  out["type"] = dns::TypeName(lookup.type);
  out["outcome"] = dns::OutcomeName(lookup.outcome);
  out["secure"] = lookup.secure;
  out["ttl"] = lookup.ttl_seconds;
  return out;
}

inline nlohmann::ordered_json LookupObjects(std::span<const LookupReport> lookups) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const LookupReport& lookup : lookups) out.push_back(LookupObject(lookup));
  return out;
}

inline std::string DumpObject(const nlohmann::ordered_json& object) {
  return object.dump(-1, ' ', /*ensure_ascii=*/true,
                     nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_JSON_OBJECTS_H_
