// GlobMatches: the "*" patterns of OpenDKIM's refile: data sets.
#ifndef POSTSEAL_MILTER_GLOB_H_
#define POSTSEAL_MILTER_GLOB_H_

#include <cstddef>
#include <string_view>

#include "base/ascii.h"

namespace postseal::milter {

// GlobMatches says whether all of |text| matches |pattern|, in which "*" stands for
// any octets, none included, and every other octet for itself, without regard to
// ASCII case. At most |pattern| times |text| comparisons are made: only the last "*"
// is ever tried again, since what an earlier one took can stay as it is.
constexpr bool GlobMatches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;  // the last "*" met
  size_t taken = 0;                      // where what it stands for ends
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && base::ToLower(pattern[p]) == base::ToLower(text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_GLOB_H_
