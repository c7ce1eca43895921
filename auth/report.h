// Report: everything that verifying one message found out.
#ifndef POSTSEAL_AUTH_REPORT_H_
#define POSTSEAL_AUTH_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "dkim/signature_report.h"
#include "dns/answer.h"
#include "mail/body_scanner.h"
#include "mail/message_reader.h"

namespace postseal::auth {

// LookupReport is one DNS query with what came back.
struct LookupReport {
  std::string name;
  dns::Type type = dns::Type::kTxt;
  dns::Outcome outcome = dns::Outcome::kTempError;
  bool secure = false;
  uint32_t ttl_seconds = 0;
  // Never sent: over the limit, or asked after the deadline.
  bool refused = false;
  // The answer was larger than is kept.
  bool oversized = false;
  // TXT records as joined text, in the answer's order; not escaped.
  std::vector<std::string> texts;
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
  // In the order of the fields, from the top; empty for a message without any.
  std::vector<dkim::SignatureReport> dkim;
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
  base::Result DkimResult() const {
    if (dkim.empty()) {
      return header_fault == mail::HeaderFault::kNone ? base::Result::kNone
                                                      : base::Result::kNeutral;
    }
    bool temp_error = false;
    for (const dkim::SignatureReport& signature : dkim) {
      if (signature.result == base::Result::kPass) return base::Result::kPass;
      temp_error = temp_error || signature.result == base::Result::kTempError;
    }
    return temp_error ? base::Result::kTempError : dkim.front().result;
  }
};

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_REPORT_H_
