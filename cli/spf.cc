// postseal spf: may this client send for that domain? And, with --lint: what is
// wrong with the domain's record?
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/explanation_node.h"
#include "auth/lookup_report.h"
#include "auth/report.h"
#include "auth/spf_explanation.h"
#include "auth/spf_json.h"
#include "auth/spf_mail_from.h"
#include "auth/spf_report.h"
#include "base/escape.h"
#include "base/excerpt.h"
#include "base/result.h"
#include "cli/commands.h"
#include "cli/name_service.h"
#include "cli/options.h"
#include "cli/spf_lint.h"
#include "dns/address.h"
#include "dns/exchange.h"
#include "spf/evaluation.h"
#include "spf/spf_session.h"

namespace postseal::cli {
namespace {

struct SpfArguments {
  CommonOptions common;
  std::optional<std::string> client_ip;
  std::optional<std::string> mail_from;
  std::optional<std::string> helo;
  std::optional<std::string> receiver;
  std::optional<std::string> lint;
};

// MakeRequest says what the arguments leave out. The request views |arguments|.
absl::StatusOr<spf::Request> MakeRequest(const SpfArguments& arguments) {
  if (!arguments.client_ip.has_value()) {
    return absl::InvalidArgumentError("spf: --client-ip is required, or --lint");
  }
  const auto client = dns::IpAddress::Parse(*arguments.client_ip);
  if (!client.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--client-ip ", *arguments.client_ip, ": no IP address"));
  }
  const bool has_helo = arguments.helo.has_value() && !arguments.helo->empty();
  spf::Request request;
  request.client = *client;
  request.now = ClockOr(arguments.common.now);
  if (has_helo) request.helo = *arguments.helo;
  if (arguments.receiver.has_value()) request.receiver = *arguments.receiver;
  if (!arguments.mail_from.has_value()) {
    if (!has_helo) return absl::InvalidArgumentError("spf: --mail-from or --helo is required");
    request.identity = spf::Identity::kHelo;
    return request;
  }
  request.mail_from = auth::SpfMailFrom(*arguments.mail_from);
  // RFC 7208 §2.4 ¶3: the identity is then postmaster at the HELO name.
  if (request.mail_from.empty() && !has_helo) {
    return absl::InvalidArgumentError("spf: the null reverse-path needs --helo");
  }
  return request;
}

// PrintText prints the summary and, where a record is malformed, the place.
void PrintText(const auth::SpfReport& report) {
  std::cout << auth::SpfSummary(report) << '\n';
  const auth::SpfPlace& origin = report.origin;
  if (report.result == base::Result::kPermError && !origin.record.empty()) {
    std::cout << base::Excerpt(origin.record, origin.offset, origin.size, "  ");
  }
  if (!report.explanation.empty()) {
    std::cout << "  the domain says: " << base::Escape(report.explanation) << '\n';
  }
}

int ExitStatus(base::Result result) {
  switch (result) {
    case base::Result::kPass:
      return kExitOk;
    case base::Result::kTempError:
      return kExitTempError;
    default:
      return kExitNotAuthenticated;
  }
}

absl::StatusOr<int> Check(const SpfArguments& arguments) {
  const auto request = MakeRequest(arguments);
  if (!request.ok()) return request.status();
  const auto names = NameService::Create(arguments.common);
  if (!names.ok()) return names.status();
  const auto session = std::make_shared<spf::SpfSession>();
  session->Start(*request);
  if (absl::Status status = (*names)->Run(session); !status.ok()) return status;
  const auth::SpfReport report = auth::MakeSpfReport(session->verdict(), request->identity);
  std::vector<auth::LookupReport> lookups;
  for (const dns::Lookup* lookup : session->lookups()) {
    lookups.push_back(auth::MakeLookupReport(*lookup));
  }
  if (arguments.common.json) {
    std::cout << auth::SpfToJson(report, lookups) << '\n';
  } else {
    PrintText(report);
    if (arguments.common.explain) {
      std::cout << auth::PrintExplanation(auth::ExplainSpf(report, lookups));
    }
  }
  return ExitStatus(report.result);
}

absl::StatusOr<int> RunSpf(const SpfArguments& arguments) {
  if (!arguments.lint.has_value()) return Check(arguments);
  if (arguments.client_ip.has_value() || arguments.mail_from.has_value() ||
      arguments.helo.has_value() || arguments.receiver.has_value()) {
    return absl::InvalidArgumentError("--lint looks at a domain alone, and at no client");
  }
  return LintSpf(arguments.common, *arguments.lint);
}

}  // namespace

void AddSpf(CLI::App* app, int* exit_status) {
  const auto arguments = std::make_shared<SpfArguments>();
  CLI::App* const command = AddCommand(
      app,
      {"spf", "Check SPF, or look for mistakes in a domain's record",
       "Exit status: 0 pass, 1 any other result, 2 usage, 75 temporary error. With --lint: 0 no\n"
       "errors, 1 errors, 75 DNS trouble.\n"
       "Example: postseal spf --client-ip 192.0.2.1 --mail-from alice@example.com --explain",
       [arguments] {
         const absl::StatusOr<int> status = RunSpf(*arguments);
         if (!status.ok()) PrintError(status.status().message());
         return status.ok() ? *status : kExitUsage;
       }},
      exit_status);
  AddText(command, {"--client-ip", "IP", "Address of the SMTP client"}, &arguments->client_ip);
  AddText(command, {"--mail-from", "ADDR", "The reverse-path; '' is the null one"},
          &arguments->mail_from);
  AddText(command, {"--helo", "NAME", "HELO name; checked itself where --mail-from is not given"},
          &arguments->helo);
  AddText(command, {"--receiver", "NAME", "This host, for explanations; default: unknown"},
          &arguments->receiver);
  AddText(command, {"--lint", "DOMAIN", "Look for mistakes in the record of DOMAIN"},
          &arguments->lint);
  AddCommonOptions(command, &arguments->common);
}

}  // namespace postseal::cli
