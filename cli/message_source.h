// MessageSource: a message from a file, a mailbox file or standard input, read in
// chunks, in the form in which mail is authenticated: with CRLF.
#ifndef POSTSEAL_CLI_MESSAGE_SOURCE_H_
#define POSTSEAL_CLI_MESSAGE_SOURCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/input_file.h"
#include "cli/line_forms.h"

namespace postseal::cli {

// MessageLocation is where a message stands.
struct MessageLocation {
  std::string name;  // what output calls it
  std::shared_ptr<const InputFile> file;
  uint64_t begin = 0;
  uint64_t end = InputFile::kEnd;
  // The message is one of a mailbox file: lines are quoted as in MboxUnquoter.
  bool quoted = false;
  // Whoever stored the message uses the system's line ends, as mailbox files and mail
  // folders do: that it is in Unix form is not worth a word.
  bool stored = false;
  std::optional<LineForms> forms;  // where they are known
};

// MessageSource reads a message any number of times in constant memory. Only
// CRLF ends a line, so a message that holds LF and no CRLF at all is in Unix form and
// is converted, unless the caller does not want that; any other is fed as it is.
class MessageSource {
 public:
  // Open is Create for the whole of the file |path|; see InputFile::Open.
  static absl::StatusOr<MessageSource> Open(const std::string& path, bool convert_unix_form);

  // Create reads the message once, as far as it takes to know its line ends, unless
  // |location| knows them.
  static absl::StatusOr<MessageSource> Create(MessageLocation location, bool convert_unix_form);

  // converted says that the message is in Unix form and is converted.
  bool converted() const { return converted_; }
  const std::string& name() const { return location_.name; }

  // ForEachChunk calls |take| with the message's octets, from its start.
  absl::Status ForEachChunk(absl::FunctionRef<absl::Status(std::string_view)> take) const;

 private:
  explicit MessageSource(MessageLocation location) : location_(std::move(location)) {}
  absl::Status ReadAll(absl::FunctionRef<absl::Status(std::string_view)> take) const;

  MessageLocation location_;
  bool converted_ = false;
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_MESSAGE_SOURCE_H_
