// postseal verify: who really sent this message?
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/options.h"
#include "cli/commands.h"
#include "cli/dmarc_mode.h"
#include "cli/envelope_options.h"
#include "cli/message_list.h"
#include "cli/message_source.h"
#include "cli/message_verifier.h"
#include "cli/name_service.h"
#include "cli/options.h"
#include "cli/ordered_pipeline.h"
#include "cli/progress.h"
#include "cli/verify_worker.h"
#include "dkim/policy.h"
#include "dkim/public_key_cache.h"
#include "store/store.h"

namespace postseal::cli {
namespace {

// kCachedKeys bounds the parsed keys shared between the messages of one call.
constexpr size_t kCachedKeys = 1024;
// kOldKeyBits is what --allow small-keys lets pass: the smallest modulus that can
// hold an RSA signature, with SHA-1.
constexpr int kOldKeyBits = 368;
// kMaxJobs bounds --jobs: beyond it, memory for stacks and DNS caches is all it buys.
constexpr int64_t kMaxJobs = 256;
// kStoreTimeout is how long the facts may take to arrive where --store says.
constexpr std::chrono::seconds kStoreTimeout(20);

struct VerifyArguments {
  CommonOptions common;
  EnvelopeOptions envelope;
  std::string authserv_id;
  std::string mode;
  std::string record;
  std::string store;
  std::string spool;
  std::string format = "auto";
  std::optional<int64_t> jobs;
  bool without_message = false;
  std::optional<std::vector<std::string>> allow;
  bool iprev = false;
  bool add_header = false;
  bool no_crlf = false;
  bool quiet = false;
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

// ToFormat is what --format names.
absl::StatusOr<MessageFormat> ToFormat(std::string_view name) {
  if (name == "auto") return MessageFormat::kAuto;
  if (name == "message") return MessageFormat::kMessage;
  if (name == "mbox") return MessageFormat::kMbox;
  return absl::InvalidArgumentError(
      absl::StrCat("--format ", name, ": wants auto, message or mbox"));
}

// CheckTogether says what cannot be asked for together. |several| as in MessageList.
absl::Status CheckTogether(const VerifyArguments& arguments, bool several) {
  if (arguments.add_header && (arguments.common.json || arguments.common.explain || several)) {
    return absl::InvalidArgumentError(
        "--add-header prints one message, and neither --json nor --explain");
  }
  if (!arguments.record.empty() && several) {
    return absl::InvalidArgumentError("--record keeps the evidence of one message");
  }
  if (arguments.without_message && arguments.record.empty()) {
    return absl::InvalidArgumentError("--without-message is about --record");
  }
  if (!arguments.spool.empty() && arguments.store.empty()) {
    return absl::InvalidArgumentError("--spool is about --store");
  }
  return absl::OkStatus();
}

absl::StatusOr<auth::Options> MakeOptions(const VerifyArguments& arguments) {
  auth::Options options;
  if (absl::Status status = SetDmarcMode(arguments.mode, &options); !status.ok()) return status;
  options.dkim.diagnose = arguments.common.explain;
  options.check_iprev = arguments.iprev;
  options.scan_body = arguments.common.explain || arguments.common.json;
  if (arguments.allow.has_value()) {
    if (absl::Status status = Allow(*arguments.allow, &options.dkim); !status.ok()) return status;
  }
  return options;
}

absl::StatusOr<VerifySettings> MakeSettings(const VerifyArguments& arguments) {
  auto options = MakeOptions(arguments);
  if (!options.ok()) return options.status();
  auto envelope = ToEnvelope(arguments.envelope);
  if (!envelope.ok()) return envelope.status();
  VerifySettings settings;
  settings.authserv_id = arguments.authserv_id.empty() ? HostName() : arguments.authserv_id;
  settings.envelope = *std::move(envelope);
  settings.envelope.receiver = settings.authserv_id;
  settings.options = *std::move(options);
  settings.now = ClockOr(arguments.common.now);
  settings.json = arguments.common.json;
  settings.explain = arguments.common.explain;
  settings.convert_unix_form = !arguments.no_crlf;
  settings.quiet = arguments.quiet;
  settings.add_header = arguments.add_header;
  settings.record = arguments.record;
  settings.without_message = arguments.without_message;
  return settings;
}

// Printer prints what was found and sums it up. For one thread at a time.
class Printer {
 public:
  // With |progress| a line on the terminal says how far the run has come.
  explicit Printer(bool progress)
      : start_(ProgressLine::Clock::now()), line_(progress ? &std::cerr : nullptr) {}

  // Print returns false when standard output cannot be written any more.
  bool Print(const VerifyOutput& output) {
    // The line would stand in the middle of the other's text where both go to one terminal.
    if (!output.notes.empty() || output_is_terminal_) line_.Erase();
    std::cout << output.results;
    if (output_is_terminal_) std::cout.flush();
    // Standard error flushes standard output, even before nothing.
    if (!output.notes.empty()) std::cerr << output.notes;
    tally_.Add(output.exit_status);
    exit_status_ = WorseExit(exit_status_, output.exit_status);
    const auto now = ProgressLine::Clock::now();
    if (line_.due(now)) line_.Draw(ProgressText(tally_, now - start_), now);
    return static_cast<bool>(std::cout);
  }

  // End sums up and returns the exit status.
  int End(bool several) {
    line_.Erase();
    if (several && tally_.total() == 0) PrintError("there are no messages");
    if (line_.enabled()) PrintError(SummaryText(tally_, ProgressLine::Clock::now() - start_));
    return exit_status_;
  }

