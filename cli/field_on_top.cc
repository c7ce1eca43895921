#include "cli/field_on_top.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "authres/removal_plan.h"
#include "mail/message_reader.h"

namespace postseal::cli {
namespace {

// PrintHeader prints |field| and the header in |reader| less the forged fields.
absl::Status PrintHeader(const std::string& field, const std::string& authserv_id,
                         std::string_view name, const mail::MessageReader& reader,
                         std::ostream* out) {
  const auto& fields = reader.fields();
  // Such a line would continue our field, or is a mailbox file's.
  if (reader.fault() != mail::HeaderFault::kNone ||
      (!fields.empty() && fields.front().name.empty())) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": nothing can be put before its first line"));
  }
  *out << field;
  authres::RemovalOptions removal;
  removal.authserv_ids = {&authserv_id, 1};
  const auto forged = authres::PlanRemoval(fields, removal);
  for (size_t i = 0; i < fields.size(); ++i) {
    const bool remove = std::any_of(forged.begin(), forged.end(),
                                    [i](const auto& removed) { return removed.position == i; });
    if (!remove) *out << fields[i].raw << "\r\n";
  }
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
