// libopendmarc on the same DMARC workloads, beside ours in one process:
// `bench/run --only dmarc`. Needs Debian's libopendmarc-dev and publicsuffix.
#include <opendmarc/dmarc.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "bench/dmarc_benchmarks.h"
#include "bench/dmarc_cases.h"
#include "benchmark/benchmark.h"
#include "dmarc/public_suffix.h"
#include "dmarc/verdict.h"

namespace postseal::bench {
namespace {

// The library takes C strings that are not const, and changes none of them.
u_char* Text(const std::string& text) {
  return reinterpret_cast<u_char*>(const_cast<char*>(text.c_str()));
}

DmarcOutcome OutcomeOf(OPENDMARC_STATUS_T policy) {
  switch (policy) {
    case DMARC_POLICY_PASS:
      return DmarcOutcome::kPass;
    case DMARC_POLICY_REJECT:
      return DmarcOutcome::kReject;
    case DMARC_POLICY_QUARANTINE:
      return DmarcOutcome::kQuarantine;
    default:
      return DmarcOutcome::kNone;
  }
}

void Require(OPENDMARC_STATUS_T status, const char* what) {
  if (status == DMARC_PARSE_OKAY) return;
  std::cerr << what << ": " << opendmarc_policy_status_to_str(status) << "\n";
  std::abort();
}

// Discovery is who finds the record: the library, by the same queries as ours and from
// a table in memory, or its caller, who leaves it less to do than we have.
enum class Discovery : uint8_t { kLibrary, kCaller };

OPENDMARC_STATUS_T TakeRecord(const DmarcCase& dmarc_case, Discovery discovery,
                              DMARC_POLICY_T* policy) {
  u_char* const author = Text(dmarc_case.author);
  if (discovery == Discovery::kLibrary) return opendmarc_policy_query_dmarc(policy, author);
  u_char* const found_at = dmarc_case.found_at.has_value() ? Text(*dmarc_case.found_at) : nullptr;
  return opendmarc_policy_store_dmarc(policy, Text(dmarc_case.record), author, found_at);
}

// CheckOpenDmarc evaluates what |passed| as the library's manual has it: a new context
// for each message.
DmarcOutcome CheckOpenDmarc(const DmarcCase& dmarc_case, Discovery discovery,
                            std::span<const AuthenticatedDomain> passed) {
  static const std::string client = "192.0.2.1";
  static const std::string selector = "s1";
  DMARC_POLICY_T* const policy =
      opendmarc_policy_connect_init(Text(client), DMARC_POLICY_IP_TYPE_IPV4);
  Require(opendmarc_policy_store_from_domain(policy, Text(dmarc_case.author)), "From");
  for (const AuthenticatedDomain& domain : passed) {
    if (domain.method == dmarc::Method::kSpf) {
      Require(
          opendmarc_policy_store_spf(policy, Text(domain.domain), DMARC_POLICY_SPF_OUTCOME_PASS,
                                     DMARC_POLICY_SPF_ORIGIN_MAILFROM, /*human_result=*/nullptr),
          "SPF");
    } else {
      Require(opendmarc_policy_store_dkim(policy, Text(domain.domain), Text(selector),
                                          DMARC_POLICY_DKIM_OUTCOME_PASS,
                                          /*human_result=*/nullptr),
              "DKIM");
    }
  }
  Require(TakeRecord(dmarc_case, discovery, policy), "record");
  const DmarcOutcome outcome = OutcomeOf(opendmarc_get_policy_to_enforce(policy));
  opendmarc_policy_connect_shutdown(policy);
  return outcome;
}

void Register(const DmarcCase& dmarc_case, const std::string& kind, Discovery discovery) {
  benchmark::RegisterBenchmark(("dmarc/" + dmarc_case.name + "/" + kind).c_str(),
                               [&dmarc_case, discovery](benchmark::State& state) {
                                 RunDmarcCase(
                                     state, dmarc_case, [&dmarc_case, discovery](auto passed) {
                                       return CheckOpenDmarc(dmarc_case, discovery, passed);
                                     });
                               });
}

void RegisterOpenDmarc() {
  for (const DmarcCase& dmarc_case : DmarcCases()) {
    // What is not in this table does not exist: nothing is sent once it has a record.
    const std::string owner = "_dmarc." + dmarc_case.found_at.value_or(dmarc_case.author);
    opendmarc_dns_fake_record(owner.c_str(), dmarc_case.record.c_str());
    Register(dmarc_case, "libopendmarc", Discovery::kLibrary);
    Register(dmarc_case, "given", Discovery::kCaller);
  }
}

// LoadSuffixes has both libraries read the same list.
std::unique_ptr<dmarc::PublicSuffixList> LoadSuffixes() {
  auto library = std::make_unique<OPENDMARC_LIB_T>();
  library->tld_type = OPENDMARC_TLD_TYPE_MOZILLA;
  std::strcpy(reinterpret_cast<char*>(library->tld_source_file), kSuffixListFile);
  std::ifstream file(kSuffixListFile);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  auto suffixes = dmarc::PublicSuffixList::Load(text);
  if (!suffixes.ok() || opendmarc_policy_library_init(library.get()) != DMARC_PARSE_OKAY) {
    std::cerr << "no list of public suffixes: " << kSuffixListFile << "\n";
    std::exit(EXIT_FAILURE);
  }
  // The library keeps the pointer.
  static_cast<void>(library.release());
  return *std::move(suffixes);
}

}  // namespace
}  // namespace postseal::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const auto suffixes = postseal::bench::LoadSuffixes();
  postseal::bench::RegisterDmarcBenchmarks(suffixes.get());
  postseal::bench::RegisterOpenDmarc();
  benchmark::RunSpecifiedBenchmarks();
  return EXIT_SUCCESS;
}
