// SecretString: octets that are zeroed when they go, for private keys on their
// way between a file and the object that signs.
#ifndef POSTSEAL_BASE_SECRET_H_
#define POSTSEAL_BASE_SECRET_H_

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace postseal::base {

// Wipe zeroes |size| octets at |data| in a way no optimiser removes.
inline void Wipe(void* data, size_t size) {
  if (size != 0) explicit_bzero(data, size);
}

// SecretString owns octets in one heap block that is never reallocated, so that
// no stale copy is left behind, and zeroes the block before it is freed. It is
// moved, never copied, is not comparable and has no stream operator: it cannot
// end up in a log by accident.
class SecretString {
 public:
  SecretString() = default;

  // SecretString(octets) copies |octets|, which the caller wipes if it owns them.
  explicit SecretString(std::string_view octets) : SecretString(WithSize(octets.size())) {
    if (!octets.empty()) std::memcpy(data(), octets.data(), octets.size());
  }

  // WithSize is |size| zero octets, to be written through data().
  static SecretString WithSize(size_t size) {
    SecretString secret;
    if (size != 0) secret.octets_ = std::make_unique<char[]>(size);
    secret.size_ = secret.capacity_ = size;
    return secret;
  }

  SecretString(SecretString&& other) noexcept
      : octets_(std::move(other.octets_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  SecretString& operator=(SecretString&& other) noexcept {
    if (this != &other) {
      Wipe(octets_.get(), capacity_);
      octets_ = std::move(other.octets_);
      size_ = std::exchange(other.size_, 0);
      capacity_ = std::exchange(other.capacity_, 0);
    }
    return *this;
  }
  ~SecretString() { Wipe(octets_.get(), capacity_); }

  // data is where the owner writes the octets; null when there are none.
  char* data() { return octets_.get(); }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // view is for the code that reads or writes a key file, and for nobody else.
  // It holds until the next call that is not const.
  std::string_view view() const { return {octets_.get(), size_}; }

  // Truncate keeps the first |size| octets and zeroes the others. A |size| above
  // size() changes nothing.
  void Truncate(size_t size) {
    if (size >= size_) return;
    Wipe(octets_.get() + size, size_ - size);
    size_ = size;
  }

 private:
  std::unique_ptr<char[]> octets_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_SECRET_H_
