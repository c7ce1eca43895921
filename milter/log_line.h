// LogLines: what is said of a message, in one line that programs can read, and in the
// lines that readers of OpenDKIM's log know.
#ifndef POSTSEAL_MILTER_LOG_LINE_H_
#define POSTSEAL_MILTER_LOG_LINE_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/report.h"
#include "base/ascii.h"
#include "base/escape.h"
#include "base/result.h"
#include "dkim/reason.h"
#include "dkim/signature_report.h"
#include "dmarc/policy.h"
#include "dmarc/reason.h"
#include "mail/message_reader.h"
#include "milter/log.h"
#include "milter/outcome.h"
#include "milter/session.h"
#include "spf/reason.h"

namespace postseal::milter {

// kMaxLoggedSignatures bounds the signatures that a line tells of.
inline constexpr size_t kMaxLoggedSignatures = 5;
// kMaxLoggedTextOctets bounds one text of the sender in a line, in octets before
// it is escaped: a path of RFC 5321 §4.5.3.1.3 fits.
inline constexpr size_t kMaxLoggedTextOctets = 256;

struct LogLine {
  LogLevel level = LogLevel::kInfo;
  std::string text;
};

constexpr std::string_view ActionName(Action action) {
  switch (action) {
    case Action::kAccept:
      return "accept";
    case Action::kReject:
      return "reject";
    case Action::kTempfail:
      return "tempfail";
    case Action::kDiscard:
      return "discard";
    case Action::kQuarantine:
      return "quarantine";
  }
  return "";
}

namespace internal {

// Quoted is |text| of the sender: escaped, cut, and without a space or a quote that
// could end a value.
inline std::string Quoted(std::string_view text) {
  std::string out;
  for (const char c : base::Escape(text.substr(0, kMaxLoggedTextOctets))) {
    if (c == ' ') {
      out += "\\x20";
    } else if (c == '"') {
      out += "\\x22";
    } else {
      out += c;
    }
  }
  return out;
}

inline void AppendSignature(const dkim::SignatureReport& signature, std::string* line) {
  absl::StrAppend(line, " dkim=", base::ResultName(signature.result),
                  " d=", Quoted(signature.domain), " s=", Quoted(signature.selector));
  if (signature.result != base::Result::kPass) {
    absl::StrAppend(line, " dkim-reason=", dkim::InfoOf(signature.reason).name);
  }
}

inline void AppendReport(const auth::Report& report, std::string* line) {
  if (report.spf.has_value()) {
    absl::StrAppend(line, " spf=", base::ResultName(report.spf->result),
                    " spf-domain=", Quoted(report.spf->domain));
    if (report.spf->result != base::Result::kPass) {
      absl::StrAppend(line, " spf-reason=", spf::InfoOf(report.spf->reason).name);
    }
  }
  if (report.dkim.empty()) {
    absl::StrAppend(line, " dkim=", base::ResultName(report.DkimResult()));
  }
  const size_t count = std::min(report.dkim.size(), kMaxLoggedSignatures);
  for (size_t i = 0; i < count; ++i) AppendSignature(report.dkim[i], line);
  if (report.dkim.size() > count) {
    absl::StrAppend(line, " more-signatures=", report.dkim.size() - count);
  }
  if (report.dmarc.has_value()) {
    const auth::DmarcReport& dmarc = *report.dmarc;
    absl::StrAppend(line, " dmarc=", base::ResultName(dmarc.result),
                    " header.from=", Quoted(dmarc.from_domain));
    if (dmarc.policy.has_value()) {
      absl::StrAppend(line, " p=", dmarc::PolicyName(dmarc.policy->published));
    }
    if (dmarc.result != base::Result::kPass && dmarc.result != base::Result::kNone) {
      absl::StrAppend(line, " dmarc-reason=", dmarc::InfoOf(dmarc.reason).name,
                      " disposition=", dmarc::PolicyName(dmarc.disposition));
    }
  }
  if (report.header_fault != mail::HeaderFault::kNone) {
    absl::StrAppend(line, " header=", mail::HeaderFaultName(report.header_fault));
  }
  absl::StrAppend(line, " lookups=", report.spent.dns_queries);
}

}  // namespace internal

// MessageLine tells the whole of |record| in one line: "QID: key=value ...".
inline std::string MessageLine(const MessageRecord& record) {
  const Outcome& outcome = *record.outcome;
  const auth::Envelope& envelope = record.transaction->envelope;
  std::string line =
      absl::StrCat(record.job_id.empty() ? "NOQUEUE" : internal::Quoted(record.job_id), ": ",
                   RoleName(outcome.role));
  absl::StrAppend(&line, " client=",
                  envelope.client_ip.has_value()            ? envelope.client_ip->Print()
                  : record.transaction->standing.is_outside ? "unknown"
                                                            : "local",
                  " helo=", internal::Quoted(envelope.helo));
  if (!record.transaction->user.empty()) {
    absl::StrAppend(&line, " user=", internal::Quoted(record.transaction->user));
  }
  if (envelope.rfc5321_mail_from.has_value()) {
    absl::StrAppend(&line, " from=", internal::Quoted(*envelope.rfc5321_mail_from));
  }
  if (record.report != nullptr) internal::AppendReport(*record.report, &line);
  for (const std::string& signature : outcome.signatures) {
    absl::StrAppend(&line, " signature=\"", signature, "\"");
  }
  if (!outcome.deletions.empty()) absl::StrAppend(&line, " removed=", outcome.deletions.size());
  for (const std::string_view warning : outcome.relay_warnings) {
    absl::StrAppend(&line, " warning=", warning);
  }
  absl::StrAppend(&line, " action=", ActionName(outcome.decision.action));
  if (!outcome.decision.because.empty()) {
    absl::StrAppend(&line, " because=\"", outcome.decision.because, "\"");
  }
  absl::StrAppend(&line, " ms=", record.microseconds / 1000,
                  " end-ms=", record.microseconds_after_end / 1000);
  return line;
}

// LinesOf is all that is said of |record|. Syslog tells what went wrong, always;
// SyslogSuccess the message's line, LogResults that of a verified one; LogWhy why it was signed, or
// was not.
inline std::vector<LogLine> LinesOf(const MessageRecord& record, const Config& config) {
  std::vector<LogLine> lines;
  const std::string id = record.job_id.empty() ? "NOQUEUE" : internal::Quoted(record.job_id);
  const Outcome& outcome = *record.outcome;
  for (const std::string& error : outcome.errors) {
    lines.push_back({LogLevel::kError, absl::StrCat(id, ": ", base::Escape(error))});
  }
  for (const std::string& note : outcome.notes) {
    lines.push_back({LogLevel::kNotice, absl::StrCat(id, ": ", base::Escape(note))});
  }
  if (config.log_why) {
    lines.push_back({LogLevel::kInfo, absl::StrCat(id, ": ", record.transaction->standing.why)});
  }
  const bool is_refused = outcome.decision.action != Action::kAccept;
  const bool has_results = config.log_results && record.report != nullptr;
  if (!config.syslog_success && !has_results && !is_refused) return lines;
  for (const std::string& signature : outcome.signatures) {
    lines.push_back(
        {LogLevel::kInfo, absl::StrCat(id, ": DKIM-Signature field added (", signature, ")")});
  }
  lines.push_back({is_refused ? LogLevel::kNotice : LogLevel::kInfo, MessageLine(record)});
  return lines;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_LOG_LINE_H_
