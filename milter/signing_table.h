// SigningTable: which keys sign for an author. opendkim.conf(5)
#ifndef POSTSEAL_MILTER_SIGNING_TABLE_H_
#define POSTSEAL_MILTER_SIGNING_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "milter/address_table.h"
#include "milter/data_set.h"
#include "milter/diagnostic.h"

namespace postseal::milter {

// SigningRow is a row of SigningTable: "KEY NAME[:IDENTITY]".
struct SigningRow {
  std::string key_name;  // in KeyTable; "%": the author's domain
  std::string identity;  // i=, in which "%" is the author's domain; empty: none
  Place place;
};

// SigningTable finds the rows that hold for an author.
class SigningTable {
 public:
  using Which = AddressTable::Which;

  explicit SigningTable(AddressTable::Kind kind = AddressTable::Kind::kExact) : addresses_(kind) {}

  // Read takes the rows of |set|. A row that cannot match, or that says nothing, is a
  // warning in |diagnostics| with what to write instead.
  static SigningTable Read(const DataSet& set, std::vector<Diagnostic>* diagnostics);

  // Add adds a row for |key|.
  absl::Status Add(std::string_view key, SigningRow row);

  // Find returns the numbers of the rows that hold, in their order.
  std::vector<uint32_t> Find(std::string_view local_part, std::string_view domain,
                             Which which) const {
    return addresses_.Find(local_part, domain, which);
  }

  const std::vector<SigningRow>& rows() const { return rows_; }

 private:
  // WhyUnmatched says why |key| never matches in a data set of |kind|; empty: it can.
  static std::string WhyUnmatched(std::string_view key, DataSet::Kind kind);

  AddressTable addresses_;
  std::vector<SigningRow> rows_;
};

// Implementation.

inline absl::Status SigningTable::Add(std::string_view key, SigningRow row) {
  absl::Status status = addresses_.Add(key, static_cast<uint32_t>(rows_.size()));
  if (status.ok()) rows_.push_back(std::move(row));
  return status;
}

inline std::string SigningTable::WhyUnmatched(std::string_view key, DataSet::Kind kind) {
  const size_t at = key.find('@');
  const size_t star = key.find('*');
  if (kind == DataSet::Kind::kPatterns) {
    if (star != std::string_view::npos || (at != std::string_view::npos && at > 0)) return "";
    const std::string_view host = key.substr(at == 0 ? 1 : 0);
    return absl::StrCat("\"", key, "\" matches no address: in refile: write ",
                        key.front() == '.' ? absl::StrCat("*@*", key) : absl::StrCat("*@", host));
  }
  const bool user_at_any = at != std::string_view::npos && key.substr(at + 1) == "*" && star > at;
  if (star == std::string_view::npos || key == "*" || user_at_any) return "";
  return absl::StrCat("\"", key,
                      "\" matches no address, since only refile: knows patterns: say "
                      "\"SigningTable refile:PATH\" in the configuration, or write ",
                      key.substr(0, 4) == "*@*." ? key.substr(3)
                      : key.substr(0, 2) == "*@" ? key.substr(2)
                                                 : std::string_view("the host alone"),
                      " here");
}

inline SigningTable SigningTable::Read(const DataSet& set, std::vector<Diagnostic>* diagnostics) {
  SigningTable table(set.kind == DataSet::Kind::kPatterns ? AddressTable::Kind::kPatterns
                                                          : AddressTable::Kind::kExact);
  for (const DataRow& data : set.rows) {
    const std::vector<std::string_view> fields = SplitFields(data.value, 2);
    if (fields[0].empty()) {
      // Kept: mail that the row is for must not leave unsigned.
      diagnostics->push_back(set.Fault(data,
                                       "the row names no key: a row of SigningTable is "
                                       "\"KEY NAME[:IDENTITY]\", with NAME from KeyTable"));
    }
    if (std::string why = WhyUnmatched(data.key, set.kind); !why.empty()) {
      diagnostics->push_back(set.Fault(data, std::move(why)));
    }
    SigningRow row;
    row.key_name = std::string(fields[0]);
    if (fields.size() > 1) row.identity = std::string(fields[1]);
    row.place = set.PlaceOf(data);
    if (absl::Status status = table.Add(data.key, std::move(row)); !status.ok()) {
      diagnostics->push_back(set.Error(data, std::string(status.message())));
    }
  }
  return table;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_SIGNING_TABLE_H_
