// SignatureReport: what became of one DKIM signature.
#ifndef POSTSEAL_DKIM_SIGNATURE_REPORT_H_
#define POSTSEAL_DKIM_SIGNATURE_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dkim/reason.h"

namespace postseal::dkim {

// Hint is one thing that explains why a hash differs.
struct Hint {
  // Stable: "body-canonicalization", "header-canonicalization", "trailing-text",
  // "line-ends", "body-length", "copied-field".
  std::string_view code;
  // For a person. Text of the message in it is not escaped.
  std::string text;
};

// SignatureReport owns its text, so it outlives the message. Texts that come
// from the message are as they were there: whoever prints them escapes them.
struct SignatureReport {
  base::Result result = base::Result::kNone;
  Reason reason = Reason::kVerified;
  // What exactly is wrong, for a person; empty when the reason says it all.
  std::string detail;

  // d=, s=, i= and a= as written; empty where the field has none.
  std::string domain;
  std::string selector;
  std::string identity;
  std::string algorithm;
  // c= as understood: "relaxed/simple".
  std::string canonicalization;
  // The start of b=, which tells signatures apart (RFC 6008 §3).
  std::string signature_prefix;
  // The domain in A-labels: the identifier for DMARC when the result is pass.
  std::string identifier;

  // Bits of the key that was tried last; 0 when none was.
  int key_bits = 0;
  // The key record has t=y. It changes no result. RFC 6376 §3.6.1
  bool testing = false;
  // The key's lookup was validated with DNSSEC.
  bool key_secure = false;

  std::optional<int64_t> timestamp;
  std::optional<int64_t> expiration;
  // l= and the canonical length of the body, when the body was hashed.
  std::optional<uint64_t> body_length;
  std::optional<uint64_t> canonical_body_octets;
  // Fields of kCoreFields that stand in the message more often than the signature
  // covers them, those included that it does not name at all: they may have been
  // added after signing. Only looked for when the signature verifies.
  std::vector<std::string_view> uncovered_fields;

  // Position of the field among the DKIM-Signature fields, from the top, from 0.
  size_t position = 0;
  // Why a hash differs, as far as it could be found out (VerifyOptions::diagnose).
  std::vector<Hint> hints;
};

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_SIGNATURE_REPORT_H_
