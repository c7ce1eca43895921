// Evaluate: the DMARC mechanism. RFC 9989 §5.3, RFC 7489 §6.6
#ifndef POSTSEAL_DMARC_EVALUATE_H_
#define POSTSEAL_DMARC_EVALUATE_H_

#include <cstddef>
#include <span>

#include "base/task.h"
#include "dmarc/authors.h"
#include "dmarc/context.h"
#include "dmarc/discovery.h"
#include "dmarc/verdict.h"
#include "dns/name.h"

namespace postseal::dmarc {

// Prepared is what is found out about a message's authors without SPF and DKIM, in the
// Context's arena.
struct Prepared {
  // The different author domains, up to DmarcOptions::max_author_domains; |skipped| counts
  // the others.
  std::span<const dns::Name* const> domains;
  size_t skipped = 0;
  // Of each domain, the record that applies.
  std::span<const Discovery> found;
};

// Prepare finds the record of each author, and asks whether the author exists where np=
// depends on it. A host starts it at the end of the header: a sender whose SPF record or
// key is slow must not delay these lookups until the deadline. |authors| must outlive the
// task.
base::Task<Prepared> Prepare(Context* c, const Authors* authors);

// EvaluatePrepared is Evaluate for |authors| that were prepared.
base::Task<Verdict> EvaluatePrepared(Context* c, const Authors* authors, const Prepared* prepared,
                                     std::span<const Identifier> identifiers);

// Evaluate evaluates a message whose From is |authors|. It asks |c|'s exchange and
// ends with a verdict whatever is answered. A DNS error never becomes pass nor
// none (RFC 9989 §5.3.6). |authors| and |identifiers| must outlive the task.
//
// In the RFC 7489 mode |c|'s options must have a suffix list.
base::Task<Verdict> Evaluate(Context* c, const Authors* authors,
                             std::span<const Identifier> identifiers);

}  // namespace postseal::dmarc

#include "dmarc/evaluate-inl.h"

#endif  // POSTSEAL_DMARC_EVALUATE_H_
