// Descriptor: an open file that is closed when it goes.
#ifndef POSTSEAL_MILTER_DESCRIPTOR_H_
#define POSTSEAL_MILTER_DESCRIPTOR_H_

#include <unistd.h>

namespace postseal::milter {

// Descriptor owns |fd|, unless it is negative, as open(2) returns it.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_DESCRIPTOR_H_
