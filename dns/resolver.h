// BlockingResolver and AsyncResolver: the two shapes of a resolver, and the
// loops that connect one with a session. Both are a few lines over the
// session's NextQuery, Provide and FailOutstanding; a host with a loop of its own
// calls those directly.
#ifndef POSTSEAL_DNS_RESOLVER_H_
#define POSTSEAL_DNS_RESOLVER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "dns/answer.h"

namespace postseal::dns {

using Deadline = std::chrono::steady_clock::time_point;

// BlockingResolver answers a batch of queries before it returns.
class BlockingResolver {
 public:
  virtual ~BlockingResolver() = default;

  // Resolve looks all of |batch| up, together if it can, and calls |provide| for
  // each answer, in any order, on the calling thread. It returns when all are
  // answered or |deadline| has passed; what it left unanswered has timed out.
  // The answer's record data need only live during the call to |provide|.
  using Provide = absl::FunctionRef<void(QueryId id, const Answer& answer)>;
  virtual void Resolve(std::span<const PendingQuery> batch, Deadline deadline, Provide provide) = 0;
};

// AsyncResolver starts lookups and calls back from the host's event loop.
class AsyncResolver {
 public:
  virtual ~AsyncResolver() = default;

  // Done receives the answer; its record data live only during the call.
  using Done = absl::AnyInvocable<void(const Answer& answer)>;
  // LookupId names a started lookup.
  using LookupId = uint64_t;

  // Start starts looking |query| up. |done| is called exactly once, from inside
  // Start or later, unless the lookup is cancelled.
  virtual LookupId Start(const Query& query, Done done) = 0;

  // Cancel drops a lookup: its |done| is not called any more. Ids of finished
  // lookups are ignored.
  virtual void Cancel(LookupId id) = 0;
};

// RunBlocking answers all queries of |session| until it asks for nothing more;
// what |resolver| leaves open at |deadline| becomes a temporary error.
template <typename Session>
void RunBlocking(Session* session, BlockingResolver* resolver, Deadline deadline) {
  std::vector<PendingQuery> batch;
  for (;;) {
    batch.clear();
    while (auto query = session->NextQuery()) batch.push_back(*query);
    if (batch.empty()) return;
    size_t provided = 0;
    resolver->Resolve(batch, deadline, [&](QueryId id, const Answer& answer) {
      if (session->Provide(id, answer).ok()) ++provided;
    });
    if (provided < batch.size()) session->FailOutstanding();
  }
}

// Pump starts a lookup for each query that |session| asks now and, as answers
// come, for those it asks next. Lookups keep no session alive: an answer for one
// that is gone is dropped.
template <typename Session>
void Pump(const std::shared_ptr<Session>& session, AsyncResolver* resolver) {
  while (auto query = session->NextQuery()) {
    resolver->Start(query->query, [weak = std::weak_ptr<Session>(session), resolver,
                                   id = query->id](const Answer& answer) {
      const std::shared_ptr<Session> alive = weak.lock();
      if (alive == nullptr) return;
      // The session may have given up on this query (FailOutstanding).
      alive->Provide(id, answer).IgnoreError();
      Pump(alive, resolver);
    });
  }
}

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_RESOLVER_H_
