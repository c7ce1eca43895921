// MessageVerifier: one message verified and its report printed, for verify and replay.
#ifndef POSTSEAL_CLI_MESSAGE_VERIFIER_H_
#define POSTSEAL_CLI_MESSAGE_VERIFIER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/verify_session.h"

namespace postseal::cli {

// TakeChunk takes the next octets of a message, ForEachChunk calls it with all of them,
// from the first, as often as it is called.
using TakeChunk = absl::FunctionRef<absl::Status(std::string_view)>;
using ForEachChunk = absl::FunctionRef<absl::Status(TakeChunk)>;
// AnswerQueries answers a session's queries until it asks for nothing more.
using AnswerQueries =
    absl::FunctionRef<absl::Status(const std::shared_ptr<auth::VerifySession>& session)>;

class MessageVerifier {
 public:
  // |now| is in Unix seconds. With |diagnose_failures| a message with a signature that
  // fails is looked at again, to say why; that costs several times the first look.
  MessageVerifier(const auth::Options& options, auth::Envelope envelope, int64_t now,
                  bool diagnose_failures);

  // Verify takes |pct_draw| for the envelope's when it has a value.
  absl::StatusOr<auth::Report> Verify(ForEachChunk message, AnswerQueries answer,
                                      std::optional<uint8_t> pct_draw = std::nullopt) const;

 private:
  absl::StatusOr<auth::Report> VerifyOnce(const std::shared_ptr<const auth::Options>& options,
                                          ForEachChunk message, AnswerQueries answer,
                                          std::optional<uint8_t> pct_draw) const;

  std::shared_ptr<const auth::Options> options_;
  std::shared_ptr<const auth::Options> diagnosing_options_;
  const auth::Envelope envelope_;
  const int64_t now_;
  const bool diagnose_failures_;
};

// ReportExitStatus is the exit status of the contract.
int ReportExitStatus(const auth::Report& report);

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_MESSAGE_VERIFIER_H_
