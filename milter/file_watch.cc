#include "milter/file_watch.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace postseal::milter {

void FileWatch::Watch(const std::set<std::string>& files) {
  files_.assign(files.begin(), files.end());
  files_.resize(std::min(files_.size(), kMaxWatchedFiles));
  seen_ = Look();
  last_ = seen_;
}

bool FileWatch::HasChanged() {
  std::vector<Stamp> now = Look();
  const bool is_settled = now == last_;
  last_ = std::move(now);
  if (!is_settled || last_ == seen_) return false;
  seen_ = last_;
  return true;
}

std::vector<FileWatch::Stamp> FileWatch::Look() const {
  std::vector<Stamp> stamps;
  stamps.reserve(files_.size());
  for (const std::string& file : files_) {
    struct stat status = {};
    if (stat(file.c_str(), &status) != 0) status = {};
    stamps.emplace_back(status.st_dev, status.st_ino, status.st_size, status.st_ctim.tv_sec,
                        status.st_ctim.tv_nsec);
  }
  return stamps;
}

}  // namespace postseal::milter