 private:
  const ProgressLine::Clock::time_point start_;
  const bool output_is_terminal_ = isatty(STDOUT_FILENO) == 1;
  ProgressLine line_;
  Tally tally_;
  int exit_status_ = kExitOk;
};

// WantsProgress says whether there is a terminal that can erase a line.
bool WantsProgress(const VerifySettings& settings) {
  const char* const terminal = std::getenv("TERM");
  return settings.several && !settings.quiet && isatty(STDERR_FILENO) == 1 &&
         std::string_view(terminal == nullptr ? "dumb" : terminal) != "dumb";
}

// VerifyAll verifies the messages of |list| with |jobs| workers.
int VerifyAll(const VerifySettings& settings, size_t jobs, std::unique_ptr<NameService> names,
              MessageList* list) {
  dkim::PublicKeyCache keys(kCachedKeys);
  auth::Options options = settings.options;
  options.dkim.key_cache = &keys;
  const MessageVerifier verifier(options, settings.envelope, settings.now, settings.json);
  std::vector<VerifyWorker> workers;
  while (workers.size() + 1 < jobs) {
    workers.emplace_back(&settings, &verifier, names->ForAnotherThread());
  }
  workers.emplace_back(&settings, &verifier, std::move(names));
  Printer printer(WantsProgress(settings));
  const auto next = [list] { return list->Next(); };
  const auto work = [&workers](size_t worker, absl::StatusOr<MessageLocation> location) {
    return workers[worker].Verify(std::move(location));
  };
  const auto write = [&printer](const VerifyOutput& output) { return printer.Print(output); };
  OrderedPipeline<absl::StatusOr<MessageLocation>, VerifyOutput>(next, work, write)
      .Run(workers.size());
  return printer.End(settings.several);
}

// OpenStore opens what --store names; nullptr without it.
absl::StatusOr<std::unique_ptr<store::Store>> OpenStore(const VerifyArguments& arguments) {
  if (arguments.store.empty()) return nullptr;
  store::StoreOptions options;
  options.url = arguments.store;
  options.spool_directory = arguments.spool;
  options.stop_timeout = kStoreTimeout;
  options.postgres_timeout = kStoreTimeout;
  auto opened = store::Store::Open(options);
  if (opened.ok()) return opened;
  return absl::Status(opened.status().code(), absl::StrCat("--store: ", opened.status().message()));
}

// CloseStore waits until the facts have arrived and returns the exit status.
int CloseStore(store::Store* store) {
  if (store == nullptr) return kExitOk;
  const absl::Status status = store->Stop();
  if (status.ok()) return kExitOk;
  PrintError(absl::StrCat("--store: facts wait in the spool or outbox: ", status.message()));
  const bool temporary =
      absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsCancelled(status);
  return temporary ? kExitTempError : kExitUsage;
}

int RunVerify(VerifyArguments arguments) {
  if (arguments.messages.empty()) arguments.messages = {"-"};
  auto settings = MakeSettings(arguments);
  const auto format = ToFormat(arguments.format);
  auto names = NameService::Create(arguments.common);
  for (const absl::Status& status : {CheckTogether(arguments, arguments.messages.size() > 1),
                                     settings.status(), format.status(), names.status()}) {
    if (status.ok()) continue;
    PrintError(status.message());
    return kExitUsage;
  }
  MessageList list(std::move(arguments.messages), *format);
  settings->several = list.several();
  if (absl::Status status = CheckTogether(arguments, list.several()); !status.ok()) {
    PrintError(status.message());
    return kExitUsage;
  }
  const auto store = OpenStore(arguments);
  if (!store.ok()) {
    PrintError(store.status().message());
    return kExitUsage;
  }
  if (*store != nullptr) settings->facts = (*store)->sink();
  // One message needs one thread: this one.
  const int64_t cores = std::max(1u, std::thread::hardware_concurrency());
  const int64_t jobs = list.several() ? arguments.jobs.value_or(std::min(cores, kMaxJobs)) : 1;
  const int exit_status = VerifyAll(*settings, static_cast<size_t>(jobs), *std::move(names), &list);
  return WorseExit(exit_status, CloseStore(store->get()));
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
  AddText(command,
          {"--store", "URL", "Keep facts for DMARC reports: sqlite:PATH, postgresql://..."},
          &arguments->store);
  AddText(command, {"--spool", "DIR", "Where facts wait for --store; default: PATH.spool"},
          &arguments->spool);
  AddFlag(command, "--iprev", "Look also for the name of the client's address", &arguments->iprev);
  AddFlag(command, "--add-header", "Print the message with Authentication-Results on top",
          &arguments->add_header);
  AddFlag(command, "--no-crlf", "Take a file with LF line ends as it is", &arguments->no_crlf);
  AddText(command, {"--format", "FORMAT", "What a file holds: auto (default), message or mbox"},
          &arguments->format);
  AddNumber(command, {"--jobs", "N", "Messages verified at a time; default: one a core"}, 1,
            kMaxJobs, &arguments->jobs);
  AddFlag(command, "--quiet", "No notes on line ends and no progress on the terminal",
          &arguments->quiet);
  AddTexts(command,
           {"message", "MESSAGE",
            "Message files, mailbox files, directories; - is standard input; default: -"},
           &arguments->messages);
}

}  // namespace postseal::cli
