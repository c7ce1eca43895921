// VerifyOptions and what we refuse beyond the signature's arithmetic: rules of
// RFC 8301, the clock, and local policy, each as a pure function.
#ifndef POSTSEAL_DKIM_POLICY_H_
#define POSTSEAL_DKIM_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ascii.h"
#include "dkim/algorithm.h"
#include "dkim/header_index.h"
#include "dkim/key_record.h"
#include "dkim/reason.h"
#include "dkim/rsa_key.h"
#include "dkim/signature.h"

namespace postseal::dkim {

class PublicKeyCache;

// kMaxSignatures bounds the signatures of a message that are tried. RFC 6376
// §6.1 lets a verifier choose; real mail has up to five.
inline constexpr size_t kMaxSignatures = 10;
// kMaxKeyRecords bounds the key records tried for one signature: more than one
// at a name is undefined, but happens while keys are exchanged. RFC 6376 §3.6.2.2
inline constexpr size_t kMaxKeyRecords = 4;
// kMaxPublicKeyOperations bounds the public-key operations of one message.
inline constexpr size_t kMaxPublicKeyOperations = 20;
// kClockSkewSeconds is how far our clock and the signer's may differ.
// RFC 6376 §3.5 x= calls it a fudge factor.
inline constexpr int64_t kClockSkewSeconds = 300;
// kFutureSkewSeconds is how far t= may lie in the future: clocks set to the wrong
// time zone are off by hours, and a wrong t= proves nothing but that.
inline constexpr int64_t kFutureSkewSeconds = 24 * 60 * 60;

// VerifyOptions is what a caller may choose. The defaults are the safe ones;
// each allow_ member loosens one rule.
struct VerifyOptions {
  size_t max_signatures = kMaxSignatures;
  size_t max_key_records = kMaxKeyRecords;
  size_t max_public_key_operations = kMaxPublicKeyOperations;
  int64_t clock_skew_seconds = kClockSkewSeconds;
  int64_t future_skew_seconds = kFutureSkewSeconds;
  // RFC 8301 §3.2; below kMinRsaBits only to look at old mail.
  int min_rsa_bits = kMinRsaBits;
  // RFC 8301 §3.1: must not be used; to look at old mail.
  bool allow_rsa_sha1 = false;
  // A signature whose l= leaves body octets unsigned may pass. RFC 6376 §8.2
  // shows what that opens.
  bool allow_partial_body = false;
  // A signature may pass though a From field was added to what it covers.
  bool allow_unsigned_from = false;
  // s= of key records: "email", or "tlsrpt" for reports (RFC 8460 §3).
  std::string_view service = "email";
  // Parsed keys to share between messages; may be null. Must outlive the session.
  PublicKeyCache* key_cache = nullptr;
  // Find out why a hash differs. Costs several times what verifying does: four
  // more passes over the body, octet by octet, and for each signature that fails one
  // more public-key operation.
  bool diagnose = false;
};

// CheckSignature says why |signature| is refused before any lookup, if it is.
// |now| is in Unix seconds.
inline std::optional<Reason> CheckSignature(const VerifyOptions& options,
                                            const Signature& signature, int64_t now) {
  if (signature.algorithm == SignatureAlgorithm::kRsaSha1 && !options.allow_rsa_sha1) {
    return Reason::kRsaSha1;  // RFC 8301 §3.1
  }
  const int64_t skew = options.clock_skew_seconds;
  if (signature.timestamp.has_value() && signature.expiration.has_value() &&
      *signature.expiration != kInfiniteTime && *signature.expiration <= *signature.timestamp) {
    return Reason::kExpirationBeforeTimestamp;  // RFC 6376 §3.5 x=
  }
  if (signature.expiration.has_value() && *signature.expiration != kInfiniteTime &&
      now > *signature.expiration && now - *signature.expiration > skew) {
    return Reason::kExpired;  // RFC 6376 §6.1.1 ¶8
  }
  // RFC 6376 §3.5 t=: "MAY ignore signatures that have a timestamp in the
  // future"; an infinite one lies there. [choice]
  if (signature.timestamp.has_value() && *signature.timestamp > now &&
      *signature.timestamp - now > options.future_skew_seconds) {
    return Reason::kFutureTimestamp;
  }
  return std::nullopt;
}

// CheckKeyRecord says why |record| may not be used for |signature|, if so.
// RFC 6376 §6.1.2, in its order.
inline std::optional<Reason> CheckKeyRecord(const VerifyOptions& options, const KeyRecord& record,
                                            const Signature& signature) {
  if (!record.AllowsService(options.service)) return Reason::kKeyServiceMismatch;
  if (!record.Allows(HashOf(*signature.algorithm))) return Reason::kKeyHashMismatch;
  if (record.public_key.empty()) return Reason::kKeyRevoked;
  if (record.key_type != KeyTypeOf(*signature.algorithm)) return Reason::kKeyTypeMismatch;
  // RFC 6376 §3.6.1 t=s
  if (record.forbids_subdomains && !(signature.identity_domain == signature.domain)) {
    return Reason::kKeyForbidsSubdomain;
  }
  return std::nullopt;
}

// CountSigned is how often |name| stands in h=.
inline size_t CountSigned(const Signature& signature, std::string_view name) {
  size_t count = 0;
  for (const std::string_view signed_name : signature.signed_names) {
    count += base::EqualsIgnoreCase(signed_name, name) ? 1 : 0;
  }
  return count;
}

// CheckCoverage says why a signature that verifies is not enough, if so.
// |canonical_octets| is the length of the canonical body.
inline std::optional<Reason> CheckCoverage(const VerifyOptions& options, const Signature& signature,
                                           const HeaderIndex& header, uint64_t canonical_octets) {
  // RFC 6376 §8.2: what l= does not cover may be anything. l=0 covers no body at
  // all, and no option makes that enough.
  if (signature.body_length.has_value() && *signature.body_length < canonical_octets &&
      (!options.allow_partial_body || *signature.body_length == 0)) {
    return Reason::kPartialBody;
  }
  // RFC 6376 §8.15: h= covers From from the bottom; one more on top is forged.
  if (header.Count("from") > CountSigned(signature, "from") && !options.allow_unsigned_from) {
    return Reason::kUnsignedFrom;
  }
  return std::nullopt;
}

// kCoreFields are the fields that a reader or his program takes for the author's
// words. One more than was signed shows something that was not.
inline constexpr std::string_view kCoreFields[] = {
    // RFC 6376 §5.4.1, in its order.
    "From",
    "Reply-To",
    "Subject",
    "Date",
    "To",
    "Cc",
    "Resent-Date",
    "Resent-From",
    "Resent-To",
    "Resent-Cc",
    "In-Reply-To",
    "References",
    "List-Id",
    "List-Help",
    "List-Unsubscribe",
    "List-Subscribe",
    "List-Post",
    "List-Owner",
    "List-Archive",
    // RFC 6376 §5.4 highly advises to sign Sender and all MIME header fields, §5.4.1
    // calls Message-ID useful. RFC 4871 §5.5, which §5.4.1 comes from, listed them all,
    // and Resent-Sender and Resent-Message-ID.
    "Sender",
    "Message-ID",
    "Resent-Sender",
    "Resent-Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-ID",
    "Content-Description",
    // RFC 2183 §2: whether the body is shown or saved, and under what name.
    "Content-Disposition",
    // RFC 8058 §4: it must be signed with List-Unsubscribe.
    "List-Unsubscribe-Post",
};

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_POLICY_H_
