// postseal replay: the verdict of recorded evidence, again, offline.
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/authentication_results.h"
#include "auth/evidence.h"
#include "auth/explanation.h"
#include "auth/explanation_node.h"
#include "auth/options.h"
#include "auth/report_json.h"
#include "authres/lexical.h"
#include "cli/commands.h"
#include "cli/dmarc_mode.h"
#include "cli/evidence_file.h"
#include "cli/message_source.h"
#include "cli/message_verifier.h"
#include "cli/options.h"

namespace postseal::cli {
namespace {

struct ReplayArguments {
  std::string evidence;
  std::string message;
  bool json = false;
  bool explain = false;
};

absl::StatusOr<int> RunReplay(const ReplayArguments& arguments) {
  if (arguments.evidence.empty()) return absl::InvalidArgumentError("replay: FILE is required");
  const auto file = EvidenceFile::Open(arguments.evidence);
  if (!file.ok()) return file.status();
  const auth::Evidence& evidence = file->evidence();
  std::optional<MessageSource> source;
  if (!arguments.message.empty()) {
    auto opened = MessageSource::Open(arguments.message, /*convert_unix_form=*/true);
    if (!opened.ok()) return opened.status();
    source = *std::move(opened);
  } else if (!file->has_message()) {
    return absl::InvalidArgumentError(
        absl::StrCat(arguments.evidence, ": holds the message's digest alone; name the message"));
  }
  const auto message = [&](TakeChunk take) {
    return source.has_value() ? source->ForEachChunk(take) : file->Message(take);
  };
  if (absl::Status status = CheckMessage(evidence, message); !status.ok()) return status;
  auth::Options options = evidence.options;
  if (absl::Status status = AddSuffixList(&options); !status.ok()) return status;
  const MessageVerifier verifier(options, evidence.envelope, evidence.now, arguments.json);
  const auto report = verifier.Verify(message, [&evidence](const auto& session) {
    auth::AnswerFrom(evidence.dns, session.get());
    return absl::OkStatus();
  });
  if (!report.ok()) return report.status();
  const auto field = auth::PrintAuthenticationResults(
      *report, evidence.authserv_id,
      evidence.envelope.smtputf8 ? authres::Charset::kUtf8 : authres::Charset::kAscii);
  if (!field.ok()) return field.status();
  if (arguments.json) {
    std::cout << auth::ReportToJson(*report, auth::FieldValue(*field)) << '\n';
  } else {
    std::cout << "Authentication-Results: " << auth::FieldValue(*field) << '\n';
    if (arguments.explain) std::cout << auth::PrintExplanation(auth::Explain(*report));
  }
  return ReportExitStatus(*report);
}

}  // namespace

void AddReplay(CLI::App* app, int* exit_status) {
  const auto arguments = std::make_shared<ReplayArguments>();
  CLI::App* const command =
      AddCommand(app,
                 {"replay", "Verify a message again from the evidence that verify --record wrote",
                  "Nothing is looked up. Exit status: as of verify.\n"
                  "Example: postseal replay evidence.bundle --json",
                  [arguments] {
                    const absl::StatusOr<int> status = RunReplay(*arguments);
                    if (!status.ok()) PrintError(status.status().message());
                    return status.ok() ? *status : kExitUsage;
                  }},
                 exit_status);
  AddFlag(command, "--json", "Print one JSON object", &arguments->json);
  AddFlag(command, "--explain", "Print each step and why", &arguments->explain);
  AddText(command, {"evidence", "FILE", "The evidence"}, &arguments->evidence);
  AddText(command, {"message", "MESSAGE", "The message, when the evidence holds its digest alone"},
          &arguments->message);
}

}  // namespace postseal::cli
