#include "milter/loop_resolver.h"

#include <event2/event.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/check.h"

namespace postseal::milter {

dns::UnboundOptions ResolverOptions(const Config& config) {
  dns::UnboundOptions options;
  options.forward_servers = config.nameservers;
  if (!config.trust_anchor_file.empty()) options.trust_anchor_file = config.trust_anchor_file;
  options.lookup_timeout = config.dns_timeout;
  return options;
}

bool AsksSameServers(const Config& a, const Config& b) {
  return a.nameservers == b.nameservers && a.trust_anchor_file == b.trust_anchor_file &&
         a.dns_timeout == b.dns_timeout;
}

absl::StatusOr<std::unique_ptr<LoopResolver>> LoopResolver::Create(
    event_base* base, const dns::UnboundOptions& options) {
  absl::StatusOr<std::unique_ptr<dns::UnboundEventResolver>> unbound =
      dns::UnboundEventResolver::Create(base, options);
  if (!unbound.ok()) return unbound.status();
  return std::unique_ptr<LoopResolver>(new LoopResolver(base, *std::move(unbound)));
}

LoopResolver::LoopResolver(event_base* base, std::unique_ptr<dns::UnboundEventResolver> unbound)
    : unbound_(std::move(unbound)), timer_(evtimer_new(base, &OnTimer, this)) {
  POSTSEAL_CHECK(timer_ != nullptr);
}

LoopResolver::~LoopResolver() { event_free(timer_); }

dns::AsyncResolver::LookupId LoopResolver::Start(const dns::Query& query, Done done) {
  const LookupId id = unbound_->Start(query, std::move(done));
  SetTimer();
  return id;
}

void LoopResolver::OnTimer(int, short, void* self) {
  auto* const resolver = static_cast<LoopResolver*>(self);
  resolver->has_timer_ = false;
  resolver->unbound_->ExpireOverdue();
  resolver->SetTimer();
}

void LoopResolver::SetTimer() {
  // Lookups have one timeout: an earlier one than the timer's does not come. One that
  // was answered leaves a timer that finds nothing to do.
  if (has_timer_) return;
  const std::optional<dns::Deadline> next = unbound_->next_timeout();
  if (!next.has_value()) return;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*next - std::chrono::steady_clock::now());
  const int64_t milliseconds = std::max<int64_t>(left.count(), 0);
  const timeval time = {static_cast<time_t>(milliseconds / 1000),
                        static_cast<suseconds_t>(milliseconds % 1000 * 1000)};
  event_add(timer_, &time);
  has_timer_ = true;
}

}  // namespace postseal::milter
