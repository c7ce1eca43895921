// Options: what the host of a session may choose, for every method in one place.
#ifndef POSTSEAL_AUTH_OPTIONS_H_
#define POSTSEAL_AUTH_OPTIONS_H_

#include <cstddef>

#include "dkim/policy.h"
#include "dns/exchange.h"
#include "mail/message_reader.h"

namespace postseal::auth {

// Options are shared by sessions and never change while one uses them. The
// defaults are the safe ones.
struct Options {
  mail::HeaderLimits header;
  // Different DNS queries of one message.
  size_t max_lookups = dns::kMaxLookups;
  dkim::VerifyOptions dkim;
  // Look for what in the body may be read in two ways (Report::body_flags). Costs
  // a pass over the body.
  bool scan_body = false;
};

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_OPTIONS_H_
