// Stream: a client's socket that buffers what is written, as Postfix's own streams do.
#ifndef POSTSEAL_BENCH_MILTER_STREAM_H_
#define POSTSEAL_BENCH_MILTER_STREAM_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace postseal::bench {

// Stream writes when its buffer is full and when Flush is called, which an MTA does
// before it waits for an answer. The buffer has 4096 octets, over TCP twice the
// maximum segment size where that is more, so that Nagle's algorithm finds nothing to
// delay in the midst of a message; TCP_NODELAY is not set unless |no_delay|. Both as
// in Postfix.
class Stream {
 public:
  // Connect connects to |address|, "inet:PORT@ADDRESS" (IPv4) or "unix:PATH".
  static absl::StatusOr<std::unique_ptr<Stream>> Connect(std::string_view address, bool no_delay);

  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // buffer is where to append what is to be written; Write is to be called after it.
  std::string& buffer() { return buffer_; }
  // Write writes as many full buffers as there are.
  absl::Status Write();
  // Flush writes all that there is; what the socket does not take now, it takes at the
  // next call, for which edge-triggered epoll gives the sign.
  absl::Status Flush();
  // Read appends what has arrived to |out|. The peer's end is an error.
  absl::Status Read(std::string& out);

  int fd() const { return fd_; }

 private:
  Stream(int fd, size_t buffer_size) : fd_(fd), buffer_size_(buffer_size) {}
  absl::Status Send(size_t octets);

  int fd_;
  size_t buffer_size_;
  std::string buffer_;
  bool flushing_ = false;  // all of the buffer, when the socket takes it
};

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_MILTER_STREAM_H_
