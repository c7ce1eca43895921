#include "milter/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "milter/descriptor.h"

namespace postseal::milter {
namespace {

constexpr size_t kStep = size_t{64} << 10;

absl::Status SystemError() { return absl::ErrnoToStatus(errno, std::strerror(errno)); }

}  // namespace

absl::StatusOr<std::string> ReadTextFile(const std::string& path, size_t max_octets) {
  // Without O_NONBLOCK a FIFO would wait for its other end.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) return absl::Status(SystemError().code(), std::strerror(errno));
  struct stat info = {};
  if (fstat(file.get(), &info) != 0) return SystemError();
  if (S_ISDIR(info.st_mode)) return absl::FailedPreconditionError("is a directory");
  if (!S_ISREG(info.st_mode)) return absl::FailedPreconditionError("is no regular file");
  // Reserved whole: a table may hold keys, and growth would leave copies of them.
  std::string text;
  text.reserve(std::min(static_cast<size_t>(info.st_size), max_octets) + kStep + 1);
  for (;;) {
    const size_t before = text.size();
    text.resize(before + kStep);
    const ssize_t got = read(file.get(), text.data() + before, kStep);
    if (got < 0 && errno == EINTR) {
      text.resize(before);
      continue;
    }
    if (got < 0) return SystemError();
    text.resize(before + static_cast<size_t>(got));
    if (text.size() > max_octets) {
      return absl::ResourceExhaustedError(absl::StrCat("has more than ", max_octets, " octets"));
    }
    if (got == 0) return text;
  }
}

std::string PathBelow(std::string_view folder, std::string_view path) {
  if (folder.empty() || path.empty() || path.front() == '/') return std::string(path);
  return absl::StrCat(folder, "/", path);
}

}  // namespace postseal::milter
