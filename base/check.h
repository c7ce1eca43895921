// POSTSEAL_CHECK: for our own invariants only. Nothing that a message, a DNS
// answer or a caller's argument can cause is checked with it.
#ifndef POSTSEAL_BASE_CHECK_H_
#define POSTSEAL_BASE_CHECK_H_

#include <cstdlib>

// POSTSEAL_CHECK ends the process when |condition|, an invariant of this
// library, does not hold. It prints nothing: the library owns no stream; a
// debugger or core file shows the line.
#define POSTSEAL_CHECK(condition)                        \
  do {                                                   \
    if (__builtin_expect(!(condition), 0)) std::abort(); \
  } while (false)

#endif  // POSTSEAL_BASE_CHECK_H_
