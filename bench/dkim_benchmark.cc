// DKIM verify and sign against their floors: `bazel run //bench:dkim_benchmark`.
// bench/run prints the ratios, with libopendkim in the same run.
#include <vector>

#include "bench/dkim_benchmarks.h"
#include "bench/dkim_cases.h"
#include "benchmark/benchmark.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const std::vector<postseal::bench::Workload> workloads = postseal::bench::MakeWorkloads();
  postseal::bench::RegisterDkimBenchmarks(workloads);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
