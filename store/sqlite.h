// Sqlite: a database of SQLite and its statements, with what goes wrong as a Status.
#ifndef POSTSEAL_STORE_SQLITE_H_
#define POSTSEAL_STORE_SQLITE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace postseal::store {

// Statement is prepared SQL. It must not outlive its database.
class Statement {
 public:
  // Bind gives parameter |index|, from 1, its value; nullopt is NULL. What goes wrong
  // is told by Step.
  void Bind(int index, const std::optional<std::string>& text);
  void Bind(int index, int64_t number);

  // Step goes to the next row: false when there is none.
  absl::StatusOr<bool> Step();

  // Run steps to the end and makes the statement ready to be bound and run again.
  absl::Status Run();

  // Text and Number are the values of column |index|, from 0; nullopt is NULL.
  std::optional<std::string> Text(int index) const;
  int64_t Number(int index) const;

 private:
  friend class Database;

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  Statement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bind_result_ = 0;
};

// Database is a connection, for one thread at a time. Its errors are ResourceExhausted
// (the disk is full), Unavailable (locked beyond the busy timeout, or the disk failed:
// to be tried again), DataLoss (no database), PermissionDenied and Internal.
class Database {
 public:
  // Open opens |path|, made for its owner alone if it is not there, in WAL mode: what a transaction
  // has committed survives a loss of power. Locks are waited for up to |busy_milliseconds|.
  static absl::StatusOr<Database> Open(const std::string& path, int busy_milliseconds);

  // Execute runs |sql|, one statement or several, whose rows are of no interest.
  absl::Status Execute(const std::string& sql);

  absl::StatusOr<Statement> Prepare(const std::string& sql);

  // Single is the number in the first column of the first row of |sql|.
  absl::StatusOr<int64_t> Single(const std::string& sql);

  // changes is how many rows the last statement changed.
  int64_t changes() const;

  // pages_touched is how many pages this connection has looked at, in memory or not: what
  // statements cost, whatever the machine.
  int64_t pages_touched() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };

  std::unique_ptr<sqlite3, Close> database_;
};

// Transaction takes the lock for writing when it is begun, and undoes all unless it is
// committed.
class Transaction {
 public:
  // |database| outlives it.
  static absl::StatusOr<std::unique_ptr<Transaction>> Begin(Database* database);

  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  absl::Status Commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}

  Database* database_;
  bool open_ = true;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_SQLITE_H_
