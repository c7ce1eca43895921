// Listener: the socket that MTAs connect to.
#ifndef POSTSEAL_MILTER_LISTENER_H_
#define POSTSEAL_MILTER_LISTENER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "milter/socket_address.h"

namespace postseal::milter {

// Listener owns a listening socket, and the file of a local one.
class Listener {
 public:
  // Open listens on |address|, on each address that its host's name has. A local
  // socket's file gets the rights that the process's umask leaves; one that is there
  // already and that nobody listens on is replaced. The error names the address and
  // what the system said.
  static absl::StatusOr<std::vector<Listener>> Open(const SocketAddress& address);

  Listener(Listener&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {
    other.path_.clear();
  }
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  int fd() const { return fd_; }

  // Release gives the socket away; returned is the path of its file, which the caller
  // is to remove, or nothing.
  std::string Release();

  // Close stops listening; the file of a local socket goes.
  void Close();

 private:
  Listener(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  static absl::StatusOr<Listener> OpenLocal(const SocketAddress& address);

  int fd_;
  std::string path_;  // empty: not a local socket
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_LISTENER_H_
