#include "store/outbox.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "store/quota.h"

namespace postseal::store {

absl::StatusOr<Batch> Outbox::Next(size_t max_rows) {
  for (;;) {
    auto transaction = Transaction::Begin(&database_);
    if (!transaction.ok()) return transaction.status();
    auto number = OldestNumber();
    if (number.ok() && *number == 0) number = MakeBatch(max_rows);
    if (!number.ok()) return number.status();
    Batch batch;
    batch.number = *number;
    std::vector<DeadLetter> unreadable;
    if (absl::Status status = ReadRows(&batch, &unreadable); !status.ok()) return status;
    if (absl::Status status = MoveToDead(*number, unreadable); !status.ok()) return status;
    // Nobody sees a batch that a loss of power could take back.
    if (absl::Status status = (*transaction)->Commit(); !status.ok()) return status;
    buried_ += unreadable.size();
    // A batch whose rows were all buried is gone.
    if (!batch.rows.empty() || unreadable.empty()) return batch;
  }
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
  if (database_.changes() == 0) {
    // There is nothing: then that is what the counts say, too.
    absl::Status status = database_.Execute("DELETE FROM dmarc_counts");
    if (!status.ok()) return status;
    return *number;
  }
  auto remove = database_.Prepare(
      "DELETE FROM dmarc_rows WHERE (policy_domain, day, digest) IN "
      "(SELECT policy_domain, day, digest FROM outbox WHERE batch = ?)");
  if (!remove.ok()) return remove.status();
  remove->Bind(1, *number);
  if (absl::Status status = remove->Run(); !status.ok()) return status;
  auto state =
      database_.Prepare("UPDATE outbox_state SET next_batch = next_batch + 1, batch_rows = ?");
  if (!state.ok()) return state.status();
  state->Bind(1, database_.changes());
  if (absl::Status status = state->Run(); !status.ok()) return status;
  if (absl::Status status = Uncount(*number); !status.ok()) return status;
  return *number;
}

absl::Status Outbox::Uncount(int64_t batch) {
  // Of each Policy Domain and day, and, for the Policy Domain '', of each day.
  const std::string of_batch =
      absl::StrCat("(SELECT policy_domain AS domain, day AS of_day, count(*) AS gone, ",
                   UnitsSql("length(CAST(", " AS BLOB))"),
                   " AS gone_units FROM outbox WHERE batch = ?1 GROUP BY policy_domain, day)");
  for (const std::string& gone : {absl::StrCat("(SELECT * FROM ", of_batch, " WHERE domain <> '')"),
                                  absl::StrCat("(SELECT '' AS domain, of_day, sum(gone) AS gone, "
                                               "sum(gone_units) AS gone_units FROM ",
                                               of_batch, " GROUP BY of_day)")}) {
    auto update = database_.Prepare(
        absl::StrCat("UPDATE dmarc_counts SET row_count = max(row_count - gone, 0), "
                     "units = max(units - gone_units, 0) FROM ",
                     gone, " WHERE policy_domain = domain AND day = of_day AND node = ''"));
    if (!update.ok()) return update.status();
    update->Bind(1, batch);
    if (absl::Status status = update->Run(); !status.ok()) return status;
  }
  auto remove = database_.Prepare(
      "DELETE FROM dmarc_counts WHERE row_count = 0 AND (policy_domain, day) IN "
      "(SELECT policy_domain, day FROM outbox WHERE batch = ?1 "
      "UNION SELECT '', day FROM outbox WHERE batch = ?1)");
  if (!remove.ok()) return remove.status();
  remove->Bind(1, batch);
  return remove->Run();
}

absl::Status Outbox::ReadRows(Batch* batch, std::vector<DeadLetter>* unreadable) {
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
    if (row.ok()) {
      batch->rows.push_back(*std::move(row));
    } else {
      unreadable->push_back({texts, std::string(row.status().message())});
    }
  }
}

absl::Status Outbox::Delivered(int64_t number) {
  auto transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  auto remove = database_.Prepare("DELETE FROM outbox WHERE batch = ?");
  if (!remove.ok()) return remove.status();
  remove->Bind(1, number);
  if (absl::Status status = remove->Run(); !status.ok()) return status;
  // Unless another process has delivered it, and made the next one, meanwhile.
  auto state = database_.Prepare("UPDATE outbox_state SET batch_rows = 0 WHERE next_batch = ? + 1");
  if (!state.ok()) return state.status();
  state->Bind(1, number);
  if (absl::Status status = state->Run(); !status.ok()) return status;
  return (*transaction)->Commit();
}

absl::Status Outbox::Bury(int64_t number, const std::vector<DeadLetter>& rows) {
  auto transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  if (absl::Status status = MoveToDead(number, rows); !status.ok()) return status;
  if (absl::Status status = (*transaction)->Commit(); !status.ok()) return status;
  buried_ += rows.size();
  return absl::OkStatus();
}

absl::Status Outbox::MoveToDead(int64_t number, const std::vector<DeadLetter>& rows) {
  if (rows.empty()) return absl::OkStatus();
  const std::string where = "WHERE batch = ?1 AND policy_domain = ?2 AND day = ?3 AND digest = ?4";
  // What another process has buried is not there any more.
  auto copy = database_.Prepare(absl::StrCat("INSERT INTO dead_letters (error, batch, ",
                                             ColumnNames(), ") SELECT ?5, batch, ", ColumnNames(),
                                             " FROM outbox ", where));
  if (!copy.ok()) return copy.status();
  auto remove = database_.Prepare(absl::StrCat("DELETE FROM outbox ", where));
  if (!remove.ok()) return remove.status();
  int64_t removed = 0;
  for (const DeadLetter& row : rows) {
    copy->Bind(5, row.error);
    for (Statement* const statement : {&*copy, &*remove}) {
      statement->Bind(1, number);
      for (int i = 0; i < static_cast<int>(kKeyColumns); ++i) {
        statement->Bind(i + 2, row.texts[static_cast<size_t>(i)]);
      }
      if (absl::Status status = statement->Run(); !status.ok()) return status;
    }
    removed += database_.changes();
  }
  auto state = database_.Prepare(
      "UPDATE outbox_state SET batch_rows = max(batch_rows - ?1, 0) WHERE next_batch = ?2 + 1");
  if (!state.ok()) return state.status();
  state->Bind(1, removed);
  state->Bind(2, number);
  return state->Run();
}

absl::StatusOr<int64_t> Outbox::CountRows() {
  return database_.Single(
      "SELECT (SELECT coalesce(sum(row_count), 0) FROM dmarc_counts WHERE policy_domain = '') + "
      "(SELECT coalesce(sum(batch_rows), 0) FROM outbox_state)");
}

}  // namespace postseal::store
