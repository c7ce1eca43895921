#include "cli/input_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"

namespace postseal::cli {
namespace {

// kChunkOctets is how much is read at a time: large enough that calls cost
// nothing, small enough for the processor's second-level cache.
constexpr size_t kChunkOctets = 64 * 1024;

// ReadAt is pread, whatever signals come.
ssize_t ReadAt(std::FILE* file, uint64_t position, char* buffer, size_t octets) {
  for (;;) {
    const ssize_t n = pread(fileno(file), buffer, octets, static_cast<off_t>(position));
    if (n >= 0 || errno != EINTR) return n;
  }
}

}  // namespace

absl::Status InputFile::Error(std::string_view what) const {
  return absl::InternalError(absl::StrCat(name_, ": ", what, ": ", std::strerror(errno)));
}

absl::StatusOr<std::shared_ptr<const InputFile>> InputFile::Open(const std::string& path) {
  const bool is_stdin = path == "-";
  const std::shared_ptr<InputFile> input(
      new InputFile(is_stdin ? "standard input" : path,
                    File(is_stdin ? nullptr : std::fopen(path.c_str(), "rb"))));
  if (!is_stdin && input->file_ == nullptr) return input->Error("cannot be opened");
  if (is_stdin || lseek(fileno(input->file_.get()), 0, SEEK_CUR) < 0) {
    if (absl::Status status = input->Spool(); !status.ok()) return status;
  }
  return input;
}

absl::Status InputFile::Spool() {
  const File input = std::move(file_);
  std::FILE* const from = input != nullptr ? input.get() : stdin;
  file_.reset(std::tmpfile());
  if (file_ == nullptr) return Error("cannot be spooled");
  // Where standard input is closed, the temporary file has its number.
  if (fileno(file_.get()) == STDIN_FILENO) {
    errno = EBADF;
    return Error("cannot be read");
  }
  std::vector<char> buffer(kChunkOctets);
  while (const size_t n = std::fread(buffer.data(), 1, buffer.size(), from)) {
    if (std::fwrite(buffer.data(), 1, n, file_.get()) != n) return Error("cannot be spooled");
  }
  if (std::ferror(from) != 0) return Error("cannot be read");
  return std::fflush(file_.get()) != 0 ? Error("cannot be spooled") : absl::OkStatus();
}

absl::Status InputFile::Read(uint64_t begin, uint64_t end,
                             absl::FunctionRef<absl::Status(std::string_view)> take) const {
  std::vector<char> buffer(std::min<uint64_t>(kChunkOctets, end - std::min(begin, end)));
  while (begin < end) {
    const size_t wanted = std::min<uint64_t>(buffer.size(), end - begin);
    const ssize_t n = ReadAt(file_.get(), begin, buffer.data(), wanted);
    if (n < 0) return Error("cannot be read");
    if (n == 0) {
      if (end == kEnd) break;
      return absl::InternalError(absl::StrCat(name_, ": has become shorter while it was read"));
    }
    begin += static_cast<uint64_t>(n);
    absl::Status status = take({buffer.data(), static_cast<size_t>(n)});
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> InputFile::StartsWith(std::string_view text) const {
  std::vector<char> buffer(text.size());
  const ssize_t n = ReadAt(file_.get(), 0, buffer.data(), buffer.size());
  if (n < 0) return Error("cannot be read");
  return std::string_view(buffer.data(), static_cast<size_t>(n)) == text;
}

}  // namespace postseal::cli
