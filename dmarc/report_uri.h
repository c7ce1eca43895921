// ReportUri: one destination of rua= or ruf=. RFC 9989 §4.6, §4.8
#ifndef POSTSEAL_DMARC_REPORT_URI_H_
#define POSTSEAL_DMARC_REPORT_URI_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/ascii.h"
#include "base/cursor.h"
#include "dns/name.h"

namespace postseal::dmarc {

// ReportUri is a URI as views into the record. Reports go to mailto: alone here,
// but any scheme may stand in a record. RFC 9989 §4.7, rua
struct ReportUri {
  friend bool operator==(const ReportUri& a, const ReportUri& b) { return a.text == b.text; }
  bool is_mailto() const { return !host.empty(); }

  // The URI without the obsolete size suffix.
  std::string_view text;
  std::string_view scheme;
  // Of mailto: the mailbox, percent-encoded as it stands in the URI, and its
  // domain; empty for other schemes.
  std::string_view address;
  std::string_view host;
};

// ParseReportUri reads one URI without white space around it. The suffix "!10m"
// of RFC 7489 §6.4 is taken off: RFC 9989 §4.8 has reporters ignore it. nullopt
// when the rest is no URI, or a mailto: that names no mailbox at a domain.
std::optional<ReportUri> ParseReportUri(std::string_view text);

// Implementation.

namespace internal {

// TakeSizeSuffix takes |*text| back to before its obs-dmarc-report-size, if it
// has one; whether it is well-formed.
// obs-dmarc-report-size = "!" 1*DIGIT [ "k" / "m" / "g" / "t" ]
inline bool TakeSizeSuffix(std::string_view* text) {
  base::Cursor cursor(*text);
  const std::string_view uri = cursor.TakeUntil('!');
  if (cursor.at_end()) return true;
  *text = uri;
  cursor.Take('!');
  if (cursor.TakeWhile(base::kDigit).empty()) return false;
  cursor.TakeIf(base::CharSet("kmgtKMGT"));
  return cursor.at_end();
}

// IsUriText says whether |text| holds only what RFC 3986 §2 allows, each "%" as
// part of a pct-encoded octet.
inline bool IsUriText(std::string_view text) {
  // unreserved, gen-delims and sub-delims, but "!" and ",", which RFC 9989 §4.8
  // has encoded.
  constexpr base::CharSet kUri = base::kAlphaDigit | base::CharSet("-._~:/?#[]@$&'()*+;=");
  constexpr base::CharSet kHex = base::kDigit | base::CharSet("abcdefABCDEF");
  base::Cursor cursor(text);
  while (!cursor.at_end()) {
    if (cursor.TakeIf(kUri)) continue;
    if (!cursor.Take('%') || !cursor.TakeIf(kHex) || !cursor.TakeIf(kHex)) return false;
  }
  return true;
}

}  // namespace internal

inline std::optional<ReportUri> ParseReportUri(std::string_view text) {
  if (!internal::TakeSizeSuffix(&text) || !internal::IsUriText(text)) return std::nullopt;
  // scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ), RFC 3986 §3.1
  base::Cursor cursor(text);
  ReportUri uri;
  uri.text = text;
  uri.scheme = cursor.TakeWhile(base::kAlphaDigit | base::CharSet("+-."));
  if (uri.scheme.empty() || !base::kAlpha(uri.scheme.front()) || !cursor.Take(':')) {
    return std::nullopt;
  }
  if (!base::EqualsIgnoreCase(uri.scheme, "mailto")) return uri;
  // mailtoURI = "mailto:" [ to ] [ hfields ], hfields = "?" ...; RFC 6068 §2. Without
  // a mailbox there is nowhere to report to [choice].
  uri.address = cursor.TakeWhile(base::CharSet::Range(0x21, 0x7E) - base::CharSet("?#"));
  const size_t at = uri.address.rfind('@');
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  uri.host = uri.address.substr(at + 1);
  constexpr base::CharSet kHost = base::kAlphaDigit | base::CharSet("-._");
  if (!base::AllIn(uri.host, kHost) || !dns::Name::Parse(uri.host).has_value()) {
    return std::nullopt;
  }
  return uri;
}

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_REPORT_URI_H_
