#include "milter/listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "milter/descriptor.h"

namespace postseal::milter {
namespace {

// kBacklog is as many connections as wait for us; the system has a limit of its own.
constexpr int kBacklog = 1024;

absl::Status SystemError(const SocketAddress& address, std::string_view what) {
  return absl::UnavailableError(
      absl::StrCat(address.Print(), ": ", what, ": ", std::strerror(errno)));
}

sockaddr_un LocalAddress(const std::string& path) {
  sockaddr_un local = {};
  local.sun_family = AF_UNIX;
  path.copy(local.sun_path, sizeof local.sun_path - 1);
  return local;
}

// IsInUse says whether somebody listens on the socket file at |path|. |is_stale| is set
// when it is a socket file that nobody listens on any more.
bool IsInUse(const std::string& path, const sockaddr_un& local, bool* is_stale) {
  *is_stale = false;
  struct stat status;
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  // Without waiting: a process whose queue is full has EAGAIN for us.
  const Descriptor tried(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (tried.get() < 0) return false;
  const auto* const address = reinterpret_cast<const sockaddr*>(&local);
  if (connect(tried.get(), address, sizeof local) == 0 || errno == EAGAIN || errno == EINPROGRESS) {
    return true;
  }
  *is_stale = errno == ECONNREFUSED;
  return false;
}

absl::Status InUse(const SocketAddress& address) {
  return absl::UnavailableError(
      absl::StrCat(address.Print(), ": another process listens on this socket"));
}

// FolderOf is the folder of |path|.
std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

absl::Status Listener::CheckFree(const SocketAddress& address) {
  bool is_stale = false;
  if (address.is_local() && IsInUse(address.path(), LocalAddress(address.path()), &is_stale)) {
    return InUse(address);
  }
  return absl::OkStatus();
}

absl::StatusOr<Listener> Listener::OpenLocal(const SocketAddress& address) {
  const sockaddr_un local = LocalAddress(address.path());
  // Of two processes that start together the second must not remove the first one's new
  // file, which it takes for the old one. The lock on the folder ends with this function.
  const Descriptor folder(
      open(FolderOf(address.path()).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0 && flock(folder.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return absl::UnavailableError(
        absl::StrCat(address.Print(), ": another process is just opening a socket in this folder"));
  }
  bool is_stale = false;
  if (IsInUse(address.path(), local, &is_stale)) return InUse(address);
  if (is_stale) unlink(address.path().c_str());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return SystemError(address, "socket");
  Listener listener(fd);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) {
    return SystemError(address, "bind");
  }
  struct stat status = {};
  if (lstat(address.path().c_str(), &status) == 0) {
    listener.path_ = address.path();
    listener.device_ = status.st_dev;
    listener.inode_ = status.st_ino;
  }
  if (listen(fd, kBacklog) != 0) return SystemError(address, "listen");
  return listener;
}

absl::StatusOr<std::vector<Listener>> Listener::Open(const SocketAddress& address) {
  std::vector<Listener> listeners;
  if (address.is_local()) {
    absl::StatusOr<Listener> local = OpenLocal(address);
    if (!local.ok()) return local.status();
    listeners.push_back(*std::move(local));
    return listeners;
  }
  addrinfo hints = {};
  hints.ai_family = address.family() == SocketAddress::Family::kInet ? AF_INET : AF_INET6;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.host().empty() ? nullptr : address.host().c_str(),
                                absl::StrCat(address.port()).c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat(address.Print(), ": ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, &freeaddrinfo);
  std::set<std::string> bound;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    // A name may have an address twice: "localhost" of 127.0.0.1 and ::1 has, as IPv4.
    if (!bound.emplace(reinterpret_cast<const char*>(one->ai_addr), one->ai_addrlen).second) {
      continue;
    }
    const int fd =
        socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, one->ai_protocol);
    if (fd < 0) return SystemError(address, "socket");
    Listener listener(fd);
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // inet6: is IPv6 alone, as it says.
    if (one->ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, one->ai_addr, one->ai_addrlen) != 0) return SystemError(address, "bind");
    if (listen(fd, kBacklog) != 0) return SystemError(address, "listen");
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

Listener::~Listener() { Close(); }

void Listener::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  struct stat status = {};
  if (!path_.empty() && lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ &&
      status.st_ino == inode_) {
    unlink(path_.c_str());
  }
  path_.clear();
}

}  // namespace postseal::milter
