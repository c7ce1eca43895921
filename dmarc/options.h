// DmarcOptions: what the host may choose, and where RFC 9989 leaves a choice.
#ifndef POSTSEAL_DMARC_OPTIONS_H_
#define POSTSEAL_DMARC_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "dmarc/record.h"
#include "dmarc/suffix_list.h"

namespace postseal::dmarc {

// kMaxIdentifiers is the number of different identifiers of one message whose
// organizational domain is looked up; further ones count as not aligned. With
// the author's walk, and whether the author exists, they cost at most 89 queries. RFC 9989 §4.10 ¶7
// [choice]
inline constexpr size_t kMaxIdentifiers = 10;
// kMaxAuthorDomains is the number of author domains that are evaluated when From
// names several. RFC 9989 §11.5 ¶3 [choice]
inline constexpr size_t kMaxAuthorDomains = 4;

// MissingPolicy is what a record without p= means. RFC 9989 §4.7 says p=none;
// §4.10.1 says so only where rua= has a valid URI, and has no DMARC otherwise.
enum class MissingPolicy : uint8_t { kNoneWithReportUri, kAlwaysNone };

// DmarcOptions must outlive what is evaluated with them.
struct DmarcOptions {
  Mode mode = Mode::kRfc9989;
  // The algorithm of §4.10.1 counts, not the summary of §4.7 [choice].
  MissingPolicy missing_policy = MissingPolicy::kNoneWithReportUri;
  size_t max_identifiers = kMaxIdentifiers;
  size_t max_author_domains = kMaxAuthorDomains;
  // The public suffixes, which RFC 7489 needs and RFC 9989 does not use.
  const SuffixList* suffixes = nullptr;
  // For pct= of RFC 7489 §6.6.4: a random number from 0 to 99, which the host
  // draws for each message, so that a verdict can be reproduced. Without one the
  // policy applies in full, unless pct= is 0. auth::Envelope::pct_draw counts before it.
  std::optional<uint8_t> sample;
};

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_OPTIONS_H_
