#include "store/counters.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "store/counters_schema.h"
#include "store/row_adder.h"

namespace postseal::store {
namespace {

// DropSql deletes up to kDropRows rows of the days before the parameter.
std::string DropSql() {
  return absl::StrCat(
      "DELETE FROM dmarc_rows WHERE (policy_domain, day, digest) IN "
      "(SELECT policy_domain, day, digest FROM dmarc_rows WHERE day < ? LIMIT ",
      kDropRows, ")");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Counters>> Counters::Open(const CountersOptions& options) {
  auto database = Database::Open(options.path, options.busy_milliseconds);
  if (!database.ok()) return database.status();
  std::unique_ptr<Counters> counters(new Counters(options, *std::move(database)));
  if (absl::Status status = MakeCountersSchema(counters->database()); !status.ok()) {
    return absl::Status(status.code(), absl::StrCat(options.path, ": ", status.message()));
  }
  return counters;
}

absl::StatusOr<Detail> Counters::DetailForRoom() {
  uint64_t value[3] = {};
  const char* const names[] = {"page_count", "freelist_count", "page_size"};
  for (size_t i = 0; i < 3; ++i) {
    const auto number = database_.Single(absl::StrCat("PRAGMA ", names[i]));
    if (!number.ok()) return number.status();
    value[i] = static_cast<uint64_t>(*number);
  }
  const uint64_t used = (value[0] - value[1]) * value[2];
  const uint64_t eighth = options_.max_octets / 8;
  if (used >= options_.max_octets) {
    return absl::ResourceExhaustedError(
        absl::StrCat(options_.path, ": the database has its ", options_.max_octets, " octets"));
  }
  if (used >= 7 * eighth) return Detail::kDay;
  return used >= 6 * eighth ? Detail::kPolicy : Detail::kFull;
}

absl::StatusOr<bool> Counters::Fold(const std::string& directory, const std::string& segment,
                                    const std::vector<Row>& rows) {
  auto transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  auto remember =
      database_.Prepare("INSERT INTO folded_segments VALUES (?, ?) ON CONFLICT DO NOTHING");
  if (!remember.ok()) return remember.status();
  remember->Bind(1, segment);
  remember->Bind(2, directory);
  if (absl::Status status = remember->Run(); !status.ok()) return status;
  if (database_.changes() == 0) return false;
  const auto detail = DetailForRoom();
  if (!detail.ok()) return detail.status();
  const auto adder = RowAdder::Create(&database_, options_.quota, *detail);
  if (!adder.ok()) return adder.status();
  for (const Row& row : rows) {
    if (absl::Status status = (*adder)->Add(row); !status.ok()) return status;
  }
  if (absl::Status status = (*adder)->Finish(); !status.ok()) return status;
  if (absl::Status status = (*transaction)->Commit(); !status.ok()) return status;
  reduced_ += (*adder)->reduced();
  return true;
}

absl::StatusOr<std::vector<std::string>> Counters::FoldedSegments(const std::string& directory) {
  auto select = database_.Prepare("SELECT name FROM folded_segments WHERE directory = ?");
  if (!select.ok()) return select.status();
  select->Bind(1, directory);
  std::vector<std::string> names;
  for (;;) {
    const auto row = select->Step();
    if (!row.ok()) return row.status();
    if (!*row) return names;
    names.push_back(select->Text(0).value_or(""));
  }
}

absl::Status Counters::Forget(const std::string& segment) {
  auto forget = database_.Prepare("DELETE FROM folded_segments WHERE name = ?");
  if (!forget.ok()) return forget.status();
  forget->Bind(1, segment);
  return forget->Run();
}

absl::Status Counters::ForEachRow(DayRange days, TakeRow take) {
  auto select = database_.Prepare(absl::StrCat("SELECT ", ColumnNames(),
                                               " FROM dmarc_rows WHERE day BETWEEN ",
                                               "? AND ? ORDER BY ", ReportOrder()));
  if (!select.ok()) return select.status();
  select->Bind(1, DayText(days.first));
  select->Bind(2, DayText(days.last));
  ColumnTexts texts(kColumns.size());
  for (;;) {
    const auto more = select->Step();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    for (size_t i = 0; i < texts.size(); ++i) texts[i] = select->Text(static_cast<int>(i));
    const auto row = FromColumns(texts);
    if (!row.ok()) return row.status();
    if (!take(*row)) return absl::OkStatus();
  }
}

absl::StatusOr<int64_t> Counters::DropBefore(int64_t day) {
  auto drop = database_.Prepare(DropSql());
  if (!drop.ok()) return drop.status();
  int64_t dropped = 0;
  // One piece after the other, so that others need not wait for all of them.
  for (;;) {
    drop->Bind(1, DayText(day));
    if (absl::Status status = drop->Run(); !status.ok()) return status;
    if (database_.changes() == 0) break;
    dropped += database_.changes();
  }
  auto forget = database_.Prepare("DELETE FROM dmarc_counts WHERE day < ?");
  if (!forget.ok()) return forget.status();
  forget->Bind(1, DayText(day));
  if (absl::Status status = forget->Run(); !status.ok()) return status;
  return dropped;
}

absl::StatusOr<int64_t> Counters::CountRows() {
  return database_.Single(
      "SELECT coalesce(sum(row_count), 0) FROM dmarc_counts WHERE policy_domain = ''");
}

}  // namespace postseal::store
