// What the SPF benchmarks rest on: each workload takes the queries that it says
// and no memory beyond what the session has.
#include "bench/spf_cases.h"

#include <cstddef>

#include "bench/allocations.h"
#include "gtest/gtest.h"
#include "spf/evaluation.h"
#include "spf/spf_session.h"

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
  if (!kArenaKeepsMemory) GTEST_SKIP() << "with AddressSanitizer the arena keeps nothing";
  for (const SpfCase& spf_case : SpfCases()) {
    SCOPED_TRACE(spf_case.name);
    spf::SpfSession session;
    for (int i = 0; i < 3; ++i) CheckSpf(spf_case.request, spf_case.zone, &session);
    const size_t before = Allocations();
    const bool passed = CheckSpf(spf_case.request, spf_case.zone, &session);
    EXPECT_EQ(Allocations() - before, 0u);
    EXPECT_TRUE(passed);
  }
}

}  // namespace
}  // namespace postseal::bench
