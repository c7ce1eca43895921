// Allocations: operator new of a test, counted, and made to fail.
#ifndef POSTSEAL_CAPI_ALLOCATIONS_H_
#define POSTSEAL_CAPI_ALLOCATIONS_H_

#include <cstddef>

namespace postseal::capi {

// Allocations counts what operator new and operator delete do, of every thread, while
// Start and Stop enclose it. A program that links this has them replaced.
class Allocations {
 public:
  // Start sets the counters to 0. The |fail_at|th allocation from now on fails, from 1;
  // 0 for none.
  static void Start(size_t fail_at = 0);
  static void Stop();
  // Spare, with true, ends the failing and the counting of count and octets until it is
  // called with false.
  static void Spare(bool spare);

  // count is the number of allocations, and octets what they asked for.
  static size_t count();
  static size_t octets();
  // live is the number of allocations that were not given back; below 0 when something
  // older was given back.
  static long live();
};

}  // namespace postseal::capi

#endif  // POSTSEAL_CAPI_ALLOCATIONS_H_
