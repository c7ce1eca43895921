// Postgres: the rows of many nodes in PostgreSQL, or what speaks like it.
#ifndef POSTSEAL_STORE_POSTGRES_H_
#define POSTSEAL_STORE_POSTGRES_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/counters.h"
#include "store/outbox.h"
#include "store/row.h"

struct pg_conn;
struct pg_result;

namespace postseal::store {

// kPostgresVersion is the schema's, in the table postseal_schema.
inline constexpr int64_t kPostgresVersion = 1;

struct PostgresOptions {
  // "postgresql://..." as libpq reads it. Never part of an error: it may hold a
  // password.
  std::string url;
  // How long each step (connecting, a statement) may take. Name resolution is libpq's
  // and not bounded by it.
  std::chrono::milliseconds timeout{30000};
  // Asked several times a second while waiting; true ends the wait with Cancelled.
  std::function<bool()> interrupted = [] { return false; };
};

// Postgres is a connection, for one thread at a time. After an error it is to be
// thrown away. Errors are Unavailable, DeadlineExceeded and Cancelled (no answer: what
// was asked may have been done), FailedPrecondition (a newer postseal's tables),
// PermissionDenied, InvalidArgument (the URL) and Internal.
class Postgres {
 public:
  // IsUrl says whether |url| begins like one of PostgreSQL's.
  static bool IsUrl(std::string_view url);

  // Connect makes the tables when they are not there.
  static absl::StatusOr<std::unique_ptr<Postgres>> Connect(PostgresOptions options);

  // Apply adds the rows of |batch|, of |node|, unless it has been added: all of it or
  // nothing, and once. Batches of an outbox come in the order of their numbers.
  absl::Status Apply(const std::string& node, const Batch& batch);

  // ForEachRow and DropBefore are as in Counters.
  absl::Status ForEachRow(DayRange days, TakeRow take);
  absl::Status DropBefore(int64_t day);

 private:
  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  struct Clear {
    void operator()(pg_result* result) const;
  };
  using Result = std::unique_ptr<pg_result, Clear>;
  using Clock = std::chrono::steady_clock;

  Postgres(PostgresOptions options, pg_conn* connection)
      : options_(std::move(options)), connection_(connection) {}

  absl::Status FinishConnecting();
  absl::Status MakeTables();
  absl::Status AddRows(std::span<const Row> rows);
  // Send starts |sql|; Receive is its next result, nullptr after the last.
  absl::Status Send(const std::string& sql, const ColumnTexts& values);
  absl::StatusOr<Result> Receive();
  // Run is the only result of |sql|.
  absl::StatusOr<Result> Run(const std::string& sql, const ColumnTexts& values = {});
  // Wait waits until the socket can be read, or else with |for_writing| written.
  absl::Status Wait(bool for_writing, Clock::time_point deadline);
  absl::Status ErrorOf(const pg_result* result) const;

  const PostgresOptions options_;
  std::unique_ptr<pg_conn, Finish> connection_;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_POSTGRES_H_
