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

// PrintableSpf: a result for each identity, with its own property alone.
// RFC 8601 §2.7.2: the domain is what was evaluated; the local-part was not.
inline authres::Result PrintableSpf(const SpfReport& spf) {
  authres::Result out;
  out.method = "spf";
  out.result = base::ResultName(spf.result);
  if (NeedsReason(spf.result)) out.reason = spf::InfoOf(spf.reason).text;
  const bool is_helo = spf.scope == spf::Identity::kHelo;
  if (!spf.domain.empty()) {
    out.properties.push_back({"smtp", is_helo ? "helo" : "mailfrom", spf.domain});
  }
  return out;
}

// PrintableIprev: the address is in a property of no protocol. RFC 8601 §2.7.3
inline authres::Result PrintableIprev(const IprevReport& iprev) {
  authres::Result out;
  out.method = "iprev";
  out.result = base::ResultName(iprev.result);
  if (!iprev.name.empty()) out.comment = iprev.name;
  out.properties.push_back({"policy", "iprev", iprev.client_ip});
  return out;
}

// PrintableDmarc: RFC 9989 §9.1 has header.from, and policy.dmarc for the policy
// that was applied, or would have been.
inline authres::Result PrintableDmarc(const DmarcReport& dmarc) {
  authres::Result out;
  out.method = "dmarc";
  out.result = base::ResultName(dmarc.result);
  if (NeedsReason(dmarc.result)) out.reason = dmarc::InfoOf(dmarc.reason).text;
  if (!dmarc.from_domain.empty()) {
    out.properties.push_back({"header", "from", dmarc.from_domain});
  }
  if (dmarc.policy.has_value()) {
    const auto effective = dmarc::PolicyName(dmarc.policy->effective);
    out.properties.push_back({"policy", "dmarc", std::string(effective)});
  }
  return out;
}

inline authres::Result PrintableSignature(const dkim::SignatureReport& signature,
                                          authres::Charset charset) {
  authres::Result out;
  out.method = "dkim";
  out.result = base::ResultName(signature.result);
  if (NeedsReason(signature.result)) out.reason = dkim::InfoOf(signature.reason).text;
  if (signature.key_bits > 0) out.comment = absl::StrCat(signature.key_bits, "-bit key");
  if (signature.testing) {
    // RFC 6376 §3.6.1 t=y: reported, and nothing else.
    absl::StrAppend(&out.comment, out.comment.empty() ? "" : "; ", "test mode");
  }
  const auto add = [&out](std::string_view name, std::string_view value) {
    if (!value.empty()) {
      out.properties.push_back({"header", std::string(name), std::string(value)});
    }
  };
  // RFC 8601 §2.7.1 d and i; §2.7.1 a and s since RFC 8601; RFC 6008 b.
  // A U-label may stand in a field of SMTPUTF8 mail alone; its A-label, anywhere.
  const bool ascii =
      charset == authres::Charset::kUtf8 ||
      std::none_of(signature.domain.begin(), signature.domain.end(), base::kNonAscii);
  add("d", ascii ? signature.domain : signature.identifier);
  add("i", signature.identity);
  add("a", signature.algorithm);
  add("s", signature.selector);
  add("b", signature.signature_prefix);
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
