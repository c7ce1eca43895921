#include "auth/spf_lint_json.h"

#include "auth/json_objects.h"
#include "nlohmann/json.hpp"
#include "spf/lint_code.h"

namespace postseal::auth {
namespace {

using Json = nlohmann::ordered_json;

Json FindingToJson(const spf::Finding& finding) {
  Json out;
  out["severity"] = spf::SeverityName(finding.severity());
  out["code"] = spf::InfoOf(finding.code).name;
  out["clause"] = finding.clause;
  out["domain"] = finding.domain;
  out["offset"] = finding.offset.has_value() ? Json(*finding.offset) : Json(nullptr);
  out["size"] = finding.size;
  out["text"] = finding.text;
  return out;
}

}  // namespace

std::string SpfLintToJson(const spf::LintReport& report, std::string_view domain,
                          std::span<const LookupReport> lookups) {
  Json out;
  out["domain"] = domain;
  out["has_errors"] = report.has_errors;
  out["temp_error"] = report.temp_error;
  out["findings"] = Json::array();
  for (const spf::Finding& finding : report.findings) {
    out["findings"].push_back(FindingToJson(finding));
  }
  out["dropped_findings"] = report.dropped_findings;
  out["records"] = Json::array();
  for (const spf::LintedRecord& record : report.records) {
    out["records"].push_back({{"domain", record.domain}, {"text", record.text}});
  }
  out["terms"] = report.terms;
  out["void_lookups"] = report.void_lookups;
  out["ipv4_addresses"] = report.ipv4_addresses;
  out["ipv6_networks"] = report.ipv6_networks;
  out["dns"] = LookupObjects(lookups);
  return DumpObject(out);
}

}  // namespace postseal::auth
