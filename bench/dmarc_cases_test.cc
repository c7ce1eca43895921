// What the DMARC benchmarks rest on: each workload has the outcome and takes the
// queries that it says, and no memory beyond what the session has.
#include "bench/dmarc_cases.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "bench/allocations.h"
#include "dmarc/dmarc_session.h"
#include "dmarc/options.h"
#include "dmarc/public_suffix.h"
#include "dmarc/record.h"
#include "gtest/gtest.h"

namespace postseal::bench {
namespace {

class DmarcCasesTest : public testing::Test {
 protected:
  DmarcCasesTest() : suffixes_(*dmarc::PublicSuffixList::Builtin()) {
    by_list_.mode = dmarc::Mode::kRfc7489;
    by_list_.suffixes = suffixes_.get();
  }

  const std::unique_ptr<dmarc::PublicSuffixList> suffixes_;
  dmarc::DmarcOptions by_list_;
  dmarc::DmarcOptions by_walk_;
};

TEST_F(DmarcCasesTest, HaveTheOutcomeAndTakeTheQueriesTheySay) {
  for (const DmarcCase& c : DmarcCases()) {
    SCOPED_TRACE(c.name);
    dmarc::DmarcSession by_list(by_list_);
    EXPECT_EQ(CheckDmarc(c, c.passed, &by_list), c.outcome);
    EXPECT_EQ(by_list.lookups().size(), c.list_queries);
    EXPECT_EQ(by_list.verdict().record->text, c.record);
    EXPECT_EQ(by_list.verdict().policy_domain, c.found_at.value_or(c.author));
    EXPECT_EQ(CheckDmarc(c, {}, &by_list), c.unauthenticated);

    dmarc::DmarcSession by_walk(by_walk_);
    EXPECT_EQ(CheckDmarc(c, c.passed, &by_walk), c.outcome);
    EXPECT_EQ(by_walk.lookups().size(), c.walk_queries);
    EXPECT_EQ(CheckDmarc(c, {}, &by_walk), c.unauthenticated);
  }
}

TEST_F(DmarcCasesTest, ASessionInUseAllocatesNothing) {
  if (!kArenaKeepsMemory) GTEST_SKIP() << "with AddressSanitizer the arena keeps nothing";
  for (const DmarcCase& c : DmarcCases()) {
    SCOPED_TRACE(c.name);
    for (const dmarc::DmarcOptions* options : {&by_list_, &by_walk_}) {
      dmarc::DmarcSession session(*options);
      for (int i = 0; i < 3; ++i) CheckDmarc(c, c.passed, &session);
      const size_t before = Allocations();
      const DmarcOutcome outcome = CheckDmarc(c, c.passed, &session);
      EXPECT_EQ(Allocations() - before, 0u);
      EXPECT_EQ(outcome, c.outcome);
    }
  }
}

}  // namespace
}  // namespace postseal::bench
