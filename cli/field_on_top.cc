#include "cli/field_on_top.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "authres/removal_plan.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace postseal::cli {
namespace {

// PrintHeader prints |field| and the header in |reader| less the forged fields.
absl::Status PrintHeader(const std::string& field, const std::string& authserv_id,
                         std::string_view name, const mail::MessageReader& reader,
                         std::ostream* out) {
  const std::span<const mail::Field> fields = reader.fields();
  authres::RemovalOptions removal;
  removal.authserv_ids = {&authserv_id, 1};
  std::vector<bool> goes(fields.size());
  for (const authres::Removal& forged : authres::PlanRemoval(fields, removal)) {
    goes[forged.position] = true;
  }
  std::vector<std::string_view> kept;
  bool begins_with_field = true;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (goes[i]) continue;
    if (kept.empty()) begins_with_field = !fields[i].name.empty();
    kept.push_back(fields[i].raw);
  }
  // Such a line would continue our field, or is a mailbox file's.
  if (reader.fault() != mail::HeaderFault::kNone || !begins_with_field) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": nothing can be put before its first line"));
  }
  *out << field;
  for (const std::string_view one : kept) *out << one << "\r\n";
  *out << "\r\n";
  return absl::OkStatus();
}

}  // namespace

absl::Status PrintWithField(const std::string& field, const std::string& authserv_id,
                            const MessageSource& source, std::ostream* out) {
  mail::MessageReader reader;
  bool printed = false;
  const auto print_header = [&] {
    printed = true;
    return PrintHeader(field, authserv_id, source.name(), reader, out);
  };
  absl::Status status = source.ForEachChunk([&](std::string_view chunk) -> absl::Status {
    const std::string_view body = reader.Feed(chunk);
    if (reader.header_complete() && !printed) {
      if (absl::Status printing = print_header(); !printing.ok()) return printing;
    }
    *out << body;
    return absl::OkStatus();
  });
  if (!status.ok() || printed) return status;
  reader.Finish();
  return print_header();
}

}  // namespace postseal::cli
