// What one message costs, and each method of it: `bazel run //bench:message_benchmark`.
// `bench/run --only message` prints the table.
//
//   message_benchmark [flags of Google Benchmark]
//   message_benchmark --count PART N    treats the message N times, for valgrind to count
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "bench/message_cases.h"
#include "benchmark/benchmark.h"

namespace postseal::bench {
namespace {

bool IsSound(const MessagePart& part) {
  if (part.passes(/*changed=*/false) && !part.passes(/*changed=*/true)) return true;
  std::cerr << part.name << ": wrong result\n";
  return false;
}

void RegisterMessageBenchmarks() {
  for (const MessagePart& part : MessageParts()) {
    benchmark::RegisterBenchmark(("message/" + part.name).c_str(),
                                 [&part](benchmark::State& state) {
                                   if (!IsSound(part)) return state.SkipWithError("wrong result");
                                   for (auto _ : state)
                                     benchmark::DoNotOptimize(part.passes(/*changed=*/false));
                                 });
  }
}

// Count is what valgrind counts the instructions and allocations of.
int Count(std::string_view name, int64_t count) {
  for (const MessagePart& part : MessageParts()) {
    if (part.name != name || !IsSound(part)) continue;
    bool passed = true;
    for (int64_t i = 0; i < count; ++i) passed = part.passes(/*changed=*/false) && passed;
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
  }
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace postseal::bench

int main(int argc, char** argv) {
  if (argc == 4 && std::string_view(argv[1]) == "--count") {
    return postseal::bench::Count(argv[2], std::atoll(argv[3]));
  }
  benchmark::Initialize(&argc, argv);
  postseal::bench::RegisterMessageBenchmarks();
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}
