// postseal sign: signs a message with one or several keys.
#include "dkim/sign.h"

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
#include "absl/strings/str_split.h"
#include "auth/sign_session.h"
#include "base/ascii.h"
#include "cli/commands.h"
#include "cli/key_file.h"
#include "cli/message_source.h"
#include "cli/options.h"
#include "dkim/algorithm.h"

namespace postseal::cli {
namespace {

struct SignArguments {
  std::vector<std::string> keys;
  std::string canonicalization = "relaxed/relaxed";
  std::optional<std::vector<std::string>> headers;
  std::optional<std::vector<std::string>> oversign;
  std::optional<int64_t> expire_in;
  std::optional<std::string> identity;
  std::optional<int64_t> now;
  bool no_timestamp = false;
  bool copy_headers = false;
  bool only_field = false;
  bool no_crlf = false;
  std::string message = "-";
};

bool Holds(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [name](const std::string& element) {
    return base::EqualsIgnoreCase(element, name);
  });
}

// Oversign makes |names| the fields that are oversigned. "*" among them stands for
// those that are oversigned already.
void Oversign(const std::vector<std::string>& names, dkim::FieldSelection* fields) {
  if (!Holds(names, "*")) {
    // The fields that are oversigned by default are still signed.
    for (auto* const list : {&fields->oversign, &fields->oversign_present}) {
      fields->sign.insert(fields->sign.end(), list->begin(), list->end());
      list->clear();
    }
  }
  for (const std::string& name : names) {
    if (name != "*" && !Holds(fields->oversign, name)) fields->oversign.push_back(name);
  }
  // A second From is what oversigning is for; leaving it out is never meant.
  if (!Holds(fields->oversign, "From")) fields->oversign.push_back("From");
}

// MakeRequest is what all signatures of one call have in common.
absl::StatusOr<dkim::SignatureRequest> MakeRequest(const SignArguments& arguments) {
  dkim::SignatureRequest request;
  const std::vector<std::string> names =
      absl::StrSplit(arguments.canonicalization, absl::MaxSplits('/', 1));
  const auto header = dkim::ParseHeaderCanon(names.front());
  // RFC 6376 §3.5 c=: one algorithm alone is the header's.
  const auto body = dkim::ParseBodyCanon(names.size() > 1 ? names.back() : "simple");
  if (!header.has_value() || !body.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--canonicalization ", arguments.canonicalization,
                     ": wants relaxed or simple for the header, a slash, and for the body"));
  }
  request.header_canon = *header;
  request.body_canon = *body;
  if (arguments.headers.has_value()) {
    request.fields = dkim::FieldSelection();
    request.fields.sign = *arguments.headers;
    request.fields.oversign = {"From"};
  }
  if (arguments.oversign.has_value()) Oversign(*arguments.oversign, &request.fields);
  request.identity = arguments.identity;
  request.expires_in_seconds = arguments.expire_in;
  request.with_timestamp = !arguments.no_timestamp;
  request.copy_fields = arguments.copy_headers;
  return request;
}

// AddJob reads the key of DOMAIN:SELECTOR:FILE.
absl::Status AddJob(const dkim::SignatureRequest& common, const std::string& text,
                    auth::SignOptions* options) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 2));
  if (parts.size() != 3 || parts[2].empty()) {
    return absl::InvalidArgumentError(absl::StrCat("--key ", text, ": wants DOMAIN:SELECTOR:FILE"));
  }
  auto key = ReadKeyFile(parts[2]);
  if (!key.ok()) return key.status();
  auth::SigningJob job;
  job.request = common;
  job.request.domain = parts[0];
  job.request.selector = parts[1];
  job.request.algorithm = (*key)->key_type() == dkim::KeyType::kRsa
                              ? dkim::SignatureAlgorithm::kRsaSha256
                              : dkim::SignatureAlgorithm::kEd25519Sha256;
  job.signer = *std::move(key);
  options->jobs.push_back(std::move(job));
  return absl::OkStatus();
}

