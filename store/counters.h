// Counters: the rows of reports in SQLite.
#ifndef POSTSEAL_STORE_COUNTERS_H_
#define POSTSEAL_STORE_COUNTERS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/row.h"
#include "store/sqlite.h"

namespace postseal::store {

// kCountersVersion is the schema's, in PRAGMA user_version.
inline constexpr int64_t kCountersVersion = 1;
// kMaxCounterOctets is the default of CountersOptions::max_octets.
inline constexpr uint64_t kMaxCounterOctets = uint64_t{4} * 1024 * 1024 * 1024;
// kBusyMilliseconds is the default of CountersOptions::busy_milliseconds.
inline constexpr int kBusyMilliseconds = 2000;

struct CountersOptions {
  std::string path;
  // Fold refuses when the pages in use have as much. It may be exceeded by one segment.
  uint64_t max_octets = kMaxCounterOctets;
  // How long a lock of another process is waited for.
  int busy_milliseconds = kBusyMilliseconds;
};

// DayRange is from |first| to |last|, both included, in days since 1970-01-01.
struct DayRange {
  int64_t first = 0;
  int64_t last = 0;
};

// TakeRow takes a row; false ends the reading.
using TakeRow = absl::FunctionRef<bool(const Row&)>;

// Counters is a connection, for one thread at a time; any number of processes may have
// one to the same file. Errors are those of Database.
class Counters {
 public:
  // Open makes what is not there. FailedPrecondition when a newer postseal made it.
  static absl::StatusOr<std::unique_ptr<Counters>> Open(const CountersOptions& options);

  // Fold adds |rows|, the content of |segment| in |directory|, once: false says that
  // they were there. With an error nothing was added. ResourceExhausted: max_octets.
  absl::StatusOr<bool> Fold(const std::string& directory, const std::string& segment,
                            const std::vector<Row>& rows);

  // FoldedSegments are those of |directory| that Fold remembers.
  absl::StatusOr<std::vector<std::string>> FoldedSegments(const std::string& directory);
  // Forget is called when nobody will ever fold |segment| again.
  absl::Status Forget(const std::string& segment);

  // ForEachRow gives the rows of |days| to |take|, those of one Policy Domain and one
  // configuration after each other.
  absl::Status ForEachRow(DayRange days, TakeRow take);

  // DropBefore deletes the rows of the days before |day|.
  absl::Status DropBefore(int64_t day);

  // CountRows is how many rows there are.
  absl::StatusOr<int64_t> CountRows();

  // Outbox is about the same database.
  Database* database() { return &database_; }

 private:
  Counters(CountersOptions options, Database database)
      : options_(std::move(options)), database_(std::move(database)) {}

  absl::Status MakeSchema();
  absl::Status CheckRoom();

  const CountersOptions options_;
  Database database_;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_COUNTERS_H_
