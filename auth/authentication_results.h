// PrintAuthenticationResults: a Report as the field that tells others of it.
#ifndef POSTSEAL_AUTH_AUTHENTICATION_RESULTS_H_
#define POSTSEAL_AUTH_AUTHENTICATION_RESULTS_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/dmarc_report.h"
#include "auth/report.h"
#include "auth/spf_report.h"
#include "authres/authentication_results.h"
#include "authres/methods.h"
#include "base/ascii.h"
#include "base/result.h"
#include "dkim/reason.h"
#include "dkim/signature_report.h"
#include "dmarc/policy.h"
#include "dmarc/reason.h"
#include "dmarc/record.h"
#include "spf/evaluation.h"
#include "spf/reason.h"

namespace postseal::auth {

// kMaxPrintedSignatures bounds the dkim results of one field. What is left out
// are results that no reader can use: a message may carry thousands of fields.
inline constexpr size_t kMaxPrintedSignatures = 16;

// PrintAuthenticationResults writes the whole Authentication-Results field, CRLF
// included. InvalidArgument when |authserv_id| cannot be one.
absl::StatusOr<std::string> PrintAuthenticationResults(
    const Report& report, std::string_view authserv_id,
    authres::Charset charset = authres::Charset::kAscii);

// FieldValue is the value of a printed |field| on one line: without its name, its folds and
// its CRLF.
std::string FieldValue(std::string_view field);

// Implementation.

namespace internal {

// NeedsReason says whether the result word alone leaves a question.
constexpr bool NeedsReason(base::Result result) {
  return result != base::Result::kPass && result != base::Result::kNone;
}

// WithReason is |result| with |text| where the result word leaves a question.
inline authres::Result WithReason(authres::Result printable, base::Result result,
                                  std::string_view text) {
  if (NeedsReason(result)) printable.reason = text;
  return printable;
}

// PrintableSpf: a result for each identity, with its own property alone.
// RFC 8601 §2.7.2: the domain is what was evaluated; the local-part was not.
inline authres::Result PrintableSpf(const SpfReport& spf) {
  const bool is_helo = spf.scope == spf::Identity::kHelo;
  return WithReason(is_helo ? authres::SpfHeloResult(spf.result, spf.domain)
                            : authres::SpfMailFromResult(spf.result, spf.domain),
                    spf.result, spf::InfoOf(spf.reason).text);
}

inline authres::Result PrintableIprev(const IprevReport& iprev) {
  authres::Result out = authres::IprevResult(iprev.result, iprev.client_ip);
  out.comment = iprev.name;
  return out;
}

// PrintableDmarc: RFC 9989 §9.1 has header.from, and policy.dmarc for the policy
// that was applied, or would have been. A malformed field has no header.from: the domain
// whose policy counts was not read by the grammar of the field (RFC 8601 §2.2, ptype).
inline authres::Result PrintableDmarc(const DmarcReport& dmarc) {
  const std::string_view policy =
      dmarc.policy.has_value() ? dmarc::PolicyName(dmarc.policy->effective) : "";
  const bool is_read = dmarc.reason != dmarc::Reason::kFromMalformed;
  return WithReason(authres::DmarcResult(dmarc.result, is_read ? dmarc.from_domain : "", policy),
                    dmarc.result, dmarc::InfoOf(dmarc.reason).text);
}

inline authres::Result PrintableSignature(const dkim::SignatureReport& signature,
                                          authres::Charset charset) {
  // A U-label may stand in a field of SMTPUTF8 mail alone; its A-label, anywhere.
  const bool printable =
      charset == authres::Charset::kUtf8 ||
      std::none_of(signature.domain.begin(), signature.domain.end(), base::kNonAscii);
  authres::DkimProperties properties;
  properties.domain = printable ? signature.domain : signature.identifier;
  properties.identity = signature.identity;
  properties.algorithm = signature.algorithm;
  properties.selector = signature.selector;
  properties.signature_prefix = signature.signature_prefix;
  authres::Result out = WithReason(authres::DkimResult(signature.result, properties),
                                   signature.result, dkim::InfoOf(signature.reason).text);
  if (signature.key_bits > 0) out.comment = absl::StrCat(signature.key_bits, "-bit key");
  if (signature.testing) {
    // RFC 6376 §3.6.1 t=y: reported, and nothing else.
    absl::StrAppend(&out.comment, out.comment.empty() ? "" : "; ", "test mode");
  }
  return out;
}

}  // namespace internal

inline absl::StatusOr<std::string> PrintAuthenticationResults(const Report& report,
                                                              std::string_view authserv_id,
                                                              authres::Charset charset) {
  std::vector<authres::Result> results;
  if (report.spf.has_value()) results.push_back(internal::PrintableSpf(*report.spf));
  if (report.spf_helo.has_value()) results.push_back(internal::PrintableSpf(*report.spf_helo));
  if (report.iprev.has_value()) results.push_back(internal::PrintableIprev(*report.iprev));
  // A verdict comes first, so that a flood of other signatures hides none.
  for (const bool passing : {true, false}) {
    for (const dkim::SignatureReport& signature : report.dkim) {
      if ((signature.result == base::Result::kPass) != passing) continue;
      if (results.size() == kMaxPrintedSignatures) break;
      results.push_back(internal::PrintableSignature(signature, charset));
    }
  }
  // RFC 8601 §2.7.1: none is that the message was not signed, which nobody knows
  // when part of the header was not seen.
  if (report.dkim.empty()) {
    const base::Result result = report.DkimResult();
    const std::string_view reason =
        result == base::Result::kNone ? "" : dkim::InfoOf(dkim::Reason::kHeaderTooLarge).text;
    results.push_back({"dkim", std::string(base::ResultName(result)), std::string(reason), "", {}});
  }
  if (report.dmarc.has_value()) results.push_back(internal::PrintableDmarc(*report.dmarc));
  return authres::Print(authserv_id, results, charset);
}

inline std::string FieldValue(std::string_view field) {
  field.remove_prefix(field.find(':') + 1);
  std::string value;
  for (const char c : field) {
    if (c == '\r' || c == '\n') continue;
    const char printed = c == '\t' ? ' ' : c;
    if (printed != ' ' || !value.empty()) value += printed;
  }
  return value;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_AUTHENTICATION_RESULTS_H_
