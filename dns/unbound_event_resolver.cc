#include "dns/unbound_event_resolver.h"

#include <unbound-event.h>
#include <unbound.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace postseal::dns {
namespace {

constexpr int kClassIn = 1;  // RFC 1035 §3.2.4
// Of ub_resolve_event's callback.
constexpr int kBogus = 1;
constexpr int kSecure = 2;

}  // namespace

absl::StatusOr<std::unique_ptr<UnboundEventResolver>> UnboundEventResolver::Create(
    event_base* base, const UnboundOptions& options) {
  absl::StatusOr<internal::UnboundContext> context =
      internal::MakeUnboundContext(options, [base] { return ub_ctx_create_event(base); });
  if (!context.ok()) return context.status();
  // Settings are checked when they are first used: removing data that is not
  // there does nothing else.
  if (const int error = ub_ctx_data_remove(context->get(), "postseal.invalid.")) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.trust_anchor_file.value_or("libunbound"), ": ", ub_strerror(error)));
  }
  return std::unique_ptr<UnboundEventResolver>(
      new UnboundEventResolver(*std::move(context), options.lookup_timeout));
}

UnboundEventResolver::~UnboundEventResolver() {
  while (!outstanding_.empty()) Cancel(outstanding_.begin()->first);
}

void UnboundEventResolver::OnResult(void* outstanding, int rcode, void* packet, int packet_octets,
                                    int security, char*, int) {
  const auto* const lookup = static_cast<const Outstanding*>(outstanding);
  UnboundEventResolver* const resolver = lookup->resolver;
  // libunbound and libevent are C. What is thrown is kept until the host calls us.
  try {
    Response response;
    Answer answer(Outcome::kTempError);
    if (rcode == 0 && security != kBogus && packet != nullptr && packet_octets > 0) {
      try {
        response.Read(
            std::string_view(static_cast<const char*>(packet), static_cast<size_t>(packet_octets)),
            lookup->type);
        answer = response.answer();
        answer.dnssec_secure = security == kSecure;
      } catch (...) {
        answer = Answer(Outcome::kTempError);
        resolver->thrown_ = std::current_exception();
      }
    }
    resolver->Finish(lookup->id, answer);
  } catch (...) {
    resolver->thrown_ = std::current_exception();
  }
}

void UnboundEventResolver::ThrowWhatWasThrown() {
  if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void UnboundEventResolver::Finish(LookupId id, const Answer& answer) {
  const auto node = outstanding_.extract(id);
  POSTSEAL_CHECK(!node.empty());
  // Last, and with nothing of the lookup left: |done| may call any of our functions.
  Done done = std::move(node.mapped().done);
  done(answer);
}

AsyncResolver::LookupId UnboundEventResolver::Start(const Query& query, Done done) {
  const std::string name = internal::PresentationText(query.name);
  const LookupId id = ++last_id_;
  const Deadline timeout = std::chrono::steady_clock::now() + lookup_timeout_;
  Outstanding* const lookup =
      &outstanding_.emplace(id, Outstanding{this, id, timeout, query.type, std::move(done)})
           .first->second;
  int async_id = 0;
  const int error = ub_resolve_event(context_.get(), name.c_str(), static_cast<int>(query.type),
                                     kClassIn, lookup, &OnResult, &async_id);
  // The answer may be there already, and |lookup| gone: if its |done| threw, rethrow it here.
  const auto it = outstanding_.find(id);
  if (it == outstanding_.end()) {
    ThrowWhatWasThrown();
    return id;
  }
  if (error != 0) {
    Finish(id, Answer(Outcome::kTempError));
  } else {
    it->second.async_id = async_id;
  }
  return id;
}

void UnboundEventResolver::Cancel(LookupId id) {
  const auto it = outstanding_.find(id);
  if (it == outstanding_.end()) return;
  ub_cancel(context_.get(), it->second.async_id);
  outstanding_.erase(it);
}

void UnboundEventResolver::ExpireOverdue() {
  ThrowWhatWasThrown();
  const Deadline now = std::chrono::steady_clock::now();
  // What a |done| starts meanwhile has a later timeout: this ends.
  const LookupId last = last_id_;
  while (!outstanding_.empty()) {
    const auto& [id, lookup] = *outstanding_.begin();
    if (id > last || lookup.timeout > now) return;
    ub_cancel(context_.get(), lookup.async_id);
    Finish(id, Answer(Outcome::kTempError));
  }
}

std::optional<Deadline> UnboundEventResolver::next_timeout() const {
  if (thrown_ != nullptr) return Deadline::min();
  if (outstanding_.empty()) return std::nullopt;
  return outstanding_.begin()->second.timeout;
}

}  // namespace postseal::dns
