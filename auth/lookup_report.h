// LookupReport: one DNS query of a session with what came back.
#ifndef POSTSEAL_AUTH_LOOKUP_REPORT_H_
#define POSTSEAL_AUTH_LOOKUP_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/rdata.h"

namespace postseal::auth {

struct LookupReport {
  std::string name;
  dns::Type type = dns::Type::kTxt;
  dns::Outcome outcome = dns::Outcome::kTempError;
  bool secure = false;
  uint32_t ttl_seconds = 0;
  // Not answered when the deadline passed.
  bool expired = false;
  // Never sent: over the limit, or asked after the deadline.
  bool refused = false;
  // The answer was larger than is kept.
  bool oversized = false;
  // The records as wire data, in the answer's order. See RecordTexts.
  std::vector<std::string> rdata;
};

// MakeLookupReport copies |lookup|.
LookupReport MakeLookupReport(const dns::Lookup& lookup);

// RecordTexts are the records of |lookup| as a person writes them, not escaped:
// TXT as joined text, addresses, names, "10 mx.example.com". Data that is none of
// its type is left out.
std::vector<std::string> RecordTexts(const LookupReport& lookup);

// Implementation.

namespace internal {

inline std::optional<std::string> RecordText(dns::Type type, std::string_view rdata) {
  switch (type) {
    case dns::Type::kTxt: {
      base::Arena arena;
      const auto text = dns::JoinTxt(rdata, &arena);
      if (!text.has_value()) return std::nullopt;
      return std::string(*text);
    }
    case dns::Type::kA:
    case dns::Type::kAaaa: {
      const auto address = dns::ParseAddress(rdata);
      if (!address.has_value()) return std::nullopt;
      return address->Print();
    }
    case dns::Type::kMx: {
      const auto mx = dns::ParseMx(rdata);
      if (!mx.has_value()) return std::nullopt;
      return absl::StrCat(mx->preference, " ", mx->exchange.text());
    }
    default: {
      const auto name = dns::ParseName(rdata);
      if (!name.has_value()) return std::nullopt;
      return std::string(name->text());
    }
  }
}

}  // namespace internal

inline LookupReport MakeLookupReport(const dns::Lookup& lookup) {
  LookupReport report;
  report.name = lookup.query().name.text();
  report.type = lookup.query().type;
  report.outcome = lookup.answer().outcome;
  report.secure = lookup.answer().dnssec_secure;
  report.ttl_seconds = lookup.answer().ttl_seconds;
  report.expired = lookup.expired();
  report.refused = lookup.refused();
  report.oversized = lookup.oversized();
  report.rdata.assign(lookup.answer().rdata.begin(), lookup.answer().rdata.end());
  return report;
}

inline std::vector<std::string> RecordTexts(const LookupReport& lookup) {
  std::vector<std::string> texts;
  for (const std::string& rdata : lookup.rdata) {
    if (auto text = internal::RecordText(lookup.type, rdata)) texts.push_back(*std::move(text));
  }
  return texts;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_LOOKUP_REPORT_H_
