#include "cli/message_source.h"

#include "cli/mbox_unquoter.h"

namespace postseal::cli {

absl::StatusOr<MessageSource> MessageSource::Open(const std::string& path, bool convert_unix_form) {
  auto file = InputFile::Open(path);
  if (!file.ok()) return file.status();
  MessageLocation location;
  location.name = (*file)->name();
  location.file = *std::move(file);
  return Create(std::move(location), convert_unix_form);
}

absl::StatusOr<MessageSource> MessageSource::Create(MessageLocation location,
                                                    bool convert_unix_form) {
  MessageSource source(std::move(location));
  if (!convert_unix_form) return source;
  if (!source.location_.forms.has_value()) {
    LineFormFinder finder;
    absl::Status status = source.ReadAll([&finder](std::string_view chunk) {
      finder.Add(chunk);
      // One CRLF settles it; Cancelled only ends the reading.
      return finder.forms().crlf ? absl::CancelledError() : absl::OkStatus();
    });
    if (!status.ok() && !absl::IsCancelled(status)) return status;
    source.location_.forms = finder.forms();
  }
  source.converted_ = source.location_.forms->unix_form();
  return source;
}

absl::Status MessageSource::ReadAll(absl::FunctionRef<absl::Status(std::string_view)> take) const {
  const auto& [name, file, begin, end, quoted, stored, forms] = location_;
  if (!quoted) return file->Read(begin, end, take);
  MboxUnquoter unquoter;
  std::string text;
  absl::Status status = file->Read(begin, end, [&](std::string_view chunk) {
    text.clear();
    unquoter.Append(chunk, &text);
    return take(text);
  });
  if (!status.ok()) return status;
  text.clear();
  unquoter.Finish(&text);
  return take(text);
}

absl::Status MessageSource::ForEachChunk(
    absl::FunctionRef<absl::Status(std::string_view)> take) const {
  if (!converted_) return ReadAll(take);
  std::string with_crlf;
  return ReadAll([&](std::string_view chunk) {
    with_crlf.clear();
    AppendWithCrlf(chunk, &with_crlf);
    return take(with_crlf);
  });
}

}  // namespace postseal::cli
