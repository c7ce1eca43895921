// SpfMailFrom: the MAIL FROM identity of SPF, of a reverse-path as SMTP has it.
#ifndef POSTSEAL_AUTH_SPF_MAIL_FROM_H_
#define POSTSEAL_AUTH_SPF_MAIL_FROM_H_

#include <string_view>

#include "mail/reverse_path.h"

namespace postseal::auth {

// SpfMailFrom is |reverse_path| as spf::Request::mail_from takes it: its mailbox without
// angle brackets and source route, or empty for the null reverse-path. For what is no
// path it is "@", which names no domain, so that SPF is none: a path that a session of
// the whole message refuses (VerifySession) must not get a result from SPF alone.
// RFC 7208 §2.4, §4.3
inline std::string_view SpfMailFrom(std::string_view reverse_path) {
  const auto path = mail::ReversePath::Parse(reverse_path);
  if (path.is_null) return "";
  return path.mailbox.empty() ? "@" : path.mailbox;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_SPF_MAIL_FROM_H_
