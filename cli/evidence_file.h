// EvidenceFile: an evidence bundle: a line of JSON (auth/evidence_json.h), and below it the
// message as it was verified, or nothing when only its digest is kept.
#ifndef POSTSEAL_CLI_EVIDENCE_FILE_H_
#define POSTSEAL_CLI_EVIDENCE_FILE_H_

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "auth/evidence.h"
#include "cli/message_verifier.h"

namespace postseal::cli {

// kMaxEvidenceOctets bounds the line of JSON, in octets: more than the base64 of
// all answers that the methods' limits let a message keep (auth/options.h): 5 MB.
inline constexpr size_t kMaxEvidenceOctets = 8 * 1024 * 1024;

// WriteEvidence writes |evidence|, with size and digest of |message| filled in, to |path|,
// and |with_message| the message. The error names the path.
absl::Status WriteEvidence(const std::string& path, auth::Evidence evidence, bool with_message,
                           ForEachChunk message);

// CheckMessage says whether |message| is the one that |evidence| is about.
absl::Status CheckMessage(const auth::Evidence& evidence, ForEachChunk message);

// EvidenceFile is a file that WriteEvidence wrote.
class EvidenceFile {
 public:
  // Open reads the line of JSON. The error names the path.
  static absl::StatusOr<EvidenceFile> Open(const std::string& path);

  const auth::Evidence& evidence() const { return evidence_; }
  // has_message says whether the message is in the file.
  bool has_message() const { return has_message_; }
  // Message calls |take| with the message's octets, from its start.
  absl::Status Message(TakeChunk take) const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Close>;

  EvidenceFile(File file, auth::Evidence evidence, long message_offset, bool has_message)
      : file_(std::move(file)),
        evidence_(std::move(evidence)),
        message_offset_(message_offset),
        has_message_(has_message) {}

  File file_;
  auth::Evidence evidence_;
  long message_offset_;  // NOLINT(google-runtime-int): what fseek takes
  bool has_message_;
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_EVIDENCE_FILE_H_
