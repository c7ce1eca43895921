#include "store/postgres.h"

#include <poll.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "store/libpq.h"
#include "store/postgres_schema.h"

namespace postseal::store {
namespace {

// kSlice is how often Wait looks whether it is interrupted.
constexpr std::chrono::milliseconds kSlice(100);
constexpr size_t kMaxErrorOctets = 500;
constexpr std::string_view kUndefinedTable = "42P01";

// DropSql deletes up to kDropRows rows of the days before the parameter.
std::string DropSql() {
  return absl::StrCat(
      "DELETE FROM dmarc_rows WHERE (policy_domain, day, digest) IN "
      "(SELECT policy_domain, day, digest FROM dmarc_rows WHERE day < $1 LIMIT ",
      kDropRows, ")");
}

// Pq is libpq, which Connect has loaded.
const LibPq& Pq() { return *LibPq::Get(); }

// ErrorText is the first line of what the server or libpq says.
std::string ErrorText(std::string_view message) {
  message = message.substr(0, message.find('\n'));
  return absl::StrCat("PostgreSQL: ",
                      base::Escape(message.substr(0, kMaxErrorOctets), base::NonAscii::kEscape));
}

std::string_view StateOf(const PGresult* result) {
  const char* const state = Pq().PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? std::string_view() : std::string_view(state);
}

// CodeOf is what the SQLSTATE |state| means to us.
absl::StatusCode CodeOf(std::string_view state) {
  if (state == "42501" || state.starts_with("28")) return absl::StatusCode::kPermissionDenied;
  // Connection, serialization, resources, objects in use, operator intervention, system.
  for (const std::string_view passing : {"08", "40", "53", "55", "57", "58"}) {
    if (state.starts_with(passing)) return absl::StatusCode::kUnavailable;
  }
  // Data, constraints (of a view, too), limits of the program, and a trigger's exception.
  for (const std::string_view refusing : {"22", "23", "44", "54", "P0001"}) {
    if (state.starts_with(refusing)) return absl::StatusCode::kInvalidArgument;
  }
  return state.empty() ? absl::StatusCode::kUnavailable : absl::StatusCode::kInternal;
}

// Types of parameters: those of every system that speaks the protocol.
Oid TypeOf(std::string_view type) {
  if (type.starts_with("TEXT")) return 25;
  return type.starts_with("BIGINT") ? 20 : 23;
}

}  // namespace

void Postgres::Finish::operator()(pg_conn* connection) const { Pq().PQfinish(connection); }
void Postgres::Clear::operator()(pg_result* result) const { Pq().PQclear(result); }

bool Postgres::IsUrl(std::string_view url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

absl::StatusOr<std::unique_ptr<Postgres>> Postgres::Connect(PostgresOptions options) {
  if (LibPq::Get() == nullptr) {
    return absl::UnavailableError("PostgreSQL: libpq.so.5 cannot be loaded (package libpq5)");
  }
  // libpq's own words quote the URL.
  PQconninfoOption* const parsed = Pq().PQconninfoParse(options.url.c_str(), nullptr);
  if (parsed == nullptr || !IsUrl(options.url)) {
    Pq().PQconninfoFree(parsed);
    return absl::InvalidArgumentError("PostgreSQL: the URL cannot be read");
  }
  Pq().PQconninfoFree(parsed);
  const char* const names[] = {"dbname", "client_encoding", "fallback_application_name", nullptr};
  const char* const values[] = {options.url.c_str(), "UTF8", "postseal", nullptr};
  PGconn* const connection = Pq().PQconnectStartParams(names, values, 1);
  if (connection == nullptr) return absl::UnavailableError("PostgreSQL: out of memory");
  std::unique_ptr<Postgres> postgres(new Postgres(std::move(options), connection));
  absl::Status status = postgres->FinishConnecting();
  if (status.ok()) status = postgres->MakeTables();
  if (!status.ok()) return status;
  return postgres;
}

absl::Status Postgres::FinishConnecting() {
  PGconn* const connection = connection_.get();
  Pq().PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
  const auto deadline = Clock::now() + timeout_;
  PostgresPollingStatusType want = PGRES_POLLING_WRITING;
  while (Pq().PQstatus(connection) != CONNECTION_BAD) {
    if (absl::Status status = Wait(want == PGRES_POLLING_WRITING, deadline); !status.ok()) {
      return status;
    }
    want = Pq().PQconnectPoll(connection);
    if (want == PGRES_POLLING_FAILED) break;
    if (want == PGRES_POLLING_OK) {
      if (Pq().PQsetnonblocking(connection, 1) == 0) return absl::OkStatus();
      break;
    }
  }
  return absl::UnavailableError(ErrorText(Pq().PQerrorMessage(connection)));
}

absl::Status Postgres::Wait(bool for_writing, Clock::time_point deadline) {
  for (;;) {
    if (options_.interrupted()) return absl::CancelledError("PostgreSQL: interrupted");
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return absl::DeadlineExceededError("PostgreSQL: no answer in time");
    pollfd socket = {Pq().PQsocket(connection_.get()),
                     static_cast<short>(for_writing ? POLLIN | POLLOUT : POLLIN), 0};
    // Errors and hang-ups count as ready: libpq says what they are.
    if (poll(&socket, 1, static_cast<int>(std::min(left, kSlice).count())) > 0) {
      return absl::OkStatus();
    }
  }
}

absl::Status Postgres::ErrorOf(const pg_result* result) const {
  const std::string_view state = result == nullptr ? std::string_view() : StateOf(result);
  return absl::Status(CodeOf(state),
                      ErrorText(result == nullptr ? Pq().PQerrorMessage(connection_.get())
                                                  : Pq().PQresultErrorMessage(result)));
}

absl::Status Postgres::Send(const std::string& sql, const ColumnTexts& values,
                            Parameters parameters) {
  std::vector<const char*> texts;
  std::vector<Oid> types;
  for (size_t i = 0; i < values.size(); ++i) {
    texts.push_back(values[i].has_value() ? values[i]->c_str() : nullptr);
    const bool rows = parameters == Parameters::kRows;
    types.push_back(rows ? TypeOf(kColumns[i % kColumns.size()].type) : 0);
  }
  PGconn* const connection = connection_.get();
  if (Pq().PQsendQueryParams(connection, sql.c_str(), static_cast<int>(texts.size()), types.data(),
                             texts.data(), nullptr, nullptr, 0) != 1) {
    return ErrorOf(nullptr);
  }
  const auto deadline = Clock::now() + timeout_;
  for (;;) {
    const int left = Pq().PQflush(connection);
    if (left < 0) return ErrorOf(nullptr);
    if (left == 0) return absl::OkStatus();
    if (absl::Status status = Wait(true, deadline); !status.ok()) return status;
    // Who only writes could wait for a server that only writes.
    if (Pq().PQconsumeInput(connection) != 1) return ErrorOf(nullptr);
  }
}

absl::StatusOr<Postgres::Result> Postgres::Receive() {
  PGconn* const connection = connection_.get();
  const auto deadline = Clock::now() + timeout_;
  while (Pq().PQisBusy(connection) != 0) {
    if (absl::Status status = Wait(false, deadline); !status.ok()) return status;
    if (Pq().PQconsumeInput(connection) != 1) return ErrorOf(nullptr);
  }
  return Result(Pq().PQgetResult(connection));
}

absl::StatusOr<Postgres::Result> Postgres::Run(const std::string& sql, const ColumnTexts& values,
                                               Parameters parameters) {
  if (absl::Status status = Send(sql, values, parameters); !status.ok()) return status;
  Result last;
  for (;;) {
    auto result = Receive();
    if (!result.ok()) return result.status();
    if (*result == nullptr) break;
    last = *std::move(result);
  }
  if (last == nullptr) return ErrorOf(nullptr);
  const ExecStatusType type = Pq().PQresultStatus(last.get());
  if (type != PGRES_COMMAND_OK && type != PGRES_TUPLES_OK) return ErrorOf(last.get());
  return last;
}

absl::StatusOr<int64_t> Postgres::Version() {
  if (absl::Status status = Send("SELECT max(version) FROM postseal_schema", {}); !status.ok()) {
    return status;
  }
  int64_t version = 0;
  absl::Status failed;
  for (;;) {
    const auto result = Receive();
    if (!result.ok()) return result.status();
    if (*result == nullptr) break;
    const ExecStatusType type = Pq().PQresultStatus(result->get());
    if (type != PGRES_TUPLES_OK) {
      if (StateOf(result->get()) != kUndefinedTable) failed = ErrorOf(result->get());
    } else if (!absl::SimpleAtoi(Pq().PQgetvalue(result->get(), 0, 0), &version)) {
      version = 0;
    }
  }
  if (!failed.ok()) return failed;
  return version;
}

absl::Status Postgres::MakeTables() {
  auto version = Version();
  if (!version.ok()) return version.status();
  if (*version == 0) {
    if (const auto begun = Run("BEGIN"); !begun.ok()) return begun.status();
    for (const std::string& sql : PostgresSchema()) {
      if (const auto made = Run(sql); !made.ok()) return made.status();
    }
    if (absl::Status status = Commit(); !status.ok()) return status;
  } else if (*version == 1) {
    timeout_ = kMigrationTimeout;
    absl::Status status = Migrate();
    timeout_ = options_.timeout;
    if (!status.ok()) {
      return absl::Status(status.code(),
                          absl::StrCat("the tables of version 1 cannot be changed to version ",
                                       kPostgresVersion, ": ", status.message()));
    }
  }
  version = Version();
  if (!version.ok()) return version.status();
  if (*version == kPostgresVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "PostgreSQL: the tables have version ", *version, ", this program knows ", kPostgresVersion));
}

absl::Status Postgres::Migrate() {
  if (const auto begun = Run("BEGIN"); !begun.ok()) return begun.status();
  // Waits for who else does it.
  const auto claimed = Run(absl::StrCat("UPDATE postseal_schema SET version = ", kPostgresVersion,
                                        " WHERE version = 1"));
  if (!claimed.ok()) return claimed.status();
  if (std::string_view(Pq().PQcmdTuples(claimed->get())) == "0") return Run("ROLLBACK").status();
  for (const std::string& sql : PostgresFromVersion1()) {
    if (const auto made = Run(sql); !made.ok()) return made.status();
  }
  return Commit();
}

absl::Status Postgres::Commit() {
  const auto committed = Run("COMMIT");
  if (!committed.ok()) return committed.status();
  // A transaction that failed answers ROLLBACK, which is no error to libpq.
  if (std::string_view(Pq().PQcmdStatus(committed->get())) != "COMMIT") {
    return absl::UnavailableError("PostgreSQL: the transaction was rolled back");
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Postgres::Claim(const std::string& node, const Batch& batch) {
  if (const auto begun = Run("BEGIN"); !begun.ok()) return begun.status();
  // Waits for who else applies a batch of this outbox, and sees what became of it.
  const auto claimed =
      Run("INSERT INTO dmarc_batches (node, outbox, last_batch) VALUES ($1, $2, $3) "
          "ON CONFLICT (node, outbox) DO UPDATE SET last_batch = excluded.last_batch "
          "WHERE dmarc_batches.last_batch < excluded.last_batch",
          {node, batch.outbox, absl::StrCat(batch.number)});
  if (!claimed.ok()) return claimed.status();
  if (std::string_view(Pq().PQcmdTuples(claimed->get())) != "0") return true;
  if (const auto ended = Run("ROLLBACK"); !ended.ok()) return ended.status();
  return false;
}

absl::Status Postgres::Apply(const std::string& node, const Batch& batch) {
  const auto claimed = Claim(node, batch);
  if (!claimed.ok() || !*claimed) return claimed.status();
  int64_t reduced = 0;
  absl::Status status = AddRows(node, batch.rows, &reduced);
  if (absl::IsInvalidArgument(status)) {
    const auto ended = Run("ROLLBACK");
    return ended.ok() ? status : ended.status();
  }
  if (status.ok()) status = Commit();
  if (status.ok()) reduced_ += reduced;
  return status;
}

absl::StatusOr<std::vector<DeadLetter>> Postgres::FindRefused(const std::string& node,
                                                              const Batch& batch) {
  std::vector<DeadLetter> refused;
  const auto claimed = Claim(node, batch);
  if (!claimed.ok()) return claimed.status();
  if (!*claimed) return refused;
  int64_t reduced = 0;
  for (const Row& row : batch.rows) {
    if (const auto begun = Run("SAVEPOINT one"); !begun.ok()) return begun.status();
    const absl::Status status = AddRows(node, std::span(&row, 1), &reduced);
    if (!status.ok() && !absl::IsInvalidArgument(status)) return status;
    const auto ended = Run(status.ok() ? "RELEASE SAVEPOINT one" : "ROLLBACK TO SAVEPOINT one");
    if (!ended.ok()) return ended.status();
    if (!status.ok()) refused.push_back({ToColumns(row), std::string(status.message())});
  }
  if (const auto ended = Run("ROLLBACK"); !ended.ok()) return ended.status();
  return refused;
}

absl::Status Postgres::ForEachRow(DayRange days, TakeRow take) {
  const std::string sql =
      absl::StrCat("SELECT ", ColumnNames(),
                   " FROM dmarc_rows WHERE day BETWEEN $1 AND $2 ORDER BY ", ReportOrder());
  const ColumnTexts values = {DayText(days.first), DayText(days.last)};
  if (absl::Status status = Send(sql, values); !status.ok()) return status;
  // Rows come one by one: there may be more than fit in memory.
  if (Pq().PQsetSingleRowMode(connection_.get()) != 1) return ErrorOf(nullptr);
  bool wanted = true;
  absl::Status first;
  for (;;) {
    const auto result = Receive();
    if (!result.ok()) return result.status();
    const PGresult* const got = result->get();
    if (got == nullptr) return first;
    const ExecStatusType type = Pq().PQresultStatus(got);
    if (type != PGRES_SINGLE_TUPLE && type != PGRES_TUPLES_OK && first.ok()) first = ErrorOf(got);
    for (int row = 0; row < Pq().PQntuples(got) && wanted && first.ok(); ++row) {
      const auto read = FromColumns(TextsOf(got, row));
      first = read.status();
      wanted = read.ok() && take(*read);
    }
  }
}

ColumnTexts Postgres::TextsOf(const pg_result* result, int row) {
  ColumnTexts texts(kColumns.size());
  for (int i = 0; i < static_cast<int>(texts.size()); ++i) {
    if (Pq().PQgetisnull(result, row, i) != 0) continue;
    texts[static_cast<size_t>(i)] = Pq().PQgetvalue(result, row, i);
  }
  return texts;
}

absl::StatusOr<int64_t> Postgres::DropBefore(int64_t day) {
  const ColumnTexts values = {DayText(day)};
  int64_t dropped = 0;
  // One piece after the other, so that none takes longer than an answer may.
  for (;;) {
    const auto deleted = Run(DropSql(), values);
    if (!deleted.ok()) return deleted.status();
    int64_t rows = 0;
    if (!absl::SimpleAtoi(Pq().PQcmdTuples(deleted->get()), &rows) || rows == 0) break;
    dropped += rows;
  }
  const auto forgot = Run("DELETE FROM dmarc_counts WHERE day < $1", values);
  if (!forgot.ok()) return forgot.status();
  return dropped;
}

}  // namespace postseal::store
