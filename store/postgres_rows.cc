// Postgres::AddRows and Compact: rows within a quota, and how many there are.
#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "store/libpq.h"
#include "store/postgres.h"
#include "store/quota.h"

namespace postseal::store {
namespace {

// kRowsAStatement keeps the parameters of a statement well below the protocol's 65535.
constexpr size_t kRowsAStatement = 100;

const LibPq& Pq() { return *LibPq::Get(); }

// Key is the primary key; rows are sent in its order.
using Key = std::vector<std::string>;
using RowMap = std::map<Key, Row>;
// CountKey is a Policy Domain, or "" for all of them, and a day.
using CountKey = std::pair<std::string, std::string>;

Key KeyOf(const ColumnTexts& texts) { return {*texts[0], *texts[1], *texts[2]}; }

void Merge(Key key, const Row& row, RowMap* rows) {
  const auto [entry, is_new] = rows->try_emplace(std::move(key), row);
  if (!is_new) entry->second.messages += row.messages;
}

// Places is "($1, $2), ($3, $4)": |count| groups of |width| parameters.
std::string Places(size_t count, size_t width) {
  std::string places;
  for (size_t i = 0; i < count * width; ++i) {
    absl::StrAppend(&places, i == 0 ? "(" : i % width == 0 ? "), (" : ", ", "$", i + 1);
  }
  return places + ")";
}

// ForPieces calls |function| with the values of up to kRowsAStatement entries of |map|
// and their number, until it fails.
template <typename Map, typename ToValues, typename Function>
absl::Status ForPieces(const Map& map, ToValues to_values, Function function) {
  ColumnTexts values;
  size_t count = 0;
  for (auto entry = map.begin(); entry != map.end();) {
    to_values(*entry, &values);
    ++count;
    ++entry;
    if (count < kRowsAStatement && entry != map.end()) continue;
    if (absl::Status status = function(values, count); !status.ok()) return status;
    values.clear();
    count = 0;
  }
  return absl::OkStatus();
}

void AppendKey(const Key& key, ColumnTexts* values) {
  values->insert(values->end(), key.begin(), key.end());
}

void AppendRow(const RowMap::value_type& entry, ColumnTexts* values) {
  for (auto& text : ToColumns(entry.second)) values->push_back(std::move(text));
}

}  // namespace

// Additions are what becomes of a batch: its rows are sorted into those that are added
// to rows which are there, and those that are new.
struct Postgres::Additions {
  struct Count {
    int64_t units = 0;
    int64_t new_units = 0;
    int64_t new_rows = 0;
  };
  RowMap old_rows;
  RowMap new_rows;
  RowMap reduced_rows;  // new or not
  std::map<CountKey, Count> counts;
  std::set<std::string> digests;  // of rows that are there
};

absl::Status Postgres::AddRows(const std::string& node, std::span<const Row> rows,
                               int64_t* reduced) {
  Additions additions;
  RowMap all;
  for (const Row& row : rows) Merge(KeyOf(ToColumns(row)), row, &all);
  if (absl::Status status = FindOld(all, &additions); !status.ok()) return status;
  if (absl::Status status = ReadCounts(&additions); !status.ok()) return status;
  Sort(all, &additions, reduced);
  // What was reduced may be there already.
  RowMap reduced_rows = std::move(additions.reduced_rows);
  if (absl::Status status = FindOld(reduced_rows, &additions); !status.ok()) return status;
  for (auto& [key, row] : reduced_rows) {
    const bool is_old = additions.digests.contains(key[2]);
    Merge(key, row, is_old ? &additions.old_rows : &additions.new_rows);
  }
  if (absl::Status status = InsertNew(&additions); !status.ok()) return status;
  absl::Status status =
      ForPieces(additions.old_rows, AppendRow, [this](const ColumnTexts& values, size_t count) {
        return Run(absl::StrCat("INSERT INTO dmarc_rows (", ColumnNames(), ") VALUES ",
                                Places(count, kColumns.size()),
                                " ON CONFLICT (policy_domain, day, digest) DO UPDATE SET "
                                "messages = dmarc_rows.messages + excluded.messages"),
                   values, Parameters::kRows)
            .status();
      });
  return status.ok() ? WriteCounts(node, additions) : status;
}

absl::Status Postgres::FindOld(const std::map<std::vector<std::string>, Row>& rows,
                               Additions* additions) {
  return ForPieces(
      rows,
      [additions](const RowMap::value_type& entry, ColumnTexts* values) {
        AppendKey(entry.first, values);
        additions->counts.try_emplace({entry.first[0], entry.first[1]});
        additions->counts.try_emplace({"", entry.first[1]});
      },
      [this, additions](const ColumnTexts& values, size_t count) {
        const auto found = Run(
            absl::StrCat("SELECT digest FROM dmarc_rows WHERE (policy_domain, day, digest) IN (",
                         Places(count, kKeyColumns), ")"),
            values);
        if (!found.ok()) return found.status();
        for (int i = 0; i < Pq().PQntuples(found->get()); ++i) {
          additions->digests.insert(Pq().PQgetvalue(found->get(), i, 0));
        }
        return absl::OkStatus();
      });
}

absl::Status Postgres::ReadCounts(Additions* additions) {
  return ForPieces(
      additions->counts,
      [](const auto& entry, ColumnTexts* values) {
        values->push_back(entry.first.first);
        values->push_back(entry.first.second);
      },
      [this, additions](const ColumnTexts& values, size_t count) {
        const auto found =
            Run(absl::StrCat("SELECT policy_domain, day, sum(units) FROM dmarc_counts WHERE "
                             "(policy_domain, day) IN (",
                             Places(count, 2), ") GROUP BY policy_domain, day"),
                values);
        if (!found.ok()) return found.status();
        for (int i = 0; i < Pq().PQntuples(found->get()); ++i) {
          const auto text = [&](int column) { return Pq().PQgetvalue(found->get(), i, column); };
          int64_t units = 0;
          if (!absl::SimpleAtoi(text(2), &units)) continue;
          additions->counts[{text(0), text(1)}].units = units;
        }
        return absl::OkStatus();
      });
}

void Postgres::Sort(const std::map<std::vector<std::string>, Row>& rows, Additions* additions,
                    int64_t* reduced) const {
  for (const auto& [key, row] : rows) {
    if (additions->digests.contains(key[2])) {
      Merge(key, row, &additions->old_rows);
      continue;
    }
    Additions::Count& of_domain = additions->counts[{key[0], key[1]}];
    Additions::Count& of_day = additions->counts[{"", key[1]}];
    const Usage usage = {of_domain.units, of_day.units};
    const Detail detail = DetailFor(options_.quota, usage, row.detail);
    RowMap& goal = detail == row.detail ? additions->new_rows : additions->reduced_rows;
    const Row kept = Reduce(row, detail);
    const ColumnTexts texts = ToColumns(kept);
    if (detail != row.detail) *reduced += row.messages;
    const size_t before = goal.size();
    Merge(KeyOf(texts), kept, &goal);
    if (goal.size() == before) continue;
    // Taken for new: who is not is found out before it is counted for good.
    of_domain.units += RowUnits(texts);
    of_day.units += RowUnits(texts);
  }
}

absl::Status Postgres::InsertNew(Additions* additions) {
  // The rows that no other node has inserted meanwhile come back, and are counted.
  std::set<std::string> inserted;
  absl::Status status =
      ForPieces(additions->new_rows, AppendRow, [&](const ColumnTexts& values, size_t count) {
        const auto made = Run(absl::StrCat("INSERT INTO dmarc_rows (", ColumnNames(), ") VALUES ",
                                           Places(count, kColumns.size()),
                                           " ON CONFLICT (policy_domain, day, digest) DO NOTHING "
                                           "RETURNING digest"),
                              values, Parameters::kRows);
        if (!made.ok()) return made.status();
        for (int i = 0; i < Pq().PQntuples(made->get()); ++i) {
          inserted.insert(Pq().PQgetvalue(made->get(), i, 0));
        }
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  for (const auto& [key, row] : additions->new_rows) {
    if (!inserted.contains(key[2])) {
      Merge(key, row, &additions->old_rows);
      continue;
    }
    const int64_t units = RowUnits(ToColumns(row));
    for (const CountKey& counted : {CountKey(key[0], key[1]), CountKey("", key[1])}) {
      Additions::Count& count = additions->counts[counted];
      count.new_units += units;
      count.new_rows += 1;
      // A row without a Policy Domain is only one of its day.
      if (key[0].empty()) break;
    }
  }
  return absl::OkStatus();
}

absl::Status Postgres::WriteCounts(const std::string& node, const Additions& additions) {
  std::map<CountKey, Additions::Count> changed;
  for (const auto& [key, count] : additions.counts) {
    if (count.new_rows != 0 || count.new_units != 0) changed.emplace(key, count);
  }
  return ForPieces(
      changed,
      [&node](const auto& entry, ColumnTexts* values) {
        values->insert(values->end(),
                       {entry.first.first, entry.first.second, node,
                        absl::StrCat(entry.second.new_rows), absl::StrCat(entry.second.new_units)});
      },
      [this](const ColumnTexts& values, size_t count) {
        return Run(absl::StrCat("INSERT INTO dmarc_counts (policy_domain, day, node, row_count, "
                                "units) VALUES ",
                                Places(count, 5),
                                " ON CONFLICT (policy_domain, day, node) DO UPDATE SET "
                                "row_count = dmarc_counts.row_count + excluded.row_count, "
                                "units = dmarc_counts.units + excluded.units"),
                   values)
            .status();
      });
}

absl::StatusOr<int64_t> Postgres::Compact(int64_t rows_a_domain) {
  const auto list =
      Run("SELECT policy_domain, day, sum(units) FROM dmarc_counts WHERE policy_domain <> '' "
          "GROUP BY policy_domain, day HAVING sum(units) > CAST($1 AS BIGINT)",
          {absl::StrCat(rows_a_domain)});
  if (!list.ok()) return list.status();
  int64_t reduced = 0;
  for (int i = 0; i < Pq().PQntuples(list->get()); ++i) {
    const auto text = [&](int column) { return Pq().PQgetvalue(list->get(), i, column); };
    int64_t excess = 0;
    if (!absl::SimpleAtoi(text(2), &excess)) continue;
    excess -= rows_a_domain;
    while (excess > 0) {
      const auto done = CompactDay(text(0), text(1), std::min(kCompactRows, excess));
      if (!done.ok()) return done.status();
      if (*done == 0) break;
      reduced += *done;
      // The row that takes the others in may be new: then there is one more to reduce.
      const auto units = Run(
          "SELECT coalesce(sum(units), 0) FROM dmarc_counts WHERE policy_domain = $1 AND day = $2",
          {text(0), text(1)});
      if (!units.ok()) return units.status();
      if (!absl::SimpleAtoi(Pq().PQgetvalue(units->get(), 0, 0), &excess)) break;
      excess -= rows_a_domain;
    }
  }
  return reduced;
}

absl::StatusOr<int64_t> Postgres::CompactDay(const std::string& domain, const std::string& day,
                                             int64_t most) {
  if (const auto begun = Run("BEGIN"); !begun.ok()) return begun.status();
  const auto deleted = Run(
      absl::StrCat("DELETE FROM dmarc_rows WHERE (policy_domain, day, digest) IN "
                   "(SELECT policy_domain, day, digest FROM dmarc_rows WHERE policy_domain = $1 "
                   "AND day = $2 AND detail IN ('full', 'source') ORDER BY messages, digest LIMIT ",
                   most, ") RETURNING ", ColumnNames()),
      {domain, day});
  if (!deleted.ok()) return deleted.status();
  std::vector<Row> rows;
  Additions gone;
  for (int i = 0; i < Pq().PQntuples(deleted->get()); ++i) {
    const ColumnTexts texts = TextsOf(deleted->get(), i);
    const auto row = FromColumns(texts);
    if (!row.ok()) return row.status();
    rows.push_back(Reduce(*row, Detail::kPolicy));
    for (const CountKey& counted : {CountKey(domain, day), CountKey("", day)}) {
      gone.counts[counted].new_units -= RowUnits(texts);
      gone.counts[counted].new_rows -= 1;
    }
  }
  int64_t reduced = 0;
  absl::Status status = AddRows("", rows, &reduced);
  if (status.ok()) status = WriteCounts("", gone);
  if (status.ok()) status = Commit();
  if (!status.ok()) return status;
  return static_cast<int64_t>(rows.size());
}

}  // namespace postseal::store
