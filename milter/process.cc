#include "milter/process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "milter/descriptor.h"

namespace postseal::milter {
namespace {

absl::Status SystemError(std::string_view what) {
  return absl::PermissionDeniedError(absl::StrCat(what, ": ", std::strerror(errno)));
}

// Lock locks the open file |fd|; false when another process has locked it. A file system
// without locks locks nothing.
bool Lock(int fd) { return flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK; }

absl::Status InUse(const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat(path, ": another process that is still running has this PidFile"));
}

}  // namespace

absl::StatusOr<Account> FindAccount(const std::string& user, const std::string& group) {
  Account account;
  if (user.empty()) return account;
  const passwd* const found = getpwnam(user.c_str());
  if (found == nullptr) return absl::NotFoundError(absl::StrCat("no such user: ", user));
  account.user = user;
  account.uid = found->pw_uid;
  account.gid = found->pw_gid;
  if (!group.empty()) {
    const struct group* const entry = getgrnam(group.c_str());
    if (entry == nullptr) return absl::NotFoundError(absl::StrCat("no such group: ", group));
    account.gid = entry->gr_gid;
  }
  int count = 16;
  account.groups.resize(static_cast<size_t>(count));
  while (getgrouplist(user.c_str(), account.gid, account.groups.data(), &count) < 0) {
    account.groups.resize(std::max(account.groups.size() * 2, static_cast<size_t>(count)));
    count = static_cast<int>(account.groups.size());
  }
  account.groups.resize(static_cast<size_t>(count));
  return account;
}

absl::Status BecomeUser(const Account& account) {
  const auto& [user, uid, gid, groups] = account;
  if (user.empty() || (geteuid() == uid && getegid() == gid)) return absl::OkStatus();
  if (setgroups(groups.size(), groups.data()) != 0) {
    return SystemError(absl::StrCat("groups of ", user));
  }
  if (setresgid(gid, gid, gid) != 0) return SystemError(absl::StrCat("group of ", user));
  if (setresuid(uid, uid, uid) != 0) return SystemError(absl::StrCat("becoming ", user));
  // No way back.
  if (uid != 0 && setuid(0) == 0) return absl::InternalError("the process is still root");
  return absl::OkStatus();
}

absl::Status EnterRoot(const std::string& directory) {
  if (directory.empty()) return absl::OkStatus();
  if (chroot(directory.c_str()) != 0 || chdir("/") != 0) return SystemError(directory);
  return absl::OkStatus();
}

absl::StatusOr<PidFile> PidFile::Write(const std::string& path) {
  // O_NONBLOCK: a pipe would wait for its other end.
  const Descriptor old(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (old.get() >= 0 && !Lock(old.get())) return InUse(path);
  // The lock on the old file, if there is one, keeps a second process out until the new
  // file is there.
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return SystemError(path);
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return SystemError(path);
  if (!Lock(fd)) {
    close(fd);
    return InUse(path);
  }
  PidFile file(path, fd);
  const std::string text = absl::StrCat(getpid(), "\n");
  if (write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return SystemError(path);
  }
  return file;
}

PidFile::PidFile(PidFile&& other) noexcept
    : path_(std::exchange(other.path_, std::string())), fd_(std::exchange(other.fd_, -1)) {}

PidFile::~PidFile() {
  if (fd_ < 0) return;
  struct stat ours = {};
  struct stat there = {};
  if (fstat(fd_, &ours) == 0 && lstat(path_.c_str(), &there) == 0 && ours.st_dev == there.st_dev &&
      ours.st_ino == there.st_ino) {
    unlink(path_.c_str());
  }
  close(fd_);
}

absl::StatusOr<Background> Background::Enter() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return SystemError("pipe");
  const pid_t child = fork();
  if (child < 0) return SystemError("fork");
  if (child > 0) {
    close(ends[1]);
    unsigned char code = 70;  // EX_SOFTWARE: it ended without a word. sysexits(3)
    while (read(ends[0], &code, 1) < 0 && errno == EINTR) {
    }
    _exit(code);
  }
  close(ends[0]);
  setsid();
  return Background(ends[1]);
}

void Background::Tell(int exit_code) {
  if (fd_ < 0) return;
  const auto code = static_cast<unsigned char>(exit_code);
  while (write(fd_, &code, 1) < 0 && errno == EINTR) {
  }
  close(fd_);
  fd_ = -1;
  // The terminal is whoever's is next.
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (null >= 0) dup2(null, standard);
  }
  if (null > STDERR_FILENO) close(null);
}

void NotifyManager(std::string_view state) {
  const char* const path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address = {};
  if (path == nullptr || (path[0] != '/' && path[0] != '@') ||
      std::strlen(path) >= sizeof address.sun_path) {
    return;
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, std::strlen(path));
  if (path[0] == '@') address.sun_path[0] = '\0';
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  // A manager that does not listen is no concern of the mail's.
  (void)sendto(fd, state.data(), state.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&address), size);
  close(fd);
}

}  // namespace postseal::milter
