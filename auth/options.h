// Options: what the host of a session may choose, for every method in one place.
#ifndef POSTSEAL_AUTH_OPTIONS_H_
#define POSTSEAL_AUTH_OPTIONS_H_

#include <cstddef>

#include "dkim/policy.h"
#include "dmarc/options.h"
#include "mail/message_reader.h"
#include "spf/budget.h"

namespace postseal::auth {

// kMaxMessageLookups bounds the different DNS queries of one message. It is more than
// the limits of all methods add up to, so that none can be starved by another, which
// a sender could make expensive: SPF of two identities (spf::kMaxQueries, 123 each),
// keys (10), DMARC (88, and 8 for each further author domain, of which there are
// three), iprev (11). Real mail needs fewer than 30.
inline constexpr size_t kMaxMessageLookups = 400;

// Options are shared by sessions and never change while one uses them. The
// defaults are the safe ones.
struct Options {
  mail::HeaderLimits header;
  // Different DNS queries of one message.
  size_t max_lookups = kMaxMessageLookups;
  dkim::VerifyOptions dkim;
  spf::SpfOptions spf;
  // DMARC is evaluated, by dmarc.mode; with compare_rfc7489 by RFC 7489 too, to
  // show where the two differ. RFC 7489 needs dmarc.suffixes.
  bool check_dmarc = true;
  bool compare_rfc7489 = false;
  dmarc::DmarcOptions dmarc;
  // Look for what in the body may be read in two ways (Report::body_flags). Costs
  // a pass over the body.
  bool scan_body = false;
  // Look for the client's name, too (RFC 8601 §3).
  bool check_iprev = false;
};

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_OPTIONS_H_
