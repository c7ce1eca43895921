#include "store/postgres.h"

#include <poll.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/escape.h"
#include "store/libpq.h"

namespace postseal::store {
namespace {

// kRowsAStatement keeps the parameters of a statement well below the protocol's 65535.
constexpr size_t kRowsAStatement = 100;
// kSlice is how often Wait looks whether it is interrupted.
constexpr std::chrono::milliseconds kSlice(100);
constexpr size_t kMaxErrorOctets = 500;
constexpr std::string_view kUndefinedTable = "42P01";

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
  return state.empty() ? absl::StatusCode::kUnavailable : absl::StatusCode::kInternal;
}

// Types of parameters: those of every system that speaks the protocol.
Oid TypeOf(std::string_view type) {
  if (type.starts_with("TEXT")) return 25;
  return type.starts_with("BIGINT") ? 20 : 23;
}

std::vector<std::string> Schema() {
  const std::string columns =
      absl::StrJoin(kColumns, ", ", [](std::string* out, const Column& column) {
        absl::StrAppend(out, column.name, " ", column.type);
      });
  return {
      absl::StrCat("CREATE TABLE IF NOT EXISTS dmarc_rows (", columns,
                   ", PRIMARY KEY (policy_domain, day, digest))"),
      "CREATE TABLE IF NOT EXISTS dmarc_batches (node TEXT NOT NULL, outbox TEXT NOT NULL, "
      "last_batch BIGINT NOT NULL, PRIMARY KEY (node, outbox))",
      "CREATE TABLE IF NOT EXISTS postseal_schema (version BIGINT PRIMARY KEY)",
      absl::StrCat("INSERT INTO postseal_schema (version) VALUES (", kPostgresVersion,
                   ") ON CONFLICT DO NOTHING"),
  };
}

// Upsert is the statement that adds |rows| rows.
std::string Upsert(size_t rows) {
  std::string sql = absl::StrCat("INSERT INTO dmarc_rows (", ColumnNames(), ") VALUES ");
  for (size_t i = 0; i < rows * kColumns.size(); ++i) {
    const bool first = i % kColumns.size() == 0;
    absl::StrAppend(&sql, i == 0 ? "(" : first ? "), (" : ", ", "$", i + 1);
  }
  absl::StrAppend(&sql,
                  ") ON CONFLICT (policy_domain, day, digest) DO UPDATE SET messages = "
                  "dmarc_rows.messages + excluded.messages");
  return sql;
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
  const auto deadline = Clock::now() + options_.timeout;
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

absl::Status Postgres::Send(const std::string& sql, const ColumnTexts& values) {
  std::vector<const char*> texts;
  std::vector<Oid> types;
  for (size_t i = 0; i < values.size(); ++i) {
    texts.push_back(values[i].has_value() ? values[i]->c_str() : nullptr);
    // Whole rows have the types of their columns; single values are text.
    const bool rows = values.size() % kColumns.size() == 0;
    types.push_back(rows ? TypeOf(kColumns[i % kColumns.size()].type) : 0);
  }
  PGconn* const connection = connection_.get();
  if (Pq().PQsendQueryParams(connection, sql.c_str(), static_cast<int>(texts.size()), types.data(),
                             texts.data(), nullptr, nullptr, 0) != 1) {
    return ErrorOf(nullptr);
  }
  const auto deadline = Clock::now() + options_.timeout;
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
  const auto deadline = Clock::now() + options_.timeout;
  while (Pq().PQisBusy(connection) != 0) {
    if (absl::Status status = Wait(false, deadline); !status.ok()) return status;
    if (Pq().PQconsumeInput(connection) != 1) return ErrorOf(nullptr);
  }
  return Result(Pq().PQgetResult(connection));
}

absl::StatusOr<Postgres::Result> Postgres::Run(const std::string& sql, const ColumnTexts& values) {
  if (absl::Status status = Send(sql, values); !status.ok()) return status;
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

absl::Status Postgres::MakeTables() {
  const std::string select = "SELECT max(version) FROM postseal_schema";
  if (absl::Status status = Send(select, {}); !status.ok()) return status;
  auto first = Receive();
  if (!first.ok()) return first.status();
  const bool missing = *first != nullptr && StateOf(first->get()) == kUndefinedTable;
  while (*first != nullptr) {
    first = Receive();
    if (!first.ok()) return first.status();
  }
  if (missing) {
    for (const std::string& sql : Schema()) {
      const auto made = Run(sql);
      if (!made.ok()) return made.status();
    }
  }
  const auto version = Run(select);
  if (!version.ok()) return version.status();
  const std::string_view text = Pq().PQgetvalue(version->get(), 0, 0);
  if (text == absl::StrCat(kPostgresVersion)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("PostgreSQL: the tables have version ",
                                                    base::Escape(text), ", this program knows ",
                                                    kPostgresVersion));
}

absl::Status Postgres::Apply(const std::string& node, const Batch& batch) {
  if (const auto begun = Run("BEGIN"); !begun.ok()) return begun.status();
  // Waits for who else applies a batch of this outbox, and sees what became of it.
  const auto claimed =
      Run("INSERT INTO dmarc_batches (node, outbox, last_batch) VALUES ($1, $2, $3) "
          "ON CONFLICT (node, outbox) DO UPDATE SET last_batch = excluded.last_batch "
          "WHERE dmarc_batches.last_batch < excluded.last_batch",
          {node, batch.outbox, absl::StrCat(batch.number)});
  if (!claimed.ok()) return claimed.status();
  if (std::string_view(Pq().PQcmdTuples(claimed->get())) == "0") return Run("ROLLBACK").status();
  const std::span<const Row> rows(batch.rows);
  for (size_t i = 0; i < rows.size(); i += kRowsAStatement) {
    absl::Status status = AddRows(rows.subspan(i, std::min(kRowsAStatement, rows.size() - i)));
    if (!status.ok()) return status;
  }
  const auto committed = Run("COMMIT");
  if (!committed.ok()) return committed.status();
  // A transaction that failed answers ROLLBACK, which is no error to libpq.
  if (std::string_view(Pq().PQcmdStatus(committed->get())) != "COMMIT") {
    return absl::UnavailableError("PostgreSQL: the transaction was rolled back");
  }
  return absl::OkStatus();
}

absl::Status Postgres::AddRows(std::span<const Row> rows) {
  ColumnTexts values;
  values.reserve(rows.size() * kColumns.size());
  for (const Row& row : rows) {
    for (auto& text : ToColumns(row)) values.push_back(std::move(text));
  }
  return Run(Upsert(rows.size()), values).status();
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
  ColumnTexts texts(kColumns.size());
  absl::Status first;
  for (;;) {
    const auto result = Receive();
    if (!result.ok()) return result.status();
    const PGresult* const got = result->get();
    if (got == nullptr) return first;
    const ExecStatusType type = Pq().PQresultStatus(got);
    if (type != PGRES_SINGLE_TUPLE && type != PGRES_TUPLES_OK && first.ok()) first = ErrorOf(got);
    for (int row = 0; row < Pq().PQntuples(got) && wanted && first.ok(); ++row) {
      for (int i = 0; i < static_cast<int>(texts.size()); ++i) {
        texts[static_cast<size_t>(i)] =
            Pq().PQgetisnull(got, row, i) != 0
                ? std::nullopt
                : std::optional<std::string>(Pq().PQgetvalue(got, row, i));
      }
      const auto read = FromColumns(texts);
      first = read.status();
      wanted = read.ok() && take(*read);
    }
  }
}

absl::Status Postgres::DropBefore(int64_t day) {
  return Run("DELETE FROM dmarc_rows WHERE day < $1", {DayText(day)}).status();
}

}  // namespace postseal::store
