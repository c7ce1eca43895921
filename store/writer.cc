#include "store/writer.h"

#include "absl/strings/str_cat.h"
#include "store/outbox.h"

namespace postseal::store {
namespace {

int64_t Ticks() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace

Writer::Writer(WriterOptions options, Spool* spool) : options_(std::move(options)), spool_(*spool) {
  if (!options_.postgres_url.empty()) {
    forwarder_ = std::make_unique<Periodic>(options_.periodic, [this] { return Forward(); });
  }
  folder_ = std::make_unique<Periodic>(options_.periodic, [this] { return Fold(); });
}

Writer::~Writer() { Stop().IgnoreError(); }

absl::Status Writer::Flush() {
  absl::Status status = folder_->Flush();
  if (forwarder_ == nullptr) return status;
  const absl::Status forwarded = forwarder_->Flush();
  return status.ok() ? forwarded : status;
}

absl::Status Writer::Stop() {
  spool_.Stop();
  absl::Status status = folder_->Stop();
  if (forwarder_ == nullptr) return status;
  const auto timeout =
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(options_.stop_timeout);
  int64_t unset = 0;
  stop_at_.compare_exchange_strong(unset, Ticks() + timeout.count());
  const absl::Status forwarded = forwarder_->Stop();
  return status.ok() ? forwarded : status;
}

bool Writer::IsLate() const {
  const int64_t stop_at = stop_at_.load();
  return stop_at != 0 && Ticks() >= stop_at;
}

WriterStatus Writer::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

absl::Status Writer::Fold() {
  const absl::Status status = FoldOnce();
  // After an error SQLite is opened anew: the file may be another one.
  if (!status.ok()) folding_.reset();
  const std::lock_guard lock(mutex_);
  status_.fold_error = status;
  return status;
}

absl::Status Writer::FoldOnce() {
  if (folding_ == nullptr) {
    auto counters = Counters::Open(options_.counters);
    if (!counters.ok()) return counters.status();
    folding_ = *std::move(counters);
  }
  if (absl::Status status = spool_.Seal(); !status.ok()) return status;
  FoldTally tally;
  const int64_t reduced = folding_->reduced();
  absl::Status folded = FoldSpool(spool_.directory(), folding_.get(), &tally);
  CountReduced(folding_->reduced() - reduced);
  // What was removed makes room.
  const absl::Status sealed = spool_.Seal();
  if (folded.ok()) folded = sealed;
  if (folded.ok()) folded = Drop(folding_.get(), &folding_dropped_before_);
  const auto rows = folding_->CountRows();
  if (folded.ok()) folded = rows.status();
  {
    const std::lock_guard lock(mutex_);
    status_.folded.segments += tally.segments;
    status_.folded.facts += tally.facts;
    status_.folded.skipped_octets += tally.skipped_octets;
    if (rows.ok() && forwarder_ == nullptr) status_.rows = *rows;
  }
  if (forwarder_ != nullptr && tally.segments > 0) forwarder_->Kick();
  return folded;
}

int64_t Writer::FirstDay() const { return options_.now() / kSecondsADay - options_.retention_days; }

bool Writer::MustDrop(int64_t dropped_before) const {
  return options_.retention_days > 0 && FirstDay() > dropped_before;
}

template <typename Rows>
absl::Status Writer::Drop(Rows* rows, int64_t* dropped_before) {
  if (!MustDrop(*dropped_before)) return absl::OkStatus();
  const int64_t first = FirstDay();
  const auto dropped = rows->DropBefore(first);
  if (!dropped.ok()) return dropped.status();
  *dropped_before = first;
  const std::lock_guard lock(mutex_);
  status_.dropped_rows += static_cast<uint64_t>(*dropped);
  return absl::OkStatus();
}

void Writer::CountReduced(int64_t messages) {
  if (messages == 0) return;
  const int64_t today = options_.now() / kSecondsADay;
  {
    const std::lock_guard lock(mutex_);
    status_.reduced_messages += static_cast<uint64_t>(messages);
    // Once a day: strangers decide how often it happens.
    if (told_reduced_ == today) return;
    told_reduced_ = today;
  }
  const std::lock_guard lock(notice_mutex_);
  options_.notice("a quota of rows is reached: messages are counted with less detail today");
}

void Writer::CountBuried(uint64_t rows, const std::string& why) {
  if (rows == 0) return;
  {
    const std::lock_guard lock(mutex_);
    status_.dead_letters += rows;
  }
  const std::lock_guard lock(notice_mutex_);
  options_.notice(absl::StrCat(rows, " rows were moved to the table dead_letters of ",
                               options_.counters.path, ": ", why));
}

absl::Status Writer::Forward() {
  const bool reused = postgres_ != nullptr;
  absl::Status status = ForwardAll();
  if (!status.ok() && reused && !absl::IsCancelled(status)) {
    // The server may just have closed a connection that was long idle.
    postgres_.reset();
    status = ForwardAll();
  }
  if (!status.ok()) {
    postgres_.reset();
    forwarding_.reset();
  }
  const std::lock_guard lock(mutex_);
  status_.forward_error = status;
  return status;
}

absl::Status Writer::Connect() {
  if (forwarding_ == nullptr) {
    auto counters = Counters::Open(options_.counters);
    if (!counters.ok()) return counters.status();
    forwarding_ = *std::move(counters);
  }
  return absl::OkStatus();
}

absl::Status Writer::ConnectPostgres() {
  if (postgres_ != nullptr) return absl::OkStatus();
  PostgresOptions options;
  options.url = options_.postgres_url;
  options.timeout = options_.postgres_timeout;
  options.quota = options_.counters.quota;
  options.interrupted = [this] { return IsLate(); };
  auto postgres = Postgres::Connect(std::move(options));
  if (!postgres.ok()) return postgres.status();
  postgres_ = *std::move(postgres);
  return absl::OkStatus();
}

absl::Status Writer::ForwardAll() {
  if (absl::Status status = Connect(); !status.ok()) return status;
  Outbox outbox(forwarding_.get());
  for (;;) {
    const auto rows = outbox.CountRows();
    if (!rows.ok()) return rows.status();
    {
      const std::lock_guard lock(mutex_);
      status_.rows = *rows;
    }
    // Only when there is something to do; made anew when the server closed it.
    const bool must_drop = MustDrop(forwarding_dropped_before_);
    if (*rows == 0 && !must_drop) return absl::OkStatus();
    if (absl::Status status = ConnectPostgres(); !status.ok()) return status;
    if (must_drop) {
      absl::Status status = Drop(postgres_.get(), &forwarding_dropped_before_);
      if (!status.ok()) return status;
      continue;
    }
    const uint64_t buried = outbox.buried();
    const auto batch = outbox.Next();
    if (!batch.ok()) return batch.status();
    CountBuried(outbox.buried() - buried, "they cannot be read");
    // Another process may have been quicker. The number of no batch must not be claimed.
    if (batch->rows.empty()) return absl::OkStatus();
    if (absl::Status status = ForwardBatch(&outbox, *batch); !status.ok()) return status;
  }
}

absl::Status Writer::ForwardBatch(Outbox* outbox, const Batch& batch) {
  const int64_t reduced = postgres_->reduced();
  absl::Status status = postgres_->Apply(options_.node, batch);
  // The others of the batch are sent without those.
  if (absl::IsInvalidArgument(status)) return BuryRefused(outbox, batch, status);
  if (!status.ok()) return status;
  CountReduced(postgres_->reduced() - reduced);
  if (status = outbox->Delivered(batch.number); !status.ok()) return status;
  const std::lock_guard lock(mutex_);
  status_.forwarded_rows += batch.rows.size();
  status_.forwarded_batches += 1;
  return absl::OkStatus();
}

absl::Status Writer::BuryRefused(Outbox* outbox, const Batch& batch, const absl::Status& refusal) {
  const auto refused = postgres_->FindRefused(options_.node, batch);
  if (!refused.ok()) return refused.status();
  // The rows are refused together and not one by one: that is nothing to go on with.
  if (refused->empty()) return absl::InternalError(refusal.message());
  if (absl::Status status = outbox->Bury(batch.number, *refused); !status.ok()) return status;
  CountBuried(refused->size(), refused->front().error);
  return absl::OkStatus();
}

}  // namespace postseal::store
