// LoopResolver: libunbound in an event loop.
#ifndef POSTSEAL_MILTER_LOOP_RESOLVER_H_
#define POSTSEAL_MILTER_LOOP_RESOLVER_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "dns/answer.h"
#include "dns/resolver.h"
#include "dns/unbound_event_resolver.h"
#include "milter/config.h"

struct event;
struct event_base;

namespace postseal::milter {

// ResolverOptions are what |config| says of the DNS.
dns::UnboundOptions ResolverOptions(const Config& config);

// AsksSameServers says that a resolver of |a| is as good as one of |b|.
bool AsksSameServers(const Config& a, const Config& b);

// LoopResolver hands answers out while the loop runs, on its thread.
class LoopResolver final : public dns::AsyncResolver {
 public:
  // Create: see dns::UnboundEventResolver. |base| must outlive the resolver.
  static absl::StatusOr<std::unique_ptr<LoopResolver>> Create(event_base* base,
                                                              const dns::UnboundOptions& options);
  ~LoopResolver() override;
  LoopResolver(const LoopResolver&) = delete;
  LoopResolver& operator=(const LoopResolver&) = delete;

  LookupId Start(const dns::Query& query, Done done) override;
  void Cancel(LookupId id) override { unbound_->Cancel(id); }

  // is_idle says that nothing is outstanding.
  bool is_idle() const { return unbound_->outstanding() == 0; }

 private:
  LoopResolver(event_base* base, std::unique_ptr<dns::UnboundEventResolver> unbound);

  static void OnTimer(int fd, short events, void* self);
  void SetTimer();

  std::unique_ptr<dns::UnboundEventResolver> unbound_;
  event* timer_;
  bool has_timer_ = false;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_LOOP_RESOLVER_H_
