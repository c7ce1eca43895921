#include "cli/message_source.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace postseal::cli {
namespace {

// kChunkOctets is how much is read at a time: large enough that calls cost
// nothing, small enough for the processor's second-level cache.
constexpr size_t kChunkOctets = 64 * 1024;

// LineForms looks through text in pieces for a CRLF and for a bare LF.
class LineForms {
 public:
  void Add(std::string_view text) {
    for (size_t lf = text.find('\n'); lf != text.npos; lf = text.find('\n', lf + 1)) {
      const char before = lf > 0 ? text[lf - 1] : last_;
      (before == '\r' ? crlf : bare_lf) = true;
      if (crlf) return;
    }
    if (!text.empty()) last_ = text.back();
  }

  bool crlf = false;
  bool bare_lf = false;

 private:
  char last_ = '\0';
};

// AppendWithCrlf appends |text| with each LF as CRLF.
void AppendWithCrlf(std::string_view text, std::string* out) {
  for (;;) {
    const size_t lf = text.find('\n');
    out->append(text.substr(0, lf));
    if (lf == text.npos) return;
    out->append("\r\n");
    text.remove_prefix(lf + 1);
  }
}

}  // namespace

absl::Status MessageSource::Error(std::string_view what) const {
  return absl::InternalError(absl::StrCat(path_, ": ", what, ": ", std::strerror(errno)));
}

absl::StatusOr<MessageSource> MessageSource::Open(const std::string& path, bool convert_unix_form) {
  const bool is_stdin = path == "-";
  MessageSource source(is_stdin ? "standard input" : path,
                       File(is_stdin ? nullptr : std::fopen(path.c_str(), "rb")));
  if (!is_stdin && source.file_ == nullptr) return source.Error("cannot be opened");
  if (is_stdin || std::fseek(source.file_.get(), 0, SEEK_CUR) != 0) {
    if (absl::Status status = source.Spool(); !status.ok()) return status;
  }
  if (!convert_unix_form) return source;
  LineForms forms;
  absl::Status status = source.ReadAll([&forms](std::string_view chunk) {
    forms.Add(chunk);
    // One CRLF settles it; Cancelled only ends the reading.
    return forms.crlf ? absl::CancelledError() : absl::OkStatus();
  });
  if (!status.ok() && !absl::IsCancelled(status)) return status;
  source.converted_ = forms.bare_lf && !forms.crlf;
  return source;
}

absl::Status MessageSource::Spool() {
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
  return std::ferror(from) != 0 ? Error("cannot be read") : absl::OkStatus();
}

absl::Status MessageSource::ReadAll(absl::FunctionRef<absl::Status(std::string_view)> take) {
  if (std::fseek(file_.get(), 0, SEEK_SET) != 0) return Error("cannot be read from its start");
  std::vector<char> buffer(kChunkOctets);
  while (const size_t n = std::fread(buffer.data(), 1, buffer.size(), file_.get())) {
    if (absl::Status status = take({buffer.data(), n}); !status.ok()) return status;
  }
  return std::ferror(file_.get()) != 0 ? Error("cannot be read") : absl::OkStatus();
}

absl::Status MessageSource::ForEachChunk(absl::FunctionRef<absl::Status(std::string_view)> take) {
  if (!converted_) return ReadAll(take);
  std::string with_crlf;
  return ReadAll([&](std::string_view chunk) {
    with_crlf.clear();
    AppendWithCrlf(chunk, &with_crlf);
    return take(with_crlf);
  });
}

}  // namespace postseal::cli
