// KeyTable: the keys that signatures are made with, by name. opendkim.conf(5)
#ifndef POSTSEAL_MILTER_KEY_TABLE_H_
#define POSTSEAL_MILTER_KEY_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/secret.h"
#include "dns/name.h"
#include "milter/data_set.h"
#include "milter/diagnostic.h"

namespace postseal::milter {

// KeyRow is a row of KeyTable: "NAME DOMAIN:SELECTOR:KEY".
struct KeyRow {
  std::string name;
  std::string domain;  // "%": the author's
  std::string selector;
  // One of the two: where the key is, in which "%" is the author's domain, or the key
  // itself, as PEM or DER in base64.
  std::string path;
  base::SecretString inline_key;
  Place place;
  // What keeps the row from being used; empty: nothing.
  std::string fault;

  bool any_domain() const { return domain == "%"; }
};

// KeyTable holds the rows. Names count case, as in OpenDKIM. A name that is there
// twice is its first row.
class KeyTable {
 public:
  // Read takes the rows of |set|, and wipes the keys in it. What is wrong with a row
  // is a warning in |diagnostics| and the row's fault: the other rows work.
  static KeyTable Read(DataSet* set, std::vector<Diagnostic>* diagnostics);

  // Add adds |row|; false when there is one of the name.
  bool Add(KeyRow row);

  // Find is the number of the row called |name|.
  std::optional<uint32_t> Find(std::string_view name) const {
    const auto it = by_name_.find(name);
    return it == by_name_.end() ? std::nullopt : std::optional(it->second);
  }

  const std::vector<KeyRow>& rows() const { return rows_; }

 private:
  static KeyRow ReadRow(std::string_view value);

  std::vector<KeyRow> rows_;
  absl::flat_hash_map<std::string, uint32_t> by_name_;
};

// Implementation.

inline bool KeyTable::Add(KeyRow row) {
  const auto [it, added] = by_name_.try_emplace(row.name, static_cast<uint32_t>(rows_.size()));
  if (added) rows_.push_back(std::move(row));
  return added;
}

inline KeyRow KeyTable::ReadRow(std::string_view value) {
  KeyRow row;
  constexpr size_t kFields = 3;
  const std::vector<std::string_view> fields = SplitFields(value, kFields);
  if (fields.size() < kFields || fields[0].empty() || fields[1].empty() || fields[2].empty()) {
    row.fault = "a row of KeyTable is \"NAME DOMAIN:SELECTOR:KEY\"";
    return row;
  }
  row.domain = std::string(fields[0]);
  row.selector = std::string(fields[1]);
  const std::string_view key = fields[2];
  if (key.front() == '/' || key.substr(0, 2) == "./" || key.substr(0, 3) == "../") {
    row.path = std::string(key);
  } else {
    row.inline_key = base::SecretString(key);
  }
  if (!row.any_domain() && !dns::Name::Parse(row.domain).has_value()) {
    row.fault = "its first value is no domain";  // not shown: it may be a key
  } else if (!dns::Name::Parse(row.selector).has_value()) {
    row.fault = "its second value is no selector";
  } else if (!row.any_domain() && row.path.find('%') != std::string::npos) {
    // The path is one for the domain that the row names.
    std::string path;
    for (const char c : row.path) {
      if (c == '%') {
        path += row.domain;
      } else {
        path += c;
      }
    }
    row.path = std::move(path);
  }
  return row;
}

inline KeyTable KeyTable::Read(DataSet* set, std::vector<Diagnostic>* diagnostics) {
  KeyTable table;
  for (DataRow& data : set->rows) {
    KeyRow row = ReadRow(data.value);
    base::Wipe(data.value.data(), data.value.size());
    data.value.clear();
    row.name = data.key;
    row.place = set->PlaceOf(data);
    if (!row.fault.empty()) {
      diagnostics->push_back(
          set->Fault(data, absl::StrCat("key \"", data.key, "\" cannot be used: ", row.fault)));
    }
    if (!table.Add(std::move(row))) {
      const KeyRow& first = table.rows()[*table.Find(data.key)];
      diagnostics->push_back(
          set->Fault(data, absl::StrCat("key \"", data.key, "\" is there already, in line ",
                                        first.place.line, ", which counts; this row is ignored")));
    }
  }
  return table;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_KEY_TABLE_H_
