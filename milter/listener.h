// Listener: the socket that MTAs connect to.
#ifndef POSTSEAL_MILTER_LISTENER_H_
#define POSTSEAL_MILTER_LISTENER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "milter/socket_address.h"

namespace postseal::milter {

// Listener owns a listening socket, and the file of a local one.
class Listener {
 public:
  // Open listens on |address|, on each address that its host's name has. A local
  // socket's file gets the rights that the process's umask leaves; one that is there
  // already and that nobody listens on is replaced. The error names the address and
  // what the system said; a socket that another process listens on stays as it is.
  static absl::StatusOr<std::vector<Listener>> Open(const SocketAddress& address);

  // CheckFree says that nobody listens on |address|, as far as connecting to it tells: the
  // error is that of Open. Only local sockets are tried.
  static absl::Status CheckFree(const SocketAddress& address);

  Listener(Listener&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        path_(std::exchange(other.path_, std::string())),
        device_(other.device_),
        inode_(other.inode_) {}
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  int fd() const { return fd_; }

  // Close stops listening; the file of a local socket goes, unless another one has taken
  // its place.
  void Close();

 private:
  explicit Listener(int fd) : fd_(fd) {}

  static absl::StatusOr<Listener> OpenLocal(const SocketAddress& address);

  int fd_;
  std::string path_;  // empty: not a local socket
  // Of the file at |path_|.
  uint64_t device_ = 0;
  uint64_t inode_ = 0;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_LISTENER_H_
