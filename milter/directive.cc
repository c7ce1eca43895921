#include "milter/directive.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "milter/directive_table.h"

namespace postseal::milter {
namespace {

// Distance is how many octets must be put in, left out or changed to make |b| of |a|,
// without regard to case.
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t changed =
          diagonal + (base::ToLower(a[i]) == base::ToLower(b[j]) ? size_t{0} : size_t{1});
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::span<const Directive> AllDirectives() { return kDirectives; }

const Directive* FindDirective(std::string_view name) {
  for (const Directive& directive : kDirectives) {
    if (base::EqualsIgnoreCase(directive.name, name)) return &directive;
  }
  return nullptr;
}

std::string_view NearestDirective(std::string_view name) {
  std::string_view nearest;
  if (name.size() > kMaxNameOctets) return nearest;
  // A third of it may be wrong.
  size_t least = name.size() / 3 + 1;
  for (const Directive& directive : kDirectives) {
    const size_t distance = Distance(name, directive.name);
    if (distance >= least) continue;
    least = distance;
    nearest = directive.name;
  }
  return nearest;
}

}  // namespace postseal::milter
