// postseal verify: who really sent this message?
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "auth/authentication_results.h"
#include "auth/explanation.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/report_json.h"
#include "auth/verify_session.h"
#include "authres/authentication_results.h"
#include "base/escape.h"
#include "base/result.h"
#include "cli/commands.h"
#include "cli/message_source.h"
#include "cli/name_service.h"
#include "cli/options.h"
#include "dkim/public_key_cache.h"

namespace postseal::cli {
namespace {

// kCachedKeys bounds the parsed keys shared between the messages of one call.
constexpr size_t kCachedKeys = 1024;
// kOldKeyBits is what --allow small-keys lets pass: the smallest modulus that can
// hold an RSA signature, with SHA-1.
constexpr int kOldKeyBits = 368;

struct VerifyArguments {
  CommonOptions common;
  std::string authserv_id;
  std::vector<std::string> allow;
  bool add_header = false;
  bool no_crlf = false;
  std::vector<std::string> messages;
};

// HostName is the default of --authserv-id.
std::string HostName() {
  char name[256] = "";
  if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

// FieldValue is a printed field without its name, its folds and its CRLF.
std::string FieldValue(std::string_view field) {
  field.remove_prefix(field.find(':') + 1);
  std::string value;
  for (const char c : field) {
    if (c == '\r' || c == '\n') continue;
    value += c == '\t' ? ' ' : c;
  }
  return value.substr(value.find_first_not_of(' '));
}

// MakeOptions are the session's options for |arguments|.
std::shared_ptr<auth::Options> MakeOptions(const VerifyArguments& arguments,
                                           dkim::PublicKeyCache* keys) {
  auto options = std::make_shared<auth::Options>();
  options->dkim.key_cache = keys;
  for (const std::string& name : arguments.allow) {
    if (name == "rsa-sha1") options->dkim.allow_rsa_sha1 = true;
    if (name == "small-keys") options->dkim.min_rsa_bits = kOldKeyBits;
    if (name == "body-length") options->dkim.allow_partial_body = true;
  }
  return options;
}

class VerifyCommand {
 public:
  VerifyCommand(const VerifyArguments& arguments, NameService* names)
      : arguments_(arguments),
        names_(names),
        keys_(kCachedKeys),
        options_(MakeOptions(arguments, &keys_)) {
    const auto diagnosing = MakeOptions(arguments, &keys_);
    diagnosing->dkim.diagnose = true;
    diagnosing->scan_body = true;
    diagnosing_options_ = diagnosing;
  }

  // Run verifies one message and prints what was found.
  int Run(const std::string& path) {
    absl::StatusOr<MessageSource> source = MessageSource::Open(path, !arguments_.no_crlf);
    if (!source.ok()) return Fail(source.status());
    if (source->converted()) {
      PrintError(source->path() +
                 ": has LF line ends and no CRLF; taken as CRLF (--no-crlf: as it is)");
    }
    absl::StatusOr<auth::Report> report = Verify(&*source, options_);
    // Only a message that needs it pays for a second, slower look.
    const bool wants_diagnosis =
        arguments_.common.explain || (arguments_.common.json && report.ok() && Failed(*report));
    if (report.ok() && wants_diagnosis) report = Verify(&*source, diagnosing_options_);
    if (!report.ok()) return Fail(report.status());
    return Print(*report, &*source);
  }

 private:
  absl::StatusOr<auth::Report> Verify(MessageSource* source,
                                      std::shared_ptr<const auth::Options> options) {
    auto created = auth::VerifySession::Create(std::move(options), NowOf(arguments_.common));
    if (!created.ok()) return created.status();
    const std::shared_ptr<auth::VerifySession> session = *std::move(created);
    absl::Status status =
        source->ForEachChunk([&session](std::string_view chunk) { return session->Feed(chunk); });
    if (status.ok()) status = session->EndOfMessage();
    if (status.ok()) status = names_->Run(session);
    if (!status.ok()) return status;
    return session->report();
  }

  static bool Failed(const auth::Report& report) {
    return std::any_of(report.dkim.begin(), report.dkim.end(), [](const auto& signature) {
      return signature.result == base::Result::kFail;
    });
  }

  static int Fail(const absl::Status& status) {
    PrintError(std::string(status.message()));
    return kExitUsage;
  }

  int Print(const auth::Report& report, MessageSource* source) {
    const auto field = auth::PrintAuthenticationResults(report, arguments_.authserv_id);
    if (!field.ok()) return Fail(field.status());
    if (arguments_.add_header) {
      std::cout << *field;
      const absl::Status status = source->ForEachChunk([](std::string_view chunk) {
        std::cout << chunk;
        return absl::OkStatus();
      });
      if (!status.ok()) return Fail(status);
    } else if (arguments_.common.json) {
      std::cout << auth::ReportToJson(report, FieldValue(*field)) << '\n';
    } else {
      if (arguments_.messages.size() > 1) std::cout << base::Escape(source->path()) << ": ";
      std::cout << "Authentication-Results: " << FieldValue(*field) << '\n';
      if (arguments_.common.explain) {
        std::cout << auth::PrintExplanation(auth::Explain(report));
      }
    }
    return ExitStatus(report);
  }

  // Without a DMARC policy, one pass is what authenticates a message.
  static int ExitStatus(const auth::Report& report) {
    switch (report.DkimResult()) {
      case base::Result::kPass:
        return kExitOk;
      case base::Result::kTempError:
        return kExitTempError;
      default:
        return kExitNotAuthenticated;
    }
  }

  const VerifyArguments& arguments_;
  NameService* names_;
  dkim::PublicKeyCache keys_;
  std::shared_ptr<const auth::Options> options_;
  std::shared_ptr<const auth::Options> diagnosing_options_;
};

int RunVerify(VerifyArguments arguments) {
  if (arguments.messages.empty()) arguments.messages = {"-"};
  if (arguments.authserv_id.empty()) arguments.authserv_id = HostName();
  const auto names = NameService::Create(arguments.common);
  if (!names.ok()) {
    PrintError(std::string(names.status().message()));
    return kExitUsage;
  }
  VerifyCommand command(arguments, names->get());
  int exit_status = kExitOk;
  for (const std::string& message : arguments.messages) {
    exit_status = WorseExit(exit_status, command.Run(message));
  }
  return exit_status;
}

}  // namespace

void AddVerify(CLI::App* app, int* exit_status) {
  const auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* const command = app->add_subcommand("verify", "Verify messages");
  AddCommonOptions(command, &arguments->common);
  command
      ->add_option("--authserv-id", arguments->authserv_id,
                   "Name in Authentication-Results; default: this host's")
      ->type_name("ID");
  command
      ->add_option("--allow", arguments->allow,
                   "Loosen a rule: rsa-sha1, small-keys, body-length; comma-separated")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"rsa-sha1", "small-keys", "body-length"}));
  command->add_flag("--add-header", arguments->add_header,
                    "Print the message with Authentication-Results on top");
  command->add_flag("--no-crlf", arguments->no_crlf, "Take a file with LF line ends as it is");
  command->add_option("message", arguments->messages, "Message files; - is standard input")
      ->type_name("MESSAGE");
  command->footer(
      "Exit status: 0 authenticated, 1 not, 2 usage or unreadable input, 75 temporary errors.\n"
      "Example: postseal verify --explain message.eml");
  command->callback([arguments, exit_status] { *exit_status = RunVerify(*arguments); });
}

}  // namespace postseal::cli