// SignMessage returns the fields for |source|.
absl::StatusOr<std::string> SignMessage(auth::SignSession* session, MessageSource* source) {
  absl::Status status =
      source->ForEachChunk([&](std::string_view chunk) { return session->Feed(chunk); });
  if (status.ok()) status = session->EndOfMessage();
  if (status.ok() && session->fault() != dkim::SignFault::kNone) {
    status = absl::AbortedError(
        absl::StrCat(source->name(), ": ", dkim::SignFaultText(session->fault())));
  }
  if (status.ok()) status = session->SignLocally();
  if (!status.ok()) return status;
  return session->fields();
}

int Fail(const absl::Status& status) {
  PrintError(status.message());
  // Aborted is the message's fault, anything else the call's.
  return absl::IsAborted(status) ? kExitNotAuthenticated : kExitUsage;
}

int RunSign(const SignArguments& arguments) {
  const auto request = MakeRequest(arguments);
  if (!request.ok()) return Fail(request.status());
  auto options = std::make_shared<auth::SignOptions>();
  options->scan_body = true;
  for (const std::string& key : arguments.keys) {
    if (absl::Status status = AddJob(*request, key, options.get()); !status.ok()) {
      return Fail(status);
    }
  }
  const auto session = auth::SignSession::Create(std::move(options), ClockOr(arguments.now));
  if (!session.ok()) return Fail(session.status());
  auto source = MessageSource::Open(arguments.message, !arguments.no_crlf);
  if (!source.ok()) return Fail(source.status());
  if (source->converted()) {
    PrintError(
        source->name() +
        ": has LF line ends and no CRLF; signed and printed with CRLF (--no-crlf: as it is)");
  }
  const auto fields = SignMessage(session->get(), &*source);
  if (!fields.ok()) return Fail(fields.status());
  const mail::HeaderFlags& header = (*session)->header_flags();
  const mail::BodyFlags body = (*session)->body_flags();
  if (header.long_line || header.bare_cr || header.bare_lf || header.nul || body.long_line ||
      body.bare_cr || body.bare_lf || body.nul) {
    PrintError(
        source->name() +
        ": warning: the message has a line over 998 octets, a NUL or a bare CR or LF; relays may "
        "change it, and the signature fails then");
  }
  std::cout << *fields;
  if (arguments.only_field) return kExitOk;
  const absl::Status status = source->ForEachChunk([](std::string_view chunk) {
    std::cout << chunk;
    return absl::OkStatus();
  });
  return status.ok() ? kExitOk : Fail(status);
}

}  // namespace

void AddSign(CLI::App* app, int* exit_status) {
  const auto arguments = std::make_shared<SignArguments>();
  CLI::App* const command = AddCommand(
      app,
      {"sign", "Sign a message",
       "Exit status: 0 signed, 1 the message cannot be signed, 2 usage, unreadable input, bad "
       "key.\n"
       "Example: postseal sign --key example.com:s1:s1.private message.eml > signed.eml",
       [arguments] { return RunSign(*arguments); }},
      exit_status);
  AddTexts(command,
           {"--key", "DOMAIN:SELECTOR:FILE", "Sign with this key; repeatable", /*required=*/true},
           &arguments->keys);
  AddText(command, {"--canonicalization", "h/b", "Header and body; default: relaxed/relaxed"},
          &arguments->canonicalization);
  AddList(command, {"--headers", "LIST", "Fields to sign, comma-separated"}, &arguments->headers);
  AddList(command,
          {"--oversign", "LIST",
           "Fields to sign once more than they occur, comma-separated; * is the default ones"},
          &arguments->oversign);
  AddText(command, {"--identity", "ADDR", "i=, an address in the domain"}, &arguments->identity);
  AddNumber(command, {"--expire-in", "S", "x=, in seconds from now"}, 1, kMaxClock,
            &arguments->expire_in);
  AddClock(command, &arguments->now);
  AddFlag(command, "--no-timestamp", "Leave t= out", &arguments->no_timestamp);
  AddFlag(command, "--copy-headers", "Copy the signed fields into z=", &arguments->copy_headers);
  AddFlag(command, "--only-field", "Print the new fields alone", &arguments->only_field);
  AddFlag(command, "--no-crlf", "Take a file with LF line ends as it is", &arguments->no_crlf);
  AddText(command, {"message", "MESSAGE", "Message file; - is standard input; default: -"},
          &arguments->message);
}

}  // namespace postseal::cli
