// Report: everything that verifying one message found out.
#ifndef POSTSEAL_AUTH_REPORT_H_
#define POSTSEAL_AUTH_REPORT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/dmarc_report.h"
#include "auth/lookup_report.h"
#include "auth/spf_report.h"
#include "base/result.h"
#include "dkim/signature_report.h"
#include "dmarc/difference.h"
#include "mail/body_scanner.h"
#include "mail/message_reader.h"
#include "mail/reverse_path.h"

namespace postseal::auth {

// IprevReport is the outcome of RFC 8601 §3.
struct IprevReport {
  base::Result result = base::Result::kPermError;
  std::string client_ip;
  // The name that has the address, on a pass; not escaped.
  std::string name;
};

// Spent is what the message cost.
struct Spent {
  size_t dns_queries = 0;
  size_t signatures = 0;
  size_t public_key_operations = 0;
  size_t header_octets = 0;
  uint64_t body_octets = 0;
  // Octets of the body times the hashes that were computed of it.
  uint64_t body_octets_hashed = 0;
};

// Report owns its text and outlives the session.
struct Report {
  // Of the MAIL FROM identity and of HELO (RFC 7208 §2.3, §2.4); absent when the
  // envelope does not name the client, or the identity.
  std::optional<SpfReport> spf;
  std::optional<SpfReport> spf_helo;
  // With Options::check_iprev, when the envelope names the client.
  std::optional<IprevReport> iprev;
  // In the order of the fields, from the top; empty for a message without any.
  std::vector<dkim::SignatureReport> dkim;
  // Absent when it was not asked for. The second one is RFC 7489's, with
  // Options::compare_rfc7489.
  std::optional<DmarcReport> dmarc;
  std::optional<DmarcReport> dmarc_rfc7489;
  std::vector<dmarc::Difference> dmarc_differences;
  // What keeps Envelope::rfc5321_mail_from from being a reverse-path.
  mail::ReversePathFault reverse_path_fault = mail::ReversePathFault::kNone;
  // Its local part has doubled dots or one at its end (mail::ReversePath::has_stray_dots).
  bool reverse_path_stray_dots = false;
  // By name and type: in which order answers came changes nothing in a report.
  std::vector<LookupReport> dns;
  mail::HeaderFlags header_flags;
  // Set when Options::scan_body.
  mail::BodyFlags body_flags;
  mail::HeaderFault header_fault = mail::HeaderFault::kNone;
  Spent spent;

  // DkimResult is the best result of all signatures: pass when one passes,
  // otherwise temperror when one may yet pass, otherwise the first one's. Without
  // signatures it is none, or neutral when a limit kept part of the header from
  // being seen.
  base::Result DkimResult() const;

  // UncoveredFields are the fields of dkim::kCoreFields that stand in the message more
  // often than each of the signatures that pass covers them, in that list's order.
  // Nullopt when no signature passes: then nothing is covered. RFC 6376 §5.4.1
  std::optional<std::vector<std::string_view>> UncoveredFields() const;

  // Verdict is what the message comes to: DMARC's result where a policy or the From
  // field decides, and without a policy pass when a signature or the MAIL FROM
  // identity passes, temperror when one may yet, and fail otherwise. A pass of HELO
  // alone says nothing about who wrote.
  base::Result Verdict() const;
};

// Implementation.

inline base::Result Report::DkimResult() const {
  if (dkim.empty()) {
    return header_fault == mail::HeaderFault::kNone ? base::Result::kNone : base::Result::kNeutral;
  }
  bool temp_error = false;
  for (const dkim::SignatureReport& signature : dkim) {
    if (signature.result == base::Result::kPass) return base::Result::kPass;
    temp_error = temp_error || signature.result == base::Result::kTempError;
  }
  return temp_error ? base::Result::kTempError : dkim.front().result;
}

inline std::optional<std::vector<std::string_view>> Report::UncoveredFields() const {
  std::optional<std::vector<std::string_view>> uncovered;
  for (const dkim::SignatureReport& signature : dkim) {
    if (signature.result != base::Result::kPass) continue;
    if (!uncovered.has_value()) {
      uncovered = signature.uncovered_fields;
      continue;
    }
    // h= counts from the bottom, so the signature that covers most of a name's fields
    // covers those of the others as well.
    const auto is_covered = [&signature](std::string_view name) {
      const auto& names = signature.uncovered_fields;
      return std::find(names.begin(), names.end(), name) == names.end();
    };
    uncovered->erase(std::remove_if(uncovered->begin(), uncovered->end(), is_covered),
                     uncovered->end());
  }
  return uncovered;
}

inline base::Result Report::Verdict() const {
  if (dmarc.has_value() && dmarc->result != base::Result::kNone) return dmarc->result;
  const base::Result results[] = {DkimResult(),
                                  spf.has_value() ? spf->result : base::Result::kNone};
  for (const base::Result best : {base::Result::kPass, base::Result::kTempError}) {
    if (results[0] == best || results[1] == best) return best;
  }
  return base::Result::kFail;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_REPORT_H_
