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
#include "store/quota.h"
#include "store/row.h"
#include "store/sqlite.h"

namespace postseal::store {

// kMaxCounterOctets is the default of CountersOptions::max_octets.
inline constexpr uint64_t kMaxCounterOctets = uint64_t{4} * 1024 * 1024 * 1024;
// kBusyMilliseconds is the default of CountersOptions::busy_milliseconds.
inline constexpr int kBusyMilliseconds = 2000;
// kDropRows is how many rows DropBefore deletes at a time, while others wait.
inline constexpr int64_t kDropRows = 5000;
// kCompactRows is how many rows Compact reduces at a time.
inline constexpr int64_t kCompactRows = 1000;

struct CountersOptions {
  std::string path;
  // Fold refuses when the pages in use have as much. It may be exceeded by one segment.
  // From three quarters of it new rows have Detail::kPolicy or less, from seven eighths
  // Detail::kDay, so that strangers cannot fill it.
  uint64_t max_octets = kMaxCounterOctets;
  Quota quota;
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
  // Open makes what is not there, and changes what an older postseal made.
  // FailedPrecondition when a newer one made it.
  static absl::StatusOr<std::unique_ptr<Counters>> Open(const CountersOptions& options);

  // Fold adds |rows|, the content of |segment| in |directory|, once and within the quota:
  // false says that they were there. With an error nothing was added. ResourceExhausted:
  // max_octets.
  absl::StatusOr<bool> Fold(const std::string& directory, const std::string& segment,
                            const std::vector<Row>& rows);

  // FoldedSegments are those of |directory| that Fold remembers.
  absl::StatusOr<std::vector<std::string>> FoldedSegments(const std::string& directory);
  // Forget is called when nobody will ever fold |segment| again.
  absl::Status Forget(const std::string& segment);

  // ForEachRow gives the rows of |days| to |take|, those of one Policy Domain and one
  // configuration after each other.
  absl::Status ForEachRow(DayRange days, TakeRow take);

  // DropBefore deletes the rows of the days before |day| and returns how many.
  absl::StatusOr<int64_t> DropBefore(int64_t day);

  // Compact reduces rows to Detail::kPolicy where a day and a Policy Domain have more than
  // |rows_a_domain| units, those with the fewest messages first, until they have not, and
  // returns how many it reduced. The sums stay what they are.
  absl::StatusOr<int64_t> Compact(int64_t rows_a_domain);

  // CountRows is how many rows there are, in time that does not grow with them.
  absl::StatusOr<int64_t> CountRows();

  // reduced is how many messages this connection has counted with less detail than
  // they came with.
  int64_t reduced() const { return reduced_; }

  // Outbox is about the same database.
  Database* database() { return &database_; }

 private:
  Counters(CountersOptions options, Database database)
      : options_(std::move(options)), database_(std::move(database)) {}

  // DetailForRoom is the most detail that new rows may have, for want of room.
  absl::StatusOr<Detail> DetailForRoom();
  // CompactDay is Compact of |domain| and |day|, up to |most| rows; 0: there are no more.
  absl::StatusOr<int64_t> CompactDay(const std::string& domain, const std::string& day,
                                     int64_t most);
  absl::StatusOr<std::vector<Row>> SelectReducible(const std::string& domain,
                                                   const std::string& day, int64_t most);

  const CountersOptions options_;
  Database database_;
  int64_t reduced_ = 0;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_COUNTERS_H_
