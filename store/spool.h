// Spool: keeps facts in a directory until they are counted.
#ifndef POSTSEAL_STORE_SPOOL_H_
#define POSTSEAL_STORE_SPOOL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/fact.h"
#include "store/segment.h"

namespace postseal::store {

// kMaxSpoolOctets is the default of SpoolOptions::max_octets: about a million facts.
inline constexpr uint64_t kMaxSpoolOctets = 256 * 1024 * 1024;

struct SpoolOptions {
  // Made if it is not there, readable by its owner alone. Any number of processes may
  // have one directory, on a local file system.
  std::string directory;
  // When a segment ends, in octets. At least a record, at most kMaxSegmentOctets.
  size_t segment_octets = 4 * 1024 * 1024;
  // What all segments may have, in octets. Where several processes append, each knows
  // of the others' since it last began a segment or was asked to Seal.
  uint64_t max_octets = kMaxSpoolOctets;
  // Append returns when the fact is on the disk: it survives a loss of power too.
  bool fsync = false;
  // What |fsync| calls; empty: fdatasync(2).
  SyncFile sync_file;
};

// Spool is a FactSink: an appended fact survives the process. Of any thread.
class Spool final : public FactSink {
 public:
  static absl::StatusOr<std::unique_ptr<Spool>> Open(SpoolOptions options);

  // Append writes |fact| with one call of write(2). When the disk does not confirm it,
  // the segment is abandoned and the fact is written to a new one, once. With an error
  // the fact is not kept, except when it could not be cut off a segment either.
  absl::Status Append(const Fact& fact) override;

  // Seal ends the segment that is being written: then Segment::Take can have it.
  absl::Status Seal();

  // Stop is Seal, after which Append fails.
  void Stop();

  const std::string& directory() const { return options_.directory; }
  // octets is what all segments have, as far as it is known here.
  uint64_t octets() const;
  // appended counts the facts that were kept, refused those that were not.
  uint64_t appended() const;
  uint64_t refused() const;

 private:
  explicit Spool(SpoolOptions options) : options_(std::move(options)) {}

  // Place is where a record was written.
  struct Place {
    std::shared_ptr<Segment> segment;
    size_t end = 0;  // the octet behind it
  };

  absl::Status AppendRecord(const std::string& record);
  absl::Status Abandon(const std::shared_ptr<Segment>& segment);
  // For each: the lock is held.
  absl::Status AppendLocked(const std::string& record, Place* place);
  absl::Status Rescan();

  const SpoolOptions options_;
  mutable std::mutex mutex_;
  std::shared_ptr<Segment> segment_;
  uint64_t octets_ = 0;
  uint64_t appended_ = 0;
  uint64_t refused_ = 0;
  bool stopped_ = false;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_SPOOL_H_
