// DomainRecord: what the DNS has at "_dmarc." a domain. RFC 9989 §4.5, §4.10
#ifndef POSTSEAL_DMARC_DOMAIN_RECORD_H_
#define POSTSEAL_DMARC_DOMAIN_RECORD_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "dmarc/context.h"
#include "dmarc/record.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/rdata.h"

namespace postseal::dmarc {

// Finding is what became of the TXT records at one name.
enum class Finding : uint8_t {
  kNothing,         // no DMARC record
  kRecord,          // exactly one, which counts
  kSeveralRecords,  // more than one, which are all discarded
  kNotAskable,      // the name is too long for the DNS, so nothing can be there
  kError,           // the DNS gave no answer
};

// FindingName is |finding| as reports and JSON spell it.
constexpr std::string_view FindingName(Finding finding) {
  switch (finding) {
    case Finding::kNothing:
      return "no-record";
    case Finding::kRecord:
      return "record";
    case Finding::kSeveralRecords:
      return "several-records";
    case Finding::kNotAskable:
      return "name-too-long";
    case Finding::kError:
      return "temperror";
  }
  return "temperror";
}

struct DomainRecord {
  std::string_view domain;  // without "_dmarc."
  dns::Outcome outcome = dns::Outcome::kTempError;
  Finding finding = Finding::kNothing;
  const Record* record = nullptr;  // of kRecord
};

// QueryFor is the query for the record of |domain|; nullopt when "_dmarc." makes
// the name too long.
std::optional<dns::Query> QueryFor(std::string_view domain);

// SelectRecord is what |answer| has for |domain|, a view that must outlive it.
// RFC 9989 §4.10, step 2
DomainRecord SelectRecord(Context* c, std::string_view domain, const dns::Answer& answer);

// Implementation.

inline std::optional<dns::Query> QueryFor(std::string_view domain) {
  const std::optional<dns::Name> parsed = dns::Name::Parse(domain);
  const std::optional<dns::Name> name =
      parsed.has_value() ? parsed->Prepend("_dmarc") : std::nullopt;
  if (!name.has_value()) return std::nullopt;
  return dns::Query(*name, dns::Type::kTxt);
}

inline DomainRecord SelectRecord(Context* c, std::string_view domain, const dns::Answer& answer) {
  DomainRecord selected;
  selected.domain = domain;
  selected.outcome = answer.outcome;
  if (answer.outcome == dns::Outcome::kTempError) {
    selected.finding = Finding::kError;
    return selected;
  }
  std::string_view text;
  for (const std::string_view rdata : answer.rdata) {
    // RFC 9989 §4.5 ¶6: the strings are joined in order.
    const std::optional<std::string_view> joined = dns::JoinTxt(rdata, c->arena());
    if (!joined.has_value() || !IsDmarc(*joined)) continue;
    // RFC 9989 §4.10, step 2: several are all discarded, and the walk goes on.
    if (selected.finding == Finding::kRecord) {
      selected.finding = Finding::kSeveralRecords;
      return selected;
    }
    selected.finding = Finding::kRecord;
    text = *joined;
  }
  if (selected.finding == Finding::kRecord) {
    const auto record = ParseRecord(text, c->options->mode, c->arena());
    selected.record = c->arena()->New<Record>(*record);
  }
  return selected;
}

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_DOMAIN_RECORD_H_
