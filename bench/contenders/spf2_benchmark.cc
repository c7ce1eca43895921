// libspf2 on the same SPF workloads, beside ours in one process:
// `bench/run --only spf`. Needs Debian's libspf2-dev.
#include <netinet/in.h>
// The header does not say that it is C.
extern "C" {
#include <spf2/spf.h>
}

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "bench/spf_benchmarks.h"
#include "bench/spf_cases.h"
#include "bench/zone.h"
#include "benchmark/benchmark.h"
#include "dns/answer.h"
#include "spf/evaluation.h"

namespace postseal::bench {
namespace {

// LookUp is the only layer of the library's DNS, without its cache: the same
// search in the same zone as for ours. The caller frees what it returns, so it has
// to be made for each query; these are the fewest steps to a full answer.
SPF_dns_rr_t* LookUp(SPF_dns_server_t* layer, const char* domain, ns_type type, int) {
  const Zone& zone = *static_cast<const Zone*>(layer->hook);
  const ZoneRecord* const record = zone.Find(domain, static_cast<dns::Type>(type));
  if (record == nullptr) {
    return SPF_dns_rr_new_init(layer, domain, type, /*ttl=*/0, HOST_NOT_FOUND);
  }
  SPF_dns_rr_t* const answer = SPF_dns_rr_new_init(layer, domain, type, /*ttl=*/0, NETDB_SUCCESS);
  // An address in wire form; a text as a C string.
  const std::string& data = record->type == dns::Type::kTxt ? record->text : record->rdata;
  if (SPF_dns_rr_buf_realloc(answer, 0, data.size() + 1) != SPF_E_SUCCESS) std::abort();
  std::memcpy(answer->rr[0]->txt, data.c_str(), data.size() + 1);
  answer->num_rr = 1;
  return answer;
}

// CheckSpf2 says whether |request| passes. Only a new SPF_request_t is sure to hold
// nothing of the client before; the server with its settings stays.
bool CheckSpf2(const spf::Request& request, const std::string& mail_from, const std::string& helo,
               SPF_server_t* server) {
  in_addr client;
  std::memcpy(&client, request.client.bytes().data(), sizeof(client));
  SPF_request_t* const theirs = SPF_request_new(server);
  SPF_request_set_ipv4(theirs, client);
  SPF_request_set_helo_dom(theirs, helo.c_str());
  SPF_request_set_env_from(theirs, mail_from.c_str());
  SPF_response_t* response = nullptr;
  SPF_request_query_mailfrom(theirs, &response);
  const bool passed = SPF_response_result(response) == SPF_RESULT_PASS;
  SPF_response_free(response);
  SPF_request_free(theirs);
  return passed;
}

void RunSpf2(benchmark::State& state, const SpfCase& spf_case) {
  SPF_dns_server_t layer = {};
  layer.lookup = LookUp;
  layer.name = "memory";
  layer.hook = const_cast<Zone*>(&spf_case.zone);
  const std::unique_ptr<SPF_server_t, void (*)(SPF_server_t*)> server(
      SPF_server_new_dns(&layer, /*debug=*/0), SPF_server_free);
  // The library takes C strings; they are at hand, as ours are.
  const std::string mail_from(spf_case.request.mail_from);
  const std::string helo(spf_case.request.helo);
  SPF_server_set_rec_dom(server.get(), std::string(spf_case.request.receiver).c_str());
  RunSpfCase(state, spf_case, [&](const spf::Request& request) {
    return CheckSpf2(request, mail_from, helo, server.get());
  });
}

void RegisterSpf2() {
  for (const SpfCase& spf_case : SpfCases()) {
    benchmark::RegisterBenchmark(
        ("spf/" + spf_case.name + "/libspf2").c_str(),
        [&spf_case](benchmark::State& state) { RunSpf2(state, spf_case); });
  }
}

}  // namespace
}  // namespace postseal::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  postseal::bench::RegisterSpfBenchmarks();
  postseal::bench::RegisterSpf2();
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}
