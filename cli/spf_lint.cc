#include "cli/spf_lint.h"

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "auth/explanation_node.h"
#include "auth/lookup_report.h"
#include "auth/report.h"
#include "auth/spf_explanation.h"
#include "auth/spf_lint_json.h"
#include "base/escape.h"
#include "base/excerpt.h"
#include "cli/name_service.h"
#include "dns/exchange.h"
#include "dns/idna.h"
#include "dns/name.h"
#include "spf/budget.h"
#include "spf/lint.h"
#include "spf/lint_code.h"
#include "spf/lint_report.h"

namespace postseal::cli {
namespace {

// ParseLintDomain reads a name of several labels: others have no record (RFC 7208
// §4.3 ¶1).
std::optional<dns::Name> ParseLintDomain(const std::string& text) {
  const std::optional<dns::Name> name = dns::ParseInternational(text);
  return name.has_value() && name->label_count() >= 2 ? name : std::nullopt;
}

std::string Quote(std::string_view text) {
  return base::Escape(text, base::NonAscii::kPassGraphic);
}

// Plural is "1 error", "2 errors".
std::string Plural(size_t count, std::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

size_t CountOf(const spf::LintReport& report, spf::Severity severity) {
  size_t count = 0;
  for (const spf::Finding& finding : report.findings) {
    count += finding.severity() == severity ? 1 : 0;
  }
  return count;
}

void PrintFinding(const spf::LintReport& report, const spf::Finding& finding) {
  std::cout << spf::SeverityName(finding.severity()) << " (" << spf::InfoOf(finding.code).name
            << "): " << Quote(finding.domain) << ": " << Quote(finding.text) << "   ["
            << finding.clause << "]\n";
  if (!finding.offset.has_value()) return;
  std::cout << base::Excerpt(report.RecordOf(finding.domain), *finding.offset, finding.size, "  ");
}

void PrintText(const spf::LintReport& report, std::string_view domain) {
  std::cout << Quote(domain) << ": " << Plural(CountOf(report, spf::Severity::kError), "error")
            << ", " << Plural(CountOf(report, spf::Severity::kWarning), "warning") << ", "
            << Plural(CountOf(report, spf::Severity::kNote), "note") << '\n';
  for (const spf::Finding& finding : report.findings) PrintFinding(report, finding);
  if (report.dropped_findings > 0) {
    std::cout << "and " << report.dropped_findings << " more\n";
  }
  std::cout << "lookups: " << report.terms << " of " << spf::kMaxTerms << " terms, "
            << report.void_lookups << " of " << spf::kMaxVoidLookups
            << " void lookups, if nothing matches   [RFC 7208 §4.6.4]\n";
  std::cout << "authorised: " << report.ipv4_addresses << " IPv4 addresses, ";
  if (report.ipv6_networks == std::numeric_limits<uint64_t>::max()) {
    std::cout << "all IPv6 networks\n";
  } else {
    std::cout << report.ipv6_networks << " IPv6 networks of 64 bits\n";
  }
}

void PrintLookups(const std::vector<auth::LookupReport>& lookups, const spf::LintReport& report) {
  auth::ExplanationNode root;
  root.text =
      absl::StrCat(Plural(report.records.size(), "record"), ", ", Plural(lookups.size(), "lookup"));
  auth::ExplainLookups(lookups, &root);
  std::cout << auth::PrintExplanation(root);
}

}  // namespace

absl::StatusOr<int> LintSpf(const CommonOptions& common, const std::string& domain) {
  const std::optional<dns::Name> name = ParseLintDomain(domain);
  if (!name.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--lint ", domain, ": no domain name of several labels"));
  }
  const auto names = NameService::Create(common);
  if (!names.ok()) return names.status();
  const auto lint = std::make_shared<spf::Lint>(*name);
  if (absl::Status status = (*names)->Run(lint); !status.ok()) return status;
  const spf::LintReport& report = lint->report();
  std::vector<auth::LookupReport> lookups;
  for (const dns::Lookup* lookup : lint->lookups()) {
    lookups.push_back(auth::MakeLookupReport(*lookup));
  }
  if (common.json) {
    std::cout << auth::SpfLintToJson(report, name->text(), lookups) << '\n';
  } else {
    PrintText(report, name->text());
    if (common.explain) PrintLookups(lookups, report);
  }
  // An error is one whatever a lookup that failed would say.
  if (report.has_errors) return kExitNotAuthenticated;
  return report.temp_error ? kExitTempError : kExitOk;
}

}  // namespace postseal::cli
