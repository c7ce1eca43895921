// Context: what all coroutines of one message's DMARC evaluation share.
#ifndef POSTSEAL_DMARC_CONTEXT_H_
#define POSTSEAL_DMARC_CONTEXT_H_

#include "base/arena.h"
#include "dmarc/options.h"
#include "dns/exchange.h"

namespace postseal::dmarc {

struct Walk;

// Context remembers the walks that were made, so that each name is walked once.
// Two Contexts, of different modes, may share an Exchange.
struct Context {
  // Everything pointed to must outlive the Context, and the Context all tasks.
  Context(const DmarcOptions* dmarc_options, base::Arena* memory, dns::Exchange* dns_exchange)
      : options(dmarc_options), exchange(dns_exchange), arena_(memory) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  base::Arena* arena() const { return arena_; }

  const DmarcOptions* options;
  dns::Exchange* exchange;
  // The last walk made, which leads to those before it.
  const Walk* last_walk = nullptr;

 private:
  base::Arena* arena_;
};

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_CONTEXT_H_
