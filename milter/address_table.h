// AddressTable: finds the rows of SigningTable (and of other data sets that are
// asked for an address) that hold for an author. opendkim.conf(5), SigningTable
#ifndef POSTSEAL_MILTER_ADDRESS_TABLE_H_
#define POSTSEAL_MILTER_ADDRESS_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "milter/glob.h"

namespace postseal::milter {

// kMaxAddressOctets bounds the address that is looked up, in octets: a local-part of
// 64, "@" and a domain of 255 (RFC 5321 §4.5.3.1). Of a longer one the domain alone
// is looked up.
inline constexpr size_t kMaxAddressOctets = 320;
// kMaxPatternOctets bounds a pattern, in octets.
inline constexpr size_t kMaxPatternOctets = 512;
// kMaxGlobRows bounds the rows of a table whose pattern is none of those that are
// hashed: they are tried one after the other.
inline constexpr size_t kMaxGlobRows = 10'000;

// AddressTable maps addresses to numbers, those of rows. Case does not count.
//
// In a table of Kind::kExact (file: and lists) these keys are looked up, in this
// order:
//
//   user@host   host   user@.parent...   .parent...   user@*   *
//
// where the parents of a.b.c are b.c, then c. In one of Kind::kPatterns (refile:)
// keys are patterns and the order is that of Add. "user@host", "*@host", "*@*.host"
// and "*" are found by their hash, however many there are.
class AddressTable {
 public:
  enum class Kind : uint8_t { kExact, kPatterns };
  // Which: the first that holds, or all.
  enum class Which : uint8_t { kFirst, kAll };

  explicit AddressTable(Kind kind = Kind::kExact) : kind_(kind) {}

  // Add adds |key| for |row|; rows are added in rising order. ResourceExhausted above
  // kMaxPatternOctets and kMaxGlobRows.
  absl::Status Add(std::string_view key, uint32_t row);

  // Find returns the rows that hold for |local_part|@|domain|, in their order.
  std::vector<uint32_t> Find(std::string_view local_part, std::string_view domain,
                             Which which) const;

  // Matches says whether any row holds.
  bool Matches(std::string_view local_part, std::string_view domain) const {
    return !Find(local_part, domain, Which::kFirst).empty();
  }

  bool empty() const { return rows_.empty() && globs_.empty(); }

 private:
  struct Glob {
    std::string pattern;
    uint32_t row;
  };

  // Author is what is looked up, in lower case.
  struct Author {
    std::string local_part;
    std::string domain;
    bool whole;  // the local-part counts: the address is not too long
  };

  // Collect appends the rows of |key|; false when enough was found.
  bool Collect(std::string_view key, Which which, std::vector<uint32_t>* found) const;
  void FindExact(const Author& author, Which which, std::vector<uint32_t>* found) const;
  void FindPatterns(const Author& author, Which which, std::vector<uint32_t>* found) const;

  // By key. Of patterns: "user@host" as it is, "*@host" as "@host", "*@*.host" as
  // ".host", "*" as it is.
  absl::flat_hash_map<std::string, std::vector<uint32_t>> rows_;
  std::vector<Glob> globs_;
  Kind kind_;
};

// Implementation.

inline absl::Status AddressTable::Add(std::string_view key, uint32_t row) {
  if (key.size() > kMaxPatternOctets) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the row's first field has more than ", kMaxPatternOctets, " octets"));
  }
  std::string lower = base::ToLower(key);
  if (kind_ == Kind::kPatterns && lower == "*@*") lower = "*";  // every address has an "@"
  if (kind_ == Kind::kPatterns && lower != "*") {
    const bool any_user = lower.substr(0, 2) == "*@";
    const bool any_subdomain = lower.substr(0, 4) == "*@*.";
    const size_t skipped = any_subdomain ? 3 : any_user ? 1 : 0;
    if (lower.find('*', skipped) != std::string::npos) {
      if (globs_.size() == kMaxGlobRows) {
        return absl::ResourceExhaustedError(
            absl::StrCat("more than ", kMaxGlobRows,
                         " rows whose pattern is not user@host, *@host, *@*.host or *"));
      }
      globs_.push_back({std::move(lower), row});
      return absl::OkStatus();
    }
    // A pattern without "*" is an address; if it is none, it matches nothing.
    const size_t at = lower.find('@');
    if (skipped == 0 && (at == std::string::npos || at == 0)) return absl::OkStatus();
    lower.erase(0, skipped);
  }
  rows_[std::move(lower)].push_back(row);
  return absl::OkStatus();
}

inline bool AddressTable::Collect(std::string_view key, Which which,
                                  std::vector<uint32_t>* found) const {
  const auto it = rows_.find(key);
  if (it == rows_.end()) return true;
  if (which == Which::kFirst) {
    found->push_back(it->second.front());
    return kind_ == Kind::kPatterns;
  }
  found->insert(found->end(), it->second.begin(), it->second.end());
  return true;
}

inline void AddressTable::FindExact(const Author& author, Which which,
                                    std::vector<uint32_t>* found) const {
  const std::string& domain = author.domain;
  const std::string user = absl::StrCat(author.local_part, "@");
  if (author.whole && !Collect(absl::StrCat(user, domain), which, found)) return;
  if (!Collect(domain, which, found)) return;
  for (const bool with_user : {true, false}) {
    if (with_user && !author.whole) continue;
    for (size_t dot = domain.find('.'); dot != std::string::npos; dot = domain.find('.', dot + 1)) {
      const std::string_view parent = std::string_view(domain).substr(dot);
      const bool more = with_user ? Collect(absl::StrCat(user, parent), which, found)
                                  : Collect(parent, which, found);
      if (!more) return;
    }
  }
  if (author.whole && !Collect(absl::StrCat(user, "*"), which, found)) return;
  Collect("*", which, found);
}

inline void AddressTable::FindPatterns(const Author& author, Which which,
                                       std::vector<uint32_t>* found) const {
  const std::string& domain = author.domain;
  const std::string at_domain = absl::StrCat("@", domain);
  const std::string address = absl::StrCat(author.local_part, at_domain);
  // With an empty local-part these two are one key.
  if (author.whole && !author.local_part.empty()) Collect(address, which, found);
  Collect(at_domain, which, found);
  for (size_t dot = domain.find('.'); dot != std::string::npos; dot = domain.find('.', dot + 1)) {
    Collect(std::string_view(domain).substr(dot), which, found);
  }
  Collect("*", which, found);
  std::sort(found->begin(), found->end());
  if (which == Which::kFirst && found->size() > 1) found->resize(1);
  if (!author.whole) return;
  for (const Glob& glob : globs_) {
    if (which == Which::kFirst && !found->empty() && found->front() < glob.row) return;
    if (!GlobMatches(glob.pattern, address)) continue;
    if (which == Which::kFirst) {
      found->assign(1, glob.row);
      return;
    }
    found->insert(std::lower_bound(found->begin(), found->end(), glob.row), glob.row);
  }
}

inline std::vector<uint32_t> AddressTable::Find(std::string_view local_part,
                                                std::string_view domain, Which which) const {
  std::vector<uint32_t> found;
  if (domain.empty() || domain.size() > kMaxAddressOctets) return found;
  Author author;
  author.domain = base::ToLower(domain);
  author.whole = local_part.size() + 1 + domain.size() <= kMaxAddressOctets;
  if (author.whole) author.local_part = base::ToLower(local_part);
  if (kind_ == Kind::kExact) {
    FindExact(author, which, &found);
  } else {
    FindPatterns(author, which, &found);
  }
  return found;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_ADDRESS_TABLE_H_
