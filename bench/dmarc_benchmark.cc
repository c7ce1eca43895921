// DMARC evaluations with answers from memory: `bazel run //bench:dmarc_benchmark`.
// `bench/run --only dmarc` prints the ratios, with libopendmarc in the same run.
#include <cstdlib>
#include <iostream>
#include <memory>

#include "absl/status/statusor.h"
#include "bench/dmarc_benchmarks.h"
#include "benchmark/benchmark.h"
#include "dmarc/public_suffix.h"

int main(int argc, char** argv) {
  const absl::StatusOr<std::unique_ptr<postseal::dmarc::PublicSuffixList>> suffixes =
      postseal::dmarc::PublicSuffixList::Builtin();
  if (!suffixes.ok()) {
    std::cerr << suffixes.status() << "\n";
    return EXIT_FAILURE;
  }
  benchmark::Initialize(&argc, argv);
  postseal::bench::RegisterDmarcBenchmarks(suffixes->get());
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}
