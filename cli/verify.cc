// postseal verify: who really sent this message?
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/authentication_results.h"
#include "auth/envelope.h"
#include "auth/evidence.h"
#include "auth/explanation.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/report_json.h"
#include "auth/verify_session.h"
#include "authres/authentication_results.h"
#include "base/escape.h"
#include "base/result.h"
#include "cli/commands.h"
#include "cli/envelope_options.h"
#include "cli/message_source.h"
#include "cli/name_service.h"
#include "cli/options.h"
#include "dkim/policy.h"
#include "dkim/public_key_cache.h"
#include "mail/message_reader.h"

namespace postseal::cli {
namespace {

// kCachedKeys bounds the parsed keys shared between the messages of one call.
constexpr size_t kCachedKeys = 1024;
// kOldKeyBits is what --allow small-keys lets pass: the smallest modulus that can
// hold an RSA signature, with SHA-1.
constexpr int kOldKeyBits = 368;

struct VerifyArguments {
  CommonOptions common;
  EnvelopeOptions envelope;
  std::string authserv_id;
  std::optional<std::vector<std::string>> allow;
  bool iprev = false;
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

// Allow loosens the rules that --allow names.
absl::Status Allow(const std::vector<std::string>& rules, dkim::VerifyOptions* options) {
  for (const std::string& rule : rules) {
    if (rule == "rsa-sha1") {
      options->allow_rsa_sha1 = true;
    } else if (rule == "small-keys") {
      options->min_rsa_bits = kOldKeyBits;
    } else if (rule == "body-length") {
      options->allow_partial_body = true;
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("--allow ", rule, ": wants rsa-sha1, small-keys or body-length"));
    }
  }
  return absl::OkStatus();
}

// MakeOptions says what cannot be asked for together.
absl::StatusOr<std::shared_ptr<auth::Options>> MakeOptions(const VerifyArguments& arguments) {
  if (arguments.add_header &&
      (arguments.common.json || arguments.common.explain || arguments.messages.size() > 1)) {
    return absl::InvalidArgumentError(
        "--add-header prints one message, and neither --json nor --explain");
  }
  auto options = std::make_shared<auth::Options>();
  options->dkim.diagnose = arguments.common.explain;
  options->check_iprev = arguments.iprev;
  options->scan_body = arguments.common.explain || arguments.common.json;
  if (arguments.allow.has_value()) {
    if (absl::Status status = Allow(*arguments.allow, &options->dkim); !status.ok()) return status;
  }
  return options;
}

class VerifyCommand {
 public:
  VerifyCommand(const VerifyArguments& arguments, auth::Envelope envelope,
                std::shared_ptr<auth::Options> options, NameService* names)
      : arguments_(arguments), envelope_(std::move(envelope)), names_(names), keys_(kCachedKeys) {
    options->dkim.key_cache = &keys_;
    const auto diagnosing = std::make_shared<auth::Options>(*options);
    diagnosing->dkim.diagnose = true;
    diagnosing_options_ = diagnosing;
    options_ = std::move(options);
  }

  // Run verifies one message and prints what was found.
  int Run(const std::string& path) {
    absl::StatusOr<MessageSource> source = MessageSource::Open(path, !arguments_.no_crlf);
    if (!source.ok()) return Fail(source.status());
    if (source->converted()) {
      PrintError(source->path() +
                 ": has LF line ends and no CRLF; taken as CRLF (--no-crlf: as it is)");
    }
    absl::StatusOr<auth::Report> report =
        Verify(&*source, options_, [this](const auto& session) { return names_->Run(session); });
    // Only a message that needs it pays for a second, slower look.
    if (report.ok() && arguments_.common.json && Failed(*report)) {
      report = Verify(&*source, diagnosing_options_, [first = *report](const auto& session) {
        // The same answers: a second look can come to no other verdict.
        auth::AnswerFrom(first.dns, session.get());
        return absl::OkStatus();
      });
    }
    if (!report.ok()) return Fail(report.status());
    return Print(*report, &*source);
  }

 private:
  using Session = std::shared_ptr<auth::VerifySession>;

  // Verify feeds the message to a session and has |answer| answer its queries.
  absl::StatusOr<auth::Report> Verify(MessageSource* source,
                                      const std::shared_ptr<const auth::Options>& options,
                                      absl::FunctionRef<absl::Status(const Session&)> answer) {
    auto created = auth::VerifySession::Create(options, envelope_, ClockOr(arguments_.common.now));
    if (!created.ok()) return created.status();
    const Session session = *std::move(created);
    absl::Status status =
        source->ForEachChunk([&session](std::string_view chunk) { return session->Feed(chunk); });
    if (status.ok()) status = session->EndOfMessage();
    if (status.ok()) status = answer(session);
    if (!status.ok()) return status;
    return session->report();
  }

  static bool Failed(const auth::Report& report) {
    return std::any_of(report.dkim.begin(), report.dkim.end(), [](const auto& signature) {
      return signature.result == base::Result::kFail;
    });
  }

