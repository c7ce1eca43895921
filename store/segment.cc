#include "store/segment.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "store/file_status.h"

namespace postseal::store {
namespace {

constexpr std::string_view kSuffix = ".facts";
constexpr int kCreateAttempts = 16;

// NewName begins with the time, so that names are in the order of their making, and
// ends with what no other name has.
std::string NewName() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  uint64_t random[2] = {};
  // Up to 256 octets never fail and never come in part: getrandom(2).
  while (getrandom(random, sizeof(random), 0) != static_cast<ssize_t>(sizeof(random))) {
  }
  const uint64_t microseconds =
      static_cast<uint64_t>(now.tv_sec) * 1'000'000 + static_cast<uint64_t>(now.tv_nsec) / 1000;
  return absl::StrCat(absl::Hex(microseconds, absl::kZeroPad16), "-",
                      absl::Hex(random[0], absl::kZeroPad16),
                      absl::Hex(random[1], absl::kZeroPad16), kSuffix);
}

int Lock(int fd) {
  int result = 0;
  do {
    result = flock(fd, LOCK_EX | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  return result;
}

// HasName says whether the file that |fd| is still has a name.
bool HasName(int fd) {
  struct stat info{};
  return fstat(fd, &info) == 0 && info.st_nlink > 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Segment>> Segment::Create(const std::string& directory) {
  for (int attempt = 0; attempt < kCreateAttempts; ++attempt) {
    const std::string name = NewName();
    const std::string path = absl::StrCat(directory, "/", name);
    const int fd =
        open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return FileStatus(directory, errno);
    std::unique_ptr<Segment> segment(new Segment(directory, name, fd));
    // Between open and lock a reader may take it for one without a writer: it is empty,
    // and gone.
    if (Lock(fd) == 0 && HasName(fd)) return segment;
  }
  return absl::UnavailableError(absl::StrCat(directory, ": no segment could be locked"));
}

absl::StatusOr<std::unique_ptr<Segment>> Segment::Take(const std::string& directory,
                                                       const std::string& name) {
  const std::string path = absl::StrCat(directory, "/", name);
  const int fd = open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) {
    if (errno == ENOENT) return nullptr;
    return FileStatus(path, errno);
  }
  std::unique_ptr<Segment> segment(new Segment(directory, name, fd));
  if (Lock(fd) != 0) {
    if (errno == EWOULDBLOCK) return nullptr;
    return FileStatus(path, errno);
  }
  if (!HasName(fd)) return nullptr;
  return segment;
}

Segment::~Segment() { close(fd_); }

absl::Status Segment::Append(std::string_view octets) {
  ssize_t written = 0;
  do {
    written = write(fd_, octets.data(), octets.size());
  } while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(octets.size())) {
    size_ += octets.size();
    return absl::OkStatus();
  }
  // A part only: the next octet would not have had room.
  const int error = written < 0 ? errno : ENOSPC;
  usable_ = ftruncate(fd_, static_cast<off_t>(size_)) == 0;
  return FileStatus(path_, error);
}

absl::Status Segment::Sync(size_t size, const SyncFile& sync) {
  const std::lock_guard lock(sync_mutex_);
  if (synced_ >= size) return absl::OkStatus();
  if (!sync_error_.ok()) return sync_error_;
  const size_t written = size_;
  if (sync(fd_) == 0) {
    synced_ = written;
  } else {
    sync_error_ = FileStatus(path_, errno);
  }
  return sync_error_;
}

absl::Status Segment::Abandon() {
  const std::lock_guard lock(sync_mutex_);
  if (abandoned_.has_value()) return *abandoned_;
  usable_ = false;
  // A loss of power must not bring it back either.
  const bool cut = ftruncate(fd_, static_cast<off_t>(synced_)) == 0 && fsync(fd_) == 0;
  abandoned_ = cut ? absl::OkStatus() : FileStatus(path_, errno);
  return *abandoned_;
}

absl::StatusOr<std::string> Segment::Read() const {
  struct stat info{};
  if (fstat(fd_, &info) != 0) return FileStatus(path_, errno);
  if (!S_ISREG(info.st_mode)) return absl::DataLossError(absl::StrCat(path_, ": no file"));
  const auto size = static_cast<uint64_t>(info.st_size);
  if (size > kMaxSegmentOctets) {
    return absl::ResourceExhaustedError(absl::StrCat(path_, ": larger than a segment can be"));
  }
  std::string content(size, '\0');
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t got =
        pread(fd_, content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileStatus(path_, errno);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  content.resize(done);
  return content;
}

absl::Status Segment::Remove() const {
  if (unlink(path_.c_str()) != 0) return FileStatus(path_, errno);
  return absl::OkStatus();
}

absl::StatusOr<SegmentList> ListSegments(const std::string& directory) {
  SegmentList list;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (!name.ends_with(kSuffix)) continue;
    std::error_code gone;
    const uintmax_t size = entry->file_size(gone);
    if (gone) continue;
    list.octets += size;
    list.names.push_back(std::move(name));
  }
  if (error) return FileStatus(directory, error.value());
  std::sort(list.names.begin(), list.names.end());
  return list;
}

absl::Status SyncDirectory(const std::string& directory) {
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FileStatus(directory, errno);
  const int result = fsync(fd);
  const int error = errno;
  close(fd);
  return result == 0 ? absl::OkStatus() : FileStatus(directory, error);
}

}  // namespace postseal::store
