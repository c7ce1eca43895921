// VerifyWorker: verifies the messages of one thread and says what it found as text.
#ifndef POSTSEAL_CLI_VERIFY_WORKER_H_
#define POSTSEAL_CLI_VERIFY_WORKER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/report.h"
#include "cli/message_source.h"
#include "cli/message_verifier.h"
#include "cli/name_service.h"
#include "cli/options.h"
#include "store/fact.h"

namespace postseal::cli {

// VerifySettings is what all messages of one call have in common.
struct VerifySettings {
  auth::Envelope envelope;
  auth::Options options;
  int64_t now = 0;  // Unix seconds
  std::string authserv_id;
  bool json = false;
  bool explain = false;
  bool convert_unix_form = true;
  bool quiet = false;
  // Results say which message they are about.
  bool several = false;
  // Of one message alone: print it with the field on top; write its evidence.
  bool add_header = false;
  std::string record;
  bool without_message = false;
  // Where facts for DMARC reports go; nullptr: nowhere. It outlives the worker.
  store::FactSink* facts = nullptr;
};

// VerifyOutput is what is to be printed about one message.
struct VerifyOutput {
  std::string results;  // for standard output
  std::string notes;    // for standard error
  int exit_status = kExitOk;
};

// VerifyWorker is for one thread at a time. Several share settings and verifier, which
// they only read.
class VerifyWorker {
 public:
  // |settings| and |verifier| outlive the worker.
  VerifyWorker(const VerifySettings* settings, const MessageVerifier* verifier,
               std::unique_ptr<NameService> names)
      : settings_(*settings), verifier_(*verifier), names_(std::move(names)) {}

  // Verify verifies the message at |location|, or says why it cannot be read. With
  // settings.add_header the message goes straight to standard output.
  VerifyOutput Verify(absl::StatusOr<MessageLocation> location);

 private:
  absl::StatusOr<auth::Report> Examine(const MessageSource& source);
  // Keep hands the fact of |report|, if it has one, to settings.facts.
  absl::Status Keep(const auth::Report& report) const;
  // Print adds the results about |report| to |output|.
  absl::Status Print(const auth::Report& report, const MessageSource& source,
                     VerifyOutput* output) const;

  const VerifySettings& settings_;
  const MessageVerifier& verifier_;
  std::unique_ptr<NameService> names_;
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_VERIFY_WORKER_H_
