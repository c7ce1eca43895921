// A table finds the rows that a search through all of them finds, in the same order. The
// first text is the author, the second the table, a row a line.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ascii.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "milter/address_table.h"
#include "milter/data_set.h"
#include "milter/glob.h"

namespace postseal::milter {
namespace {

using Numbers = std::vector<uint32_t>;

// FindExact looks the keys up in the order that opendkim(8) gives.
Numbers FindExact(const std::vector<std::string>& rows, const std::string& user,
                  const std::string& domain) {
  std::vector<std::string> keys = {user + "@" + domain, domain};
  for (const std::string& before : {user + "@", std::string()}) {
    for (size_t dot = domain.find('.'); dot != domain.npos; dot = domain.find('.', dot + 1)) {
      keys.push_back(before + domain.substr(dot));
    }
  }
  keys.push_back(user + "@*");
  keys.push_back("*");
  Numbers found;
  for (const std::string& key : keys) {
    for (uint32_t i = 0; i < rows.size(); ++i) {
      if (base::EqualsIgnoreCase(rows[i], key)) found.push_back(i);
    }
  }
  return found;
}

Numbers FindPatterns(const std::vector<std::string>& rows, const std::string& user,
                     const std::string& domain) {
  Numbers found;
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (GlobMatches(rows[i], user + "@" + domain)) found.push_back(i);
  }
  return found;
}

void Check(std::string_view author, std::string_view text, AddressTable::Kind kind) {
  const auto set = ParseDataRows(text, DataSet::Kind::kFile, "file");
  const size_t at = author.find('@');
  if (!set.ok() || at == 0 || at == author.npos) return;
  const std::string user = base::ToLower(author.substr(0, at));
  const std::string domain = base::ToLower(author.substr(at + 1));
  if (domain.empty() || domain.find('@') != domain.npos || author.size() > kMaxAddressOctets)
    return;
  // Which of equal keys is asked for twice is of no interest.
  if (user == "*" || domain == "*") return;
  AddressTable table(kind);
  std::vector<std::string> rows;
  for (const DataRow& row : set->rows) {
    if (!table.Add(row.key, static_cast<uint32_t>(rows.size())).ok()) return;
    rows.push_back(row.key);
  }
  const bool exact = kind == AddressTable::Kind::kExact;
  Numbers wanted = exact ? FindExact(rows, user, domain) : FindPatterns(rows, user, domain);
  POSTSEAL_CHECK(table.Find(user, domain, AddressTable::Which::kAll) == wanted);
  wanted.resize(std::min<size_t>(wanted.size(), 1));
  POSTSEAL_CHECK(table.Find(user, domain, AddressTable::Which::kFirst) == wanted);
  POSTSEAL_CHECK(table.Matches(user, domain) == !wanted.empty());
}

}  // namespace
}  // namespace postseal::milter

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using postseal::milter::AddressTable;
  postseal::base::FuzzInput input(data, size);
  const std::string_view author = input.Text();
  const std::string_view rows = input.Rest();
  postseal::milter::Check(author, rows, AddressTable::Kind::kExact);
  postseal::milter::Check(author, rows, AddressTable::Kind::kPatterns);
  return 0;
}
