// RegisterSpfBenchmarks: our SPF checks as benchmarks.
#ifndef POSTSEAL_BENCH_SPF_BENCHMARKS_H_
#define POSTSEAL_BENCH_SPF_BENCHMARKS_H_

#include <string>

#include "bench/spf_cases.h"
#include "benchmark/benchmark.h"

namespace postseal::bench {

// RunSpfCase measures |check|, a callable that takes a request and says whether it
// passes. Each answer is checked, and first of all that a stranger does not pass.
template <typename Check>
void RunSpfCase(benchmark::State& state, const SpfCase& spf_case, Check check) {
  spf::Request stranger = spf_case.request;
  stranger.client = spf_case.stranger;
  if (check(stranger)) return state.SkipWithError("a stranger passes");
  for (auto _ : state) {
    if (!check(spf_case.request)) return state.SkipWithError("wrong verdict");
  }
}

// RegisterSpfBenchmarks registers spf/NAME/postseal for each of SpfCases. One
// session serves all checks of a benchmark.
void RegisterSpfBenchmarks();

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_SPF_BENCHMARKS_H_
