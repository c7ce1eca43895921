#include "bench/dmarc_benchmarks.h"

#include <string>

#include "dmarc/dmarc_session.h"
#include "dmarc/options.h"
#include "dmarc/record.h"

namespace postseal::bench {
namespace {

void Register(const DmarcCase& dmarc_case, const std::string& kind,
              const dmarc::DmarcOptions& options) {
  benchmark::RegisterBenchmark(("dmarc/" + dmarc_case.name + "/" + kind).c_str(),
                               [&dmarc_case, options](benchmark::State& state) {
                                 dmarc::DmarcSession session(options);
                                 RunDmarcCase(state, dmarc_case, [&](auto passed) {
                                   return CheckDmarc(dmarc_case, passed, &session);
                                 });
                               });
}

}  // namespace

void RegisterDmarcBenchmarks(const dmarc::SuffixList* suffixes) {
  dmarc::DmarcOptions list_options;
  list_options.mode = dmarc::Mode::kRfc7489;
  list_options.suffixes = suffixes;
  for (const DmarcCase& dmarc_case : DmarcCases()) {
    Register(dmarc_case, "postseal", list_options);
    Register(dmarc_case, "walk", dmarc::DmarcOptions());
  }
}

}  // namespace postseal::bench
