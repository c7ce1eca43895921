// The Received-SPF field: what SPF said of one identity, for those who read no
// Authentication-Results. RFC 7208 §9.1
#ifndef POSTSEAL_AUTHRES_RECEIVED_SPF_H_
#define POSTSEAL_AUTHRES_RECEIVED_SPF_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "authres/lexical.h"
#include "base/ascii.h"
#include "base/result.h"
#include "mail/field_writer.h"

namespace postseal::authres {

// kReceivedSpfName is the name of the field. RFC 7208 §9.1
inline constexpr std::string_view kReceivedSpfName = "Received-SPF";

// ReceivedSpf is what the field says. A verifier SHOULD give client_ip, helo and,
// when it checked the MAIL FROM identity, envelope_from.
struct ReceivedSpf {
  base::Result result = base::Result::kNone;
  // comment is for people; none when empty.
  std::string comment = {};
  // receiver is the verifier's host name.
  std::optional<std::string> receiver = {};
  // client_ip is the client's address in text form.
  std::optional<std::string> client_ip = {};
  // envelope_from is the sender mailbox; empty is the null reverse-path.
  std::optional<std::string> envelope_from = {};
  // helo is the HELO or EHLO argument.
  std::optional<std::string> helo = {};
  // mechanism is the mechanism that matched, or "default".
  std::optional<std::string> mechanism = {};
  // problem says more about an error; for people.
  std::optional<std::string> problem = {};
  // identity is the identity that was checked: mailfrom, helo or another name.
  std::optional<std::string> identity = {};
};

// PrintReceivedSpf returns the whole field, CRLF and folds (CRLF TAB) included, in
// the form of RFC 7208 §9.1 with erratum 5436:
//
//   "Received-SPF:" [CFWS] result [FWS comment] [FWS key-value-list] [FWS] CRLF
//
// The values are attacker-controlled and never an error. "SPF verifiers MUST make
// sure that the Received-SPF header field does not contain invalid characters, is
// not excessively long, and does not contain malicious data" (§9.1):
// - A value is printed bare when it is a dot-atom, and otherwise as a quoted-string.
// - A pair is left out when its value holds controls, octets above 127 that
//   |charset| does not allow, or more than kMaxValueOctets, as Print leaves out
//   properties. [choice]
// - The comment and the problem lose such octets, and end after kMaxTextOctets.
//
// InvalidArgument when the result is none of SPF's seven, or the identity is no
// name: those are the caller's words.
absl::StatusOr<std::string> PrintReceivedSpf(const ReceivedSpf& spf,
                                             Charset charset = Charset::kAscii);

namespace internal {

// name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )        RFC 7208 §12
constexpr bool IsName(std::string_view text) {
  constexpr base::CharSet kNameOctets = base::kAlphaDigit | base::CharSet("-_.");
  return !text.empty() && base::kAlpha(text.front()) && base::AllIn(text, kNameOctets);
}

// KeyValueList writes the pairs one after the other.
//   key-value-list = key-value-pair *( ";" [CFWS] key-value-pair ) [";"]
//   key-value-pair = key [CFWS] "=" ( dot-atom / quoted-string )
class KeyValueList {
 public:
  KeyValueList(Charset charset, mail::FieldWriter* writer) : charset_(charset), writer_(writer) {}

  // Add writes a pair that machines read: whole or not at all.
  void Add(std::string_view key, const std::optional<std::string>& value) {
    if (!value.has_value()) return;
    if (value->size() > kMaxValueOctets || !IsPrintable(*value, charset_)) return;
    AddKey(key);
    if (IsDotAtom(*value)) {
      writer_->Append(*value);
    } else {
      writer_->AppendQuotedString(*value);
    }
  }

  // AddText writes a pair that people read: what can be shown of it.
  void AddText(std::string_view key, const std::optional<std::string>& text) {
    if (!text.has_value()) return;
    AddKey(key);
    writer_->AppendQuotedString(std::string_view(*text).substr(0, kMaxTextOctets));
  }

 private:
  void AddKey(std::string_view key) {
    if (!is_first_) writer_->Append(";");
    is_first_ = false;
    writer_->AppendSpace();
    writer_->Append(key);
    writer_->Append("=");
  }

  Charset charset_;
  mail::FieldWriter* writer_;
  bool is_first_ = true;
};

}  // namespace internal

inline absl::StatusOr<std::string> PrintReceivedSpf(const ReceivedSpf& spf, Charset charset) {
  // "policy" is a result of RFC 8601 that RFC 7208 §2.6 does not have.
  if (spf.result == base::Result::kPolicy) {
    return absl::InvalidArgumentError("policy is not a result of SPF");
  }
  if (spf.identity.has_value() && !internal::IsName(*spf.identity)) {
    return absl::InvalidArgumentError("identity is not a name");
  }
  mail::FieldWriter writer(kReceivedSpfName, mail::FieldWriter::Fold::kTab,
                           internal::OctetsOf(charset));
  writer.AppendSpace();
  writer.Append(base::ResultName(spf.result));
  if (!spf.comment.empty()) {
    writer.AppendSpace();
    writer.AppendComment(std::string_view(spf.comment).substr(0, kMaxTextOctets));
  }
  internal::KeyValueList list(charset, &writer);
  list.Add("receiver", spf.receiver);
  list.Add("client-ip", spf.client_ip);
  list.Add("envelope-from", spf.envelope_from);
  list.Add("helo", spf.helo);
  list.Add("mechanism", spf.mechanism);
  list.AddText("problem", spf.problem);
  list.Add("identity", spf.identity);
  return std::move(writer).Finish();
}

}  // namespace postseal::authres

#endif  // POSTSEAL_AUTHRES_RECEIVED_SPF_H_
