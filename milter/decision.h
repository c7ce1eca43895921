// Decide: what becomes of a verified message. The default is that it is accepted,
// whatever was found: Authentication-Results says it, and others act on that.
#ifndef POSTSEAL_MILTER_DECISION_H_
#define POSTSEAL_MILTER_DECISION_H_

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

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
inline constexpr std::string_view kOnSecurity = "On-Security";
inline constexpr std::string_view kRequiredHeaders = "RequiredHeaders";

// MakeDecision is |action|, which |because| asked for. |code| is the last two numbers of
// an enhanced status code (RFC 3463), "7.1"; |text| is printable ASCII.
inline Decision MakeDecision(Action action, std::string_view because, std::string_view code,
                             std::string_view text) {
  Decision decision{action, "", because};
  if (action == Action::kReject) decision.reply = absl::StrCat("550 5.", code, " ", text);
  if (action == Action::kTempfail) decision.reply = absl::StrCat("451 4.", code, " ", text);
  return decision;
}

// Decide applies the directives to |report|. |is_outside|: see Standing; of other clients'
// mail only signatures and failed lookups are acted on.
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

// CheckFieldCounts is the part of RequiredHeaders that OpenDKIM has: it says which field of
// |fields| RFC 5322 §3.6 requires, or allows once only, and is missing or repeated; empty when
// there is none. Decide does OpenDMARC's part, a From field that names no domain.
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

// Hold puts the message on hold; |text| says why.
inline Decision Hold(std::string text) {
  return Decision{Action::kQuarantine, std::move(text), kHoldQuarantinedMessages};
}

// RefuseUnevaluated is for what a sender can write so that DMARC is not evaluated in full:
// it is treated as the strictest policy that is acted on would be. RFC 9989 §11.5
inline std::optional<Decision> RefuseUnevaluated(const Config& config, std::string_view text) {
  if (config.reject_failures) return MakeDecision(Action::kReject, kRejectFailures, "7.1", text);
  if (config.hold_quarantined_messages) return Hold(std::string(text));
  return std::nullopt;
}

// DecideByHeader is for a header over a limit: its From field may be beyond it.
inline std::optional<Decision> DecideByHeader(const Config& config, const auth::Report& report,
                                              bool is_outside) {
  if (report.header_fault == mail::HeaderFault::kNone) return std::nullopt;
  if (Refuses(config.on_security)) {
    return MakeDecision(*config.on_security, kOnSecurity, "7.0", "the header is too large");
  }
  if (!is_outside || config.on_security.has_value()) return std::nullopt;
  return RefuseUnevaluated(config, "the header is too large for DMARC to be evaluated");
}

// DefersOnTempError says whether mail is put off while DMARC cannot be evaluated.
inline bool DefersOnTempError(const Config& config) {
  return config.dmarc_temp_error_defer.value_or(config.reject_failures &&
                                                !config.on_dns_error.has_value());
}

// DecideByDmarcTempError: RFC 7489 §6.6.3 leaves the choice between "fail open" and "fail
// closed" to the receiver, RFC 9989 §5.3.6 too.
inline std::optional<Decision> DecideByDmarcTempError(const Config& config,
                                                      const auth::DmarcReport& dmarc) {
  if (dmarc.result != base::Result::kTempError || !DefersOnTempError(config)) return std::nullopt;
  // If the policy is known and is none, the missing answers change nothing.
  if (dmarc.policy.has_value() && dmarc.policy->effective == dmarc::Policy::kNone) {
    return std::nullopt;
  }
  const std::string of =
      dmarc.from_domain.empty() ? "" : absl::StrCat(" of ", base::Escape(dmarc.from_domain));
  return MakeDecision(Action::kTempfail, "DMARCTempErrorDefer", "7.1",
                      absl::StrCat("DMARC", of, " cannot be evaluated now, try again later"));
}

// DecideByAuthorTempError is for a From field that does not name one author: one of the
// domains might ask for more than those that were evaluated.
inline std::optional<Decision> DecideByAuthorTempError(const Config& config,
                                                       const auth::DmarcReport& dmarc) {
  for (const auth::DmarcReport& author : dmarc.authors) {
    if (auto decision = DecideByDmarcTempError(config, author)) return decision;
  }
  return std::nullopt;
}

// DecideByDmarc: RFC 9989 §5.3.6, §5.4.
inline std::optional<Decision> DecideByDmarc(const Config& config, const auth::Report& report) {
  if (!report.dmarc.has_value()) return std::nullopt;
  const auth::DmarcReport& dmarc = *report.dmarc;
  if (config.reject_multi_value_from && dmarc.authors.size() > 1) {
    return MakeDecision(Action::kReject, "RejectMultiValueFrom", "7.1",
                        "the From field names several domains");
  }
  if (auto decision = DecideByDmarcTempError(config, dmarc)) return decision;
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
  // One whose policy is not known might ask for the same.
  if (dmarc.authors_skipped > 0) {
    if (auto decision = RefuseUnevaluated(config, "the From field names too many domains")) {
      return decision;
    }
  }
  if (auto decision = DecideByAuthorTempError(config, dmarc)) return decision;
  if (config.hold_quarantined_messages && dmarc.disposition == dmarc::Policy::kQuarantine) {
    return Hold(absl::StrCat("quarantined by DMARC policy for ", domain));
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
  if (report.dmarc.has_value()) {
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
  if (auto decision = internal::DecideByHeader(config, report, is_outside)) return *decision;
  if (config.required_headers && report.header_fault == mail::HeaderFault::kNone &&
      report.dmarc.has_value() && report.dmarc->names_no_domain()) {
    return MakeDecision(Action::kReject, kRequiredHeaders, "6.0", "the From field names no domain");
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
