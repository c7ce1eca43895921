// Evaluate: the DMARC mechanism. RFC 9989 §5.3, RFC 7489 §6.6
#ifndef POSTSEAL_DMARC_EVALUATE_H_
#define POSTSEAL_DMARC_EVALUATE_H_

#include <span>

#include "base/task.h"
#include "dmarc/authors.h"
#include "dmarc/context.h"
#include "dmarc/verdict.h"

namespace postseal::dmarc {

// AskAhead makes the queries pending that |authors| need whatever SPF and DKIM
// say, so that a host asks them at the end of the header already.
void AskAhead(Context* c, const Authors& authors);

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
