// Writer: the threads that carry facts from the spool to where they are counted.
#ifndef POSTSEAL_STORE_WRITER_H_
#define POSTSEAL_STORE_WRITER_H_

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
};

// WriterStatus is for metrics: numbers since the start, but for |rows|.
struct WriterStatus {
  FoldTally folded;
  // Rows in SQLite: for PostgreSQL, those that have not arrived there.
  int64_t rows = 0;
  uint64_t forwarded_rows = 0;
  uint64_t forwarded_batches = 0;
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
  absl::Status Connect();
  bool IsLate() const;

  const WriterOptions options_;
  Spool& spool_;
  std::unique_ptr<Counters> folding_;
  std::unique_ptr<Counters> forwarding_;
  std::unique_ptr<Postgres> postgres_;
  mutable std::mutex mutex_;
  WriterStatus status_;
  // Of Stop, in ticks of the steady clock; 0 before.
  std::atomic<int64_t> stop_at_ = 0;
  std::unique_ptr<Periodic> forwarder_;
  std::unique_ptr<Periodic> folder_;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_WRITER_H_
