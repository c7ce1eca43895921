// DomainRecord: what the DNS has at "_dmarc." a domain. RFC 9989 §4.5, §4.10
#ifndef POSTSEAL_DMARC_DOMAIN_RECORD_H_
#define POSTSEAL_DMARC_DOMAIN_RECORD_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dmarc/context.h"
#include "dmarc/record.h"
#include "dns/answer.h"
#include "dns/exchange.h"
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

// AskRecords asks for the records of all |domains|. The lookups are in the Context's
// arena and this order; nullptr where QueryFor has no query.
std::span<dns::Lookup* const> AskRecords(Context* c, std::span<const std::string_view> domains);

// SelectRecord is what |answer| has for |domain|, a view that must outlive it.
// RFC 9989 §4.10, step 2
DomainRecord SelectRecord(Context* c, std::string_view domain, const dns::Answer& answer);

// Implementation.

inline std::optional<dns::Query> QueryFor(std::string_view domain) {
  constexpr std::string_view kLabel = "_dmarc.";
  std::array<char, kLabel.size() + dns::Name::kMaxOctets> text;
  if (domain.size() > dns::Name::kMaxOctets) return std::nullopt;
  std::copy(kLabel.begin(), kLabel.end(), text.begin());
  std::copy(domain.begin(), domain.end(), text.begin() + kLabel.size());
  const std::optional<dns::Name> name =
      dns::Name::Parse({text.data(), kLabel.size() + domain.size()});
  if (!name.has_value()) return std::nullopt;
  return dns::Query(*name, dns::Type::kTxt);
}

inline std::span<dns::Lookup* const> AskRecords(Context* c,
                                                std::span<const std::string_view> domains) {
  const std::span<dns::Lookup*> lookups = c->arena()->NewArray<dns::Lookup*>(domains.size());
  for (size_t i = 0; i < domains.size(); ++i) {
    const std::optional<dns::Query> query = QueryFor(domains[i]);
    if (query.has_value()) lookups[i] = c->exchange->AskAhead(*query);
  }
  return lookups;
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
