// Any octets as a file of evidence: what opens is written again to a file of the same
// octets, and its message is what stands below the first line.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/check.h"
#include "cli/evidence_file.h"
#include "cli/message_verifier.h"

namespace postseal::cli {
namespace {

// MemoryFile is a file of no folder.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(memfd_create("evidence", 0)) { POSTSEAL_CHECK(descriptor_ >= 0); }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  void Write(std::string_view octets) const {
    POSTSEAL_CHECK(pwrite(descriptor_, octets.data(), octets.size(), 0) ==
                   static_cast<ssize_t>(octets.size()));
  }
  std::string path() const { return absl::StrCat("/proc/self/fd/", descriptor_); }

 private:
  int descriptor_;
};

std::string MessageOf(const EvidenceFile& file) {
  std::string message;
  POSTSEAL_CHECK(file.Message([&message](std::string_view chunk) {
                       message += chunk;
                       return absl::OkStatus();
                     })
                     .ok());
  return message;
}

void Check(std::string_view octets) {
  const MemoryFile memory;
  memory.Write(octets);
  const absl::StatusOr<EvidenceFile> file = EvidenceFile::Open(memory.path());
  if (!file.ok()) {
    const std::string_view words = file.status().message();
    POSTSEAL_CHECK(base::AllIn(words, base::CharSet::Range(0x20, 0x7E)));
    return;
  }
  const std::string message = MessageOf(*file);
  const size_t line = octets.find('\n');
  POSTSEAL_CHECK(message == (line == octets.npos ? "" : octets.substr(line + 1)));
  const auto feed = [&message](TakeChunk take) { return take(message); };
  const MemoryFile copy;
  POSTSEAL_CHECK(WriteEvidence(copy.path(), file->evidence(), true, feed).ok());
  const absl::StatusOr<EvidenceFile> again = EvidenceFile::Open(copy.path());
  POSTSEAL_CHECK(again.ok() && again->has_message() && MessageOf(*again) == message);
  POSTSEAL_CHECK(CheckMessage(again->evidence(), feed).ok());
}

}  // namespace
}  // namespace postseal::cli

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::cli::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
