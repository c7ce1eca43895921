#include "bench/dkim_benchmarks.h"

#include <memory>
#include <string>

#include "auth/options.h"
#include "benchmark/benchmark.h"
#include "dkim/public_key_cache.h"
#include "dns/rdata.h"

namespace postseal::bench {
namespace {

// kCachedKeys is room for the one key that is asked for.
constexpr size_t kCachedKeys = 16;

std::string Changed(std::string message) {
  message[message.size() - 3] ^= 1;
  return message;
}

void RunVerify(benchmark::State& state, const Workload& w, bool cached) {
  dkim::PublicKeyCache cache(kCachedKeys);
  auto mutable_options = std::make_shared<auth::Options>();
  if (cached) mutable_options->dkim.key_cache = &cache;
  const std::shared_ptr<const auth::Options> options = mutable_options;
  KeyResolver resolver(dns::TxtRdata(w.key_record));
  Workload changed = w;
  changed.signed_message = Changed(w.signed_message);
  if (!Verify(w, options, &resolver) || Verify(changed, options, &resolver)) {
    return state.SkipWithError("wrong verdict");
  }
  for (auto _ : state) benchmark::DoNotOptimize(Verify(w, options, &resolver));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * w.message.size()));
}

template <bool (*operation)(const Workload&)>
void RunFlag(benchmark::State& state, const Workload& w) {
  if (!operation(w)) return state.SkipWithError("wrong verdict");
  for (auto _ : state) benchmark::DoNotOptimize(operation(w));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * w.message.size()));
}

template <std::string (*operation)(const Workload&)>
void RunText(benchmark::State& state, const Workload& w) {
  if (operation(w).empty()) return state.SkipWithError("no signature");
  for (auto _ : state) benchmark::DoNotOptimize(operation(w));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * w.message.size()));
}

void RunOurSign(benchmark::State& state, const Workload& w) {
  KeyResolver resolver(dns::TxtRdata(w.key_record));
  Workload ours = w;
  ours.signed_message = Sign(w) + w.message;
  if (!Verify(ours, std::make_shared<auth::Options>(), &resolver)) {
    return state.SkipWithError("what was signed does not verify");
  }
  RunText<Sign>(state, w);
}

template <typename Run>
void Register(const std::string& name, const Workload& w, Run run) {
  benchmark::RegisterBenchmark(name.c_str(), [&w, run](benchmark::State& state) { run(state, w); });
}

}  // namespace

void RegisterDkimBenchmarks(const std::vector<Workload>& workloads) {
  for (const Workload& w : workloads) {
    Register("verify/" + w.name + "/floor", w, RunFlag<VerifyFloor>);
    Register("verify/" + w.name + "/cached", w,
             [](benchmark::State& state, const Workload& c) { RunVerify(state, c, true); });
    Register("verify/" + w.name + "/fresh", w,
             [](benchmark::State& state, const Workload& c) { RunVerify(state, c, false); });
    Register("sign/" + w.name + "/floor", w, RunText<SignFloor>);
    Register("sign/" + w.name + "/key", w, RunText<SignKey>);
    Register("sign/" + w.name + "/postseal", w, RunOurSign);
  }
}

}  // namespace postseal::bench
