// MessageSource: a message from a file or standard input, read in chunks, in the
// form in which mail is authenticated: with CRLF.
#ifndef POSTSEAL_CLI_MESSAGE_SOURCE_H_
#define POSTSEAL_CLI_MESSAGE_SOURCE_H_

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace postseal::cli {

// MessageSource reads a message any number of times in constant memory. Only
// CRLF ends a line, so a file that holds LF and no CRLF at all is in Unix form and
// is converted, unless the caller does not want that; any other file is fed as it
// is.
class MessageSource {
 public:
  // Open opens |path|; "-" is standard input. That, and a file that cannot be read
  // twice, such as a pipe, is spooled to an unnamed temporary file. Internal, naming
  // the path, when it cannot be read.
  static absl::StatusOr<MessageSource> Open(const std::string& path, bool convert_unix_form);

  // converted says that the file is in Unix form and is converted.
  bool converted() const { return converted_; }
  const std::string& path() const { return path_; }

  // ForEachChunk calls |take| with the message's octets, from its start.
  absl::Status ForEachChunk(absl::FunctionRef<absl::Status(std::string_view)> take);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;

  MessageSource(std::string path, File file) : path_(std::move(path)), file_(std::move(file)) {}
  // Spool puts what is left of the file, or of standard input, into a temporary file.
  absl::Status Spool();
  absl::Status ReadAll(absl::FunctionRef<absl::Status(std::string_view)> take);
  absl::Status Error(std::string_view what) const;

  std::string path_;
  File file_;
  bool converted_ = false;
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_MESSAGE_SOURCE_H_
