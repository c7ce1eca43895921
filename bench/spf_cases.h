// The SPF workloads: a request, the zone that answers it, and one check of ours.
// Contenders run on the same.
#ifndef POSTSEAL_BENCH_SPF_CASES_H_
#define POSTSEAL_BENCH_SPF_CASES_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "dns/answer.h"
#include "spf/evaluation.h"
#include "spf/spf_session.h"

namespace postseal::bench {

// ZoneRecord is one resource record, ready for either library to take.
struct ZoneRecord {
  std::string name;  // in lower case, as both libraries ask for it
  dns::Type type;
  // What a TXT record says; empty for an A record.
  std::string text;
  // The same in wire form, and the answer that holds it and nothing else.
  std::string rdata;
  std::string_view rdata_view;
  dns::Answer answer;
};

// Zone answers from memory. The workloads have at most five records, and going
// through them is the quickest way to find one.
class Zone {
 public:
  Zone() = default;
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

  void AddTxt(std::string name, std::string text);
  void AddAddress(std::string name, const dns::IpAddress& address);

  // Find returns the record of |type| at |name|, or nullptr.
  const ZoneRecord* Find(std::string_view name, dns::Type type) const {
    for (const ZoneRecord& record : records_) {
      if (record.type == type && record.name == name) return &record;
    }
    return nullptr;
  }

 private:
  void Add(ZoneRecord record);

  std::vector<ZoneRecord> records_;
};

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
