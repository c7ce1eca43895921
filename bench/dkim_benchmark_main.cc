// Verifying and signing whole messages, against their floors.
// `bazel run //bench:dkim_benchmark`; docs/BENCHMARKS.md says what the figures
// mean, and bench/run puts libopendkim beside them.
#include "bench/dkim_benchmark.h"
#include "benchmark/benchmark.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  postseal::bench::RegisterDkimBenchmarks();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
