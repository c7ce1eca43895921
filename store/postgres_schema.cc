#include "store/postgres_schema.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "store/quota.h"
#include "store/row.h"

namespace postseal::store {
namespace {

constexpr const char kIndex[] = "CREATE INDEX IF NOT EXISTS dmarc_rows_by_day ON dmarc_rows (day)";
// Each node counts the rows that it has made: none waits for another, and a sum is what
// there is.
constexpr const char kCounts[] =
    "CREATE TABLE IF NOT EXISTS dmarc_counts (policy_domain TEXT NOT NULL, day TEXT NOT NULL, "
    "node TEXT NOT NULL, row_count BIGINT NOT NULL, units BIGINT NOT NULL, "
    "PRIMARY KEY (policy_domain, day, node))";

}  // namespace

std::vector<std::string> PostgresSchema() {
  const std::string columns =
      absl::StrJoin(kColumns, ", ", [](std::string* out, const Column& column) {
        absl::StrAppend(out, column.name, " ", column.type);
      });
  return {
      absl::StrCat("CREATE TABLE IF NOT EXISTS dmarc_rows (", columns,
                   ", PRIMARY KEY (policy_domain, day, digest))"),
      kIndex,
      kCounts,
      "CREATE TABLE IF NOT EXISTS dmarc_batches (node TEXT NOT NULL, outbox TEXT NOT NULL, "
      "last_batch BIGINT NOT NULL, PRIMARY KEY (node, outbox))",
      "CREATE TABLE IF NOT EXISTS postseal_schema (version BIGINT PRIMARY KEY)",
      absl::StrCat("INSERT INTO postseal_schema (version) VALUES (", kPostgresVersion,
                   ") ON CONFLICT DO NOTHING"),
  };
}

std::vector<std::string> PostgresFromVersion1() {
  return {
      absl::StrCat("ALTER TABLE dmarc_rows ADD COLUMN detail ", kColumns.back().type),
      kIndex,
      kCounts,
      absl::StrCat("INSERT INTO dmarc_counts (policy_domain, day, node, row_count, units) "
                   "SELECT policy_domain, day, '', count(*), CAST(",
                   UnitsSql("octet_length(", ")"),
                   " AS BIGINT) FROM dmarc_rows GROUP BY policy_domain, day"),
      "INSERT INTO dmarc_counts (policy_domain, day, node, row_count, units) "
      "SELECT '', day, '', CAST(sum(row_count) AS BIGINT), CAST(sum(units) AS BIGINT) "
      "FROM dmarc_counts GROUP BY day",
  };
}

}  // namespace postseal::store
