// DmarcSession: evaluates DMARC alone, from what SPF and DKIM said. The host gives
// DNS answers and reads the verdict; the session owns no socket, thread or clock.
//
//   DmarcSession session;
//   session.Start(dmarc::Authors(&author), identifiers);
//   dns::RunBlocking(&session, &resolver, deadline);
//   session.verdict();
#ifndef POSTSEAL_DMARC_DMARC_SESSION_H_
#define POSTSEAL_DMARC_DMARC_SESSION_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>

#include "absl/status/status.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/task.h"
#include "dmarc/authors.h"
#include "dmarc/context.h"
#include "dmarc/evaluate.h"
#include "dmarc/options.h"
#include "dmarc/record.h"
#include "dmarc/verdict.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"

namespace postseal::dmarc {

// DmarcSession serves one message after another with the same memory: from the third
// on it allocates nothing for usual ones. One thread at a time.
class DmarcSession {
 public:
  explicit DmarcSession(const DmarcOptions& options = DmarcOptions()) : options_(options) {}
  DmarcSession(const DmarcSession&) = delete;
  DmarcSession& operator=(const DmarcSession&) = delete;

  // Start drops what was there and starts evaluating. |authors| and |identifiers|
  // are copied. Queries may be pending as soon as it returns. InvalidArgument, and
  // nothing started, in the RFC 7489 mode without a suffix list.
  absl::Status Start(const Authors& authors, std::span<const Identifier> identifiers) {
    Drop();
    if (options_.mode == Mode::kRfc7489 && options_.suffixes == nullptr) {
      return absl::InvalidArgumentError("RFC 7489 needs a public suffix list");
    }
    exchange_.emplace(&arena_, &ready_);
    context_.emplace(&options_, &arena_, &*exchange_);
    authors_.emplace(authors.form, Copy(authors.domains), authors.skipped);
    task_.emplace(Evaluate(&*context_, &*authors_, Copy(identifiers)));
    task_->Start();
    return absl::OkStatus();
  }

  // NextQuery, Provide and FailOutstanding: see dns::Exchange. Without a Start
  // before them there is no query, FailedPrecondition, and nothing to fail.
  std::optional<dns::PendingQuery> NextQuery() {
    return exchange_.has_value() ? exchange_->NextQuery() : std::nullopt;
  }
  absl::Status Provide(dns::QueryId id, const dns::Answer& answer) {
    if (!exchange_.has_value()) return absl::FailedPreconditionError("nothing was started");
    const absl::Status status = exchange_->Provide(id, answer);
    if (status.ok()) ready_.Run();
    return status;
  }
  void FailOutstanding() {
    if (!exchange_.has_value()) return;
    exchange_->FailOutstanding();
    ready_.Run();
  }

  // done says whether there is a verdict.
  bool done() const { return task_.has_value() && task_->done(); }
  // verdict is the outcome. Requires done(). It lives until the next Start.
  const Verdict& verdict() const {
    POSTSEAL_CHECK(done());
    return task_->result();
  }
  // lookups are all queries so far, with their answers.
  std::span<dns::Lookup* const> lookups() const {
    return exchange_.has_value() ? exchange_->lookups() : std::span<dns::Lookup* const>();
  }

 private:
  // Tasks go before what they use, and everything before the arena's memory.
  void Drop() {
    task_.reset();
    authors_.reset();
    context_.reset();
    exchange_.reset();
    arena_.Reset();
  }

  template <typename T>
  std::span<const T> Copy(std::span<const T> items) {
    const std::span<T> copies = arena_.NewArray<T>(items.size());
    std::copy(items.begin(), items.end(), copies.begin());
    return copies;
  }

  DmarcOptions options_;
  base::Arena arena_;
  base::ReadyQueue ready_;
  std::optional<dns::Exchange> exchange_;
  std::optional<Context> context_;
  std::optional<Authors> authors_;
  std::optional<base::Task<Verdict>> task_;
};

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_DMARC_SESSION_H_
