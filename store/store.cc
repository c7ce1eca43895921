#include "store/store.h"

#include <unistd.h>

#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "store/postgres.h"

namespace postseal::store {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

// SqlitePath is the PATH of "sqlite:PATH". ":memory:" and what else begins like it is
// no file to SQLite.
std::optional<std::string> SqlitePath(std::string_view url) {
  if (!url.starts_with(kSqlite) || url.size() == kSqlite.size()) return std::nullopt;
  if (url[kSqlite.size()] == ':') return std::nullopt;
  return std::string(url.substr(kSqlite.size()));
}

absl::Status BadUrl() {
  return absl::InvalidArgumentError("the store's URL is sqlite:PATH or postgresql://...");
}

std::string HostName() {
  char name[256] = "";
  if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') return "localhost";
  return BoundedText(name, kMaxDomainOctets);
}

// On calls |with_sqlite| or |with_postgres| with a connection to |url|.
template <typename SqliteFunction, typename PostgresFunction>
absl::Status On(const std::string& url, SqliteFunction with_sqlite,
                PostgresFunction with_postgres) {
  if (const auto path = SqlitePath(url)) {
    CountersOptions options;
    options.path = *path;
    // A place to read from is not made by reading.
    if (access(path->c_str(), F_OK) != 0) {
      return absl::NotFoundError(absl::StrCat(*path, ": there is no such store"));
    }
    const auto counters = Counters::Open(options);
    return counters.ok() ? with_sqlite(counters->get()) : counters.status();
  }
  if (!Postgres::IsUrl(url)) return BadUrl();
  PostgresOptions options;
  options.url = url;
  options.quota = kNoQuota;
  const auto postgres = Postgres::Connect(std::move(options));
  return postgres.ok() ? with_postgres(postgres->get()) : postgres.status();
}

// CountOn is the number that |function| returns for a connection to |url|.
template <typename Function>
absl::StatusOr<int64_t> CountOn(const std::string& url, Function function) {
  int64_t count = 0;
  const auto call = [&](auto* database) {
    const auto counted = function(database);
    if (counted.ok()) count = *counted;
    return counted.status();
  };
  if (absl::Status status = On(url, call, call); !status.ok()) return status;
  return count;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const StoreOptions& options) {
  const auto path = SqlitePath(options.url);
  if (!path.has_value() && !Postgres::IsUrl(options.url)) return BadUrl();
  SpoolOptions spool_options;
  spool_options.directory = options.spool_directory;
  if (spool_options.directory.empty()) {
    if (!path.has_value()) {
      return absl::InvalidArgumentError("a store in PostgreSQL wants a directory for its spool");
    }
    spool_options.directory = absl::StrCat(*path, ".spool");
  }
  spool_options.max_octets = options.max_spool_octets;
  spool_options.fsync = options.fsync;
  WriterOptions writer;
  writer.counters.path = path.value_or(absl::StrCat(spool_options.directory, "/outbox.sqlite"));
  writer.counters.busy_milliseconds = options.busy_milliseconds;
  const uint64_t max_octets = path.has_value() ? kMaxCounterOctets : kMaxOutboxOctets;
  writer.counters.max_octets =
      options.max_database_octets == 0 ? max_octets : options.max_database_octets;
  if (!path.has_value()) writer.postgres_url = options.url;
  writer.postgres_timeout = options.postgres_timeout;
  writer.stop_timeout = options.stop_timeout;
  writer.node = options.node.empty() ? HostName() : BoundedText(options.node, kMaxDomainOctets);
  writer.periodic = options.periodic;
  writer.counters.quota = options.quota;
  writer.retention_days = options.retention_days;
  if (options.now != nullptr) writer.now = options.now;
  if (options.notice != nullptr) writer.notice = options.notice;
  auto spool = Spool::Open(std::move(spool_options));
  if (!spool.ok()) return spool.status();
  const absl::Status counters = Counters::Open(writer.counters).status();
  if (!counters.ok() && !absl::IsUnavailable(counters)) return counters;
  return std::unique_ptr<Store>(new Store(*std::move(spool), std::move(writer)));
}

StoreStatus Store::status() const {
  StoreStatus status;
  status.appended = spool_->appended();
  status.refused = spool_->refused();
  status.spool_octets = spool_->octets();
  status.writer = writer_->status();
  return status;
}

absl::Status ForEachRow(const std::string& url, DayRange days, TakeRow take) {
  const auto read = [&](auto* rows) { return rows->ForEachRow(days, take); };
  return On(url, read, read);
}

absl::StatusOr<int64_t> DropBefore(const std::string& url, int64_t day) {
  return CountOn(url, [day](auto* rows) { return rows->DropBefore(day); });
}

absl::StatusOr<int64_t> Compact(const std::string& url, int64_t rows_a_domain) {
  return CountOn(url, [rows_a_domain](auto* rows) { return rows->Compact(rows_a_domain); });
}

}  // namespace postseal::store
