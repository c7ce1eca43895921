// Row: facts that are alike, counted; and its columns, which all databases share.
#ifndef POSTSEAL_STORE_ROW_H_
#define POSTSEAL_STORE_ROW_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "store/fact.h"

namespace postseal::store {

// Detail says how much of its messages a row still tells. Strangers can invent new
// sources, names and policies without end, so beyond a quota (store/quota.h) a row
// tells less, and messages that differed are counted together. Each value drops more
// than the one before.
enum class Detail : uint8_t {
  kFull = 0,    // everything
  kSource = 1,  // no DKIM and SPF identifiers, no envelope domains, no comments
  kPolicy = 2,  // nor the source address; the author domain is the Policy Domain
  kDomain = 3,  // of the policy only p=, how it was found, and whether it has rua=
  kDay = 4,     // nor the Policy Domain: the day, the disposition and what was aligned
};

// DetailName is the word of |detail| in the column |detail|.
constexpr std::string_view DetailName(Detail detail);

// DetailNote says in a sentence what rows of |detail| lack, for the element |error| of a
// report; empty for kFull. RFC 9990
constexpr std::string_view DetailNote(Detail detail);

// Row says that |messages| messages of one day had this fact. Its fact's time is the
// beginning of the day. What |detail| drops is empty, absent or the default in |fact|.
struct Row {
  friend bool operator==(const Row&, const Row&) = default;

  Fact fact;
  int64_t messages = 0;
  Detail detail = Detail::kFull;
};

// Column is a column of the table of rows. Its type is the same in SQLite and
// PostgreSQL.
struct Column {
  std::string_view name;
  std::string_view type;
};

// kColumns are in the order of ToColumns. The first kKeyColumns are the primary key:
// the Policy Domain first, for databases that are spread over machines by it. |digest|
// is the SHA-256 of all columns but |messages|, since an index cannot hold them.
inline constexpr size_t kKeyColumns = 3;
inline constexpr std::array<Column, 26> kColumns = {{
    {"policy_domain", "TEXT NOT NULL"},
    {"day", "TEXT NOT NULL"},
    {"digest", "TEXT NOT NULL"},
    {"p", "TEXT NOT NULL"},
    {"sp", "TEXT"},
    {"np", "TEXT"},
    {"adkim", "TEXT NOT NULL"},
    {"aspf", "TEXT NOT NULL"},
    {"testing", "TEXT NOT NULL"},
    {"pct", "INTEGER"},
    {"fo", "TEXT NOT NULL"},
    {"discovery_method", "TEXT NOT NULL"},
    {"has_rua", "TEXT NOT NULL"},
    {"source_ip", "TEXT NOT NULL"},
    {"header_from", "TEXT NOT NULL"},
    {"envelope_from", "TEXT"},
    {"envelope_to", "TEXT"},
    {"disposition", "TEXT NOT NULL"},
    {"reasons", "TEXT NOT NULL"},
    {"aligned_dkim", "TEXT NOT NULL"},
    {"aligned_spf", "TEXT NOT NULL"},
    {"dkim", "TEXT NOT NULL"},
    {"spf_domain", "TEXT"},
    {"spf_result", "TEXT"},
    {"messages", "BIGINT NOT NULL"},
    {"detail", "TEXT NOT NULL DEFAULT 'full'"},
}};

// ColumnNames are the names of kColumns, with commas between them.
std::string ColumnNames();

// ReportOrder are the columns that bring together what one report holds: a Policy
// Domain and a configuration, and in it the days.
std::string ReportOrder();

// ColumnTexts are the values of kColumns as text; nullopt is NULL.
using ColumnTexts = std::vector<std::optional<std::string>>;

ColumnTexts ToColumns(const Row& row);

// FromColumns is the row that |texts|, in the order of kColumns, say; DataLoss, with
// the column's name, for what ToColumns does not write. The digest is not looked at.
absl::StatusOr<Row> FromColumns(std::span<const std::optional<std::string>> texts);

// DayText is |day|, in days since 1970-01-01, as "2026-01-31": those of a
// Fact's time; a day before or after is the first or last of them.
std::string DayText(int64_t day);

// Implementation.

constexpr std::string_view DetailName(Detail detail) {
  switch (detail) {
    case Detail::kFull:
      return "full";
    case Detail::kSource:
      return "source";
    case Detail::kPolicy:
      return "policy";
    case Detail::kDomain:
      return "domain";
    case Detail::kDay:
      return "day";
  }
  return "full";
}

constexpr std::string_view DetailNote(Detail detail) {
  switch (detail) {
    case Detail::kFull:
      return "";
    case Detail::kSource:
      return "There were too many different messages to keep all identifiers: some rows have no "
             "DKIM and SPF results and no envelope domains.";
    case Detail::kPolicy:
      return "There were too many different messages to keep all sources: rows with the source "
             "0.0.0.0 count messages from any source and any author domain.";
    case Detail::kDomain:
      return "The published policy changed too often: some rows count messages under several "
             "policies.";
    case Detail::kDay:
      return "There were too many policy domains that day: some messages were counted without "
             "their policy domain.";
  }
  return "";
}

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_ROW_H_
