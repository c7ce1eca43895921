// Lint: looks for mistakes in the SPF record of a domain and in those it leads to.
// It evaluates nothing: no client, sender or time is involved. The host gives DNS
// answers, as for an SpfSession, and reads the report.
//
//   Lint lint(domain);
//   dns::RunBlocking(&lint, &resolver, deadline);
//   lint.report();
#ifndef POSTSEAL_SPF_LINT_H_
#define POSTSEAL_SPF_LINT_H_

#include <cstddef>
#include <optional>
#include <span>

#include "absl/status/status.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/task.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "spf/budget.h"
#include "spf/lint_record.h"
#include "spf/lint_report.h"
#include "spf/lint_tree.h"
#include "spf/lint_walk.h"

namespace postseal::spf {

// LintQueries is how many lookups a lint may make: a check asks for the addresses
// of one family, and a lint for those of both.
constexpr size_t LintQueries(const SpfOptions& options) { return 2 * options.max_queries; }

// Lint looks at one domain. One thread at a time.
class Lint {
 public:
  // Queries are pending as soon as it is made. |options| has the limits that the
  // records are held to.
  explicit Lint(const dns::Name& domain, const SpfOptions& options = SpfOptions());
  Lint(const Lint&) = delete;
  Lint& operator=(const Lint&) = delete;

  // NextQuery, Provide and FailOutstanding: see dns::Exchange.
  std::optional<dns::PendingQuery> NextQuery() { return exchange_.NextQuery(); }
  absl::Status Provide(dns::QueryId id, const dns::Answer& answer) {
    const absl::Status status = exchange_.Provide(id, answer);
    if (status.ok()) ready_.Run();
    return status;
  }
  void FailOutstanding() {
    exchange_.FailOutstanding();
    ready_.Run();
  }

  // done says whether there is a report.
  bool done() const { return task_->done(); }
  // report is what was found. Requires done().
  const LintReport& report() const {
    POSTSEAL_CHECK(done());
    return walk_.report();
  }
  // lookups are all queries so far, with their answers.
  std::span<dns::Lookup* const> lookups() const { return exchange_.lookups(); }

 private:
  SpfOptions options_;
  base::Arena arena_;
  base::ReadyQueue ready_;
  dns::Exchange exchange_;
  LintWalk walk_;
  std::optional<base::Task<bool>> task_;
};

// Implementation.

inline Lint::Lint(const dns::Name& domain, const SpfOptions& options)
    : options_(options),
      exchange_(&arena_, &ready_, LintQueries(options)),
      walk_(&options_, LintQueries(options), &arena_, &exchange_) {
  walk_.AddNode(domain, RecordRole());
  task_.emplace(LintTree(&walk_));
  task_->Start();
}

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_LINT_H_
