// Internationalised domain names: U-labels to A-labels (IDNA2008, RFC 5890 to
// 5893), which is the only form the DNS knows.
#ifndef POSTSEAL_DNS_IDNA_H_
#define POSTSEAL_DNS_IDNA_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "dns/name.h"

namespace postseal::dns {

// kMaxInternationalOctets bounds what ToAscii takes, in octets: no character of
// a U-label takes more than 4 in UTF-8 or less than 1 in its A-label.
inline constexpr size_t kMaxInternationalOctets = 4 * (Name::kMaxOctets + 1);

// ToAscii converts each label of |name|, UTF-8, to an A-label. Labels of ASCII
// stay as they are, so that "_domainkey" and A-labels pass. Only U+002E separates
// labels (RFC 6531 §3.3). nullopt when |name| is not UTF-8, above
// kMaxInternationalOctets, or holds a label that is no U-label, even after the
// mapping of Unicode TR 46 (upper case, width, normalisation).
//
// The lengths of ASCII labels and of the whole are for Name::Parse to check.
std::optional<std::string> ToAscii(std::string_view name);

// ParseInternational is Name::Parse of what ToAscii returns.
std::optional<Name> ParseInternational(std::string_view text);

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_IDNA_H_
