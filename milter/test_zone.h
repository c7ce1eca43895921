// ZoneFromTxt: OpenDKIM's files of test records as zone text.
#ifndef POSTSEAL_MILTER_TEST_ZONE_H_
#define POSTSEAL_MILTER_TEST_ZONE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/cursor.h"

namespace postseal::milter {

// AppendTxtRecord appends a TXT record of |name| that holds |value|, in strings of at
// most 255 octets (RFC 1035 §3.3.14), as one line of zone text. Octets that zone text
// has its own use for are written as \DDD (RFC 1035 §5.1).
inline void AppendTxtRecord(std::string_view name, std::string_view value, std::string* zone) {
  constexpr size_t kMaxStringOctets = 255;
  const auto append = [zone](std::string_view text, const base::CharSet& plain) {
    for (const char c : text) {
      if (plain(c)) {
        zone->push_back(c);
        continue;
      }
      const auto octet = static_cast<uint8_t>(c);
      *zone += {'\\', static_cast<char>('0' + octet / 100),
                static_cast<char>('0' + octet / 10 % 10), static_cast<char>('0' + octet % 10)};
    }
  };
  constexpr base::CharSet kNameChars = base::kAlphaDigit | base::CharSet("-_.");
  constexpr base::CharSet kTextChars = base::CharSet::Range(' ', '~') - base::CharSet("\"\\");
  append(base::StripTrailing(name, base::CharSet(".")), kNameChars);
  absl::StrAppend(zone, ". IN TXT");
  do {
    const std::string_view string = value.substr(0, kMaxStringOctets);
    value.remove_prefix(string.size());
    absl::StrAppend(zone, " \"");
    append(string, kTextChars);
    absl::StrAppend(zone, "\"");
  } while (!value.empty());
  zone->push_back('\n');
}

// ZoneFromTxt turns the text of TestPublicKeys, lines "NAME VALUE", into zone text.
// Lines without a value, and comments ("#" at the front), become empty ones: lines
// keep their numbers.
inline std::string ZoneFromTxt(std::string_view text) {
  constexpr base::CharSet kBlank = base::CharSet(" \t\r");
  std::string zone;
  base::Cursor cursor(text);
  while (!cursor.at_end()) {
    const std::string_view line = base::Strip(cursor.TakeUntil('\n'), kBlank);
    cursor.Take('\n');
    const size_t name = std::min(line.find(' '), line.find('\t'));
    if (name == std::string_view::npos || line.front() == '#') {
      zone.push_back('\n');
      continue;
    }
    AppendTxtRecord(line.substr(0, name), base::Strip(line.substr(name), kBlank), &zone);
  }
  return zone;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_TEST_ZONE_H_
