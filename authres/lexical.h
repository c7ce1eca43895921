// The words of which the fields of this folder are made: tokens, keywords,
// identities, quoted strings. RFC 8601 §2.2, RFC 7208 §9.1
#ifndef POSTSEAL_AUTHRES_LEXICAL_H_
#define POSTSEAL_AUTHRES_LEXICAL_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ascii.h"
#include "base/cursor.h"
#include "base/utf8.h"
#include "mail/field_writer.h"

namespace postseal::authres {

// kMaxValueOctets is the longest value of a property that is printed, in
// octets: room for every mailbox (RFC 5321 §4.5.3.1) and for a value whose every
// octet is escaped within one line.
inline constexpr size_t kMaxValueOctets = 400;
// kMaxTextOctets is how much of a reason or a comment is printed, in octets.
inline constexpr size_t kMaxTextOctets = 400;

// Charset says what the message may hold: kUtf8 for SMTPUTF8 mail, in which
// U-labels and UTF-8 in values pass. RFC 8601 §1.5.2
enum class Charset : uint8_t { kAscii, kUtf8 };

namespace internal {

constexpr mail::FieldWriter::Octets OctetsOf(Charset charset) {
  return charset == Charset::kUtf8 ? mail::FieldWriter::Octets::kUtf8
                                   : mail::FieldWriter::Octets::kAscii;
}

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

// dot-atom-text = 1*atext *("." 1*atext)                   RFC 5322 §3.2.3
constexpr bool TakeDotAtom(base::Cursor* cursor) {
  do {
    if (cursor->TakeWhile(kAtext).empty()) return false;
  } while (cursor->Take('.'));
  return true;
}

constexpr bool IsDotAtom(std::string_view text) {
  base::Cursor cursor(text);
  return TakeDotAtom(&cursor) && cursor.at_end();
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

}  // namespace internal

}  // namespace postseal::authres

#endif  // POSTSEAL_AUTHRES_LEXICAL_H_
