// Outbox: rows of SQLite on their way to PostgreSQL, in batches.
#ifndef POSTSEAL_STORE_OUTBOX_H_
#define POSTSEAL_STORE_OUTBOX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/counters.h"
#include "store/row.h"

namespace postseal::store {

// kMaxBatchRows bounds a batch.
inline constexpr size_t kMaxBatchRows = 1000;
// kMaxOutboxOctets is the default limit of the outbox' database, in octets. When
// it is reached, facts stay in the spool.
inline constexpr uint64_t kMaxOutboxOctets = uint64_t{1024} * 1024 * 1024;

// Batch is rows in the order of their key. What has one number never changes, except
// that rows are buried before it is applied.
struct Batch {
  // Of this outbox alone, made at random: numbers of one outbox are never taken for
  // those of another, whatever their nodes are called.
  std::string outbox;
  int64_t number = 0;  // 1, 2, 3...
  std::vector<Row> rows;
};

// DeadLetter is a row that cannot be delivered.
struct DeadLetter {
  ColumnTexts texts;
  std::string error;  // for people
};

// Outbox moves rows out of a Counters, which is only used by it and by Fold, from any
// number of connections.
class Outbox {
 public:
  // |counters| outlives the outbox.
  explicit Outbox(Counters* counters) : database_(*counters->database()) {}

  // Next is the oldest batch that was not delivered; no rows when there is none. One
  // is made of up to |max_rows| rows if needed. Until Delivered it is the same again,
  // after a restart too. A row that cannot be read is buried (Bury).
  absl::StatusOr<Batch> Next(size_t max_rows = kMaxBatchRows);

  // Delivered deletes the batch.
  absl::Status Delivered(int64_t number);

  // Bury moves |rows| of the batch |number|, which PostgreSQL has refused for good, to
  // the table dead_letters, each with what was wrong. They must not have been applied.
  absl::Status Bury(int64_t number, const std::vector<DeadLetter>& rows);

  // CountRows is how many rows are not delivered, in batches or not, in time that does
  // not grow with them.
  absl::StatusOr<int64_t> CountRows();

  // buried is how many rows this object has buried.
  uint64_t buried() const { return buried_; }

 private:
  // For each: within a transaction.
  absl::StatusOr<int64_t> OldestNumber();
  absl::StatusOr<int64_t> MakeBatch(size_t max_rows);
  // Uncount takes the rows of |batch| out of dmarc_counts.
  absl::Status Uncount(int64_t batch);
  absl::Status ReadRows(Batch* batch, std::vector<DeadLetter>* unreadable);
  absl::Status MoveToDead(int64_t number, const std::vector<DeadLetter>& rows);

  Database& database_;
  uint64_t buried_ = 0;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_OUTBOX_H_
