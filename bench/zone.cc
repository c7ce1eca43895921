#include "bench/zone.h"

#include <span>
#include <utility>

#include "dns/rdata.h"

namespace postseal::bench {

void Zone::AddTxt(std::string name, std::string text) {
  ZoneRecord record;
  record.name = std::move(name);
  record.type = dns::Type::kTxt;
  record.rdata = dns::TxtRdata(text);
  record.text = std::move(text);
  Add(std::move(record));
}

void Zone::AddAddress(std::string name, const dns::IpAddress& address) {
  ZoneRecord record;
  record.name = std::move(name);
  record.type = dns::Type::kA;
  record.rdata = dns::AddressRdata(address);
  Add(std::move(record));
}

void Zone::Add(ZoneRecord added) {
  records_.push_back(std::move(added));
  // The records have moved, and short strings with them.
  for (ZoneRecord& record : records_) {
    record.rdata_view = record.rdata;
    record.answer.outcome = dns::Outcome::kRecords;
    record.answer.rdata = std::span<const std::string_view>(&record.rdata_view, 1);
  }
}

}  // namespace postseal::bench
