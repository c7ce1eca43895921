// Signing: which fields are signed, what is hashed, and the field that results.
// auth/sign_session.h drives it.
#ifndef POSTSEAL_DKIM_SIGN_H_
#define POSTSEAL_DKIM_SIGN_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "base/utf8.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"
#include "dkim/header_hash.h"
#include "dkim/header_index.h"
#include "dkim/signature.h"
#include "dns/name.h"
#include "mail/field.h"
#include "mail/field_writer.h"
#include "mail/tag_list.h"

namespace postseal::dkim {

// FieldSelection says which header fields are signed. RFC 6376 §5.4
struct FieldSelection {
  // Signed, as often as they occur.
  std::vector<std::string> sign;
  // Named once more than they occur, so that one added later breaks the
  // signature (RFC 6376 §8.15), even when they do not occur at all.
  std::vector<std::string> oversign;
  // Like oversign, but only when they occur.
  std::vector<std::string> oversign_present;

  // Default is what suits mail of any kind.
  //
  // Always oversigned: From; Reply-To and Cc, which many messages have not, and which
  // say where an answer goes; and the fields that say how the body is read. Each of
  // them could otherwise be added to a signed message that has none, and the
  // signature would still verify. RFC 6376 §5.4 advises to sign them, §8.15 shows how.
  // Oversigned when present: what a message nearly always has, and what programs that
  // send mail may add after signing.
  // Signed, never oversigned: what mailing lists and relays add later, so that the
  // signature outlives a list that only adds such fields.
  static FieldSelection Default() {
    FieldSelection selection;
    selection.oversign = {"From",         "Reply-To",     "Cc",
                          "MIME-Version", "Content-Type", "Content-Transfer-Encoding"};
    selection.oversign_present = {"To",
                                  "Subject",
                                  "Date",
                                  "Message-ID",
                                  "In-Reply-To",
                                  "References",
                                  "Content-ID",
                                  "Content-Description",
                                  "Content-Disposition"};
    selection.sign = {"Sender",    "Resent-Date",      "Resent-From",           "Resent-Sender",
                      "Resent-To", "Resent-Cc",        "Resent-Message-ID",     "List-Id",
                      "List-Help", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Subscribe",
                      "List-Post", "List-Owner",       "List-Archive"};
    return selection;
  }
};

// kMaxSignedNameOctets bounds a name in h=, in octets. Real names have less than
// 60, and kMaxSignedNames of this size leave the field below kMaxTagListOctets.
inline constexpr size_t kMaxSignedNameOctets = 100;
// kMaxIdentityOctets bounds i= before it is encoded, in octets: a local-part of
// 64, "@" and a domain of 255. RFC 5321 §4.5.3.1
inline constexpr size_t kMaxIdentityOctets = 320;
// kMaxLifetimeSeconds bounds x= after now: a hundred years. RFC 6376 §3.5 gives x=
// twelve digits, and a sum must not overflow.
inline constexpr int64_t kMaxLifetimeSeconds = int64_t{100} * 365 * 24 * 60 * 60;

// SignatureRequest is one signature to be made.
struct SignatureRequest {
  // d= and s=, as they are to be written.
  std::string domain;
  std::string selector;
  SignatureAlgorithm algorithm = SignatureAlgorithm::kRsaSha256;
  HeaderCanon header_canon = HeaderCanon::kRelaxed;
  BodyCanon body_canon = BodyCanon::kRelaxed;
  FieldSelection fields = FieldSelection::Default();
  // i=, not encoded; it must be in the domain of d=.
  std::optional<std::string> identity;
  // t= is the session's now, unless it is not wanted.
  bool with_timestamp = true;
  // x=, in seconds after now; at most kMaxLifetimeSeconds.
  std::optional<int64_t> expires_in_seconds;
  // z=: copies of the signed fields, as many as fit, for whoever looks into a
  // failure.
  bool copy_fields = false;
};

// CheckRequest says what is wrong with |request|, InvalidArgument, if anything.
inline absl::Status CheckRequest(const SignatureRequest& request);

// SignFault is why a message cannot be signed.
enum class SignFault : uint8_t {
  kNone,
  kNoFrom,          // RFC 6376 §5.4: From must be signed
  kSeveralFrom,     // which one a reader sees is anyone's guess
  kBadFirstLine,    // a line put before it would be continued or cut off by it
  kHeaderTooLarge,  // over a limit: not all of it was seen
  kTooManyNames,    // h= would name more than kMaxSignedNames fields
};

constexpr std::string_view SignFaultText(SignFault fault) {
  switch (fault) {
    case SignFault::kNone:
      return "";
    case SignFault::kNoFrom:
      return "the message has no From field";
    case SignFault::kSeveralFrom:
      return "the message has more than one From field";
    case SignFault::kBadFirstLine:
      return "the message's first line is no header field";
    case SignFault::kHeaderTooLarge:
      return "the message's header is too large";
    case SignFault::kTooManyNames:
      return "the message has too many fields to sign";
  }
  return "";
}

// CheckMessage says whether a message with |header| can be signed.
inline SignFault CheckMessage(const HeaderIndex& header) {
  // A first line that begins with white space would become part of the field
  // that is put before it, and a mailbox file's "From " line must stay first.
  if (!header.fields().empty() && header.fields().front().name.empty()) {
    return SignFault::kBadFirstLine;
  }
  const size_t from = header.Count("from");
  if (from == 0) return SignFault::kNoFrom;
  return from == 1 ? SignFault::kNone : SignFault::kSeveralFrom;
}

// ChooseNames returns h= for a message with |header|: the selected fields in the
// order they stand, as often as they do, then one more of each that is
// oversigned. The views point into |selection|.
inline std::vector<std::string_view> ChooseNames(const FieldSelection& selection,
                                                 const HeaderIndex& header);

// SignatureDraft is a signature that lacks only b=.
class SignatureDraft {
 public:
  // |names| is h=, |body_hash| the digest of the canonical body, |now| Unix
  // seconds. |request| must have passed CheckRequest.
  SignatureDraft(base::Arena* arena, const SignatureRequest& request,
                 std::span<const std::string_view> names, const HeaderIndex& header,
                 const Digest& body_hash, int64_t now);

  // digest is what is to be signed. RFC 6376 §3.7
  const Digest& digest() const { return digest_; }
  SignatureAlgorithm algorithm() const { return algorithm_; }

  // Print returns the whole field, CRLF included, with |signature| as b=.
  std::string Print(std::string_view signature) const;

 private:
  SignatureAlgorithm algorithm_;
  Digest digest_;
  // The field up to and with "b=".
  mail::FieldWriter writer_;
};

}  // namespace postseal::dkim

#include "dkim/sign-inl.h"

#endif  // POSTSEAL_DKIM_SIGN_H_
