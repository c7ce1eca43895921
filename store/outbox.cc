#include "store/outbox.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace postseal::store {

absl::StatusOr<Batch> Outbox::Next(size_t max_rows) {
  auto transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  auto number = OldestNumber();
  if (number.ok() && *number == 0) number = MakeBatch(max_rows);
  if (!number.ok()) return number.status();
  Batch batch;
  batch.number = *number;
  if (absl::Status status = ReadRows(&batch); !status.ok()) return status;
  // Nobody sees a batch that a loss of power could take back.
  if (absl::Status status = (*transaction)->Commit(); !status.ok()) return status;
  return batch;
}

absl::StatusOr<int64_t> Outbox::OldestNumber() {
  return database_.Single("SELECT coalesce(min(batch), 0) FROM outbox");
}

absl::StatusOr<int64_t> Outbox::MakeBatch(size_t max_rows) {
  const auto number = database_.Single("SELECT next_batch FROM outbox_state");
  if (!number.ok()) return number.status();
  const std::string names = ColumnNames();
  auto copy =
      database_.Prepare(absl::StrCat("INSERT INTO outbox (batch, ", names, ") SELECT ?, ", names,
                                     " FROM dmarc_rows ORDER BY policy_domain, day, digest "
                                     "LIMIT ?"));
  if (!copy.ok()) return copy.status();
  copy->Bind(1, *number);
  copy->Bind(2, static_cast<int64_t>(max_rows));
  if (absl::Status status = copy->Run(); !status.ok()) return status;
  if (database_.changes() == 0) return *number;
  auto remove = database_.Prepare(
      "DELETE FROM dmarc_rows WHERE (policy_domain, day, digest) IN "
      "(SELECT policy_domain, day, digest FROM outbox WHERE batch = ?)");
  if (!remove.ok()) return remove.status();
  remove->Bind(1, *number);
  if (absl::Status status = remove->Run(); !status.ok()) return status;
  absl::Status status = database_.Execute("UPDATE outbox_state SET next_batch = next_batch + 1");
  if (!status.ok()) return status;
  return *number;
}

absl::Status Outbox::ReadRows(Batch* batch) {
  auto state = database_.Prepare("SELECT id FROM outbox_state");
  if (!state.ok()) return state.status();
  const auto found = state->Step();
  if (!found.ok()) return found.status();
  if (!*found) return absl::DataLossError("the outbox has no name");
  batch->outbox = state->Text(0).value_or("");
  auto select =
      database_.Prepare(absl::StrCat("SELECT ", ColumnNames(), " FROM outbox WHERE batch = ? ",
                                     "ORDER BY policy_domain, day, digest"));
  if (!select.ok()) return select.status();
  select->Bind(1, batch->number);
  ColumnTexts texts(kColumns.size());
  for (;;) {
    const auto more = select->Step();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    for (size_t i = 0; i < texts.size(); ++i) texts[i] = select->Text(static_cast<int>(i));
    auto row = FromColumns(texts);
    if (!row.ok()) return row.status();
    batch->rows.push_back(*std::move(row));
  }
}

absl::Status Outbox::Delivered(int64_t number) {
  auto remove = database_.Prepare("DELETE FROM outbox WHERE batch = ?");
  if (!remove.ok()) return remove.status();
  remove->Bind(1, number);
  return remove->Run();
}

absl::StatusOr<int64_t> Outbox::CountRows() {
  return database_.Single(
      "SELECT (SELECT count(*) FROM dmarc_rows) + (SELECT count(*) FROM outbox)");
}

}  // namespace postseal::store
