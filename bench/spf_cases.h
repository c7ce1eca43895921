// The SPF workloads: a request, the zone that answers it, and one check of ours.
// Contenders run on the same.
#ifndef POSTSEAL_BENCH_SPF_CASES_H_
#define POSTSEAL_BENCH_SPF_CASES_H_

#include <span>
#include <string>

#include "bench/zone.h"
#include "dns/address.h"
#include "spf/evaluation.h"
#include "spf/spf_session.h"

namespace postseal::bench {

// SpfCase is one check, which passes.
struct SpfCase {
  std::string name;  // "include"
  Zone zone;
  spf::Request request;
  // A client that does not pass.
  dns::IpAddress stranger;
  // What it takes, in queries.
  size_t queries;
};

// SpfCases returns all of them, which live as long as the process:
//   ip4      one ip4 mechanism
//   include  the record includes one that includes three: 40 ip4 mechanisms, the
//            last of which matches
//   macro    exists:%{ir}.%{l1r-}.x.example.org
std::span<const SpfCase> SpfCases();

// CheckSpf runs |session| on |request| with the answers of |zone|, and says
// whether it passes.
bool CheckSpf(const spf::Request& request, const Zone& zone, spf::SpfSession* session);

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_SPF_CASES_H_
