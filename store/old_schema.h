// The tables that older versions of postseal made, as text, for tests of the migration.
#ifndef POSTSEAL_STORE_OLD_SCHEMA_H_
#define POSTSEAL_STORE_OLD_SCHEMA_H_

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace postseal::store {

// kVersion1Columns are the columns of |dmarc_rows| in version 1.
inline constexpr std::string_view kVersion1Columns =
    "policy_domain TEXT NOT NULL, day TEXT NOT NULL, digest TEXT NOT NULL, p TEXT NOT NULL, "
    "sp TEXT, np TEXT, adkim TEXT NOT NULL, aspf TEXT NOT NULL, testing TEXT NOT NULL, "
    "pct INTEGER, fo TEXT NOT NULL, discovery_method TEXT NOT NULL, has_rua TEXT NOT NULL, "
    "source_ip TEXT NOT NULL, header_from TEXT NOT NULL, envelope_from TEXT, envelope_to TEXT, "
    "disposition TEXT NOT NULL, reasons TEXT NOT NULL, aligned_dkim TEXT NOT NULL, "
    "aligned_spf TEXT NOT NULL, dkim TEXT NOT NULL, spf_domain TEXT, spf_result TEXT, "
    "messages BIGINT NOT NULL";

// Version1Values is a row of version 1 that counts |messages| of PlainFact().
inline std::string Version1Values(int messages) {
  return absl::StrCat(
      "('example.com', '2026-01-01', "
      "'f8f026419ec9649a3f72e3088e744e4f92e7126687e1fff9df8909c277b0f8fd', 'none', NULL, NULL, "
      "'r', 'r', 'n', NULL, '', 'treewalk', 'n', '192.0.2.1', 'example.com', NULL, NULL, 'none', "
      "'[]', 'fail', 'fail', '[]', NULL, NULL, ",
      messages, ")");
}

// SqliteVersion1 makes a database of version 1 with a row of 4 messages, and a batch of
// one of 3 in the outbox.
inline std::string SqliteVersion1() {
  std::string in_batch = Version1Values(3);
  in_batch.insert(1, "1, ");
  return absl::StrCat("CREATE TABLE dmarc_rows (", kVersion1Columns,
                      ", PRIMARY KEY (policy_domain, day, digest)) WITHOUT ROWID;"
                      "CREATE TABLE outbox (batch INTEGER NOT NULL, ",
                      kVersion1Columns,
                      ", PRIMARY KEY (batch, policy_domain, day, digest)) WITHOUT ROWID;"
                      "CREATE TABLE outbox_state (id TEXT NOT NULL, next_batch INTEGER NOT NULL);"
                      "INSERT INTO outbox_state VALUES ('0123456789abcdef0123456789abcdef', 2);"
                      "CREATE TABLE folded_segments (name TEXT NOT NULL PRIMARY KEY, "
                      "directory TEXT NOT NULL) WITHOUT ROWID;"
                      "INSERT INTO folded_segments VALUES ('a', 'd');"
                      "INSERT INTO dmarc_rows VALUES ",
                      Version1Values(4), "; INSERT INTO outbox VALUES ", in_batch,
                      "; PRAGMA user_version = 1;");
}

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_OLD_SCHEMA_H_