  static int Fail(const absl::Status& status) {
    PrintError(status.message());
    return kExitUsage;
  }

  int Print(const auth::Report& report, MessageSource* source) {
    const auto field = auth::PrintAuthenticationResults(report, arguments_.authserv_id);
    if (!field.ok()) return Fail(field.status());
    if (arguments_.add_header) {
      if (absl::Status status = PrintWithField(*field, source); !status.ok()) return Fail(status);
    } else if (arguments_.common.json) {
      std::cout << auth::ReportToJson(report, FieldValue(*field)) << '\n';
    } else {
      if (arguments_.messages.size() > 1) {
        std::cout << base::Escape(source->path(), base::NonAscii::kPassGraphic) << ": ";
      }
      std::cout << "Authentication-Results: " << FieldValue(*field) << '\n';
      if (arguments_.common.explain) {
        std::cout << auth::PrintExplanation(auth::Explain(report));
      }
    }
    return ExitStatus(report);
  }

  // PrintWithField prints the message with |field| on top, without the
  // Authentication-Results fields it came with: RFC 8601 §5 ¶2 wants those that
  // claim to be ours gone, and lets all go.
  static absl::Status PrintWithField(const std::string& field, MessageSource* source) {
    mail::MessageReader reader;
    bool printed = false;
    const auto print_header = [&]() -> absl::Status {
      printed = true;
      const auto& fields = reader.fields();
      // Such a line would continue our field, or is a mailbox file's.
      if (reader.fault() != mail::HeaderFault::kNone ||
          (!fields.empty() && fields.front().name.empty())) {
        return absl::InvalidArgumentError(
            absl::StrCat(source->path(), ": nothing can be put before its first line"));
      }
      std::cout << field;
      for (const mail::Field& other : fields) {
        if (!other.NameIs(authres::kFieldName)) std::cout << other.raw << "\r\n";
      }
      std::cout << "\r\n";
      return absl::OkStatus();
    };
    absl::Status status = source->ForEachChunk([&](std::string_view chunk) -> absl::Status {
      const std::string_view body = reader.Feed(chunk);
      if (reader.header_complete() && !printed) {
        if (absl::Status printing = print_header(); !printing.ok()) return printing;
      }
      std::cout << body;
      return absl::OkStatus();
    });
    if (!status.ok() || printed) return status;
    reader.Finish();
    return print_header();
  }

  // Without a DMARC policy, one pass is what authenticates a message.
  static int ExitStatus(const auth::Report& report) {
    if (report.AnyPass()) return kExitOk;
    return report.AnyTempError() ? kExitTempError : kExitNotAuthenticated;
  }

  const VerifyArguments& arguments_;
  const auth::Envelope envelope_;
  NameService* names_;
  dkim::PublicKeyCache keys_;
  std::shared_ptr<const auth::Options> options_;
  std::shared_ptr<const auth::Options> diagnosing_options_;
};

int RunVerify(VerifyArguments arguments) {
  if (arguments.messages.empty()) arguments.messages = {"-"};
  if (arguments.authserv_id.empty()) arguments.authserv_id = HostName();
  auto options = MakeOptions(arguments);
  auto envelope = ToEnvelope(arguments.envelope);
  const auto names = NameService::Create(arguments.common);
  for (const absl::Status& status : {options.status(), envelope.status(), names.status()}) {
    if (status.ok()) continue;
    PrintError(status.message());
    return kExitUsage;
  }
  envelope->receiver = arguments.authserv_id;
  VerifyCommand command(arguments, *std::move(envelope), *std::move(options), names->get());
  int exit_status = kExitOk;
  for (const std::string& message : arguments.messages) {
    exit_status = WorseExit(exit_status, command.Run(message));
  }
  return exit_status;
}

}  // namespace

void AddVerify(CLI::App* app, int* exit_status) {
  const auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* const command = AddCommand(
      app,
      {"verify", "Verify messages",
       "Exit status: 0 authenticated, 1 not, 2 usage or unreadable input, 75 temporary errors.\n"
       "Example: postseal verify --explain message.eml",
       [arguments] { return RunVerify(*arguments); }},
      exit_status);
  AddCommonOptions(command, &arguments->common);
  AddEnvelopeOptions(command, &arguments->envelope);
  AddText(command, {"--authserv-id", "ID", "Name in Authentication-Results; default: this host's"},
          &arguments->authserv_id);
  AddList(command,
          {"--allow", "LIST", "Loosen a rule: rsa-sha1, small-keys, body-length; comma-separated"},
          &arguments->allow);
  AddFlag(command, "--iprev", "Look also for the name of the client's address", &arguments->iprev);
  AddFlag(command, "--add-header", "Print the message with Authentication-Results on top",
          &arguments->add_header);
  AddFlag(command, "--no-crlf", "Take a file with LF line ends as it is", &arguments->no_crlf);
  AddTexts(command, {"message", "MESSAGE", "Message files; - is standard input; default: -"},
           &arguments->messages);
}

}  // namespace postseal::cli
