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

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/authentication_results.h"
#include "auth/envelope.h"
#include "auth/evidence.h"
#include "auth/explanation.h"
#include "auth/explanation_node.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/report_json.h"
#include "authres/removal_plan.h"
#include "base/escape.h"
#include "base/result.h"
#include "cli/commands.h"
#include "cli/dmarc_mode.h"
#include "cli/envelope_options.h"
#include "cli/evidence_file.h"
#include "cli/message_source.h"
#include "cli/message_verifier.h"
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
  std::string mode;
  std::string record;
  bool without_message = false;
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
  if (!arguments.record.empty() && arguments.messages.size() > 1) {
    return absl::InvalidArgumentError("--record keeps the evidence of one message");
  }
  if (arguments.without_message && arguments.record.empty()) {
    return absl::InvalidArgumentError("--without-message is about --record");
  }
  auto options = std::make_shared<auth::Options>();
  if (absl::Status status = SetDmarcMode(arguments.mode, options.get()); !status.ok()) {
    return status;
  }
  options->dkim.diagnose = arguments.common.explain;
  options->check_iprev = arguments.iprev;
  options->scan_body = arguments.common.explain || arguments.common.json;
  if (arguments.allow.has_value()) {
    if (absl::Status status = Allow(*arguments.allow, &options->dkim); !status.ok()) return status;
  }
  return options;
}

// WithCache is |options| with |cache| for the keys that messages share.
auth::Options WithCache(auth::Options options, dkim::PublicKeyCache* cache) {
  options.dkim.key_cache = cache;
  return options;
}

class VerifyCommand {
 public:
  VerifyCommand(const VerifyArguments& arguments, const auth::Envelope& envelope,
                const auth::Options& options, NameService* names)
      : arguments_(arguments),
        envelope_(envelope),
        options_(options),
        now_(ClockOr(arguments.common.now)),
        names_(names),
        keys_(kCachedKeys),
        verifier_(WithCache(options, &keys_), envelope, now_, arguments.common.json) {}

  // Run verifies one message and prints what was found.
  int Run(const std::string& path) {
    absl::StatusOr<MessageSource> source = MessageSource::Open(path, !arguments_.no_crlf);
    if (!source.ok()) return Fail(source.status());
    if (source->converted()) {
      PrintError(source->path() +
                 ": has LF line ends and no CRLF; taken as CRLF (--no-crlf: as it is)");
    }
    const auto message = [&source](TakeChunk take) { return source->ForEachChunk(take); };
    const absl::StatusOr<auth::Report> report =
        verifier_.Verify(message, [this](const auto& session) { return names_->Run(session); });
    if (!report.ok()) return Fail(report.status());
    if (!arguments_.record.empty()) {
      const absl::Status status = WriteEvidence(arguments_.record, MakeEvidence(*report),
                                                !arguments_.without_message, message);
      if (!status.ok()) return Fail(status);
    }
    return Print(*report, &*source);
  }

 private:
  auth::Evidence MakeEvidence(const auth::Report& report) const {
    auth::Evidence evidence;
    evidence.now = now_;
    evidence.authserv_id = arguments_.authserv_id;
    evidence.envelope = envelope_;
    evidence.options = options_;
    evidence.dns = report.dns;
    return evidence;
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
      std::cout << auth::ReportToJson(report, auth::FieldValue(*field)) << '\n';
    } else {
      if (arguments_.messages.size() > 1) {
        std::cout << base::Escape(source->path(), base::NonAscii::kPassGraphic) << ": ";
      }
      std::cout << "Authentication-Results: " << auth::FieldValue(*field) << '\n';
      if (arguments_.common.explain) {
        std::cout << auth::PrintExplanation(auth::Explain(report));
      }
    }
    return ReportExitStatus(report);
  }

  // PrintWithField prints the message with |field| on top, without the
  // Authentication-Results fields that claim to be ours. RFC 8601 §5
  absl::Status PrintWithField(const std::string& field, MessageSource* source) const {
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
      authres::RemovalOptions removal;
      removal.authserv_ids = {&arguments_.authserv_id, 1};
      const auto forged = authres::PlanRemoval(fields, removal);
      for (size_t i = 0; i < fields.size(); ++i) {
        const bool remove = std::any_of(forged.begin(), forged.end(),
                                        [i](const auto& removed) { return removed.position == i; });
        if (!remove) std::cout << fields[i].raw << "\r\n";
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

  const VerifyArguments& arguments_;
  const auth::Envelope envelope_;
  const auth::Options options_;
  const int64_t now_;
  NameService* names_;
  dkim::PublicKeyCache keys_;
  const MessageVerifier verifier_;
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
  VerifyCommand command(arguments, *envelope, **options, names->get());
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
  AddDmarcMode(command, &arguments->mode);
  AddText(command, {"--record", "FILE", "Write what the verdict was made from, for replay"},
          &arguments->record);
  AddFlag(command, "--without-message", "Record the message's digest, not the message",
          &arguments->without_message);
  AddFlag(command, "--iprev", "Look also for the name of the client's address", &arguments->iprev);
  AddFlag(command, "--add-header", "Print the message with Authentication-Results on top",
          &arguments->add_header);
  AddFlag(command, "--no-crlf", "Take a file with LF line ends as it is", &arguments->no_crlf);
  AddTexts(command, {"message", "MESSAGE", "Message files; - is standard input; default: -"},
           &arguments->messages);
}

}  // namespace postseal::cli
