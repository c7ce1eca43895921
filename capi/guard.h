// Guard: the border of the C ABI, which no exception crosses.
#ifndef POSTSEAL_CAPI_GUARD_H_
#define POSTSEAL_CAPI_GUARD_H_

#include <new>

#include "capi/postseal.h"

namespace postseal::capi {

// Guard runs |call| and turns what it throws into a number.
template <typename Call>
postseal_status Guard(Call call) noexcept {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return POSTSEAL_E_NO_MEMORY;
  } catch (...) {
    return POSTSEAL_E_INTERNAL;
  }
}

}  // namespace postseal::capi

#endif  // POSTSEAL_CAPI_GUARD_H_
