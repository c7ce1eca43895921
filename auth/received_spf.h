// PrintReceivedSpf: an SpfReport as the Received-SPF field.
#ifndef POSTSEAL_AUTH_RECEIVED_SPF_H_
#define POSTSEAL_AUTH_RECEIVED_SPF_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/envelope.h"
#include "auth/spf_report.h"
#include "authres/authentication_results.h"
#include "authres/received_spf.h"
#include "base/result.h"
#include "mail/angle_brackets.h"
#include "spf/evaluation.h"
#include "spf/reason.h"

namespace postseal::auth {

// PrintReceivedSpf returns the whole field for |report|, which is about |envelope|,
// CRLF and folds included. RFC 7208 §9.1
inline absl::StatusOr<std::string> PrintReceivedSpf(
    const SpfReport& report, const Envelope& envelope,
    authres::Charset charset = authres::Charset::kAscii) {
  const bool is_helo = report.scope == spf::Identity::kHelo;
  const std::string_view text = spf::InfoOf(report.reason).text;
  authres::ReceivedSpf field;
  field.result = report.result;
  field.comment = absl::StrCat(envelope.receiver, ": ", text);
  field.receiver = envelope.receiver;
  if (envelope.client_ip.has_value()) field.client_ip = envelope.client_ip->Print();
  if (!is_helo && envelope.rfc5321_mail_from.has_value()) {
    field.envelope_from = mail::WithoutAngleBrackets(*envelope.rfc5321_mail_from);
  }
  if (!envelope.helo.empty()) field.helo = envelope.helo;
  // §9.1: "default" where no mechanism matched.
  const bool is_error =
      report.result == base::Result::kTempError || report.result == base::Result::kPermError;
  if (is_error) {
    field.problem = text;
  } else if (report.result != base::Result::kNone) {
    field.mechanism = report.mechanism.empty() ? "default" : report.mechanism;
  }
  field.identity = is_helo ? "helo" : "mailfrom";
  return authres::PrintReceivedSpf(field, charset);
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_RECEIVED_SPF_H_
