// Oddities: what in a message other software may read in another way.
#ifndef POSTSEAL_AUTH_ODDITIES_H_
#define POSTSEAL_AUTH_ODDITIES_H_

#include <string_view>
#include <utility>
#include <vector>

#include "auth/report.h"
#include "mail/body_scanner.h"
#include "mail/message_reader.h"
#include "mail/reverse_path.h"

namespace postseal::auth {

// Oddity is one of them. |name| is stable: JSON gives it.
struct Oddity {
  std::string_view name;
  std::string_view text;
  std::string_view clause;
};

// OdditiesOf lists those of the message that |report| is about; those of the body
// only when it was scanned (Options::scan_body).
inline std::vector<Oddity> OdditiesOf(const Report& report) {
  const mail::HeaderFlags& header = report.header_flags;
  const mail::BodyFlags& body = report.body_flags;
  const std::pair<bool, Oddity> all[] = {
      {report.reverse_path_fault != mail::ReversePathFault::kNone,
       {"mail-from-malformed", mail::ReversePathFaultText(report.reverse_path_fault),
        "RFC 5321 §4.1.2"}},
      {report.reverse_path_stray_dots,
       {"mail-from-stray-dots", "the local part has a dot where none may be", "RFC 5321 §4.1.2"}},
      {report.from_stray_dots,
       {"from-stray-dots", "a local part in From has a dot where none may be", "RFC 5322 §3.4.1"}},
      {header.bare_cr, {"header-bare-cr", "the header has a CR without LF", "RFC 5322 §2.2"}},
      {header.bare_lf,
       {"header-bare-lf", "the header has an LF without CR: only CRLF ends a line",
        "RFC 5322 §2.2"}},
      {header.nul, {"header-nul", "the header has a NUL octet", "RFC 5322 §4"}},
      {header.invalid_utf8,
       {"header-invalid-utf8", "the header has octets that are no UTF-8", "RFC 6532 §3.1"}},
      {header.long_line,
       {"header-long-line", "the header has a line of more than 998 octets", "RFC 5322 §2.1.1"}},
      {header.malformed_line,
       {"header-malformed-line", "the header has text that is no field", "RFC 5322 §2.2"}},
      {header.obsolete_colon,
       {"header-obsolete-colon", "the header has white space before a colon", "RFC 5322 §4.5"}},
      {header.mbox_line,
       {"header-mbox-line", "the header has a mailbox file's From line", "RFC 5322 §2.2"}},
      {header.no_blank_line,
       {"header-no-blank-line", "the header has no blank line after it", "RFC 5322 §2.1"}},
      {body.bare_cr, {"body-bare-cr", "the body has a CR without LF", "RFC 5322 §2.3"}},
      {body.bare_lf,
       {"body-bare-lf", "the body has an LF without CR: only CRLF ends a line", "RFC 5322 §2.3"}},
      {body.nul, {"body-nul", "the body has a NUL octet", "RFC 5322 §4"}},
      {body.long_line,
       {"body-long-line", "the body has a line of more than 998 octets", "RFC 5322 §2.1.1"}},
  };
  std::vector<Oddity> found;
  for (const auto& [is_there, oddity] : all) {
    if (is_there) found.push_back(oddity);
  }
  return found;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_ODDITIES_H_
