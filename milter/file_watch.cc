#include "milter/file_watch.h"

#include <sys/stat.h>

#include <iterator>
#include <utility>

namespace postseal::milter {

FileWatch::Stamp FileWatch::Look(const std::string& file) {
  struct stat status = {};
  if (stat(file.c_str(), &status) != 0) status = {};
  return {status.st_dev, status.st_ino, status.st_size, status.st_ctim.tv_sec,
          status.st_ctim.tv_nsec};
}

void FileWatch::Watch(Stamps stamps) {
  seen_ = std::move(stamps);
  if (seen_.size() > kMaxWatchedFiles) {
    seen_.erase(std::next(seen_.begin(), kMaxWatchedFiles), seen_.end());
  }
  last_ = seen_;
}

void FileWatch::WatchMore(const Stamps& stamps) {
  Stamps all = stamps;
  all.insert(seen_.begin(), seen_.end());
  Watch(std::move(all));
}

bool FileWatch::HasChanged() {
  Stamps now = seen_;
  for (auto& [file, stamp] : now) stamp = Look(file);
  const bool is_settled = now == last_;
  last_ = std::move(now);
  if (!is_settled || last_ == seen_) return false;
  seen_ = last_;
  return true;
}

}  // namespace postseal::milter
