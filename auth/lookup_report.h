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
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
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
  // Asked ahead, and no evaluation took the answer, whether or not there was one. The
  // members around this one stay unset, so that a report does not depend on the order in
  // which answers came.
  bool unused = false;
  // The records as wire data, in the answer's order. See RecordTexts.
  std::vector<std::string> rdata;
};

// MakeLookupReport copies |lookup|.
LookupReport MakeLookupReport(const dns::Lookup& lookup);

// OutcomeName is what came of |lookup| as the JSON contract spells it.
std::string_view OutcomeName(const LookupReport& lookup);

// RecordText is one record of |type| as a zone file has it, TXT strings joined and
// not quoted; nullopt when |rdata| is malformed or |type| is none of those that
// mail authentication asks for. It is not escaped.
std::optional<std::string> RecordText(dns::Type type, std::string_view rdata);

// RecordTexts are the records of |lookup| in this form; those without are left out.
std::vector<std::string> RecordTexts(const LookupReport& lookup);

// Implementation.

inline std::optional<std::string> RecordText(dns::Type type, std::string_view rdata) {
  switch (type) {
    case dns::Type::kTxt: {
      base::Arena arena;
      const std::optional<std::string_view> text = dns::JoinTxt(rdata, &arena);
      return text.has_value() ? std::optional(std::string(*text)) : std::nullopt;
    }
    case dns::Type::kA:
    case dns::Type::kAaaa: {
      const std::optional<dns::IpAddress> address = dns::ParseAddress(rdata);
      return address.has_value() ? std::optional(address->Print()) : std::nullopt;
    }
    case dns::Type::kMx: {
      const std::optional<dns::Mx> mx = dns::ParseMx(rdata);
      if (!mx.has_value()) return std::nullopt;
      return absl::StrCat(mx->preference, " ", mx->exchange.text(), ".");
    }
    case dns::Type::kPtr:
    case dns::Type::kCname:
    case dns::Type::kNs: {
      const std::optional<dns::Name> name = dns::ParseName(rdata);
      return name.has_value() ? std::optional(absl::StrCat(name->text(), ".")) : std::nullopt;
    }
    case dns::Type::kSoa:
      return std::nullopt;
  }
  return std::nullopt;
}

inline LookupReport MakeLookupReport(const dns::Lookup& lookup) {
  LookupReport report;
  report.name = lookup.query().name.text();
  report.type = lookup.query().type;
  report.unused = !lookup.used();
  if (report.unused) return report;
  report.outcome = lookup.answer().outcome;
  report.secure = lookup.answer().dnssec_secure;
  report.ttl_seconds = lookup.answer().ttl_seconds;
  report.expired = lookup.expired();
  report.refused = lookup.refused();
  report.oversized = lookup.oversized();
  report.rdata.assign(lookup.answer().rdata.begin(), lookup.answer().rdata.end());
  return report;
}

inline std::string_view OutcomeName(const LookupReport& lookup) {
  return lookup.unused ? "unused" : dns::OutcomeName(lookup.outcome);
}

inline std::vector<std::string> RecordTexts(const LookupReport& lookup) {
  std::vector<std::string> texts;
  for (const std::string& rdata : lookup.rdata) {
    if (auto text = RecordText(lookup.type, rdata)) texts.push_back(*std::move(text));
  }
  return texts;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_LOOKUP_REPORT_H_
