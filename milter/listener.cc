#include "milter/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

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

// RemoveStale removes a socket file that nobody listens on any more. Anything else
// stays: it is not ours.
void RemoveStale(const std::string& path, const sockaddr_un& local) {
  struct stat status;
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const int result = connect(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local);
  if (result != 0 && errno == ECONNREFUSED) unlink(path.c_str());
  close(fd);
}

}  // namespace

absl::StatusOr<Listener> Listener::OpenLocal(const SocketAddress& address) {
  const sockaddr_un local = LocalAddress(address.path());
  RemoveStale(address.path(), local);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return SystemError(address, "socket");
  Listener listener(fd, "");
  if (bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) {
    return SystemError(address, "bind");
  }
  listener.path_ = address.path();
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
    Listener listener(fd, "");
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

std::string Listener::Release() {
  fd_ = -1;
  return std::exchange(path_, std::string());
}

void Listener::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  if (!path_.empty()) unlink(path_.c_str());
  path_.clear();
}

}  // namespace postseal::milter
