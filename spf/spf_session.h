// SpfSession: checks SPF alone. The host gives DNS answers and reads the verdict;
// the session owns no socket, thread or clock.
//
//   SpfSession session;
//   session.Start(request);
//   dns::RunBlocking(&session, &resolver, deadline);
//   session.verdict();
#ifndef POSTSEAL_SPF_SPF_SESSION_H_
#define POSTSEAL_SPF_SPF_SESSION_H_

#include <optional>
#include <span>

#include "absl/status/status.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/task.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "spf/budget.h"
#include "spf/check_host.h"
#include "spf/evaluation.h"
#include "spf/verdict.h"

namespace postseal::spf {

// SpfSession serves one request after another with the same memory: from the
// second on it allocates nothing for usual records. One thread at a time.
class SpfSession {
 public:
  explicit SpfSession(const SpfOptions& options = SpfOptions()) : options_(options) {}
  SpfSession(const SpfSession&) = delete;
  SpfSession& operator=(const SpfSession&) = delete;

  // Start drops what was there and starts checking |request|, whose text is
  // copied. Queries may be pending as soon as it returns.
  void Start(const Request& request) {
    Drop();
    exchange_.emplace(&arena_, &ready_, options_.max_queries);
    Request copy = request;
    copy.mail_from = arena_.Copy(request.mail_from);
    copy.helo = arena_.Copy(request.helo);
    copy.receiver = arena_.Copy(request.receiver);
    evaluation_.emplace(&options_, copy, &arena_, &*exchange_);
    task_.emplace(CheckHost(&*evaluation_));
    task_->Start();
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
    evaluation_.reset();
    exchange_.reset();
    arena_.Reset();
  }

  SpfOptions options_;
  base::Arena arena_;
  base::ReadyQueue ready_;
  std::optional<dns::Exchange> exchange_;
  std::optional<Evaluation> evaluation_;
  std::optional<base::Task<Verdict>> task_;
};

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_SPF_SESSION_H_
