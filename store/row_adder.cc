#include "store/row_adder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace postseal::store {
namespace {

std::string InsertSql() {
  std::string places;
  for (size_t i = 0; i < kColumns.size(); ++i) absl::StrAppend(&places, i == 0 ? "?" : ", ?");
  return absl::StrCat("INSERT INTO dmarc_rows (", ColumnNames(), ") VALUES (", places, ")");
}

}  // namespace

absl::StatusOr<std::unique_ptr<RowAdder>> RowAdder::Create(Database* database, const Quota& quota,
                                                           Detail least) {
  auto update = database->Prepare(
      "UPDATE dmarc_rows SET messages = messages + ?4 "
      "WHERE policy_domain = ?1 AND day = ?2 AND digest = ?3");
  if (!update.ok()) return update.status();
  auto insert = database->Prepare(InsertSql());
  if (!insert.ok()) return insert.status();
  auto count = database->Prepare(
      "SELECT coalesce(sum(units), 0) FROM dmarc_counts WHERE policy_domain = ? AND day = ?");
  if (!count.ok()) return count.status();
  return std::unique_ptr<RowAdder>(new RowAdder(database, quota, least, *std::move(update),
                                                *std::move(insert), *std::move(count)));
}

absl::Status RowAdder::Add(const Row& row) {
  ColumnTexts texts = ToColumns(row);
  auto added = AddToOld(texts, row.messages);
  if (!added.ok()) return added.status();
  if (*added) return absl::OkStatus();
  const std::string day = *texts[1];
  const auto of_domain = CountOf(*texts[0], day);
  if (!of_domain.ok()) return of_domain.status();
  const auto of_day = CountOf("", day);
  if (!of_day.ok()) return of_day.status();
  const Usage usage = {(*of_domain)->units + (*of_domain)->new_units,
                       (*of_day)->units + (*of_day)->new_units};
  const Detail detail = DetailFor(quota_, usage, std::max(row.detail, least_));
  if (detail != row.detail) {
    reduced_ += row.messages;
    texts = ToColumns(Reduce(row, detail));
    added = AddToOld(texts, row.messages);
    if (!added.ok()) return added.status();
    if (*added) return absl::OkStatus();
  }
  return Insert(texts);
}

absl::StatusOr<bool> RowAdder::AddToOld(const ColumnTexts& texts, int64_t messages) {
  for (int i = 0; i < static_cast<int>(kKeyColumns); ++i) {
    update_.Bind(i + 1, texts[static_cast<size_t>(i)]);
  }
  update_.Bind(static_cast<int>(kKeyColumns) + 1, messages);
  if (absl::Status status = update_.Run(); !status.ok()) return status;
  return database_.changes() > 0;
}

absl::Status RowAdder::Insert(const ColumnTexts& texts) {
  for (size_t i = 0; i < texts.size(); ++i) insert_.Bind(static_cast<int>(i) + 1, texts[i]);
  if (absl::Status status = insert_.Run(); !status.ok()) return status;
  return CountRow(texts, 1);
}

absl::Status RowAdder::Remove(const Row& row) {
  const ColumnTexts texts = ToColumns(row);
  auto remove = database_.Prepare(
      "DELETE FROM dmarc_rows WHERE policy_domain = ? AND day = ? AND digest = ?");
  if (!remove.ok()) return remove.status();
  for (int i = 0; i < static_cast<int>(kKeyColumns); ++i) {
    remove->Bind(i + 1, texts[static_cast<size_t>(i)]);
  }
  if (absl::Status status = remove->Run(); !status.ok()) return status;
  return CountRow(texts, -1);
}

absl::Status RowAdder::CountRow(const ColumnTexts& texts, int64_t times) {
  const std::string& domain = *texts[0];
  for (const std::string& counted : {domain, std::string()}) {
    const auto count = CountOf(counted, *texts[1]);
    if (!count.ok()) return count.status();
    (*count)->new_units += times * RowUnits(texts);
    (*count)->new_rows += times;
    // A row without a Policy Domain is only one of its day.
    if (domain.empty()) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<RowAdder::Count*> RowAdder::CountOf(const std::string& domain,
                                                   const std::string& day) {
  const auto [entry, is_new] = counts_.try_emplace({domain, day});
  if (!is_new) return &entry->second;
  count_.Bind(1, domain);
  count_.Bind(2, day);
  const auto row = count_.Step();
  if (!row.ok()) return row.status();
  if (*row) entry->second.units = count_.Number(0);
  if (absl::Status status = count_.Run(); !status.ok()) return status;
  return &entry->second;
}

absl::Status RowAdder::Finish() {
  auto add = database_.Prepare(
      "INSERT INTO dmarc_counts (policy_domain, day, node, row_count, units) "
      "VALUES (?, ?, '', ?, ?) ON CONFLICT (policy_domain, day, node) DO UPDATE SET "
      "row_count = row_count + excluded.row_count, units = units + excluded.units");
  if (!add.ok()) return add.status();
  for (auto& [key, count] : counts_) {
    if (count.new_rows == 0 && count.new_units == 0) continue;
    add->Bind(1, key.first);
    add->Bind(2, key.second);
    add->Bind(3, count.new_rows);
    add->Bind(4, count.new_units);
    if (absl::Status status = add->Run(); !status.ok()) return status;
  }
  counts_.clear();
  return absl::OkStatus();
}

}  // namespace postseal::store
