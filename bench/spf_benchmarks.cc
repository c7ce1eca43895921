#include "bench/spf_benchmarks.h"

#include "spf/evaluation.h"
#include "spf/spf_session.h"

namespace postseal::bench {

void RegisterSpfBenchmarks() {
  for (const SpfCase& spf_case : SpfCases()) {
    benchmark::RegisterBenchmark(
        ("spf/" + spf_case.name + "/postseal").c_str(), [&spf_case](benchmark::State& state) {
          spf::SpfSession session;
          RunSpfCase(state, spf_case, [&spf_case, &session](const spf::Request& request) {
            return CheckSpf(request, spf_case.zone, &session);
          });
        });
  }
}

}  // namespace postseal::bench
