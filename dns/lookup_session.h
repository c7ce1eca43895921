// LookupSession: one query as a session, for hosts that only want an answer.
#ifndef POSTSEAL_DNS_LOOKUP_SESSION_H_
#define POSTSEAL_DNS_LOOKUP_SESSION_H_

#include <optional>

#include "absl/status/status.h"
#include "base/arena.h"
#include "base/task.h"
#include "dns/answer.h"
#include "dns/exchange.h"

namespace postseal::dns {

// LookupSession asks one query through the same calls as every session, so
// RunBlocking and Pump serve it.
class LookupSession {
 public:
  explicit LookupSession(const Query& query) : exchange_(&arena_, &ready_, /*max_lookups=*/1) {
    exchange_.Ask(query);
  }

  std::optional<PendingQuery> NextQuery() { return exchange_.NextQuery(); }
  absl::Status Provide(QueryId id, const Answer& answer) { return exchange_.Provide(id, answer); }
  void FailOutstanding() { exchange_.FailOutstanding(); }
  bool done() const { return exchange_.lookups().front()->answered(); }
  // answer lives as long as the session; kTempError until done().
  const Answer& answer() const { return exchange_.lookups().front()->answer(); }

 private:
  base::Arena arena_;
  base::ReadyQueue ready_;
  Exchange exchange_;
};

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_LOOKUP_SESSION_H_
