// IsLocalPart: the part of a mailbox before its "@", as SMTP writes it.
#ifndef POSTSEAL_MAIL_LOCAL_PART_H_
#define POSTSEAL_MAIL_LOCAL_PART_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ascii.h"
#include "base/cursor.h"
#include "base/utf8.h"

namespace postseal::mail {

// LocalPartForm is what a Local-part was found to be.
enum class LocalPartForm : uint8_t {
  kMalformed,
  kQuotedString,
  kDotString,
  // "a..b", "a.": no Dot-string, but Japanese carriers gave out such mailboxes and
  // they are still in use. RFC 5321 §4.1.2 [deviation]
  kStrayDots,
};

// TakeLocalPart takes a Local-part from the front of |in|: Dot-string /
// Quoted-string (RFC 5321 §4.1.2, without CFWS). Octets beyond ASCII are part of it
// (RFC 6531 §3.3); whether they are UTF-8 is for the caller to check. On a fault |in|
// stands where the fault is.
constexpr LocalPartForm TakeLocalPart(base::Cursor* in);

// IsLocalPart says whether all of |text| is a Local-part in UTF-8, stray dots
// allowed. It has no limit of length: RFC 5321 §4.5.3.1.1 asks for techniques
// without limits.
constexpr bool IsLocalPart(std::string_view text);

// Implementation.

namespace internal {

// What RFC 6531 §3.3 adds to atext and qtextSMTP is all of UTF-8 beyond ASCII.
inline constexpr base::CharSet kLocalAtext =
    base::kAlphaDigit | base::CharSet("!#$%&'*+-/=?^_`{|}~") | base::kNonAscii;
// qtextSMTP = %d32-33 / %d35-91 / %d93-126
inline constexpr base::CharSet kLocalQtext =
    (base::CharSet::Range(32, 126) - base::CharSet("\"\\")) | base::kNonAscii;
// quoted-pairSMTP = %d92 %d32-126
inline constexpr base::CharSet kLocalQuotable = base::CharSet::Range(32, 126);

}  // namespace internal

constexpr LocalPartForm TakeLocalPart(base::Cursor* in) {
  // Quoted-string = DQUOTE *QcontentSMTP DQUOTE
  if (in->Take('"')) {
    for (;;) {
      in->TakeWhile(internal::kLocalQtext);
      if (in->Take('"')) return LocalPartForm::kQuotedString;
      if (!in->Take('\\') || !in->TakeIf(internal::kLocalQuotable)) {
        return LocalPartForm::kMalformed;
      }
    }
  }
  // Dot-string = Atom *("." Atom). An Atom behind the first may be empty: kStrayDots.
  if (in->TakeWhile(internal::kLocalAtext).empty()) return LocalPartForm::kMalformed;
  LocalPartForm form = LocalPartForm::kDotString;
  while (in->Take('.')) {
    if (in->TakeWhile(internal::kLocalAtext).empty()) form = LocalPartForm::kStrayDots;
  }
  return form;
}

constexpr bool IsLocalPart(std::string_view text) {
  base::Cursor in(text);
  if (TakeLocalPart(&in) == LocalPartForm::kMalformed || !in.at_end()) return false;
  while (!text.empty()) {
    const size_t octets = base::FirstUtf8Char(text).octets;
    if (octets == 0) return false;
    text.remove_prefix(octets);
  }
  return true;
}

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_LOCAL_PART_H_
