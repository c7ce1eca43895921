#include "cli/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/secret.h"
#include "cli/options.h"

namespace postseal::cli {
namespace {

// FileDescriptor closes itself.
struct FileDescriptor {
  explicit FileDescriptor(int value) : fd(value) {}
  FileDescriptor(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd >= 0) close(fd);
  }
  int fd;
};

absl::Status SystemError(const std::string& path) {
  return absl::NotFoundError(absl::StrCat(path, ": ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const dkim::SigningKey>> ReadKeyFile(const std::string& path) {
  // Read without a stream: its buffer would keep a copy of the key.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status;
  if (file.fd < 0 || fstat(file.fd, &status) != 0) return SystemError(path);
  base::SecretString text = base::SecretString::WithSize(kMaxKeyFileOctets + 1);
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = read(file.fd, text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError(path);
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  if (size > kMaxKeyFileOctets) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": more than ", kMaxKeyFileOctets, " octets are no key file"));
  }
  auto key = dkim::SigningKey::FromPem(text.view().substr(0, size));
  if (!key.ok()) {
    return absl::Status(key.status().code(), absl::StrCat(path, ": ", key.status().message()));
  }
  if ((status.st_mode & S_IRWXO) != 0 && S_ISREG(status.st_mode)) {
    PrintError(absl::StrCat(path, ": warning: the key can be read or written by other users"));
  }
  return key;
}

}  // namespace postseal::cli
