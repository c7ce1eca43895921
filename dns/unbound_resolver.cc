#include "dns/unbound_resolver.h"

#include <poll.h>
#include <unbound.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace postseal::dns {
namespace {

constexpr int kClassIn = 1;        // RFC 1035 §3.2.4
constexpr int kRcodeNoError = 0;   // RFC 1035 §4.1.1
constexpr int kRcodeNxDomain = 3;  // RFC 1035 §4.1.1

// ToAnswer translates |result|; the views are put into |rdata|.
Answer ToAnswer(int error, const ub_result* result, std::vector<std::string_view>* rdata) {
  Answer answer(Outcome::kTempError);
  if (error != 0 || result == nullptr || result->bogus != 0) return answer;
  if (result->rcode == kRcodeNxDomain) {
    answer.outcome = Outcome::kNxDomain;
  } else if (result->rcode != kRcodeNoError) {
    return answer;
  } else if (result->havedata == 0) {
    answer.outcome = Outcome::kNoData;
  } else {
    answer.outcome = Outcome::kRecords;
    for (size_t i = 0; result->data[i] != nullptr; ++i) {
      rdata->emplace_back(result->data[i], static_cast<size_t>(result->len[i]));
    }
    answer.rdata = *rdata;
  }
  answer.dnssec_secure = result->secure != 0;
  answer.ttl_seconds = static_cast<uint32_t>(std::max(result->ttl, 0));
  return answer;
}

}  // namespace

absl::StatusOr<std::unique_ptr<UnboundResolver>> UnboundResolver::Create(
    const UnboundOptions& options) {
  absl::StatusOr<internal::UnboundContext> context =
      internal::MakeUnboundContext(options, [] { return ub_ctx_create(); });
  if (!context.ok()) return context.status();
  // A thread: a forked process would take the host's descriptors along.
  if (const int error = ub_ctx_async(context->get(), /*dothread=*/1)) {
    return absl::InternalError(absl::StrCat("libunbound: ", ub_strerror(error)));
  }
  // Settings are checked when they are first used: removing data that is not
  // there does nothing else.
  if (const int error = ub_ctx_data_remove(context->get(), "postseal.invalid.")) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.trust_anchor_file.value_or("libunbound"), ": ", ub_strerror(error)));
  }
  return std::unique_ptr<UnboundResolver>(
      new UnboundResolver(*std::move(context), options.lookup_timeout));
}

UnboundResolver::~UnboundResolver() {
  while (!outstanding_.empty()) Cancel(outstanding_.begin()->first);
}

void UnboundResolver::OnResult(void* outstanding, int error, ub_result* result) {
  const auto* const lookup = static_cast<const Outstanding*>(outstanding);
  UnboundResolver* const resolver = lookup->resolver;
  // libunbound is C. What is thrown is kept until its function has returned.
  try {
    std::vector<std::string_view> rdata;
    Answer answer(Outcome::kTempError);
    try {
      answer = ToAnswer(error, result, &rdata);
    } catch (...) {
      resolver->thrown_ = std::current_exception();
    }
    resolver->Finish(lookup->id, answer);
  } catch (...) {
    resolver->thrown_ = std::current_exception();
  }
  ub_resolve_free(result);
}

void UnboundResolver::ThrowWhatWasThrown() {
  if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void UnboundResolver::Finish(LookupId id, const Answer& answer) {
  const auto node = outstanding_.extract(id);
  POSTSEAL_CHECK(!node.empty());
  ++finished_;
  // Last, and with nothing of the lookup left: |done| may call any of our functions.
  Done done = std::move(node.mapped().done);
  done(answer);
}

AsyncResolver::LookupId UnboundResolver::Start(const Query& query, Done done) {
  const std::string name = internal::PresentationText(query.name);
  const LookupId id = ++last_id_;
  const Deadline timeout = std::chrono::steady_clock::now() + lookup_timeout_;
  Outstanding* const lookup =
      &outstanding_.emplace(id, Outstanding{this, id, timeout, std::move(done)}).first->second;
  int async_id = 0;
  const int error = ub_resolve_async(context_.get(), name.c_str(), static_cast<int>(query.type),
                                     kClassIn, lookup, &OnResult, &async_id);
  // Of this lookup, if it is answered already: nothing of it is left then.
  ThrowWhatWasThrown();
  if (error != 0) {
    Finish(id, Answer(Outcome::kTempError));
  } else if (const auto it = outstanding_.find(id); it != outstanding_.end()) {
    it->second.async_id = async_id;
  }
  return id;
}

void UnboundResolver::Cancel(LookupId id) {
  const auto it = outstanding_.find(id);
  if (it == outstanding_.end()) return;
  // Its result, if it is on its way, is dropped by libunbound.
  ub_cancel(context_.get(), it->second.async_id);
  outstanding_.erase(it);
}

int UnboundResolver::fd() const { return ub_fd(context_.get()); }

absl::Status UnboundResolver::Process() {
  const int error = ub_process(context_.get());
  ThrowWhatWasThrown();
  const Deadline now = error == 0 ? std::chrono::steady_clock::now() : Deadline::max();
  // What a |done| starts meanwhile has a later timeout: this ends.
  const LookupId last = last_id_;
  while (!outstanding_.empty()) {
    const auto& [id, lookup] = *outstanding_.begin();
    if (id > last || lookup.timeout > now) break;
    ub_cancel(context_.get(), lookup.async_id);
    Finish(id, Answer(Outcome::kTempError));
  }
  if (error == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("libunbound: ", ub_strerror(error)));
}

std::optional<Deadline> UnboundResolver::next_timeout() const {
  if (outstanding_.empty()) return std::nullopt;
  return outstanding_.begin()->second.timeout;
}

bool UnboundResolver::Wait(Deadline deadline) {
  const uint64_t before = finished_;
  for (;;) {
    // When it fails, it has handed out temporary errors.
    Process().IgnoreError();
    if (finished_ != before) return true;
    const Deadline now = std::chrono::steady_clock::now();
    if (outstanding_.empty() || now >= deadline) return false;
    const auto wait =
        std::chrono::ceil<std::chrono::milliseconds>(std::min(deadline, *next_timeout()) - now);
    pollfd readable = {fd(), POLLIN, 0};
    // Interrupted or not, the loop looks again; kMaxLookupTimeout fits an int.
    poll(&readable, 1, static_cast<int>(std::max<int64_t>(wait.count(), 0)));
  }
}

void UnboundResolver::Resolve(std::span<const PendingQuery> batch, Deadline deadline,
                              Provide provide) {
  size_t left = batch.size();
  // They point to objects on our stack, which are gone after this call, however it ends.
  struct Lookups {
    ~Lookups() {
      for (const LookupId id : ids) resolver->Cancel(id);
    }
    UnboundResolver* resolver;
    std::vector<LookupId> ids;
  } lookups{this, {}};
  lookups.ids.reserve(batch.size());
  for (const PendingQuery& pending : batch) {
    lookups.ids.push_back(
        Start(pending.query, [&left, &provide, id = pending.id](const Answer& answer) {
          --left;
          provide(id, answer);
        }));
  }
  while (left > 0 && Wait(deadline)) {
  }
}

}  // namespace postseal::dns
