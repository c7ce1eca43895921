#include "store/spool.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "store/fact_codec.h"
#include "store/file_status.h"
#include "store/spool_record.h"

namespace postseal::store {
namespace {

// kSyncAttempts is how many segments a fact is written to before it is refused.
constexpr int kSyncAttempts = 2;

// MakeDirectory makes |path| for its owner alone, and what is above it.
absl::Status MakeDirectory(const std::string& path) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(path, error);
  if (!error && made) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  }
  if (!error && !std::filesystem::is_directory(path, error) && !error) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  return error ? FileStatus(path, error.value()) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(SpoolOptions options) {
  if (options.directory.empty()) return absl::InvalidArgumentError("a spool needs a directory");
  if (options.segment_octets == 0 || options.segment_octets > kMaxSegmentOctets) {
    return absl::InvalidArgumentError(
        absl::StrCat("a segment has 1 to ", kMaxSegmentOctets, " octets"));
  }
  if (absl::Status status = MakeDirectory(options.directory); !status.ok()) return status;
  if (options.sync_file == nullptr) options.sync_file = fdatasync;
  std::unique_ptr<Spool> spool(new Spool(std::move(options)));
  // That we may write there is known now, not at the first message.
  auto segment = Segment::Create(spool->options_.directory);
  if (!segment.ok()) return segment.status();
  const std::lock_guard lock(spool->mutex_);
  spool->segment_ = *std::move(segment);
  if (absl::Status status = SyncDirectory(spool->options_.directory); !status.ok()) return status;
  if (absl::Status status = spool->Rescan(); !status.ok()) return status;
  return spool;
}

absl::Status Spool::Append(const Fact& fact) {
  std::string payload;
  EncodeFact(fact, &payload);
  std::string record;
  store::AppendRecord(payload, &record);
  absl::Status status = AppendRecord(record);
  const std::lock_guard lock(mutex_);
  ++(status.ok() ? appended_ : refused_);
  return status;
}

absl::Status Spool::AppendRecord(const std::string& record) {
  absl::Status status;
  for (int attempt = 0; attempt < kSyncAttempts; ++attempt) {
    Place place;
    {
      const std::lock_guard lock(mutex_);
      status = AppendLocked(record, &place);
      if (!status.ok() || !options_.fsync) return status;
    }
    // Other threads append meanwhile, and the disk serves them together.
    status = place.segment->Sync(place.end, options_.sync_file);
    if (status.ok()) return status;
    // What could still be there is not written again.
    if (absl::Status abandoned = Abandon(place.segment); !abandoned.ok()) return abandoned;
  }
  return status;
}

absl::Status Spool::Abandon(const std::shared_ptr<Segment>& segment) {
  const std::lock_guard lock(mutex_);
  if (segment_ == segment) segment_.reset();
  return segment->Abandon();
}

absl::Status Spool::AppendLocked(const std::string& record, Place* place) {
  if (stopped_) return absl::FailedPreconditionError("the spool was stopped");
  if (octets_ + record.size() > options_.max_octets) {
    return absl::ResourceExhaustedError(
        absl::StrCat(options_.directory, ": the spool has its ", options_.max_octets, " octets"));
  }
  const bool full = segment_ != nullptr && segment_->size() > 0 &&
                    segment_->size() + record.size() > options_.segment_octets;
  if (segment_ == nullptr || full) {
    auto segment = Segment::Create(options_.directory);
    if (!segment.ok()) return segment.status();
    segment_ = *std::move(segment);
    absl::Status status = Rescan();
    if (status.ok() && options_.fsync) status = SyncDirectory(options_.directory);
    if (!status.ok()) return status;
  }
  const absl::Status status = segment_->Append(record);
  if (status.ok()) {
    octets_ += record.size();
    *place = {segment_, segment_->size()};
  }
  // A torn record must stay the last of its segment.
  if (!segment_->usable()) segment_.reset();
  return status;
}

absl::Status Spool::Seal() {
  const std::lock_guard lock(mutex_);
  if (segment_ != nullptr && segment_->size() > 0) segment_.reset();
  return Rescan();
}

void Spool::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  // What is left behind empty is removed by who folds.
  if (segment_ != nullptr && segment_->size() == 0) segment_->Remove().IgnoreError();
  segment_.reset();
}

absl::Status Spool::Rescan() {
  const auto list = ListSegments(options_.directory);
  if (!list.ok()) return list.status();
  octets_ = list->octets;
  return absl::OkStatus();
}

uint64_t Spool::octets() const {
  const std::lock_guard lock(mutex_);
  return octets_;
}

uint64_t Spool::appended() const {
  const std::lock_guard lock(mutex_);
  return appended_;
}

uint64_t Spool::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

}  // namespace postseal::store
