// SuffixTable: the list of publicsuffix.org, as a text that the host brings, in a hash
// table. It serves the RFC 7489 mode alone.
#ifndef POSTSEAL_DMARC_SUFFIX_TABLE_H_
#define POSTSEAL_DMARC_SUFFIX_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "dmarc/suffix_list.h"
#include "dns/idna.h"
#include "dns/name.h"

namespace postseal::dmarc {

// SuffixTable may be used by several threads at once. A look-up takes one search for
// each label that a rule has at most, and no memory.
class SuffixTable : public SuffixList {
 public:
  // Load reads |text| in the format of public_suffix_list.dat: a rule a line, up to the
  // first white space; "//" begins a comment. A line that names no domain is left out.
  // InvalidArgument when there is no rule in it.
  static absl::StatusOr<std::unique_ptr<SuffixTable>> Load(std::string_view text);

  std::string_view OrgDomain(const dns::Name& domain) const override;
  // IsSuffix says whether |domain| is a public suffix itself. RFC 7489 §3.2 counts
  // top-level domains that the list does not know too, by its rule "*".
  bool IsSuffix(const dns::Name& domain) const;

 private:
  // Rules are those that the list has of one name.
  struct Rules {
    bool suffix = false;     // "co.uk"
    bool wildcard = false;   // "*.ck": everything directly below
    bool exception = false;  // "!www.ck": not this one
  };

  SuffixTable() = default;
  void Add(std::string_view rule);
  std::string_view SuffixOf(std::string_view name) const;

  absl::flat_hash_map<std::string, Rules> rules_;
  // Of the longest rule, and of "*", which counts when the list has none for a name.
  size_t max_labels_ = 1;
};

// Implementation.

inline absl::StatusOr<std::unique_ptr<SuffixTable>> SuffixTable::Load(std::string_view text) {
  constexpr base::CharSet kSpace = base::kWsp | base::CharSet("\r\n");
  constexpr base::CharSet kVisible = base::CharSet::Range(0x21, 0xFF);
  std::unique_ptr<SuffixTable> table(new SuffixTable);
  base::Cursor cursor(text);
  while (!cursor.at_end()) {
    const std::string_view line = base::Strip(cursor.TakeUntil('\n'), kSpace);
    cursor.Take('\n');
    if (!line.starts_with("//")) table->Add(base::Cursor(line).TakeWhile(kVisible));
  }
  if (table->rules_.empty()) return absl::InvalidArgumentError("the text holds no public suffix");
  return table;
}

inline void SuffixTable::Add(std::string_view rule) {
  const bool exception = rule.starts_with('!');
  const bool wildcard = rule.starts_with("*.");
  rule.remove_prefix(exception ? 1 : wildcard ? 2 : 0);
  const std::optional<dns::Name> name = dns::ParseInternational(rule);
  if (!name.has_value()) return;
  Rules& rules = rules_[name->text()];
  (exception ? rules.exception : wildcard ? rules.wildcard : rules.suffix) = true;
  max_labels_ = std::max(max_labels_, name->label_count() + (wildcard ? 1 : 0));
}

// SuffixOf is the public suffix of |name|: that of the longest rule, or of an
// exception. From the last label on to the left, each ancestor is looked up.
inline std::string_view SuffixTable::SuffixOf(std::string_view name) const {
  std::string_view suffix;
  bool below_wildcard = false;
  size_t dot = name.size();
  for (size_t labels = 1; labels <= max_labels_ && dot != std::string_view::npos; ++labels) {
    const std::string_view parent = name.substr(std::min(dot + 1, name.size()));
    dot = name.rfind('.', dot - 1);
    const std::string_view ancestor = name.substr(dot + 1);  // npos + 1 is 0
    const auto found = rules_.find(ancestor);
    const Rules rules = found == rules_.end() ? Rules() : found->second;
    if (rules.exception) return parent;
    if (labels == 1 || rules.suffix || below_wildcard) suffix = ancestor;
    below_wildcard = rules.wildcard;
  }
  return suffix;
}

inline std::string_view SuffixTable::OrgDomain(const dns::Name& domain) const {
  const std::string_view text = domain.text();
  const size_t suffix_octets = domain.is_root() ? 0 : SuffixOf(text).size();
  if (suffix_octets == text.size()) return text;
  // The label before the suffix and its dot: no label is empty.
  const size_t dot = text.rfind('.', text.size() - suffix_octets - 2);
  return text.substr(dot + 1);  // npos + 1 is 0
}

inline bool SuffixTable::IsSuffix(const dns::Name& domain) const {
  return domain.is_root() || SuffixOf(domain.text()).size() == domain.text().size();
}

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_SUFFIX_TABLE_H_
