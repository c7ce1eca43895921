// Writer: the threads that carry facts from the spool to where they are counted.
#ifndef POSTSEAL_STORE_WRITER_H_
#define POSTSEAL_STORE_WRITER_H_

#include <time.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "store/counters.h"
#include "store/fold.h"
#include "store/outbox.h"
#include "store/periodic.h"
#include "store/postgres.h"
#include "store/spool.h"

namespace postseal::store {

struct WriterOptions {
  CountersOptions counters;
  // Where rows go from there; without a URL they stay.
  std::string postgres_url;
  // How long each answer of PostgreSQL is waited for.
  std::chrono::milliseconds postgres_timeout{30000};
  // How long Stop waits for PostgreSQL before it leaves the rest in the outbox.
  std::chrono::milliseconds stop_timeout{5000};
  std::string node;
  PeriodicOptions periodic;
  // Rows of days more than so many days before today are deleted, soon after the start
  // and then every day; 0: they stay.
  int64_t retention_days = 0;
  // The clock, in Unix seconds.
  std::function<int64_t()> now = [] { return int64_t{time(nullptr)}; };
  // Told, for the log, what an operator should know and what is no error: one line,
  // escaped. Called by the writer's threads, one at a time.
  std::function<void(const std::string& line)> notice = [](const std::string&) {};
};

// WriterStatus is for metrics: numbers since the start, but for |rows|.
struct WriterStatus {
  FoldTally folded;
  // Rows in SQLite: for PostgreSQL, those that have not arrived there.
  int64_t rows = 0;
  uint64_t forwarded_rows = 0;
  uint64_t forwarded_batches = 0;
  // Messages that were counted with less detail than they came with (store/quota.h).
  uint64_t reduced_messages = 0;
  // Rows that went to dead_letters, since PostgreSQL refuses them.
  uint64_t dead_letters = 0;
  // Rows that were deleted because of retention_days.
  uint64_t dropped_rows = 0;
  // What goes wrong now; OK when nothing does.
  absl::Status fold_error;
  absl::Status forward_error;
};

// Writer folds the spool every so often and forwards batches, in two threads: a
// PostgreSQL that does not answer keeps no fact in the spool.
class Writer {
 public:
  // |spool| outlives the writer.
  Writer(WriterOptions options, Spool* spool);
  ~Writer();

  // Flush returns when every fact that the spool had is counted and, with a URL, has
  // arrived in PostgreSQL; with an error when something of that failed. Nothing is lost
  // by it: the writer goes on trying.
  absl::Status Flush();

  // Stop stops the spool and is Flush, at most |stop_timeout| for PostgreSQL.
  absl::Status Stop();

  WriterStatus status() const;

 private:
  // For each thread: its pass, with connections that the other never uses.
  absl::Status Fold();
  absl::Status Forward();
  absl::Status FoldOnce();
  absl::Status ForwardAll();
  absl::Status ForwardBatch(Outbox* outbox, const Batch& batch);
  // BuryRefused moves the rows of |batch| that PostgreSQL refuses out of the way.
  absl::Status BuryRefused(Outbox* outbox, const Batch& batch, const absl::Status& refusal);
  absl::Status Connect();
  absl::Status ConnectPostgres();
  // Drop deletes old rows of |rows|, unless it has done so today: |dropped_before| is
  // the last day that it was asked for.
  template <typename Rows>
  absl::Status Drop(Rows* rows, int64_t* dropped_before);
  bool MustDrop(int64_t dropped_before) const;
  int64_t FirstDay() const;
  void CountReduced(int64_t messages);
  void CountBuried(uint64_t rows, const std::string& why);
  bool IsLate() const;

  const WriterOptions options_;
  Spool& spool_;
  std::unique_ptr<Counters> folding_;
  std::unique_ptr<Counters> forwarding_;
  std::unique_ptr<Postgres> postgres_;
  mutable std::mutex mutex_;
  WriterStatus status_;
  // The day on which it was last told that messages lose detail; with |mutex_|.
  int64_t told_reduced_ = -1;
  int64_t folding_dropped_before_ = 0;
  int64_t forwarding_dropped_before_ = 0;
  std::mutex notice_mutex_;
  // Of Stop, in ticks of the steady clock; 0 before.
  std::atomic<int64_t> stop_at_ = 0;
  std::unique_ptr<Periodic> forwarder_;
  std::unique_ptr<Periodic> folder_;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_WRITER_H_
