// Arena: one message's memory. Coroutine frames, names, DNS answers and header
// text live in it and are given back together.
#ifndef POSTSEAL_BASE_ARENA_H_
#define POSTSEAL_BASE_ARENA_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace postseal::base {

// Arena hands out memory that lives until the Arena is destroyed or Reset.
// Nothing is freed singly and no destructor is run. One thread at a time.
class Arena {
 public:
  // kFirstBlockBytes is the first block's size; each further block doubles, up
  // to kMaxBlockBytes. A larger request gets a block of its own.
  static constexpr size_t kFirstBlockBytes = 16 * 1024;
  static constexpr size_t kMaxBlockBytes = 256 * 1024;
  // kKeptBytes bounds what Reset keeps for the next message.
  static constexpr size_t kKeptBytes = 256 * 1024;

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Allocate returns |size| octets aligned to |alignment|, a power of two not
  // above alignof(std::max_align_t). |size| may be 0.
  void* Allocate(size_t size, size_t alignment = alignof(std::max_align_t)) {
    const size_t padding =
        (alignment - (reinterpret_cast<size_t>(next_) & (alignment - 1))) & (alignment - 1);
    const size_t room = static_cast<size_t>(end_ - next_);
    // Under AddressSanitizer every allocation has a block of its own, so that
    // an overrun or a use after Reset is seen.
    if (kOneBlockEach || room < padding || room - padding < size) return AllocateInNewBlock(size);
    char* const result = next_ + padding;
    next_ = result + size;
    return result;
  }

  // Copy returns a copy of |text| in the arena.
  std::string_view Copy(std::string_view text) {
    if (text.empty()) return {};
    char* const copy = static_cast<char*>(Allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

  // NewOctets returns room for |n| octets, which are not set.
  std::span<char> NewOctets(size_t n) { return NewUnset<char>(n); }

  // NewArray returns |n| value-initialised elements of a trivially destructible type.
  template <typename T>
  std::span<T> NewArray(size_t n) {
    static_assert(std::is_trivially_destructible_v<T>);
    T* const first = AllocateArray<T>(n);
    for (size_t i = 0; i < n; ++i) new (first + i) T();
    return {first, n};
  }

  // NewUnset returns |n| elements of a trivial type, which are not set: for arrays
  // of which most stay unused.
  template <typename T>
  std::span<T> NewUnset(size_t n) {
    static_assert(std::is_trivial_v<T>);
    return {AllocateArray<T>(n), n};
  }

  // New returns a trivially destructible T built from |args|.
  template <typename T, typename... Args>
  T* New(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (Allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
  }

  // Reset gives everything back; up to kKeptBytes stay for the next message. A
  // message like the one before allocates at most once more, and the third nothing.
  void Reset() {
    used_before_ = reserved_ < kKeptBytes ? reserved_ : kKeptBytes;
    if (!kOneBlockEach && blocks_.size() == 1 && reserved_ <= kKeptBytes) {
      // As it is in the steady state: the block stays where it is.
      next_ = blocks_.front().bytes.get();
      end_ = next_ + reserved_;
      return;
    }
    Block kept;
    for (Block& block : blocks_) {
      // The largest block that may be kept is the most useful one.
      if (!kOneBlockEach && block.size <= kKeptBytes && block.size > kept.size) {
        kept = std::move(block);
      }
    }
    blocks_.clear();
    next_ = kept.bytes.get();
    end_ = next_ + kept.size;
    reserved_ = kept.size;
    if (kept.size != 0) blocks_.push_back(std::move(kept));
  }

  // reserved is how many octets the arena holds from the heap.
  size_t reserved() const { return reserved_; }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
  };

#if defined(__SANITIZE_ADDRESS__)
  static constexpr bool kOneBlockEach = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
  static constexpr bool kOneBlockEach = true;
#else
  static constexpr bool kOneBlockEach = false;
#endif
#else
  static constexpr bool kOneBlockEach = false;
#endif

  template <typename T>
  T* AllocateArray(size_t n) {
    // A product that does not fit asks for more than there is: operator new throws.
    const size_t octets = n <= SIZE_MAX / sizeof(T) ? n * sizeof(T) : SIZE_MAX;
    return static_cast<T*>(Allocate(octets, alignof(T)));
  }

  // A fresh block from operator new[] is aligned for std::max_align_t.
  void* AllocateInNewBlock(size_t size) {
    size_t block_size = size;
    if (!kOneBlockEach) {
      // After a Reset one block for all that the last message took, so that this
      // block is the one to keep.
      const size_t doubled = reserved_ > used_before_ ? reserved_ : used_before_;
      const size_t usual =
          doubled == 0 ? kFirstBlockBytes : (doubled < kMaxBlockBytes ? doubled : kMaxBlockBytes);
      if (usual > block_size) block_size = usual;
    }
    if (block_size == 0) block_size = 1;
    blocks_.push_back(Block{std::unique_ptr<char[]>(new char[block_size]), block_size});
    reserved_ += block_size;
    char* const bytes = blocks_.back().bytes.get();
    // Go on in whichever block has more room left.
    if (!kOneBlockEach && block_size - size > static_cast<size_t>(end_ - next_)) {
      next_ = bytes + size;
      end_ = bytes + block_size;
    }
    return bytes;
  }

  std::vector<Block> blocks_;
  char* next_ = nullptr;
  char* end_ = nullptr;
  size_t reserved_ = 0;
  size_t used_before_ = 0;  // reserved() before the last Reset, up to kKeptBytes
};

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_ARENA_H_
