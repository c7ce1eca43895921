// A pattern matches what the table of all its beginnings against all beginnings of the text
// says. The first text is the pattern.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "milter/glob.h"

namespace {

bool Matches(std::string_view pattern, std::string_view text) {
  // row[t]: what is left of |pattern| matches what is left of |text| from |t| on.
  std::vector<bool> row(text.size() + 1, false);
  row[text.size()] = true;
  for (size_t p = pattern.size(); p-- > 0;) {
    std::vector<bool> next(text.size() + 1, false);
    for (size_t t = text.size() + 1; t-- > 0;) {
      const bool more = t < text.size();
      if (pattern[p] == '*') {
        next[t] = row[t] || (more && next[t + 1]);
      } else {
        next[t] = more && row[t + 1] &&
                  postseal::base::ToLower(pattern[p]) == postseal::base::ToLower(text[t]);
      }
    }
    row.swap(next);
  }
  return row[0];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::base::FuzzInput input(data, size);
  const std::string_view pattern = input.Text();
  const std::string_view text = input.Rest();
  POSTSEAL_CHECK(postseal::milter::GlobMatches(pattern, text) == Matches(pattern, text));
  return 0;
}
