#include "store/writer.h"

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
  absl::Status folded = FoldSpool(spool_.directory(), folding_.get(), &tally);
  // What was removed makes room.
  const absl::Status sealed = spool_.Seal();
  if (folded.ok()) folded = sealed;
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
    if (*rows == 0) return absl::OkStatus();
    // Only when there is something to say; made anew when the server closed it.
    if (postgres_ == nullptr) {
      auto postgres = Postgres::Connect(
          {options_.postgres_url, options_.postgres_timeout, [this] { return IsLate(); }});
      if (!postgres.ok()) return postgres.status();
      postgres_ = *std::move(postgres);
    }
    const auto batch = outbox.Next();
    if (!batch.ok()) return batch.status();
    absl::Status status = postgres_->Apply(options_.node, *batch);
    if (status.ok()) status = outbox.Delivered(batch->number);
    if (!status.ok()) return status;
    const std::lock_guard lock(mutex_);
    status_.forwarded_rows += batch->rows.size();
    status_.forwarded_batches += 1;
  }
}

}  // namespace postseal::store
