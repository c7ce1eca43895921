#include "store/counters_schema.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "store/quota.h"
#include "store/row.h"

namespace postseal::store {
namespace {

std::string ColumnDefinitions() {
  return absl::StrJoin(kColumns, ", ", [](std::string* out, const Column& column) {
    absl::StrAppend(out, column.name, " ", column.type);
  });
}

// Added is what version 2 has besides the tables of version 1. |dmarc_counts| has how
// many rows and units (store/quota.h) there are of each day and Policy Domain, and, with
// an empty Policy Domain, of each day: |node| is empty in SQLite. |dead_letters| has what
// PostgreSQL refused.
std::string Added() {
  return absl::StrCat(
      "CREATE INDEX dmarc_rows_by_day ON dmarc_rows (day);"
      "CREATE TABLE dmarc_counts (policy_domain TEXT NOT NULL, day TEXT NOT NULL, "
      "node TEXT NOT NULL, row_count INTEGER NOT NULL, units INTEGER NOT NULL, "
      "PRIMARY KEY (policy_domain, day, node)) WITHOUT ROWID;"
      "CREATE TABLE dead_letters (error TEXT NOT NULL, batch INTEGER NOT NULL, ",
      ColumnDefinitions(), ");", "PRAGMA user_version = ", kCountersVersion, ";");
}

// Schema is the whole of it. |outbox| holds rows that are on their way to PostgreSQL.
std::string Schema() {
  const std::string columns = ColumnDefinitions();
  return absl::StrCat("CREATE TABLE dmarc_rows (", columns,
                      ", PRIMARY KEY (policy_domain, day, digest)) WITHOUT ROWID;"
                      "CREATE TABLE outbox (batch INTEGER NOT NULL, ",
                      columns,
                      ", PRIMARY KEY (batch, policy_domain, day, digest)) WITHOUT ROWID;"
                      "CREATE TABLE outbox_state (id TEXT NOT NULL, next_batch INTEGER NOT NULL, "
                      "batch_rows INTEGER NOT NULL DEFAULT 0);"
                      "INSERT INTO outbox_state VALUES (lower(hex(randomblob(16))), 1, 0);"
                      "CREATE TABLE folded_segments (name TEXT NOT NULL PRIMARY KEY, "
                      "directory TEXT NOT NULL) WITHOUT ROWID;",
                      Added());
}

// FromVersion1 changes the tables of version 1, whose rows have all their detail.
std::string FromVersion1() {
  const std::string detail = absl::StrCat(" ADD COLUMN detail ", kColumns.back().type, ";");
  return absl::StrCat(
      "ALTER TABLE dmarc_rows", detail, "ALTER TABLE outbox", detail,
      "ALTER TABLE outbox_state ADD COLUMN batch_rows INTEGER NOT NULL DEFAULT 0;"
      "UPDATE outbox_state SET batch_rows = (SELECT count(*) FROM outbox);",
      Added(),
      "INSERT INTO dmarc_counts (policy_domain, day, node, row_count, units) "
      "SELECT policy_domain, day, '', count(*), ",
      UnitsSql("length(CAST(", " AS BLOB))"),
      " FROM dmarc_rows GROUP BY policy_domain, day;"
      "INSERT INTO dmarc_counts (policy_domain, day, node, row_count, units) "
      "SELECT '', day, '', sum(row_count), sum(units) FROM dmarc_counts GROUP BY day;");
}

}  // namespace

absl::Status MakeCountersSchema(Database* database) {
  auto transaction = Transaction::Begin(database);
  if (!transaction.ok()) return transaction.status();
  const auto version = database->Single("PRAGMA user_version");
  if (!version.ok()) return version.status();
  if (*version == kCountersVersion) return absl::OkStatus();
  if (*version < 0 || *version > kCountersVersion) {
    return absl::FailedPreconditionError(absl::StrCat("the database has version ", *version,
                                                      ", this program knows ", kCountersVersion));
  }
  absl::Status status = database->Execute(*version == 0 ? Schema() : FromVersion1());
  if (!status.ok()) return status;
  return (*transaction)->Commit();
}

}  // namespace postseal::store
