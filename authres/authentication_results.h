// The Authentication-Results field: what a border host found out about a
// message, for those behind it. RFC 8601
#ifndef POSTSEAL_AUTHRES_AUTHENTICATION_RESULTS_H_
#define POSTSEAL_AUTHRES_AUTHENTICATION_RESULTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/utf8.h"
#include "mail/field_writer.h"

namespace postseal::authres {

// kFieldName is the name of the field. RFC 8601 §2.2
inline constexpr std::string_view kFieldName = "Authentication-Results";

// kMaxValueOctets is the longest value of a property that is printed, in
// octets: room for every mailbox (RFC 5321 §4.5.3.1) and for a value whose every
// octet is escaped within one line.
inline constexpr size_t kMaxValueOctets = 400;
// kMaxTextOctets is how much of a reason or a comment is printed, in octets.
inline constexpr size_t kMaxTextOctets = 400;

// Property is a propspec: `ptype.property=value`, such as header.d=example.com.
struct Property {
  std::string ptype;
  std::string property;
  // value is the text that was evaluated, unquoted.
  std::string value;
};

// Result is a resinfo: what one method said, and about what.
struct Result {
  std::string method;        // dkim, spf, dmarc, arc, iprev, auth, ...; may end in /version
  std::string result;        // pass, fail, ...; RFC 8601 §2.7
  std::string reason = {};   // for people; none when empty
  std::string comment = {};  // for people; none when empty
  std::vector<Property> properties = {};
};

// Charset says what the message may hold: kUtf8 for SMTPUTF8 mail, in which
// U-labels and UTF-8 in values pass. RFC 8601 §1.5.2
enum class Charset : uint8_t { kAscii, kUtf8 };

// Print returns the whole field, CRLF and folds (CRLF TAB) included. Without
// results it says "; none".
//
// Values, reasons and comments are attacker-controlled and never an error:
// - A value is printed bare when it is a token or [[local-part] "@"]
//   domain-name, and otherwise as a quoted-string.
// - A property is left out when its value holds controls, octets above 127
//   that |charset| does not allow, or more than kMaxValueOctets: what would be
//   left after dropping octets is an identity that nobody evaluated. [choice]
// - Reasons and comments are for people: they lose such octets, and end after
//   kMaxTextOctets.
//
// InvalidArgument when |authserv_id| is empty, too long or holds such octets, or
// a method, result, ptype or property is not a Keyword (RFC 5321 §4.1.2): those
// are the caller's words.
absl::StatusOr<std::string> Print(std::string_view authserv_id, std::span<const Result> results,
                                  Charset charset = Charset::kAscii);

namespace internal {

// token = 1*<any CHAR except SPACE, CTLs, or tspecials>    RFC 2045 §5.1
inline constexpr base::CharSet kTokenOctets =
    base::CharSet::Range(33, 126) - base::CharSet("()<>@,;:\\\"/[]?=");
// atext                                                    RFC 5322 §3.2.3
inline constexpr base::CharSet kAtext =
    base::kAlphaDigit | base::CharSet("!#$%&'*+-/=?^_`{|}~") | base::kNonAscii;
// qtext, and the space that FWS lets stand between         RFC 5322 §3.2.4
inline constexpr base::CharSet kQtext =
    (base::CharSet::Range(32, 126) - base::CharSet("\"\\")) | base::kNonAscii;
inline constexpr base::CharSet kLetDigit = base::kAlphaDigit | base::kNonAscii;
inline constexpr base::CharSet kLetDigitHyphen = kLetDigit | base::CharSet("-");

// Non-ASCII octets are in the sets above because IsPrintable judged them first:
// RFC 6531 §3.3 puts them where these rules have letters.

// IsPrintable reports whether |text| passes the border of FieldWriter whole.
constexpr bool IsPrintable(std::string_view text, Charset charset) {
  while (!text.empty()) {
    const base::Utf8Char c = base::FirstUtf8Char(text);
    if (c.octets == 0 || !base::IsGraphic(c.code_point)) return false;
    if (c.octets > 1 && charset == Charset::kAscii) return false;
    text.remove_prefix(c.octets);
  }
  return true;
}

constexpr bool IsToken(std::string_view text) {
  return !text.empty() && base::AllIn(text, kTokenOctets);
}

// Keyword = Ldh-str, Ldh-str = *( ALPHA / DIGIT / "-" ) Let-dig
// RFC 8601 §2.2, RFC 5321 §4.1.2
constexpr bool IsKeyword(std::string_view text) {
  constexpr base::CharSet kLdh = base::kAlphaDigit | base::CharSet("-");
  return !text.empty() && base::AllIn(text, kLdh) && text.back() != '-';
}

// method = Keyword [ [CFWS] "/" [CFWS] method-version ]    RFC 8601 §2.2
constexpr bool IsMethod(std::string_view text) {
  base::Cursor cursor(text);
  if (!IsKeyword(cursor.TakeUntil('/'))) return false;
  if (!cursor.Take('/')) return true;
  return !cursor.at_end() && base::AllIn(cursor.rest(), base::kDigit);
}

// dot-atom-text = 1*atext *("." 1*atext)                   RFC 5322 §3.2.3
constexpr bool TakeDotAtom(base::Cursor* cursor) {
  do {
    if (cursor->TakeWhile(kAtext).empty()) return false;
  } while (cursor->Take('.'));
  return true;
}

// quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE    RFC 5322 §3.2.4
constexpr bool TakeQuotedString(base::Cursor* cursor) {
  if (!cursor->Take('"')) return false;
  for (;;) {
    cursor->TakeWhile(kQtext);
    if (!cursor->Take('\\')) return cursor->Take('"');
    if (cursor->TakeCount(1).empty()) return false;
  }
}

// domain-name = sub-domain 1*("." sub-domain)              RFC 6376 §3.5
// sub-domain = Let-dig [Ldh-str]                           RFC 5321 §4.1.2
constexpr bool TakeDomainName(base::Cursor* cursor) {
  size_t labels = 0;
  do {
    const std::string_view label = cursor->TakeWhile(kLetDigitHyphen);
    if (label.empty() || label.front() == '-' || label.back() == '-') return false;
    ++labels;
  } while (cursor->Take('.'));
  return labels > 1;
}

// IsIdentity: the right-hand form of pvalue, in which identities MUST be.
//   [ [ local-part ] "@" ] domain-name                     RFC 8601 §2.2
constexpr bool IsIdentity(std::string_view text) {
  base::Cursor whole(text);
  if (TakeDomainName(&whole) && whole.at_end()) return true;
  base::Cursor cursor(text);
  if (cursor.Peek() == '"') {
    if (!TakeQuotedString(&cursor)) return false;
  } else if (cursor.Peek() != '@' && !TakeDotAtom(&cursor)) {
    return false;
  }
  return cursor.Take('@') && TakeDomainName(&cursor) && cursor.at_end();
}

// AppendValue writes a value: token / quoted-string.       RFC 2045 §5.1
inline void AppendValue(std::string_view value, mail::FieldWriter* writer) {
  if (IsToken(value)) {
    writer->Append(value);
  } else {
    writer->AppendQuotedString(value);
  }
}

// AppendProperty writes a propspec, or nothing when its value does not pass.
inline void AppendProperty(const Property& property, Charset charset, mail::FieldWriter* writer) {
  const std::string_view value = property.value;
  if (value.size() > kMaxValueOctets || !IsPrintable(value, charset)) return;
  writer->AppendSpace();
  writer->Append(property.ptype);
  writer->Append(".");
  writer->Append(property.property);
  writer->Append("=");
  if (IsIdentity(value)) {
    writer->Append(value);
  } else {
    AppendValue(value, writer);
  }
}

// AppendResult writes a resinfo after its semicolon.
//   resinfo = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
inline void AppendResult(const Result& result, Charset charset, mail::FieldWriter* writer) {
  writer->Append(result.method);
  writer->Append("=");
  writer->Append(result.result);
  if (!result.comment.empty()) {
    writer->AppendSpace();
    writer->AppendComment(std::string_view(result.comment).substr(0, kMaxTextOctets));
  }
  if (!result.reason.empty()) {
    writer->AppendSpace();
    writer->Append("reason=");
    AppendValue(std::string_view(result.reason).substr(0, kMaxTextOctets), writer);
  }
  for (const Property& property : result.properties) AppendProperty(property, charset, writer);
}

inline absl::Status CheckWords(const Result& result) {
  if (!IsMethod(result.method)) return absl::InvalidArgumentError("method is not a keyword");
  if (!IsKeyword(result.result)) return absl::InvalidArgumentError("result is not a keyword");
  for (const Property& property : result.properties) {
    if (!IsKeyword(property.ptype)) return absl::InvalidArgumentError("ptype is not a keyword");
    if (!IsKeyword(property.property)) {
      return absl::InvalidArgumentError("property is not a keyword");
    }
  }
  return absl::OkStatus();
}

}  // namespace internal

inline absl::StatusOr<std::string> Print(std::string_view authserv_id,
                                         std::span<const Result> results, Charset charset) {
  if (authserv_id.empty() || authserv_id.size() > kMaxValueOctets ||
      !internal::IsPrintable(authserv_id, charset)) {
    return absl::InvalidArgumentError("authserv-id is empty, too long or not printable");
  }
  mail::FieldWriter writer(kFieldName, mail::FieldWriter::Fold::kTab,
                           charset == Charset::kUtf8 ? mail::FieldWriter::Octets::kUtf8
                                                     : mail::FieldWriter::Octets::kAscii);
  writer.AppendSpace();
  internal::AppendValue(authserv_id, &writer);
  if (results.empty()) writer.Append("; none");  // RFC 8601 §2.2, no-result
  for (const Result& result : results) {
    const absl::Status words = internal::CheckWords(result);
    if (!words.ok()) return words;
    writer.Append(";");
    writer.AppendFold();
    internal::AppendResult(result, charset, &writer);
  }
  return std::move(writer).Finish();
}

}  // namespace postseal::authres

#endif  // POSTSEAL_AUTHRES_AUTHENTICATION_RESULTS_H_
