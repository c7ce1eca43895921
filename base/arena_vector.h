// ArenaVector: an array in an Arena that grows while a parser fills it, so that
// nobody needs to count beforehand.
#ifndef POSTSEAL_BASE_ARENA_VECTOR_H_
#define POSTSEAL_BASE_ARENA_VECTOR_H_

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

#include "base/arena.h"

namespace postseal::base {

// ArenaVector holds trivially copyable elements. Growing leaves the smaller array
// behind in the arena: all together take less than four times what is in use, or
// kFirstCapacity. References to elements are good until the next Add.
template <typename T, size_t kFirstCapacity>
class ArenaVector {
 public:
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
  static_assert(kFirstCapacity > 0);

  // |arena| must outlive the elements.
  explicit ArenaVector(Arena* arena) : arena_(arena) {}

  size_t size() const { return size_; }
  // span is what was added, and lives as long as the arena.
  std::span<T> span() const { return {first_, size_}; }

  // Add appends a value-initialised element.
  T& Add() {
    if (size_ == capacity_) Grow(capacity_ == 0 ? kFirstCapacity : 2 * capacity_);
    return *new (first_ + size_++) T();
  }

  // Reserve makes room for |n| elements in all, which then take no more than that.
  void Reserve(size_t n) {
    if (n > capacity_) Grow(n);
  }

 private:
  void Grow(size_t capacity) {
    capacity_ = capacity;
    T* const grown = static_cast<T*>(arena_->Allocate(capacity * sizeof(T), alignof(T)));
    std::uninitialized_copy_n(first_, size_, grown);
    first_ = grown;
  }

  Arena* arena_;
  T* first_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_ARENA_VECTOR_H_
