// Body canonicalization and hashing against its floor: SHA-256 over the
// canonical body, already made. `bazel run //bench:body_benchmark`; compare
// "body/CASE/CANON/KERNEL" with "floor/CASE/CANON" of the same run.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bench/corpus.h"
#include "benchmark/benchmark.h"
#include "dkim/algorithm.h"
#include "dkim/canonical_body.h"
#include "dkim/canonical_body_kernel.h"
#include "dkim/canonical_body_reference.h"
#include "dkim/digest.h"

namespace postseal::bench {
namespace {

using dkim::BodyCanon;

// kChunkOctets is how much a socket or file gives at a time.
constexpr size_t kChunkOctets = 64 * 1024;

struct Case {
  std::string_view name;
  std::string body;
};

dkim::Digest HashBody(BodyCanon canon, const dkim::BodyKernel& kernel, std::string_view body) {
  dkim::BodyHasher hasher(canon, dkim::HashAlgorithm::kSha256, kernel);
  while (!body.empty()) {
    const std::string_view chunk = body.substr(0, kChunkOctets);
    hasher.Feed(chunk);
    body.remove_prefix(chunk.size());
  }
  hasher.Finish();
  return hasher.digest();
}

// Octets per second are those of the body as sent, in the floor too, so that
// the two are comparable.
void RunBody(benchmark::State& state, const Case& c, BodyCanon canon,
             const dkim::BodyKernel& kernel) {
  if (HashBody(canon, kernel, c.body) !=
      dkim::Sha256(dkim::ReferenceCanonicalBody(canon, c.body))) {
    state.SkipWithError("wrong digest");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(HashBody(canon, kernel, c.body));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * c.body.size()));
}

void RunFloor(benchmark::State& state, const Case& c, BodyCanon canon) {
  const std::string canonical = dkim::ReferenceCanonicalBody(canon, c.body);
  for (auto _ : state) benchmark::DoNotOptimize(dkim::Sha256(canonical));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * c.body.size()));
}

void RegisterAll() {
  // Google Benchmark keeps the functions for as long as the process lives.
  static const Case kCases[] = {
      {"text2k", TextBody()},          {"html10k", HtmlBody()},
      {"white100k", WhiteSpaceBody()}, {"line1m", std::string(1 << 20, 'x')},
      {"base64_10m", Base64Body()},
  };
  for (const Case& c : kCases) {
    for (const BodyCanon canon : {BodyCanon::kSimple, BodyCanon::kRelaxed}) {
      const std::string name = std::string(c.name).append("/").append(dkim::Name(canon));
      benchmark::RegisterBenchmark(("floor/" + name).c_str(), [&c, canon](benchmark::State& state) {
        RunFloor(state, c, canon);
      });
      for (const dkim::BodyKernel* const kernel : dkim::AvailableBodyKernels()) {
        benchmark::RegisterBenchmark(
            std::string("body/").append(name).append("/").append(kernel->name).c_str(),
            [&c, canon, kernel](benchmark::State& state) { RunBody(state, c, canon, *kernel); });
        // The kernels take no part in simple canonicalization.
        if (canon == BodyCanon::kSimple) break;
      }
    }
  }
}

}  // namespace
}  // namespace postseal::bench

int main(int argc, char** argv) {
  postseal::bench::RegisterAll();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
