// RowAdder: adds rows to the table in SQLite, within a quota.
#ifndef POSTSEAL_STORE_ROW_ADDER_H_
#define POSTSEAL_STORE_ROW_ADDER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/quota.h"
#include "store/row.h"
#include "store/sqlite.h"

namespace postseal::store {

// RowAdder is used within one transaction, which ends with Finish and a commit. What a
// row becomes depends on the tables alone, so a transaction that was undone and is made
// again has the same result.
class RowAdder {
 public:
  // |database| outlives it. Rows that are new have |least| detail or less.
  static absl::StatusOr<std::unique_ptr<RowAdder>> Create(Database* database, const Quota& quota,
                                                          Detail least);

  // Add adds the messages of |row| to the row that is alike, or to a new one.
  absl::Status Add(const Row& row);

  // Remove deletes |row|, which is there.
  absl::Status Remove(const Row& row);

  // Finish writes how many rows there are now to the table dmarc_counts.
  absl::Status Finish();

  // reduced is how many messages Add counted with less detail than they came with.
  int64_t reduced() const { return reduced_; }

 private:
  // Count is a row of dmarc_counts: what it has, and what is to be added.
  struct Count {
    int64_t units = 0;
    int64_t new_units = 0;
    int64_t new_rows = 0;
  };
  using CountKey = std::pair<std::string, std::string>;  // Policy Domain, day

  RowAdder(Database* database, const Quota& quota, Detail least, Statement update, Statement insert,
           Statement count)
      : database_(*database),
        quota_(quota),
        least_(least),
        update_(std::move(update)),
        insert_(std::move(insert)),
        count_(std::move(count)) {}

  // AddToOld is whether there was a row with the key of |texts|.
  absl::StatusOr<bool> AddToOld(const ColumnTexts& texts, int64_t messages);
  absl::Status Insert(const ColumnTexts& texts);
  // CountRow counts the row |texts| |times| times: 1, or -1 for one that is gone.
  absl::Status CountRow(const ColumnTexts& texts, int64_t times);
  // CountOf is the entry of |domain| and |day|, read the first time; empty |domain|: the
  // whole day.
  absl::StatusOr<Count*> CountOf(const std::string& domain, const std::string& day);

  Database& database_;
  const Quota quota_;
  const Detail least_;
  Statement update_;
  Statement insert_;
  Statement count_;
  std::map<CountKey, Count> counts_;
  int64_t reduced_ = 0;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_ROW_ADDER_H_
