#include "capi/allocations.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace postseal::capi {
namespace {

std::atomic<bool> counting{false};
std::atomic<bool> sparing{false};
std::atomic<size_t> allocations{0};
std::atomic<size_t> asked_for{0};
std::atomic<long> not_given_back{0};
std::atomic<size_t> failing{0};

// Allocate is operator new; null when it fails.
void* Allocate(size_t size) noexcept {
  if (counting && !sparing) {
    const size_t number = ++allocations;
    if (number == failing) return nullptr;
    asked_for += size;
  }
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory != nullptr && counting) ++not_given_back;
  return memory;
}

void* AllocateOrThrow(size_t size) {
  void* const memory = Allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void GiveBack(void* memory) noexcept {
  if (memory != nullptr && counting) --not_given_back;
  std::free(memory);
}

}  // namespace

void Allocations::Start(size_t fail_at) {
  allocations = 0;
  asked_for = 0;
  not_given_back = 0;
  failing = fail_at;
  counting = true;
}

void Allocations::Stop() { counting = false; }

void Allocations::Spare(bool spare) { sparing = spare; }

size_t Allocations::count() { return allocations; }
size_t Allocations::octets() { return asked_for; }
long Allocations::live() { return not_given_back; }

}  // namespace postseal::capi

using postseal::capi::Allocate;
using postseal::capi::AllocateOrThrow;
using postseal::capi::GiveBack;

void* operator new(size_t size) { return AllocateOrThrow(size); }
void* operator new[](size_t size) { return AllocateOrThrow(size); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return Allocate(size); }
void operator delete(void* memory) noexcept { GiveBack(memory); }
void operator delete[](void* memory) noexcept { GiveBack(memory); }
void operator delete(void* memory, size_t) noexcept { GiveBack(memory); }
void operator delete[](void* memory, size_t) noexcept { GiveBack(memory); }
