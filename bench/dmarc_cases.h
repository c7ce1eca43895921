// The DMARC workloads: what SPF and DKIM said of a message, the records that answer,
// and one evaluation of ours. Contenders run on the same.
#ifndef POSTSEAL_BENCH_DMARC_CASES_H_
#define POSTSEAL_BENCH_DMARC_CASES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/zone.h"
#include "dmarc/dmarc_session.h"
#include "dmarc/verdict.h"

namespace postseal::bench {

// kSuffixListFile is where Debian's package publicsuffix has the list. libopendmarc
// reads nothing but a file, so both read this one.
inline constexpr char kSuffixListFile[] = "/usr/share/publicsuffix/public_suffix_list.dat";

// DmarcOutcome is what both libraries can say: pass, or what the policy asks for.
enum class DmarcOutcome : uint8_t { kPass, kNone, kQuarantine, kReject };

// AuthenticatedDomain is what SPF or DKIM passed for, as text: either library has to
// make of it what it compares.
struct AuthenticatedDomain {
  AuthenticatedDomain(dmarc::Method passed_method, std::string_view domain_text)
      : method(passed_method), domain(domain_text) {}

  dmarc::Method method;
  std::string domain;
};

// DmarcCase is one message.
struct DmarcCase {
  std::string name;  // "subdomain"
  std::string author;
  // What SPF and DKIM passed for: at most one domain of SPF's.
  std::vector<AuthenticatedDomain> passed;
  Zone zone;
  // The record that applies, and the Organizational Domain when it is there that the
  // record was found: libopendmarc is told both.
  std::string record;
  std::optional<std::string> found_at;
  DmarcOutcome outcome;
  // What it is when nothing passed.
  DmarcOutcome unauthenticated;
  // What it takes, in queries, by the suffix list and by the tree walk.
  size_t list_queries;
  size_t walk_queries;
};

// DmarcCases returns all of them, which live as long as the process. No two have the
// same author: libopendmarc has one table of records for the process.
//   dkim       passes by a DKIM domain aligned in relaxed mode
//   subdomain  fails; the record is the Organizational Domain's, whose sp= counts
//   fail       fails with three identifiers: one of SPF, two of DKIM
//   rich       passes by SPF in strict mode; a record of eleven tags
std::span<const DmarcCase> DmarcCases();

// CheckDmarc runs |session| on what |passed| of |dmarc_case| with its zone's answers.
DmarcOutcome CheckDmarc(const DmarcCase& dmarc_case, std::span<const AuthenticatedDomain> passed,
                        dmarc::DmarcSession* session);

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_DMARC_CASES_H_
