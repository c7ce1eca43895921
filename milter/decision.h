// Decide: what becomes of a verified message. The default is that it is accepted,
// whatever was found: Authentication-Results says it, and others act on that.
#ifndef POSTSEAL_MILTER_DECISION_H_
#define POSTSEAL_MILTER_DECISION_H_

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "auth/report.h"
#include "base/escape.h"
#include "base/result.h"
#include "dkim/reason.h"
#include "dkim/signature_report.h"
#include "dmarc/record.h"
#include "mail/field.h"
#include "mail/message_reader.h"
#include "milter/config.h"

namespace postseal::milter {

// Decision is what the MTA is told at the end of a message.
struct Decision {
  Action action = Action::kAccept;
  // The reply to the client of a reject or tempfail: "CODE X.Y.Z TEXT".
  std::string reply;
  // What asked for it, for the log: a directive's name, or "".
  std::string_view because;
};

// The directives that act on DMARC's policy, as Decision::because.
inline constexpr std::string_view kRejectFailures = "RejectFailures";
inline constexpr std::string_view kHoldQuarantinedMessages = "HoldQuarantinedMessages";

// MakeDecision is |action|, which |because| asked for. |code| is the last two numbers of
// an enhanced status code (RFC 3463), "7.1"; |text| is printable ASCII.
inline Decision MakeDecision(Action action, std::string_view because, std::string_view code,
                             std::string_view text) {
  Decision decision{action, "", because};
  if (action == Action::kReject) decision.reply = absl::StrCat("550 5.", code, " ", text);
  if (action == Action::kTempfail) decision.reply = absl::StrCat("451 4.", code, " ", text);
  return decision;
}

// Decide applies the directives to |report|. |is_outside|: see Standing; for others
// SPF and DMARC were not asked, and only signatures count.
inline Decision Decide(const Config& config, const auth::Report& report, bool is_outside);

// DecideUnsigned is for a message that should be signed and cannot be, because of the
// message or the key: On-SignatureError, as in opendkim.conf(5). |fallback| is what happens
// where that directive is absent.
inline Decision DecideUnsigned(const Config& config, Decision fallback) {
  if (!config.on_signature_error.has_value()) return fallback;
  if (*config.on_signature_error == Action::kAccept) return Decision{};
  return MakeDecision(*config.on_signature_error, "On-SignatureError", "7.0",
                      "the message cannot be signed");
}

// CheckFieldCounts says which field of |fields| RFC 5322 §3.6 wants there, or there
// once, and is not; empty when all are as it wants. RequiredHeaders.
inline std::string_view CheckFieldCounts(std::span<const mail::Field> fields) {
  struct Count {
    std::string_view name;
    bool is_required;
  };
  static constexpr Count kCounts[] = {
      {"Date", true},         {"From", true},        {"Sender", false},  {"Reply-To", false},
      {"To", false},          {"Cc", false},         {"Bcc", false},     {"Message-ID", false},
      {"In-Reply-To", false}, {"References", false}, {"Subject", false},
  };
  for (const Count& count : kCounts) {
    const auto found = std::count_if(fields.begin(), fields.end(), [&](const mail::Field& field) {
      return field.NameIs(count.name);
    });
    if (found > 1 || (found == 0 && count.is_required)) return count.name;
  }
  return "";
}

// Implementation.

namespace internal {

using OptionalAction = std::optional<Action>;

// Refuses says that |action| is there and changes something.
inline bool Refuses(const OptionalAction& action) {
  return action.has_value() && *action != Action::kAccept;
}

// DecideByDmarc: RFC 9989 §5.3.6, §5.4.
inline std::optional<Decision> DecideByDmarc(const Config& config, const auth::Report& report) {
  if (!report.dmarc.has_value()) return std::nullopt;
  const auth::DmarcReport& dmarc = *report.dmarc;
  if (config.reject_multi_value_from && dmarc.authors.size() > 1) {
    return MakeDecision(Action::kReject, "RejectMultiValueFrom", "7.1",
                        "the From field names several domains");
  }
  // RFC 9989 §11.5: a message with several authors never passes, and asks for what the
  // strictest of them does that fails.
  if (dmarc.result != base::Result::kFail && dmarc.result != base::Result::kPermError) {
    return std::nullopt;
  }
  const std::string domain = base::Escape(dmarc.from_domain);
  if (config.reject_failures && dmarc.disposition == dmarc::Policy::kReject) {
    return MakeDecision(Action::kReject, kRejectFailures, "7.1",
                        absl::StrCat("rejected by DMARC policy for ", domain));
  }
  if (config.hold_quarantined_messages && dmarc.disposition == dmarc::Policy::kQuarantine) {
    Decision decision{Action::kQuarantine, "", kHoldQuarantinedMessages};
    decision.reply = absl::StrCat("quarantined by DMARC policy for ", domain);
    return decision;
  }
  return std::nullopt;
}

// DecideBySpf: RFC 7372 §3.2 has the codes. Where DMARC passes, SPF refuses nobody:
// RFC 9989 §7.1 warns of refusing before DMARC has been asked.
inline std::optional<Decision> DecideBySpf(const Config& config, const auth::Report& report) {
  if (!report.spf.has_value()) return std::nullopt;
  if (report.dmarc.has_value() && report.dmarc->result == base::Result::kPass) return std::nullopt;
  const base::Result result = report.spf->result;
  const bool is_refused =
      (result == base::Result::kFail && config.spf_rejection != SpfRejection::kNever) ||
      (result == base::Result::kSoftFail && config.spf_rejection == SpfRejection::kFailAndSoftfail);
  if (is_refused) {
    return MakeDecision(
        Action::kReject, "SPFReject", "7.23",
        absl::StrCat("SPF validation failed for ", base::Escape(report.spf->domain)));
  }
  if (result == base::Result::kTempError && config.spf_temp_error_defer) {
    return MakeDecision(Action::kTempfail, "SPFTempErrorDefer", "7.24",
                        "SPF validation error, try again later");
  }
  return std::nullopt;
}

// HasTempError says whether some lookup that matters failed.
inline bool HasTempError(const auth::Report& report, bool is_outside) {
  if (is_outside && report.dmarc.has_value()) {
    if (report.dmarc->result == base::Result::kTempError) return true;
    // Authenticated all the same.
    if (report.dmarc->result == base::Result::kPass) return false;
  }
  if (report.DkimResult() == base::Result::kTempError) return true;
  return is_outside && report.spf.has_value() && report.spf->result == base::Result::kTempError;
}

// DecideBySignatures applies the On- directives of signatures; one that passes
// settles them all. RFC 7372 §3.1 has the code.
inline std::optional<Decision> DecideBySignatures(const Config& config,
                                                  const auth::Report& report) {
  if (report.DkimResult() == base::Result::kPass) return std::nullopt;
  if (report.dkim.empty()) {
    if (!Refuses(config.on_no_signature)) return std::nullopt;
    return MakeDecision(*config.on_no_signature, "On-NoSignature", "7.20",
                        "no DKIM signature found");
  }
  const dkim::SignatureReport& first = report.dkim.front();
  const auto by = [&first](const OptionalAction& action, std::string_view because) {
    return MakeDecision(
        *action, because, "7.20",
        absl::StrCat("no passing DKIM signature: ", dkim::InfoOf(first.reason).text));
  };
  if (first.reason == dkim::Reason::kNoKey && Refuses(config.on_key_not_found)) {
    return by(config.on_key_not_found, "On-KeyNotFound");
  }
  if (first.result == base::Result::kFail && Refuses(config.on_bad_signature)) {
    return by(config.on_bad_signature, "On-BadSignature");
  }
  return std::nullopt;
}

}  // namespace internal

inline Decision Decide(const Config& config, const auth::Report& report, bool is_outside) {
  if (report.header_fault != mail::HeaderFault::kNone && internal::Refuses(config.on_security)) {
    return MakeDecision(*config.on_security, "On-Security", "7.0", "the header is too large");
  }
  // A header that is padded until its From field is beyond a limit must not escape DMARC.
  if (is_outside && report.header_fault != mail::HeaderFault::kNone && config.reject_failures &&
      !config.on_security.has_value()) {
    return MakeDecision(Action::kReject, kRejectFailures, "7.1",
                        "the header is too large for DMARC to be evaluated");
  }
  if (is_outside) {
    if (auto decision = internal::DecideByDmarc(config, report)) return *decision;
    if (auto decision = internal::DecideBySpf(config, report)) return *decision;
  }
  if (internal::HasTempError(report, is_outside) && internal::Refuses(config.on_dns_error)) {
    return MakeDecision(*config.on_dns_error, "On-DNSError", "7.5",
                        "DNS lookups failed, try again later");
  }
  if (auto decision = internal::DecideBySignatures(config, report)) return *decision;
  return Decision{};
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_DECISION_H_
