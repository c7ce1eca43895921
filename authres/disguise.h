// IsDisguised: whether a field with another name contains text that some readers take for
// an Authentication-Results field.
#ifndef POSTSEAL_AUTHRES_DISGUISE_H_
#define POSTSEAL_AUTHRES_DISGUISE_H_

#include <cstddef>
#include <string_view>

#include "authres/authentication_results.h"
#include "base/ascii.h"
#include "mail/field.h"

namespace postseal::authres {

// IsDisguised says that |field|, whose name is not Authentication-Results, holds text
// that some reader takes for a field of that name, because the reader
// - ends a line at a CR or an LF alone, as many relays do when they pass it on;
// - skips, in or around the name, a fold, white space, controls, or octets above 127,
//   among them those of U+00A0 (no-break space), U+FEFF (byte order mark) and U+200B
//   (zero width space);
// - skips the white space before the first field of a message.
// The line after a real fold (CRLF and white space) does not count: every reader takes it
// for a part of the field. Time is linear in the field. RFC 5322 §2.2, §2.2.3
bool IsDisguised(const mail::Field& field);

namespace internal {

// kSkippedInNames are the octets that a field name cannot have: RFC 5322 §3.6.8, ftext.
constexpr bool IsSkippedInNames(char c) { return c != ':' && !mail::IsFieldNameOctet(c); }

// BeginsWithFieldName says that |text| is the name of our field and a colon, with
// skipped octets anywhere.
constexpr bool BeginsWithFieldName(std::string_view text) {
  size_t matched = 0;
  for (const char c : text) {
    if (IsSkippedInNames(c)) continue;
    if (matched == kFieldName.size()) return c == ':';
    if (base::ToLower(c) != base::ToLower(kFieldName[matched])) return false;
    ++matched;
  }
  return false;
}

// IsLineBreak says whether some reader ends a line at |at| of |raw|, and the line does not
// continue in a fold.
constexpr bool IsLineBreak(std::string_view raw, size_t at) {
  if (raw[at] == '\r') return !raw.substr(at + 1).starts_with('\n');
  if (raw[at] != '\n') return false;
  if (at == 0 || raw[at - 1] != '\r') return true;
  // CRLF: the end of a line that an MTA put into a value, or a fold.
  return at + 1 < raw.size() && !base::kWsp(raw[at + 1]);
}

}  // namespace internal

inline bool IsDisguised(const mail::Field& field) {
  const std::string_view raw = field.raw;
  if (field.name.empty() && internal::BeginsWithFieldName(raw)) return true;
  for (size_t at = raw.find_first_of("\r\n"); at != raw.npos;
       at = raw.find_first_of("\r\n", at + 1)) {
    if (!internal::IsLineBreak(raw, at)) continue;
    // Breaks that follow at once begin the same text.
    while (at + 1 < raw.size() && internal::IsSkippedInNames(raw[at + 1])) ++at;
    if (internal::BeginsWithFieldName(raw.substr(at + 1))) return true;
  }
  return false;
}

}  // namespace postseal::authres

#endif  // POSTSEAL_AUTHRES_DISGUISE_H_
