// Allocations: how often this program took memory from the heap.
#ifndef POSTSEAL_BENCH_ALLOCATIONS_H_
#define POSTSEAL_BENCH_ALLOCATIONS_H_

#include <cstddef>

namespace postseal::bench {

// Allocations is the number of calls of operator new so far, by any thread. Who links
// this has a counting operator new in place of the usual one. malloc, which
// libraries in C call, is not counted.
size_t Allocations();

// kArenaKeepsMemory says whether base::Arena keeps its memory for the next message.
// With AddressSanitizer each of its allocations is a block of its own.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kArenaKeepsMemory = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool kArenaKeepsMemory = false;
#else
inline constexpr bool kArenaKeepsMemory = true;
#endif
#else
inline constexpr bool kArenaKeepsMemory = true;
#endif

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_ALLOCATIONS_H_
