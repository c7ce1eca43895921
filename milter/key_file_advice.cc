#include "milter/key_file_advice.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace postseal::milter {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

bool Exists(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0;
}

// Parents are the folders above |path|, from the top; "" is not among them.
std::vector<std::string> Parents(const std::string& path) {
  std::vector<std::string> parents;
  if (path.empty()) return parents;
  parents.push_back(path.front() == '/' ? "/" : ".");
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    parents.push_back(path.substr(0, slash));
  }
  return parents;
}

std::string Describe(const std::string& path, const struct stat& info) {
  return absl::StrCat(path, " belongs to ", UserName(info.st_uid), ", mode ",
                      absl::StrFormat("%04o", info.st_mode & 07777));
}

}  // namespace

std::string UserName(unsigned uid) {
  std::array<char, 4096> buffer{};
  struct passwd entry = {};
  struct passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return absl::StrCat("uid ", uid);
  }
  return found->pw_name;
}

std::string WhoWeAre() { return absl::StrCat(UserName(geteuid()), " (uid ", geteuid(), ")"); }

std::string AdviseMissing(const std::string& path) {
  const std::vector<std::string> parents = Parents(path);
  for (const std::string& parent : parents) {
    if (!Exists(parent)) return absl::StrCat("the folder ", parent, " is not there");
  }
  if (parents.empty()) return "";
  const std::string& folder = parents.back();
  const std::string base = path.substr(path.rfind('/') + 1);
  const Folder open(opendir(folder.c_str()));
  if (open == nullptr) return "";
  size_t searched = 0;
  while (const struct dirent* const entry = readdir(open.get())) {
    if (++searched > kMaxSearchedFolders) break;
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const std::string candidate = absl::StrCat(folder == "/" ? "" : folder, "/", name, "/", base);
    if (Exists(candidate)) {
      return absl::StrCat("there is ", candidate, " - is the domain's folder missing in the path?");
    }
  }
  return "";
}

std::string AdviseDenied(const std::string& path) {
  std::string who = absl::StrCat("; we run as ", WhoWeAre());
  for (const std::string& parent : Parents(path)) {
    struct stat info = {};
    if (stat(parent.c_str(), &info) != 0) break;
    if (faccessat(AT_FDCWD, parent.c_str(), X_OK, AT_EACCESS) != 0) {
      return absl::StrCat("the folder ", Describe(parent, info), who,
                          " - chown it, or let our group enter it");
    }
  }
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return who.substr(2);
  return absl::StrCat(Describe(path, info), who, " - chown it to that user");
}

}  // namespace postseal::milter
