// Counters::Compact: fewer rows after the fact.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "store/counters.h"
#include "store/row_adder.h"

namespace postseal::store {

absl::StatusOr<int64_t> Counters::Compact(int64_t rows_a_domain) {
  struct Excess {
    std::string domain;
    std::string day;
    int64_t units = 0;
  };
  std::vector<Excess> list;
  {
    auto select = database_.Prepare(
        "SELECT policy_domain, day, sum(units) FROM dmarc_counts WHERE policy_domain <> '' "
        "GROUP BY policy_domain, day HAVING sum(units) > ?");
    if (!select.ok()) return select.status();
    select->Bind(1, rows_a_domain);
    for (;;) {
      const auto row = select->Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      list.push_back({select->Text(0).value_or(""), select->Text(1).value_or(""),
                      select->Number(2) - rows_a_domain});
    }
  }
  auto of_day = database_.Prepare(
      "SELECT coalesce(sum(units), 0) FROM dmarc_counts WHERE policy_domain = ? AND day = ?");
  if (!of_day.ok()) return of_day.status();
  int64_t reduced = 0;
  for (Excess& excess : list) {
    while (excess.units > 0) {
      const auto done = CompactDay(excess.domain, excess.day, std::min(kCompactRows, excess.units));
      if (!done.ok()) return done.status();
      if (*done == 0) break;
      reduced += *done;
      // The row that takes the others in may be new: then there is one more to reduce.
      of_day->Bind(1, excess.domain);
      of_day->Bind(2, excess.day);
      const auto row = of_day->Step();
      if (!row.ok()) return row.status();
      excess.units = of_day->Number(0) - rows_a_domain;
      if (absl::Status status = of_day->Run(); !status.ok()) return status;
    }
  }
  return reduced;
}

absl::StatusOr<std::vector<Row>> Counters::SelectReducible(const std::string& domain,
                                                           const std::string& day, int64_t most) {
  auto select = database_.Prepare(absl::StrCat(
      "SELECT ", ColumnNames(),
      " FROM dmarc_rows WHERE policy_domain = ? AND day = ? AND detail IN ('full', 'source') "
      "ORDER BY messages, digest LIMIT ?"));
  if (!select.ok()) return select.status();
  select->Bind(1, domain);
  select->Bind(2, day);
  select->Bind(3, most);
  std::vector<Row> rows;
  ColumnTexts texts(kColumns.size());
  for (;;) {
    const auto more = select->Step();
    if (!more.ok()) return more.status();
    if (!*more) return rows;
    for (size_t i = 0; i < texts.size(); ++i) texts[i] = select->Text(static_cast<int>(i));
    auto row = FromColumns(texts);
    if (!row.ok()) return row.status();
    rows.push_back(*std::move(row));
  }
}

absl::StatusOr<int64_t> Counters::CompactDay(const std::string& domain, const std::string& day,
                                             int64_t most) {
  auto transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  const auto rows = SelectReducible(domain, day, most);
  if (!rows.ok()) return rows.status();
  const auto adder = RowAdder::Create(&database_, kNoQuota, Detail::kPolicy);
  if (!adder.ok()) return adder.status();
  for (const Row& row : *rows) {
    if (absl::Status status = (*adder)->Remove(row); !status.ok()) return status;
    if (absl::Status status = (*adder)->Add(row); !status.ok()) return status;
  }
  if (absl::Status status = (*adder)->Finish(); !status.ok()) return status;
  if (absl::Status status = (*transaction)->Commit(); !status.ok()) return status;
  return static_cast<int64_t>(rows->size());
}

}  // namespace postseal::store
