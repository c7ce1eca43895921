#include "cli/verify_worker.h"

#include <cstdint>
#include <iostream>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "auth/authentication_results.h"
#include "auth/evidence.h"
#include "auth/explanation.h"
#include "auth/explanation_node.h"
#include "auth/report_json.h"
#include "base/escape.h"
#include "cli/evidence_file.h"
#include "cli/field_on_top.h"
#include "cli/pct_draw.h"
#include "dmarc/record.h"

namespace postseal::cli {
namespace {

// DrawFor is the draw for pct= of |message|, where an edition of DMARC that has it is asked.
absl::StatusOr<std::optional<uint8_t>> DrawFor(const auth::Options& options, ForEachChunk message) {
  if (!options.compare_rfc7489 && options.dmarc.mode != dmarc::Mode::kRfc7489) {
    return std::optional<uint8_t>();
  }
  MessagePctDraw draw;
  const absl::Status status = message([&draw](std::string_view chunk) {
    draw.Feed(chunk);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return std::optional<uint8_t>(draw.draw());
}

auth::Evidence MakeEvidence(const VerifySettings& settings, std::optional<uint8_t> pct_draw,
                            const auth::Report& report) {
  auth::Evidence evidence;
  evidence.now = settings.now;
  evidence.authserv_id = settings.authserv_id;
  evidence.envelope = settings.envelope;
  evidence.envelope.pct_draw = pct_draw;
  evidence.options = settings.options;
  evidence.dns = report.dns;
  return evidence;
}

VerifyOutput Failure(const absl::Status& status) {
  VerifyOutput output;
  output.notes = ErrorLine(status.message());
  output.exit_status = kExitUsage;
  return output;
}

}  // namespace

VerifyOutput VerifyWorker::Verify(absl::StatusOr<MessageLocation> location) {
  if (!location.ok()) return Failure(location.status());
  const bool stored = location->stored;
  const auto source = MessageSource::Create(*std::move(location), settings_.convert_unix_form);
  if (!source.ok()) return Failure(source.status());
  VerifyOutput output;
  if (source->converted() && !stored && !settings_.quiet) {
    output.notes = ErrorLine(absl::StrCat(
        source->name(), ": has LF line ends and no CRLF; taken as CRLF (--no-crlf: as it is)"));
  }
  const absl::StatusOr<auth::Report> report = Examine(*source);
  absl::Status status = report.ok() ? Print(*report, *source, &output) : report.status();
  if (status.ok()) status = Keep(*report);
  if (!status.ok()) {
    absl::StrAppend(&output.notes, ErrorLine(status.message()));
    output.exit_status = kExitUsage;
  } else {
    output.exit_status = ReportExitStatus(*report);
  }
  return output;
}

absl::StatusOr<auth::Report> VerifyWorker::Examine(const MessageSource& source) {
  const auto message = [&source](TakeChunk take) { return source.ForEachChunk(take); };
  const auto answer = [this](const auto& session) { return names_->Run(session); };
  const auto draw = DrawFor(settings_.options, message);
  if (!draw.ok()) return draw.status();
  absl::StatusOr<auth::Report> report = verifier_.Verify(message, answer, *draw);
  if (report.ok() && !settings_.record.empty()) {
    absl::Status status = WriteEvidence(settings_.record, MakeEvidence(settings_, *draw, *report),
                                        !settings_.without_message, message);
    if (!status.ok()) return status;
  }
  return report;
}

absl::Status VerifyWorker::Keep(const auth::Report& report) const {
  if (settings_.facts == nullptr || !report.dmarc.has_value()) return absl::OkStatus();
  // Nothing is done with the message here: it is told as if what DMARC asks for were.
  store::Handling handling;
  handling.applied = report.dmarc->disposition;
  const auto fact = store::MakeFact(report, settings_.envelope, handling, settings_.now);
  return fact.has_value() ? settings_.facts->Append(*fact) : absl::OkStatus();
}

absl::Status VerifyWorker::Print(const auth::Report& report, const MessageSource& source,
                                 VerifyOutput* output) const {
  const auto field = auth::PrintAuthenticationResults(report, settings_.authserv_id);
  if (!field.ok()) return field.status();
  if (settings_.add_header) {
    return PrintWithField(*field, settings_.authserv_id, source, &std::cout);
  }
  const std::string value = auth::FieldValue(*field);
  std::string& out = output->results;
  if (settings_.json) {
    const auto name =
        settings_.several ? std::optional<std::string_view>(source.name()) : std::nullopt;
    absl::StrAppend(&out, auth::ReportToJson(report, value, name), "\n");
    return absl::OkStatus();
  }
  if (settings_.several) {
    absl::StrAppend(&out, base::Escape(source.name(), base::NonAscii::kPassGraphic), ": ");
  }
  absl::StrAppend(&out, "Authentication-Results: ", value, "\n");
  if (settings_.explain) absl::StrAppend(&out, auth::PrintExplanation(auth::Explain(report)));
  return absl::OkStatus();
}

}  // namespace postseal::cli
