// RegisterDmarcBenchmarks: our DMARC evaluations as benchmarks.
#ifndef POSTSEAL_BENCH_DMARC_BENCHMARKS_H_
#define POSTSEAL_BENCH_DMARC_BENCHMARKS_H_

#include <span>

#include "bench/dmarc_cases.h"
#include "benchmark/benchmark.h"
#include "dmarc/suffix_list.h"

namespace postseal::bench {

// RunDmarcCase measures |check|, a callable that takes the domains that passed and
// returns the outcome. Each answer is checked, and first of all the one to a message
// that nothing passed for.
template <typename Check>
void RunDmarcCase(benchmark::State& state, const DmarcCase& dmarc_case, Check check) {
  if (check(std::span<const AuthenticatedDomain>()) != dmarc_case.unauthenticated) {
    return state.SkipWithError("wrong outcome when nothing passed");
  }
  for (auto _ : state) {
    if (check(std::span<const AuthenticatedDomain>(dmarc_case.passed)) != dmarc_case.outcome) {
      return state.SkipWithError("wrong outcome");
    }
  }
}

// RegisterDmarcBenchmarks registers, for each of DmarcCases:
//   dmarc/NAME/postseal   by RFC 7489 and |suffixes|, which must live on
//   dmarc/NAME/walk       by RFC 9989, which asks more and needs no list
// One session serves all checks of a benchmark.
void RegisterDmarcBenchmarks(const dmarc::SuffixList* suffixes);

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_DMARC_BENCHMARKS_H_
