// postseal authres: Authentication-Results fields, read.
#include <cstddef>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/authres_json.h"
#include "authres/authentication_results.h"
#include "authres/parsed_field.h"
#include "cli/commands.h"
#include "cli/message_source.h"
#include "cli/options.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace postseal::cli {
namespace {

// kMaxInputOctets bounds what is read of the input, for which it is a header. Above
// what a message's header may be: a field that is too long is to be reported as such.
constexpr size_t kMaxInputOctets = 16 * 1024 * 1024;

struct ParseArguments {
  std::string file = "-";
  bool json = false;
};

// ValuesOf are the values of the Authentication-Results fields of a header; when it
// has none, the lines that are no fields, which then are values without the name.
std::vector<std::string_view> ValuesOf(const mail::MessageReader& reader) {
  std::vector<std::string_view> named;
  std::vector<std::string_view> nameless;
  for (const mail::Field& field : reader.fields()) {
    if (field.NameIs(authres::kFieldName)) {
      named.push_back(field.value);
    } else if (field.name.empty()) {
      nameless.push_back(field.raw);
    }
  }
  return named.empty() ? nameless : named;
}

// ParseFields prints a line of JSON for each field of the input.
absl::Status ParseFields(const ParseArguments& arguments) {
  absl::StatusOr<MessageSource> source =
      MessageSource::Open(arguments.file, /*convert_unix_form=*/true);
  if (!source.ok()) return source.status();
  mail::MessageReader reader({.max_header_octets = kMaxInputOctets,
                              .max_fields = kMaxInputOctets,
                              .max_field_octets = kMaxInputOctets});
  absl::Status status = source->ForEachChunk([&reader](std::string_view chunk) {
    reader.Feed(chunk);
    // The body is nobody's concern here; Cancelled only ends the reading.
    return reader.header_complete() ? absl::CancelledError() : absl::OkStatus();
  });
  if (!status.ok() && !absl::IsCancelled(status)) return status;
  reader.Finish();
  if (reader.fault() != mail::HeaderFault::kNone) {
    return absl::InvalidArgumentError(absl::StrCat(source->name(), ": the header is too long"));
  }
  const std::vector<std::string_view> values = ValuesOf(reader);
  if (values.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(source->name(), ": there is no Authentication-Results field"));
  }
  for (const std::string_view value : values) {
    std::cout << auth::ParsedFieldToJson(authres::Parse(value)) << '\n';
  }
  return absl::OkStatus();
}

}  // namespace

void AddAuthres(CLI::App* app, int* exit_status) {
  CLI::App* const group = AddCommandGroup(app, {"authres", "Read Authentication-Results fields",
                                                "Example: postseal authres parse message.eml"});
  const auto arguments = std::make_shared<ParseArguments>();
  CLI::App* const command = AddCommand(
      group,
      {"parse", "Print the fields of a header as JSON, one a line",
       "The input is a message, a header, or values without the field name.\n"
       "Example: echo 'mx.example; spf=pass smtp.mailfrom=example.net' | postseal authres parse",
       [arguments] {
         const absl::Status status = ParseFields(*arguments);
         if (!status.ok()) PrintError(status.message());
         return status.ok() ? kExitOk : kExitUsage;
       }},
      exit_status);
  AddText(command, {"FILE", "", "The input; default: standard input"}, &arguments->file);
  AddFlag(command, "--json", "Print JSON, as always", &arguments->json);
}

}  // namespace postseal::cli
