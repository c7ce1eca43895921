// RegisterDkimBenchmarks: whole sessions and their floors, for every program
// that compares with them.
#ifndef POSTSEAL_BENCH_DKIM_BENCHMARK_H_
#define POSTSEAL_BENCH_DKIM_BENCHMARK_H_

namespace postseal::bench {

// RegisterDkimBenchmarks registers, for every message and key of dkim_mail.h,
//   verify/MAIL/floor  verify/MAIL/postseal_cached  verify/MAIL/postseal_fresh
//   sign/MAIL/floor    sign/MAIL/postseal
// "cached" finds its key in a PublicKeyCache, "fresh" parses it each time.
void RegisterDkimBenchmarks();

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_DKIM_BENCHMARK_H_
