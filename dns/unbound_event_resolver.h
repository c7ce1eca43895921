// UnboundEventResolver: the DNS by libunbound within a program's libevent loop: no
// thread, no pipe, and an answer that is cached comes from inside Start.
#ifndef POSTSEAL_DNS_UNBOUND_EVENT_RESOLVER_H_
#define POSTSEAL_DNS_UNBOUND_EVENT_RESOLVER_H_

#include <chrono>
#include <cstddef>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "dns/answer.h"
#include "dns/resolver.h"
#include "dns/response.h"
#include "dns/unbound_context.h"

struct event_base;

namespace postseal::dns {

// UnboundEventResolver answers as UnboundResolver does. It is for the thread of its loop
// alone. A |done| may start and cancel lookups, but must not destroy the resolver.
class UnboundEventResolver final : public AsyncResolver {
 public:
  // Create makes a resolver on |base|, of libevent 2.1, which must outlive it. It fails
  // as UnboundResolver::Create does.
  static absl::StatusOr<std::unique_ptr<UnboundEventResolver>> Create(
      event_base* base, const UnboundOptions& options);

  // The destructor cancels what is outstanding; no |done| is called.
  ~UnboundEventResolver() override;
  UnboundEventResolver(const UnboundEventResolver&) = delete;
  UnboundEventResolver& operator=(const UnboundEventResolver&) = delete;

  LookupId Start(const Query& query, Done done) override;
  void Cancel(LookupId id) override;

  // ExpireOverdue ends the lookups whose timeout has passed, as temporary errors. The
  // host calls it at next_timeout, which is nullopt when nothing is outstanding. What a
  // |done| throws does not pass through the event loop, which is C: ExpireOverdue throws
  // it, and next_timeout is in the past until it has.
  void ExpireOverdue();
  std::optional<Deadline> next_timeout() const;

  // outstanding is the number of lookups started and neither answered nor cancelled.
  size_t outstanding() const { return outstanding_.size(); }

 private:
  struct Outstanding {
    UnboundEventResolver* resolver;
    LookupId id;
    Deadline timeout;
    Type type;
    Done done;
    int async_id = 0;  // libunbound's name for it
  };

  UnboundEventResolver(internal::UnboundContext context, std::chrono::milliseconds lookup_timeout)
      : context_(std::move(context)), lookup_timeout_(lookup_timeout) {}

  static void OnResult(void* outstanding, int rcode, void* packet, int packet_octets, int security,
                       char* why_bogus, int was_ratelimited);
  void Finish(LookupId id, const Answer& answer);
  // ThrowWhatWasThrown throws what a callback of libunbound kept.
  void ThrowWhatWasThrown();

  internal::UnboundContext context_;
  std::chrono::milliseconds lookup_timeout_;
  // As UnboundResolver's.
  std::map<LookupId, Outstanding> outstanding_;
  LookupId last_id_ = 0;
  std::exception_ptr thrown_;
};

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_UNBOUND_EVENT_RESOLVER_H_
