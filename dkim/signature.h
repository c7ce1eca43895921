// Signature: the DKIM-Signature header field as a struct.
#ifndef POSTSEAL_DKIM_SIGNATURE_H_
#define POSTSEAL_DKIM_SIGNATURE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "dkim/algorithm.h"
#include "dkim/reason.h"
#include "dns/name.h"

namespace postseal::dkim {

// kMaxSignedNames bounds the names in h=: RFC 6376 sets no limit, real lists
// stay under 60.
inline constexpr size_t kMaxSignedNames = 256;
// kMaxTimeDigits: a longer t= or x= counts as infinite. RFC 6376 §3.5 t=
inline constexpr size_t kMaxTimeDigits = 12;
// kMaxLengthDigits bounds the digits of l=. RFC 6376 §3.5 l=
inline constexpr size_t kMaxLengthDigits = 76;
// kInfiniteTime is the time of a t= or x= with more than kMaxTimeDigits digits.
inline constexpr int64_t kInfiniteTime = INT64_MAX;

// Signature is a DKIM-Signature field. Its views live as long as the field's
// text and the arena it was parsed with.
struct Signature {
  // a=, as written and as understood.
  std::string_view algorithm_text;
  std::optional<SignatureAlgorithm> algorithm;
  // c=; RFC 6376 §3.5: simple/simple when absent.
  HeaderCanon header_canon = HeaderCanon::kSimple;
  BodyCanon body_canon = BodyCanon::kSimple;
  // d= as written, and as A-labels for the DNS: RFC 8616 §3 lets a U-label stand
  // in the field.
  std::string_view domain_text;
  dns::Name domain;
  // s= as written.
  std::string_view selector_text;
  // s= "._domainkey." d=, where the key is. RFC 6376 §3.6.2.1
  dns::Name key_name;
  // i= decoded from dkim-quoted-printable; nullopt when absent, which means "@" d=.
  std::optional<std::string_view> identity;
  // The domain of i=, or d= when absent.
  dns::Name identity_domain;
  // h= in its order.
  std::span<const std::string_view> signed_names;
  // bh= and b= decoded.
  std::string_view body_hash;
  std::string_view signature;
  // b= as written, less the white space around it.
  std::string_view signature_text;
  // l=: how many canonical body octets are hashed; nullopt is all of them.
  std::optional<uint64_t> body_length;
  // t= and x= in Unix seconds.
  std::optional<int64_t> timestamp;
  std::optional<int64_t> expiration;
  // z= as written: copies of header fields, for diagnosis only.
  std::optional<std::string_view> copied_fields;
  // Everything between "b=" and the next ";": what counts as the empty string
  // when the field itself is hashed. RFC 6376 §3.5
  std::string_view raw_signature;
};

// SignatureFault is why a field is no usable signature.
struct SignatureFault {
  Reason reason = Reason::kSignatureSyntax;
  // Octets from the start of the field's value, just after the colon.
  size_t offset = 0;
  // What is wrong, for a person; never text of the message.
  std::string detail;
};

// ParsedSignature is a Signature, or the first fault. On a fault |signature|
// holds what was read all the same, so that a report can name its domain.
struct ParsedSignature {
  Signature signature;
  std::optional<SignatureFault> fault;
};

// ParseSignature reads the value of a DKIM-Signature field, everything after the
// colon. RFC 6376 §3.5, §6.1.1. Values are case-sensitive (§3.2 ¶7). What depends on the clock or
// on local policy is not checked here (dkim/policy.h).
inline ParsedSignature ParseSignature(base::Arena* arena, std::string_view value);

// DecodeQuotedPrintable decodes dkim-quoted-printable (RFC 6376 §2.11) into the
// arena: white space is dropped, "=" and two hexadecimal digits are an octet.
// nullopt when an "=" is followed by anything else.
inline std::optional<std::string_view> DecodeQuotedPrintable(base::Arena* arena,
                                                             std::string_view text);

// EncodeQuotedPrintable writes |text| so that it may stand in i= or z=: every
// octet that is no dkim-safe-char, and "|", as "=" and two digits.
inline std::string EncodeQuotedPrintable(std::string_view text);

// ParseDomain reads a domain name of d=, s= or i= written in A-labels or
// U-labels: letters, digits, "-" and "_" in labels joined by dots. nullopt for
// anything else, a final dot included.
inline std::optional<dns::Name> ParseDomain(std::string_view text);

}  // namespace postseal::dkim

#include "dkim/signature-inl.h"

#endif  // POSTSEAL_DKIM_SIGNATURE_H_
