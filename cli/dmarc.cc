// postseal dmarc: what does the author's domain want, given what SPF and DKIM say?
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/dmarc_explanation.h"
#include "auth/dmarc_json.h"
#include "auth/dmarc_report.h"
#include "auth/explanation_node.h"
#include "auth/lookup_report.h"
#include "auth/options.h"
#include "base/escape.h"
#include "base/result.h"
#include "cli/commands.h"
#include "cli/dmarc_mode.h"
#include "cli/name_service.h"
#include "cli/options.h"
#include "dmarc/authors.h"
#include "dmarc/difference.h"
#include "dmarc/dmarc_session.h"
#include "dmarc/options.h"
#include "dmarc/policy.h"
#include "dmarc/reason.h"
#include "dmarc/record.h"
#include "dmarc/verdict.h"
#include "dns/exchange.h"
#include "dns/idna.h"
#include "dns/name.h"

namespace postseal::cli {
namespace {

struct DmarcArguments {
  CommonOptions common;
  std::string from;
  std::vector<std::string> spf;
  std::vector<std::string> dkim;
  std::string mode;
};

// ParseIdentifier reads DOMAIN=RESULT.
absl::StatusOr<dmarc::Identifier> ParseIdentifier(std::string_view option, dmarc::Method method,
                                                  std::string_view text) {
  const size_t equals = text.rfind('=');
  const auto domain = dns::ParseInternational(text.substr(0, equals));
  if (equals == text.npos || !domain.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(option, " ", text, ": wants DOMAIN=RESULT"));
  }
  const auto result = base::ParseResult(text.substr(equals + 1));
  if (!result.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        option, " ", text,
        ": the result is none, neutral, pass, fail, softfail, policy, temperror or permerror"));
  }
  return dmarc::Identifier(method, *domain, *result);
}

absl::StatusOr<std::vector<dmarc::Identifier>> ParseIdentifiers(const DmarcArguments& arguments) {
  std::vector<dmarc::Identifier> identifiers;
  const auto add = [&identifiers](std::string_view option, dmarc::Method method,
                                  const std::vector<std::string>& texts) -> absl::Status {
    for (const std::string& text : texts) {
      const auto identifier = ParseIdentifier(option, method, text);
      if (!identifier.ok()) return identifier.status();
      identifiers.push_back(*identifier);
    }
    return absl::OkStatus();
  };
  absl::Status status = add("--spf", dmarc::Method::kSpf, arguments.spf);
  if (status.ok()) status = add("--dkim", dmarc::Method::kDkim, arguments.dkim);
  if (!status.ok()) return status;
  return identifiers;
}

using Session = std::shared_ptr<dmarc::DmarcSession>;

// Evaluate runs one edition.
absl::StatusOr<Session> Evaluate(const dmarc::DmarcOptions& options, const dns::Name& author,
                                 const std::vector<dmarc::Identifier>& identifiers,
                                 NameService* names) {
  auto session = std::make_shared<dmarc::DmarcSession>(options);
  absl::Status status = session->Start(dmarc::Authors(&author), identifiers);
  if (status.ok()) status = names->Run(session);
  if (!status.ok()) return status;
  return session;
}

void AddLookups(const Session& session, std::vector<auth::LookupReport>* lookups) {
  for (const dns::Lookup* lookup : session->lookups()) {
    lookups->push_back(auth::MakeLookupReport(*lookup));
  }
}

// PrintText prints the result word, why, and what is asked for.
void PrintText(const auth::DmarcReport& report) {
  std::cout << base::ResultName(report.result) << " "
            << base::Escape(report.from_domain, base::NonAscii::kPassGraphic) << ": "
            << dmarc::InfoOf(report.reason).text;
  if (report.policy.has_value()) {
    std::cout << "; policy " << dmarc::PolicyName(report.policy->effective) << " of "
              << base::Escape(report.policy_domain, base::NonAscii::kPassGraphic)
              << ", disposition " << dmarc::PolicyName(report.disposition);
  }
  std::cout << '\n';
}

int ExitStatus(base::Result result) {
  if (result == base::Result::kPass) return kExitOk;
  return result == base::Result::kTempError ? kExitTempError : kExitNotAuthenticated;
}

absl::StatusOr<int> RunDmarc(const DmarcArguments& arguments) {
  const auto author = dns::ParseInternational(arguments.from);
  if (!author.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("--from ", arguments.from, ": no domain"));
  }
  const auto identifiers = ParseIdentifiers(arguments);
  if (!identifiers.ok()) return identifiers.status();
  auth::Options options;
  if (absl::Status status = SetDmarcMode(arguments.mode, &options); !status.ok()) return status;
  const auto names = NameService::Create(arguments.common);
  if (!names.ok()) return names.status();
  const auto session = Evaluate(options.dmarc, *author, *identifiers, names->get());
  if (!session.ok()) return session.status();
  const auth::DmarcReport report = auth::MakeDmarcReport((*session)->verdict(), *identifiers);
  std::vector<auth::LookupReport> lookups;
  AddLookups(*session, &lookups);
  std::optional<auth::DmarcReport> rfc7489;
  std::vector<dmarc::Difference> differences;
  if (options.compare_rfc7489) {
    options.dmarc.mode = dmarc::Mode::kRfc7489;
    const auto other = Evaluate(options.dmarc, *author, *identifiers, names->get());
    if (!other.ok()) return other.status();
    rfc7489 = auth::MakeDmarcReport((*other)->verdict(), *identifiers);
    differences = dmarc::FindDifferences((*session)->verdict(), (*other)->verdict());
    AddLookups(*other, &lookups);
  }
  if (arguments.common.json) {
    std::cout << auth::DmarcToJson(report, rfc7489, differences, lookups) << '\n';
    return ExitStatus(report.result);
  }
  PrintText(report);
  if (arguments.common.explain) std::cout << auth::PrintExplanation(auth::ExplainDmarc(report));
  if (rfc7489.has_value()) {
    if (arguments.common.explain) std::cout << auth::PrintExplanation(auth::ExplainDmarc(*rfc7489));
    std::cout << auth::PrintExplanation(auth::ExplainDifferences(differences));
  }
  return ExitStatus(report.result);
}

}  // namespace

void AddDmarc(CLI::App* app, int* exit_status) {
  const auto arguments = std::make_shared<DmarcArguments>();
  CLI::App* const command = AddCommand(
      app,
      {"dmarc", "Evaluate DMARC from what SPF and DKIM say",
       "Exit status: 0 pass, 1 any other result, 2 usage, 75 temporary error.\n"
       "Example: postseal dmarc --from example.com --dkim mail.example.com=pass --explain",
       [arguments] {
         const absl::StatusOr<int> status = RunDmarc(*arguments);
         if (!status.ok()) PrintError(status.status().message());
         return status.ok() ? *status : kExitUsage;
       }},
      exit_status);
  AddText(command, {"--from", "DOMAIN", "The domain of the From field", /*required=*/true},
          &arguments->from);
  AddTexts(command, {"--spf", "DOMAIN=RESULT", "What SPF says of the MAIL FROM identity"},
           &arguments->spf);
  AddTexts(command, {"--dkim", "DOMAIN=RESULT", "What a signature says; repeatable"},
           &arguments->dkim);
  AddDmarcMode(command, &arguments->mode);
  AddCommonOptions(command, &arguments->common);
}

}  // namespace postseal::cli
