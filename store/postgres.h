// Postgres: the rows of many nodes in PostgreSQL, or what speaks like it.
#ifndef POSTSEAL_STORE_POSTGRES_H_
#define POSTSEAL_STORE_POSTGRES_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/counters.h"
#include "store/outbox.h"
#include "store/quota.h"
#include "store/row.h"

struct pg_conn;
struct pg_result;

namespace postseal::store {

// kMigrationTimeout is how long each statement that changes the tables of an older
// postseal may take: they may have millions of rows.
inline constexpr std::chrono::hours kMigrationTimeout(1);

struct PostgresOptions {
  // "postgresql://..." as libpq reads it. Never part of an error: it may hold a
  // password.
  std::string url;
  // How long each step (connecting, a statement) may take. Name resolution is libpq's
  // and not bounded by it.
  std::chrono::milliseconds timeout{30000};
  Quota quota;
  // Asked several times a second while waiting; true ends the wait with Cancelled.
  std::function<bool()> interrupted = [] { return false; };
};

// Postgres is a connection, for one thread at a time. After an error it is to be
// thrown away, except where a function says otherwise. Errors are Unavailable,
// DeadlineExceeded and Cancelled (no answer: what was asked may have been done),
// FailedPrecondition (a newer postseal's tables), PermissionDenied, InvalidArgument (the
// URL, or a row that is refused for what it holds) and Internal.
class Postgres {
 public:
  // IsUrl says whether |url| begins like one of PostgreSQL's.
  static bool IsUrl(std::string_view url);

  // Connect makes the tables when they are not there, and changes those that an older
  // postseal made.
  static absl::StatusOr<std::unique_ptr<Postgres>> Connect(PostgresOptions options);

  // Apply adds the rows of |batch|, of |node|, unless it has been added: all of it or
  // nothing, once, and within the quota. Batches of an outbox come in the order of their
  // numbers. InvalidArgument when the server refuses a row for what it holds: nothing
  // was added, and the connection can go on.
  absl::Status Apply(const std::string& node, const Batch& batch);

  // FindRefused is which rows of |batch| the server refuses for what they hold. Nothing
  // is added.
  absl::StatusOr<std::vector<DeadLetter>> FindRefused(const std::string& node, const Batch& batch);

  // ForEachRow, DropBefore and Compact are as in Counters. Compact wants a connection
  // whose quota is kNoQuota.
  absl::Status ForEachRow(DayRange days, TakeRow take);
  absl::StatusOr<int64_t> DropBefore(int64_t day);
  absl::StatusOr<int64_t> Compact(int64_t rows_a_domain);

  // reduced is how many messages this connection has counted with less detail than they
  // came with.
  int64_t reduced() const { return reduced_; }

 private:
  struct Additions;
  enum class Parameters {
    kText,  // of whatever type the server takes them for
    kRows,  // the columns of rows
  };

  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  struct Clear {
    void operator()(pg_result* result) const;
  };
  using Result = std::unique_ptr<pg_result, Clear>;
  using Clock = std::chrono::steady_clock;

  Postgres(PostgresOptions options, pg_conn* connection)
      : options_(std::move(options)), connection_(connection), timeout_(options_.timeout) {}

  absl::Status FinishConnecting();
  absl::Status MakeTables();
  // Version is the schema's; 0 when there is none.
  absl::StatusOr<int64_t> Version();
  // Migrate changes the tables of version 1, unless another has done it meanwhile.
  absl::Status Migrate();
  absl::Status Commit();
  // Claim begins the transaction of |batch|; false: it was applied, and there is none.
  absl::StatusOr<bool> Claim(const std::string& node, const Batch& batch);
  // AddRows adds |rows| and counts in |reduced| the messages that lose detail. Below are
  // its parts: see postgres_rows.cc.
  absl::Status AddRows(const std::string& node, std::span<const Row> rows, int64_t* reduced);
  absl::Status FindOld(const std::map<std::vector<std::string>, Row>& rows, Additions* additions);
  absl::Status ReadCounts(Additions* additions);
  void Sort(const std::map<std::vector<std::string>, Row>& rows, Additions* additions,
            int64_t* reduced) const;
  absl::Status InsertNew(Additions* additions);
  absl::Status WriteCounts(const std::string& node, const Additions& additions);
  absl::StatusOr<int64_t> CompactDay(const std::string& domain, const std::string& day,
                                     int64_t most);
  // TextsOf are the columns of row |row| of |result|.
  static ColumnTexts TextsOf(const pg_result* result, int row);
  // Send starts |sql|; Receive is its next result, nullptr after the last.
  absl::Status Send(const std::string& sql, const ColumnTexts& values,
                    Parameters parameters = Parameters::kText);
  absl::StatusOr<Result> Receive();
  // Run is the only result of |sql|.
  absl::StatusOr<Result> Run(const std::string& sql, const ColumnTexts& values = {},
                             Parameters parameters = Parameters::kText);
  // Wait waits until the socket can be read, or else with |for_writing| written.
  absl::Status Wait(bool for_writing, Clock::time_point deadline);
  absl::Status ErrorOf(const pg_result* result) const;

  const PostgresOptions options_;
  std::unique_ptr<pg_conn, Finish> connection_;
  std::chrono::milliseconds timeout_;
  int64_t reduced_ = 0;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_POSTGRES_H_
