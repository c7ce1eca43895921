// Zone: the DNS records that answer a benchmark's queries.
#ifndef POSTSEAL_BENCH_ZONE_H_
#define POSTSEAL_BENCH_ZONE_H_

#include <string>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "dns/answer.h"

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

// Zone answers from memory. The workloads have fewer than ten records, and going
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

// AnswerAll answers every query of |session| from |zone| until it asks for nothing more.
// A name that is not in the zone does not exist.
template <typename Session>
void AnswerAll(const Zone& zone, Session* session) {
  const dns::Answer nothing(dns::Outcome::kNxDomain);
  while (const auto query = session->NextQuery()) {
    const ZoneRecord* const record = zone.Find(query->query.name.text(), query->query.type);
    session->Provide(query->id, record == nullptr ? nothing : record->answer).IgnoreError();
  }
}

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_ZONE_H_
