// InputFile: a file or standard input, read by position any number of times, by
// several threads at once.
#ifndef POSTSEAL_CLI_INPUT_FILE_H_
#define POSTSEAL_CLI_INPUT_FILE_H_

#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace postseal::cli {

class InputFile {
 public:
  // kEnd as the end of a range is the end of the file.
  static constexpr uint64_t kEnd = std::numeric_limits<uint64_t>::max();

  // Open opens |path|; "-" is standard input. That, and a file that cannot be read
  // twice, such as a pipe, is spooled to an unnamed temporary file. Internal, naming
  // the path, when it cannot be read.
  static absl::StatusOr<std::shared_ptr<const InputFile>> Open(const std::string& path);

  // name is the path, or what standard input is called.
  const std::string& name() const { return name_; }

  // Read calls |take| with the octets [begin, end), in order, until it returns an error.
  // Internal, naming the file, when it cannot be read or ends before |end|.
  absl::Status Read(uint64_t begin, uint64_t end,
                    absl::FunctionRef<absl::Status(std::string_view)> take) const;

  // StartsWith says whether the file begins with |text|.
  absl::StatusOr<bool> StartsWith(std::string_view text) const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;

  InputFile(std::string name, File file) : name_(std::move(name)), file_(std::move(file)) {}
  // Spool puts what is left of the file, or of standard input, into a temporary file.
  absl::Status Spool();
  absl::Status Error(std::string_view what) const;

  std::string name_;
  File file_;
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_INPUT_FILE_H_
