// Store: where facts go, from a URL.
#ifndef POSTSEAL_STORE_STORE_H_
#define POSTSEAL_STORE_STORE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/counters.h"
#include "store/fact.h"
#include "store/outbox.h"
#include "store/periodic.h"
#include "store/quota.h"
#include "store/spool.h"
#include "store/writer.h"

namespace postseal::store {

struct StoreOptions {
  // "sqlite:PATH", or "postgresql://..." as libpq reads it.
  std::string url;
  // Where facts wait. Empty: PATH.spool with SQLite; PostgreSQL wants one, and has its
  // outbox there.
  std::string spool_directory;
  // This machine's name in PostgreSQL, for people; empty: the host's.
  std::string node;
  // Facts survive a loss of power.
  bool fsync = false;
  uint64_t max_spool_octets = kMaxSpoolOctets;
  // Of the SQLite database, be it the last place or the outbox; 0: kMaxCounterOctets
  // or kMaxOutboxOctets.
  uint64_t max_database_octets = 0;
  // How long SQLite's locks are waited for.
  int busy_milliseconds = kBusyMilliseconds;
  std::chrono::milliseconds postgres_timeout{30000};
  std::chrono::milliseconds stop_timeout{5000};
  // How often facts are counted.
  PeriodicOptions periodic;
  // How many rows there may be with all their detail.
  Quota quota;
  // Those of WriterOptions.
  int64_t retention_days = 0;
  std::function<int64_t()> now;                         // empty: the system's clock
  std::function<void(const std::string& line)> notice;  // empty: nobody is told
};

// StoreStatus is for metrics.
struct StoreStatus {
  uint64_t appended = 0;      // facts kept since the start
  uint64_t refused = 0;       // and those that were not
  uint64_t spool_octets = 0;  // that wait
  WriterStatus writer;

  // error is what goes wrong now, OK when nothing does. Its text names files and what
  // the database said, escaped, and never the URL.
  const absl::Status& error() const {
    return writer.fold_error.ok() ? writer.forward_error : writer.fold_error;
  }
};

// Store may be used from any thread.
class Store {
 public:
  // Open checks the URL and that spool and SQLite can be written. A database that is
  // locked and a PostgreSQL that is away are no errors: facts wait.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const StoreOptions& options);

  // sink takes facts until Stop. It lives as long as the store.
  FactSink* sink() { return spool_.get(); }

  StoreStatus status() const;

  // Flush and Stop are those of Writer.
  absl::Status Flush() { return writer_->Flush(); }
  absl::Status Stop() { return writer_->Stop(); }

 private:
  Store(std::unique_ptr<Spool> spool, WriterOptions options)
      : spool_(std::move(spool)),
        writer_(std::make_unique<Writer>(std::move(options), spool_.get())) {}

  std::unique_ptr<Spool> spool_;
  std::unique_ptr<Writer> writer_;
};

// ForEachRow gives the rows of |days| in the place that |url| names to |take|, those of
// one Policy Domain and one configuration after each other. What waits in spools and
// outboxes is not there yet.
absl::Status ForEachRow(const std::string& url, DayRange days, TakeRow take);

// DropBefore deletes the rows of the days before |day| there and returns how many.
absl::StatusOr<int64_t> DropBefore(const std::string& url, int64_t day);

// Compact is that of Counters there.
absl::StatusOr<int64_t> Compact(const std::string& url, int64_t rows_a_domain);

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_STORE_H_
