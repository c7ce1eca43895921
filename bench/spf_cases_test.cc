// What the SPF benchmarks rest on: each workload takes the queries that it says
// and no memory beyond what the session has.
#include "bench/spf_cases.h"

#include <cstddef>
#include <cstdlib>
#include <new>

#include "gtest/gtest.h"
#include "spf/evaluation.h"
#include "spf/spf_session.h"

namespace {
size_t allocations = 0;
}  // namespace

// Counts what the whole program allocates; memory comes from malloc as usual.
void* operator new(size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace postseal::bench {
namespace {

TEST(SpfCasesTest, PassWithTheQueriesTheySay) {
  for (const SpfCase& spf_case : SpfCases()) {
    SCOPED_TRACE(spf_case.name);
    spf::SpfSession session;
    EXPECT_TRUE(CheckSpf(spf_case.request, spf_case.zone, &session));
    EXPECT_EQ(session.lookups().size(), spf_case.queries);
    spf::Request stranger = spf_case.request;
    stranger.client = spf_case.stranger;
    EXPECT_FALSE(CheckSpf(stranger, spf_case.zone, &session));
  }
}

TEST(SpfCasesTest, ASessionInUseAllocatesNothing) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "with AddressSanitizer each piece of the arena is a block of its own";
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "with AddressSanitizer each piece of the arena is a block of its own";
#endif
  for (const SpfCase& spf_case : SpfCases()) {
    SCOPED_TRACE(spf_case.name);
    spf::SpfSession session;
    for (int i = 0; i < 3; ++i) CheckSpf(spf_case.request, spf_case.zone, &session);
    const size_t before = allocations;
    const bool passed = CheckSpf(spf_case.request, spf_case.zone, &session);
    EXPECT_EQ(allocations - before, 0u);
    EXPECT_TRUE(passed);
  }
}

}  // namespace
}  // namespace postseal::bench
