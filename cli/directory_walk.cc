#include "cli/directory_walk.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace postseal::cli {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

absl::Status CannotBeListed(std::string_view path) {
  return absl::InternalError(absl::StrCat(path, ": cannot be listed: ", std::strerror(errno)));
}

absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& path) {
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(path.c_str()));
  if (directory == nullptr) return CannotBeListed(path);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;  // the only sign of an error
    const dirent* const entry = readdir(directory.get());
    if (entry == nullptr) break;
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  if (errno != 0) return CannotBeListed(path);
  std::sort(names.begin(), names.end());
  return names;
}

std::string Join(std::string_view folder, std::string_view name) {
  return absl::StrCat(folder, folder.ends_with('/') ? "" : "/", name);
}

bool IsDirectory(const std::string& path) {
  struct stat about;
  return stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

enum class Kind { kFile, kDirectory, kOther };

// KindOf is what the walk does with |path|. What cannot be asked about is a file: the
// error comes when it is opened.
Kind KindOf(const std::string& path) {
  struct stat about;
  if (lstat(path.c_str(), &about) != 0) return Kind::kFile;
  if (S_ISDIR(about.st_mode)) return Kind::kDirectory;
  if (S_ISLNK(about.st_mode) && stat(path.c_str(), &about) != 0) return Kind::kFile;
  return S_ISREG(about.st_mode) ? Kind::kFile : Kind::kOther;
}

}  // namespace

void DirectoryWalk::Enter(std::string path, bool in_maildir) {
  auto names = NamesIn(path);
  if (!names.ok()) {
    error_ = names.status();
    return;
  }
  const auto has_directory = [&](const char* name) {
    return std::binary_search(names->begin(), names->end(), name) && IsDirectory(Join(path, name));
  };
  if (has_directory("cur") && has_directory("new")) {
    in_maildir = true;
    *names = {"cur", "new"};
  }
  levels_.push_back(Level{std::move(path), in_maildir, *std::move(names)});
}

std::optional<absl::StatusOr<DirectoryWalk::File>> DirectoryWalk::Next() {
  for (;;) {
    if (!error_.ok()) return std::exchange(error_, absl::OkStatus());
    if (levels_.empty()) return std::nullopt;
    Level& level = levels_.back();
    if (level.next == level.names.size()) {
      levels_.pop_back();
      continue;
    }
    std::string path = Join(level.path, level.names[level.next++]);
    switch (KindOf(path)) {
      case Kind::kFile:
        return File{std::move(path), level.in_maildir};
      case Kind::kDirectory:
        Enter(std::move(path), level.in_maildir);
        break;
      case Kind::kOther:
        break;
    }
  }
}

}  // namespace postseal::cli
