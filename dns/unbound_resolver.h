// UnboundResolver: the DNS by libunbound, in both shapes of a resolver. It caches,
// validates, retries over TCP and asks many questions at once from one thread of
// its own; answers are handed out on the host's thread only.
//
// In an event loop: poll fd() for reading, up to next_timeout(), then Process().
// Without one: RunBlocking, or Start and Wait.
#ifndef POSTSEAL_DNS_UNBOUND_RESOLVER_H_
#define POSTSEAL_DNS_UNBOUND_RESOLVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dns/answer.h"
#include "dns/resolver.h"
#include "dns/unbound_context.h"

// Of <unbound.h>, which users of this header need not see.
struct ub_result;

namespace postseal::dns {

// UnboundResolver is for one thread at a time, and none of its calls may be made
// by two at once; several threads have one each, which share no cache. A |done| or
// |provide| may start and cancel lookups, but must not destroy the resolver.
//
// SERVFAIL, a timeout, a refusal, a broken reply, a CNAME loop and a bogus
// signature are kTempError. The data are those of the query's type at the end of
// a CNAME chain, in the order in which the server sent them.
class UnboundResolver : public BlockingResolver, public AsyncResolver {
 public:
  // Create fails for options that are not as described, and when the trust
  // anchors or /etc/resolv.conf cannot be read.
  static absl::StatusOr<std::unique_ptr<UnboundResolver>> Create(const UnboundOptions& options);

  // The destructor cancels what is outstanding; no |done| is called.
  ~UnboundResolver() override;
  UnboundResolver(const UnboundResolver&) = delete;
  UnboundResolver& operator=(const UnboundResolver&) = delete;

  void Resolve(std::span<const PendingQuery> batch, Deadline deadline, Provide provide) override;
  LookupId Start(const Query& query, Done done) override;
  void Cancel(LookupId id) override;

  // fd becomes readable when there are answers to Process. It stays the same.
  int fd() const;

  // Process hands out all answers there are, and kTempError for lookups that have
  // timed out, without waiting. Unavailable when libunbound's thread is lost:
  // then all outstanding lookups are kTempError.
  absl::Status Process();

  // next_timeout is when Process is due although fd may not be readable; nullopt
  // when nothing is outstanding.
  std::optional<Deadline> next_timeout() const;

  // Wait processes until something was handed out, which it then says, or
  // |deadline| has passed or nothing is outstanding.
  bool Wait(Deadline deadline);

  // outstanding is the number of lookups started and neither answered nor cancelled.
  size_t outstanding() const { return outstanding_.size(); }

 private:
  struct Outstanding {
    UnboundResolver* resolver;
    LookupId id;
    Deadline timeout;
    Done done;
    int async_id = 0;  // libunbound's name for it
  };
  UnboundResolver(internal::UnboundContext context, std::chrono::milliseconds lookup_timeout)
      : context_(std::move(context)), lookup_timeout_(lookup_timeout) {}

  static void OnResult(void* outstanding, int error, ub_result* result);
  void Finish(LookupId id, const Answer& answer);
  // ThrowWhatWasThrown throws what a callback of libunbound kept.
  void ThrowWhatWasThrown();

  internal::UnboundContext context_;
  std::chrono::milliseconds lookup_timeout_;
  // Ordered by id and so, the timeout being the same for all, by timeout. What is
  // in it stays where it is: libunbound holds pointers.
  std::map<LookupId, Outstanding> outstanding_;
  LookupId last_id_ = 0;
  uint64_t finished_ = 0;
  std::exception_ptr thrown_;
};

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_UNBOUND_RESOLVER_H_
