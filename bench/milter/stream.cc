#include "bench/milter/stream.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace postseal::bench {
namespace {

constexpr size_t kBufferSize = 4096;

absl::Status Failure(std::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

absl::StatusOr<int> ConnectUnix(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return absl::InvalidArgumentError("a long path");
  path.copy(address.sun_path, path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    const absl::Status failure = Failure(absl::StrCat("connect to ", path));
    close(fd);
    return failure;
  }
  return fd;
}

absl::StatusOr<int> ConnectInet(std::string_view port_at_host) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(port_at_host, '@');
  uint32_t port = 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (!absl::SimpleAtoi(parts.first, &port) || port == 0 || port > 65535 ||
      inet_pton(AF_INET, parts.second.c_str(), &address.sin_addr) != 1) {
    return absl::InvalidArgumentError(absl::StrCat("not PORT@ADDRESS: ", port_at_host));
  }
  address.sin_port = htons(static_cast<uint16_t>(port));
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    const absl::Status failure = Failure(absl::StrCat("connect to ", port_at_host));
    close(fd);
    return failure;
  }
  return fd;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Stream>> Stream::Connect(std::string_view address, bool no_delay) {
  const bool inet = absl::ConsumePrefix(&address, "inet:");
  if (!inet && !absl::ConsumePrefix(&address, "unix:")) {
    return absl::InvalidArgumentError("an address is inet:PORT@ADDRESS or unix:PATH");
  }
  const absl::StatusOr<int> fd = inet ? ConnectInet(address) : ConnectUnix(address);
  if (!fd.ok()) return fd.status();
  size_t buffer_size = kBufferSize;
  if (inet) {
    int segment = 0;
    socklen_t size = sizeof(segment);
    getsockopt(*fd, IPPROTO_TCP, TCP_MAXSEG, &segment, &size);
    buffer_size = std::max(buffer_size, 2 * static_cast<size_t>(segment));
    const int on = 1;
    if (no_delay) setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  // Connected as an MTA does it, waiting; from here on nothing waits.
  fcntl(*fd, F_SETFL, fcntl(*fd, F_GETFL) | O_NONBLOCK);
  return std::unique_ptr<Stream>(new Stream(*fd, buffer_size));
}

Stream::~Stream() { close(fd_); }

absl::Status Stream::Send(size_t octets) {
  size_t sent = 0;
  absl::Status status;
  while (sent < octets && status.ok()) {
    const size_t now = std::min(octets - sent, buffer_size_);
    const ssize_t n = send(fd_, buffer_.data() + sent, now, MSG_NOSIGNAL);
    if (n > 0) {
      sent += static_cast<size_t>(n);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      status = Failure("send");
    }
  }
  buffer_.erase(0, sent);
  return status;
}

absl::Status Stream::Write() {
  return flushing_ ? Flush() : Send(buffer_.size() - buffer_.size() % buffer_size_);
}

absl::Status Stream::Flush() {
  const absl::Status status = Send(buffer_.size());
  flushing_ = !buffer_.empty();
  return status;
}

absl::Status Stream::Read(std::string& out) {
  char octets[16384];
  for (;;) {
    const ssize_t n = recv(fd_, octets, sizeof(octets), 0);
    if (n > 0) {
      out.append(octets, static_cast<size_t>(n));
      if (static_cast<size_t>(n) < sizeof(octets)) return absl::OkStatus();
    } else if (n == 0) {
      return absl::UnavailableError("the peer closed the connection");
    } else if (errno == EAGAIN) {
      return absl::OkStatus();
    } else if (errno != EINTR) {
      return Failure("recv");
    }
  }
}

}  // namespace postseal::bench
