#include "store/counters.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace postseal::store {
namespace {

std::string ColumnDefinitions() {
  return absl::StrJoin(kColumns, ", ", [](std::string* out, const Column& column) {
    absl::StrAppend(out, column.name, " ", column.type);
  });
}

// Schema is version 1. |outbox| holds rows that are on their way to PostgreSQL.
std::string Schema() {
  const std::string columns = ColumnDefinitions();
  return absl::StrCat("CREATE TABLE dmarc_rows (", columns,
                      ", PRIMARY KEY (policy_domain, day, digest)) WITHOUT ROWID;"
                      "CREATE TABLE outbox (batch INTEGER NOT NULL, ",
                      columns,
                      ", PRIMARY KEY (batch, policy_domain, day, digest)) WITHOUT ROWID;"
                      "CREATE TABLE outbox_state (id TEXT NOT NULL, next_batch INTEGER NOT NULL);"
                      "INSERT INTO outbox_state VALUES (lower(hex(randomblob(16))), 1);"
                      "CREATE TABLE folded_segments (name TEXT NOT NULL PRIMARY KEY, "
                      "directory TEXT NOT NULL) WITHOUT ROWID;"
                      "PRAGMA user_version = ",
                      kCountersVersion, ";");
}

std::string Upsert() {
  std::string places;
  for (size_t i = 0; i < kColumns.size(); ++i) absl::StrAppend(&places, i == 0 ? "?" : ", ?");
  return absl::StrCat("INSERT INTO dmarc_rows (", ColumnNames(), ") VALUES (", places,
                      ") ON CONFLICT (policy_domain, day, digest) DO UPDATE SET messages = "
                      "messages + excluded.messages");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Counters>> Counters::Open(const CountersOptions& options) {
  auto database = Database::Open(options.path, options.busy_milliseconds);
  if (!database.ok()) return database.status();
  std::unique_ptr<Counters> counters(new Counters(options, *std::move(database)));
  if (absl::Status status = counters->MakeSchema(); !status.ok()) {
    return absl::Status(status.code(), absl::StrCat(options.path, ": ", status.message()));
  }
  return counters;
}

absl::Status Counters::MakeSchema() {
  auto transaction = Transaction::Begin(&database_);
  if (!transaction.ok()) return transaction.status();
  const auto version = database_.Single("PRAGMA user_version");
  if (!version.ok()) return version.status();
  if (*version == kCountersVersion) return absl::OkStatus();
  if (*version != 0) {
    return absl::FailedPreconditionError(absl::StrCat("the database has version ", *version,
                                                      ", this program knows ", kCountersVersion));
  }
  if (absl::Status status = database_.Execute(Schema()); !status.ok()) return status;
  return (*transaction)->Commit();
}

absl::Status Counters::CheckRoom() {
  uint64_t value[3] = {};
  const char* const names[] = {"page_count", "freelist_count", "page_size"};
  for (size_t i = 0; i < 3; ++i) {
    const auto number = database_.Single(absl::StrCat("PRAGMA ", names[i]));
    if (!number.ok()) return number.status();
    value[i] = static_cast<uint64_t>(*number);
  }
  if ((value[0] - value[1]) * value[2] < options_.max_octets) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(options_.path, ": the database has its ", options_.max_octets, " octets"));
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
  if (absl::Status status = CheckRoom(); !status.ok()) return status;
  auto upsert = database_.Prepare(Upsert());
  if (!upsert.ok()) return upsert.status();
  for (const Row& row : rows) {
    const ColumnTexts texts = ToColumns(row);
    for (size_t i = 0; i < texts.size(); ++i) upsert->Bind(static_cast<int>(i) + 1, texts[i]);
    if (absl::Status status = upsert->Run(); !status.ok()) return status;
  }
  if (absl::Status status = (*transaction)->Commit(); !status.ok()) return status;
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

absl::Status Counters::DropBefore(int64_t day) {
  auto drop = database_.Prepare("DELETE FROM dmarc_rows WHERE day < ?");
  if (!drop.ok()) return drop.status();
  drop->Bind(1, DayText(day));
  return drop->Run();
}

absl::StatusOr<int64_t> Counters::CountRows() {
  return database_.Single("SELECT count(*) FROM dmarc_rows");
}

}  // namespace postseal::store
