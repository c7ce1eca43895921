#include "cli/message_verifier.h"

#include <algorithm>

#include "auth/evidence.h"
#include "base/result.h"
#include "cli/options.h"
#include "dkim/signature_report.h"

namespace postseal::cli {
namespace {

bool HasFailure(const auth::Report& report) {
  return std::any_of(report.dkim.begin(), report.dkim.end(),
                     [](const auto& signature) { return signature.result == base::Result::kFail; });
}

}  // namespace

MessageVerifier::MessageVerifier(const auth::Options& options, auth::Envelope envelope, int64_t now,
                                 bool diagnose_failures)
    : options_(std::make_shared<auth::Options>(options)),
      envelope_(std::move(envelope)),
      now_(now),
      diagnose_failures_(diagnose_failures) {
  const auto diagnosing = std::make_shared<auth::Options>(options);
  diagnosing->dkim.diagnose = true;
  diagnosing_options_ = diagnosing;
}

absl::StatusOr<auth::Report> MessageVerifier::Verify(ForEachChunk message, AnswerQueries answer,
                                                     std::optional<uint8_t> pct_draw) const {
  absl::StatusOr<auth::Report> report = VerifyOnce(options_, message, answer, pct_draw);
  if (!report.ok() || !diagnose_failures_ || !HasFailure(*report)) return report;
  // The same answers: a second look can come to no other verdict.
  const auto answer_again = [&report](const auto& session) {
    auth::AnswerFrom(report->dns, session.get());
    return absl::OkStatus();
  };
  return VerifyOnce(diagnosing_options_, message, answer_again, pct_draw);
}

absl::StatusOr<auth::Report> MessageVerifier::VerifyOnce(
    const std::shared_ptr<const auth::Options>& options, ForEachChunk message, AnswerQueries answer,
    std::optional<uint8_t> pct_draw) const {
  auth::Envelope envelope = envelope_;
  if (pct_draw.has_value()) envelope.pct_draw = pct_draw;
  auto created = auth::VerifySession::Create(options, std::move(envelope), now_);
  if (!created.ok()) return created.status();
  const std::shared_ptr<auth::VerifySession> session = *std::move(created);
  absl::Status status =
      message([&session](std::string_view chunk) { return session->Feed(chunk); });
  if (status.ok()) status = session->EndOfMessage();
  if (status.ok()) status = answer(session);
  if (!status.ok()) return status;
  return session->report();
}

int ReportExitStatus(const auth::Report& report) {
  switch (report.Verdict()) {
    case base::Result::kPass:
      return kExitOk;
    case base::Result::kTempError:
      return kExitTempError;
    default:
      return kExitNotAuthenticated;
  }
}

}  // namespace postseal::cli
