// Segment: a file of the spool, while it is written and when it is read.
#ifndef POSTSEAL_STORE_SEGMENT_H_
#define POSTSEAL_STORE_SEGMENT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace postseal::store {

// kMaxSegmentOctets bounds a segment, in octets: it is read whole.
inline constexpr size_t kMaxSegmentOctets = 64 * 1024 * 1024;

// SyncFile brings the octets of a file to the disk, as fdatasync(2) does. Tests have
// others, which fail.
using SyncFile = std::function<int(int fd)>;

// Segment holds the file's lock as long as it lives, so a file belongs to one of its
// writers, or of its readers, and to none when that one was killed. Names are never
// used twice.
class Segment {
 public:
  // Create makes an empty segment in |directory|.
  static absl::StatusOr<std::unique_ptr<Segment>> Create(const std::string& directory);

  // Take opens the segment |name|, to be read and removed. nullptr when somebody else
  // has it, or has removed it.
  static absl::StatusOr<std::unique_ptr<Segment>> Take(const std::string& directory,
                                                       const std::string& name);

  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  const std::string& name() const { return name_; }
  // size is how many octets have been written.
  size_t size() const { return size_; }

  // Append writes |octets| in one call. When that fails nothing is left of them, or,
  // when |usable| turns false, a torn record that is the last one.
  absl::Status Append(std::string_view octets);
  bool usable() const { return usable_; }

  // Sync returns when the first |size| octets are on the disk. Any thread may call it,
  // while others append, and threads that come together share a call of |sync|. After a
  // call that failed the kernel may have dropped what was not on the disk, and a later
  // call that succeeds says nothing of that; so no later call is made, and Sync fails for
  // all that was not confirmed before. Then the segment must be abandoned.
  absl::Status Sync(size_t size, const SyncFile& sync);

  // Abandon cuts off what Sync has not confirmed, so that it can be appended elsewhere
  // and is not counted twice. Not while others append. With an error it may still be
  // there. When it is called again, the result is the same.
  absl::Status Abandon();

  // Read is the content. ResourceExhausted above kMaxSegmentOctets.
  absl::StatusOr<std::string> Read() const;

  // Remove deletes the file.
  absl::Status Remove() const;

 private:
  Segment(const std::string& directory, const std::string& name, int fd)
      : path_(directory + "/" + name), name_(name), fd_(fd) {}

  const std::string path_;
  const std::string name_;
  const int fd_;
  std::atomic<size_t> size_ = 0;
  bool usable_ = true;
  std::optional<absl::Status> abandoned_;
  std::mutex sync_mutex_;
  // With |sync_mutex_|: how many octets are known to be on the disk, and whether a call
  // has failed.
  size_t synced_ = 0;
  absl::Status sync_error_;
};

// SegmentList is what segments are in a directory.
struct SegmentList {
  std::vector<std::string> names;  // in order, from the oldest
  uint64_t octets = 0;             // of all of them
};

// ListSegments lists the segments in |directory|, locked or not.
absl::StatusOr<SegmentList> ListSegments(const std::string& directory);

// SyncDirectory returns when the names in |directory| are on the disk.
absl::Status SyncDirectory(const std::string& directory);

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_SEGMENT_H_
