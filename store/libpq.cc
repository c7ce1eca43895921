#include "store/libpq.h"

#include <dlfcn.h>

namespace postseal::store {
namespace {

const LibPq* Load() {
  // Local: what it brings along answers for nobody else's names.
  void* const handle = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return nullptr;
  static LibPq functions;
#define POSTSEAL_LIBPQ_LOAD(name)                                                    \
  functions.name = reinterpret_cast<decltype(functions.name)>(dlsym(handle, #name)); \
  if (functions.name == nullptr) return nullptr;
  POSTSEAL_LIBPQ(POSTSEAL_LIBPQ_LOAD)
#undef POSTSEAL_LIBPQ_LOAD
  return &functions;
}

}  // namespace

const LibPq* LibPq::Get() {
  static const LibPq* const functions = Load();
  return functions;
}

}  // namespace postseal::store
