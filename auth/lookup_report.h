// MakeLookupReport: a DNS lookup with what came back, for whoever reads it after
// the session is gone.
#ifndef POSTSEAL_AUTH_LOOKUP_REPORT_H_
#define POSTSEAL_AUTH_LOOKUP_REPORT_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "auth/report.h"
#include "base/arena.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "dns/rdata.h"

namespace postseal::auth {

// RecordText is one record of |type| as a zone file has it, TXT strings joined and
// not quoted; nullopt when |rdata| is malformed or |type| is none of those that
// mail authentication asks for. It is not escaped.
std::optional<std::string> RecordText(dns::Type type, std::string_view rdata);

// MakeLookupReport copies |lookup|. Its texts are those of RecordText, "" for a
// record without.
LookupReport MakeLookupReport(const dns::Lookup& lookup);

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
  report.outcome = lookup.answer().outcome;
  report.secure = lookup.answer().dnssec_secure;
  report.ttl_seconds = lookup.answer().ttl_seconds;
  report.refused = lookup.refused();
  report.oversized = lookup.oversized();
  for (const std::string_view rdata : lookup.answer().rdata) {
    report.texts.push_back(RecordText(report.type, rdata).value_or(""));
  }
  return report;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_LOOKUP_REPORT_H_
