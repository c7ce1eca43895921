#include "store/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace postseal::store {
namespace {

absl::StatusCode CodeOf(int result) {
  switch (result & 0xff) {
    case SQLITE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
      return absl::StatusCode::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return absl::StatusCode::kPermissionDenied;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status SqliteStatus(sqlite3* database, int result) {
  return absl::Status(CodeOf(result), absl::StrCat("SQLite: ", sqlite3_errmsg(database)));
}

// MakePrivate makes |path| for its owner alone, if it is not there; the files beside it
// get the same permissions. One that is there is not touched: closing it would give up
// SQLite's locks.
void MakePrivate(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::Bind(int index, const std::optional<std::string>& text) {
  const int result = text.has_value()
                         ? sqlite3_bind_text64(statement_.get(), index, text->data(), text->size(),
                                               SQLITE_TRANSIENT, SQLITE_UTF8)
                         : sqlite3_bind_null(statement_.get(), index);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
}

void Statement::Bind(int index, int64_t number) {
  const int result = sqlite3_bind_int64(statement_.get(), index, number);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
}

absl::StatusOr<bool> Statement::Step() {
  if (bind_result_ != SQLITE_OK) return SqliteStatus(database_, bind_result_);
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  const absl::Status status = SqliteStatus(database_, result);
  sqlite3_reset(statement_.get());
  return status;
}

absl::Status Statement::Run() {
  for (;;) {
    const auto row = Step();
    if (!row.ok()) return row.status();
    if (!*row) break;
  }
  sqlite3_reset(statement_.get());
  return absl::OkStatus();
}

std::optional<std::string> Statement::Text(int index) const {
  const unsigned char* const text = sqlite3_column_text(statement_.get(), index);
  if (text == nullptr) return std::nullopt;
  const int size = sqlite3_column_bytes(statement_.get(), index);
  return std::string(reinterpret_cast<const char*>(text), static_cast<size_t>(size));
}

int64_t Statement::Number(int index) const { return sqlite3_column_int64(statement_.get(), index); }

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

absl::StatusOr<Database> Database::Open(const std::string& path, int busy_milliseconds) {
  MakePrivate(path);
  sqlite3* opened = nullptr;
  const int result =
      sqlite3_open_v2(path.c_str(), &opened,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Database database;
  database.database_.reset(opened);
  if (result != SQLITE_OK) {
    return absl::Status(CodeOf(result), absl::StrCat(path, ": ", sqlite3_errstr(result)));
  }
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, busy_milliseconds);
  absl::Status status = database.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  if (!status.ok()) return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
  return database;
}

absl::Status Database::Execute(const std::string& sql) {
  const int result = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : SqliteStatus(database_.get(), result);
}

absl::StatusOr<Statement> Database::Prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        &statement, nullptr);
  if (result != SQLITE_OK) return SqliteStatus(database_.get(), result);
  return Statement(database_.get(), statement);
}

absl::StatusOr<int64_t> Database::Single(const std::string& sql) {
  auto statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  const auto row = statement->Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::InternalError("SQLite: a row is expected");
  return statement->Number(0);
}

int64_t Database::changes() const { return sqlite3_changes64(database_.get()); }

int64_t Database::pages_touched() const {
  int64_t pages = 0;
  for (const int kind : {SQLITE_DBSTATUS_CACHE_HIT, SQLITE_DBSTATUS_CACHE_MISS}) {
    int current = 0;
    int highest = 0;
    sqlite3_db_status(database_.get(), kind, &current, &highest, 0);
    pages += current;
  }
  return pages;
}

absl::StatusOr<std::unique_ptr<Transaction>> Transaction::Begin(Database* database) {
  if (absl::Status status = database->Execute("BEGIN IMMEDIATE"); !status.ok()) return status;
  return std::unique_ptr<Transaction>(new Transaction(database));
}

Transaction::~Transaction() {
  // SQLite may have rolled back already: then there is nothing to undo.
  if (open_) database_->Execute("ROLLBACK").IgnoreError();
}

absl::Status Transaction::Commit() {
  absl::Status status = database_->Execute("COMMIT");
  // A commit that failed can be undone, or done again.
  if (status.ok()) open_ = false;
  return status;
}

}  // namespace postseal::store
