#include "cli/evidence_file.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "auth/evidence_json.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"

namespace postseal::cli {
namespace {

constexpr size_t kChunkOctets = 64 * 1024;

absl::Status FileError(const std::string& path, std::string_view what) {
  return absl::InternalError(absl::StrCat(path, ": ", what, ": ", std::strerror(errno)));
}

// Describe fills size and digest of |message| in.
absl::Status Describe(ForEachChunk message, auth::Evidence* evidence) {
  dkim::Hasher hasher(dkim::HashAlgorithm::kSha256);
  evidence->message_octets = 0;
  const absl::Status status = message([&](std::string_view chunk) {
    hasher.Update(chunk);
    evidence->message_octets += chunk.size();
    return absl::OkStatus();
  });
  evidence->message_sha256 = absl::BytesToHexString(hasher.Peek().view());
  return status;
}

}  // namespace

absl::Status WriteEvidence(const std::string& path, auth::Evidence evidence, bool with_message,
                           ForEachChunk message) {
  if (absl::Status status = Describe(message, &evidence); !status.ok()) return status;
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return FileError(path, "cannot be written");
  const auto write = [file](std::string_view octets) {
    std::fwrite(octets.data(), 1, octets.size(), file);
    return absl::OkStatus();
  };
  write(absl::StrCat(auth::EvidenceToJson(evidence), "\n")).IgnoreError();  // ferror tells
  absl::Status status = with_message ? message(write) : absl::OkStatus();
  const bool failed = std::ferror(file) != 0;
  if ((std::fclose(file) != 0 || failed) && status.ok()) status = FileError(path, "write failed");
  return status;
}

absl::Status CheckMessage(const auth::Evidence& evidence, ForEachChunk message) {
  auth::Evidence found;
  if (absl::Status status = Describe(message, &found); !status.ok()) return status;
  if (found.message_octets == evidence.message_octets &&
      found.message_sha256 == evidence.message_sha256) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("the message is not the one that the evidence is about");
}

absl::StatusOr<EvidenceFile> EvidenceFile::Open(const std::string& path) {
  File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return FileError(path, "cannot be read");
  std::string line;
  int c = 0;
  while ((c = std::fgetc(file.get())) != EOF && c != '\n') {
    if (line.size() == kMaxEvidenceOctets) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": no evidence: the line is too long"));
    }
    line += static_cast<char>(c);
  }
  if (std::ferror(file.get()) != 0) return FileError(path, "cannot be read");
  auto evidence = auth::ParseEvidence(line);
  if (!evidence.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", evidence.status().message()));
  }
  const auto offset = std::ftell(file.get());
  if (offset < 0) return FileError(path, "cannot be read twice");
  const bool has_message = std::fgetc(file.get()) != EOF || evidence->message_octets == 0;
  return EvidenceFile(std::move(file), *std::move(evidence), offset, has_message);
}

absl::Status EvidenceFile::Message(TakeChunk take) const {
  if (std::fseek(file_.get(), message_offset_, SEEK_SET) != 0) {
    return absl::InternalError("the evidence cannot be read twice");
  }
  std::array<char, kChunkOctets> buffer;
  for (;;) {
    const size_t size = std::fread(buffer.data(), 1, buffer.size(), file_.get());
    if (size == 0) break;
    if (absl::Status status = take({buffer.data(), size}); !status.ok()) return status;
  }
  return std::ferror(file_.get()) == 0 ? absl::OkStatus()
                                       : absl::InternalError("the evidence cannot be read");
}

}  // namespace postseal::cli
