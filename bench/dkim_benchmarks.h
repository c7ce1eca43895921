// RegisterDkimBenchmarks: our operations and their floors, as benchmarks.
#ifndef POSTSEAL_BENCH_DKIM_BENCHMARKS_H_
#define POSTSEAL_BENCH_DKIM_BENCHMARKS_H_

#include <string_view>
#include <vector>

#include "bench/dkim_cases.h"

namespace postseal::bench {

// RegisterDkimBenchmarks registers, for each of |workloads|, which must live on:
//   verify/NAME/{floor,cached,fresh}   with a parsed key at hand, and without
//   sign/NAME/{floor,key,postseal}     key is the private-key operation alone
// Each checks its answer first, and that a changed message gets another one.
void RegisterDkimBenchmarks(const std::vector<Workload>& workloads);

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_DKIM_BENCHMARKS_H_
