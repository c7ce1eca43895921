// SPF checks with answers from memory: `bazel run //bench:spf_benchmark`.
// `bench/run --only spf` prints the ratios, with libspf2 in the same run.
#include "bench/spf_benchmarks.h"
#include "benchmark/benchmark.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  postseal::bench::RegisterSpfBenchmarks();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
