// JSON objects that several outputs share. Only *_json.cc files include this, so
// that the JSON library stays out of every other translation unit.
#ifndef POSTSEAL_AUTH_JSON_OBJECTS_H_
#define POSTSEAL_AUTH_JSON_OBJECTS_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "auth/dmarc_report.h"
#include "auth/lookup_report.h"
#include "auth/spf_report.h"
#include "base/result.h"
#include "dmarc/alignment.h"
#include "dmarc/difference.h"
#include "dmarc/policy.h"
#include "dmarc/reason.h"
#include "dmarc/record.h"
#include "dmarc/verdict.h"
#include "dns/answer.h"
#include "nlohmann/json.hpp"
#include "spf/reason.h"

namespace postseal::auth {

// SpfObject is |report| as "spf" of the verify command's object, or the spf
// command's own object less the DNS.
nlohmann::ordered_json SpfObject(const SpfReport& report);

// DmarcObject is |report| as "dmarc", by one edition.
nlohmann::ordered_json DmarcObject(const DmarcReport& report);

// DmarcObjects is DmarcObject, and, where both editions were evaluated, both of them
// in it with what differs.
nlohmann::ordered_json DmarcObjects(const DmarcReport& report,
                                    const std::optional<DmarcReport>& rfc7489,
                                    std::span<const dmarc::Difference> differences);

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

inline nlohmann::ordered_json DmarcObject(const DmarcReport& report) {
  const dmarc::ReasonInfo& reason = dmarc::InfoOf(report.reason);
  nlohmann::ordered_json out;
  out["result"] = base::ResultName(report.result);
  out["from_domain"] = internal::TextOrNull(report.from_domain);
  out["policy_domain"] = internal::TextOrNull(report.policy_domain);
  out["org_domain"] = internal::TextOrNull(report.org_domain);
  out["policy"] = nullptr;
  out["policy_tag"] = nullptr;
  out["effective_policy"] = nullptr;
  if (report.policy.has_value()) {
    out["policy"] = dmarc::PolicyName(report.policy->published);
    out["policy_tag"] = internal::TextOrNull(dmarc::PolicyTagName(report.policy->tag));
    out["effective_policy"] = dmarc::PolicyName(report.policy->effective);
  }
  out["disposition"] = dmarc::PolicyName(report.disposition);
  out["aligned"] = {{"spf", report.aligned_spf}, {"dkim", report.aligned_dkim}};
  out["discovery"] = report.mode == dmarc::Mode::kRfc9989 ? "treewalk" : "psl";
  out["reason"] = reason.name;
  out["clause"] = reason.clause;
  out["testing"] = report.testing;
  out["record"] = internal::TextOrNull(report.record);
  out["warnings"] = nlohmann::ordered_json::array();
  for (const DmarcWarning& warning : report.warnings) {
    out["warnings"].push_back(
        {{"text", warning.text}, {"tag", warning.tag}, {"offset", warning.offset}});
  }
  out["identifiers"] = nlohmann::ordered_json::array();
  for (const DmarcIdentifier& identifier : report.identifiers) {
    out["identifiers"].push_back(
        {{"method", identifier.method == dmarc::Method::kSpf ? "spf" : "dkim"},
         {"domain", identifier.domain},
         {"passed", identifier.passed},
         {"alignment", dmarc::AlignmentName(identifier.alignment)}});
  }
  if (report.result == base::Result::kPermError) {
    out["names_no_domain"] = report.names_no_domain();
    out["authors_skipped"] = report.authors_skipped;
  }
  if (report.authors.empty()) return out;
  // From names more or less than one domain, or is malformed: the verdict on each.
  out["authors"] = nlohmann::ordered_json::array();
  for (const DmarcReport& author : report.authors) out["authors"].push_back(DmarcObject(author));
  return out;
}

inline nlohmann::ordered_json DmarcObjects(const DmarcReport& report,
                                           const std::optional<DmarcReport>& rfc7489,
                                           std::span<const dmarc::Difference> differences) {
  nlohmann::ordered_json out = DmarcObject(report);
  if (!rfc7489.has_value()) return out;
  nlohmann::ordered_json differs = nlohmann::ordered_json::array();
  for (const dmarc::Difference& difference : differences) {
    differs.push_back({{"name", difference.field},
                       {"rfc9989", difference.rfc9989},
                       {"rfc7489", difference.rfc7489},
                       {"why", difference.why}});
  }
  nlohmann::ordered_json rfc9989 = out;
  out["rfc9989"] = std::move(rfc9989);
  out["rfc7489"] = DmarcObject(*rfc7489);
  out["differs"] = std::move(differs);
  return out;
}

inline nlohmann::ordered_json LookupObject(const LookupReport& lookup) {
  nlohmann::ordered_json out;
  out["name"] = lookup.name;
  out["type"] = dns::TypeName(lookup.type);
  out["outcome"] = OutcomeName(lookup);
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
