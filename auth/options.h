// Options: what the host of a session may choose, for every method in one place.
#ifndef POSTSEAL_AUTH_OPTIONS_H_
#define POSTSEAL_AUTH_OPTIONS_H_

#include <cstddef>

#include "dkim/policy.h"
#include "mail/message_reader.h"
#include "spf/budget.h"

namespace postseal::auth {

// kMaxMessageLookups bounds the different DNS queries of one message. It leaves
// room for the largest legal SPF record of both identities (RFC 7208 §4.6.4: one
// query, and ten mx of ten names each, 111), ten keys and a policy, so that no
// legal record becomes a temporary error here; each method has limits of its own.
// Real mail needs fewer than 30.
inline constexpr size_t kMaxMessageLookups = 256;

// Options are shared by sessions and never change while one uses them. The
// defaults are the safe ones.
struct Options {
  mail::HeaderLimits header;
  // Different DNS queries of one message.
  size_t max_lookups = kMaxMessageLookups;
  dkim::VerifyOptions dkim;
  spf::SpfOptions spf;
  // Look for what in the body may be read in two ways (Report::body_flags). Costs
  // a pass over the body.
  bool scan_body = false;
  // Look for the client's name, too (RFC 8601 §3).
  bool check_iprev = false;
};

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_OPTIONS_H_
