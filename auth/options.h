// Options: what the host of a session may choose, for every method in one place.
#ifndef POSTSEAL_AUTH_OPTIONS_H_
#define POSTSEAL_AUTH_OPTIONS_H_

#include <cstddef>

#include "auth/iprev.h"
#include "dkim/policy.h"
#include "dmarc/options.h"
#include "dmarc/tree_walk.h"
#include "mail/message_reader.h"
#include "spf/budget.h"

namespace postseal::auth {

// What each method may look up for one message by its own limits. The octets of answers
// are bounded by the same numbers (dns::MaxAnswerOctets for each), SPF's further by
// spf::kMaxAnswersOctets: no method can use up what another one needs.
inline constexpr size_t kMaxSpfLookups = 2 * spf::kMaxQueries;  // MAIL FROM and HELO
inline constexpr size_t kMaxDkimLookups = dkim::kMaxSignatures;
// Of every author domain the walk and whether it exists, of every identifier the walk.
inline constexpr size_t kMaxDmarcLookups = dmarc::kMaxAuthorDomains * (dmarc::kMaxWalkQueries + 1) +
                                           dmarc::kMaxIdentifiers * dmarc::kMaxWalkQueries;
inline constexpr size_t kMaxIprevLookups = 1 + kMaxIprevNames;

// kMaxMessageLookups bounds the different DNS queries of one message. Real mail needs
// fewer than 30.
inline constexpr size_t kMaxMessageLookups = 400;
static_assert(kMaxMessageLookups >=
                  kMaxSpfLookups + kMaxDkimLookups + kMaxDmarcLookups + kMaxIprevLookups,
              "a method could starve another one of its lookups");

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
