// What is wrong with one SPF record by its text alone.
#ifndef POSTSEAL_SPF_LINT_RECORD_H_
#define POSTSEAL_SPF_LINT_RECORD_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/result.h"
#include "spf/lint_code.h"
#include "spf/record.h"

namespace postseal::spf {

// kMinV4PrefixBits and kMinV6PrefixBits are the shortest prefixes that are not
// reported: an IPv4 network of 65536 addresses, and what a whole provider has of IPv6.
// Everybody in the range may send in the domain's name (RFC 7208 §11.4). [choice]
inline constexpr uint8_t kMinV4PrefixBits = 16;
inline constexpr uint8_t kMinV6PrefixBits = 32;

// kMaxShortAnswerOctets is the most that name and TXT records may have together for
// the answer to fit in UDP: "under 450 octets". RFC 7208 §3.4 ¶1
inline constexpr size_t kMaxShortAnswerOctets = 449;

// kMaxLintedStrings is how many strings of a TXT record are looked at: full ones of
// 255 octets fill a DNS message with fewer. RFC 1035 §3.3
inline constexpr size_t kMaxLintedStrings = 300;

// RecordRole is what a record is there for.
struct RecordRole {
  // It is that of the domain, or the domain redirects to it: its "all" counts.
  bool top = true;
  // A match of it lets mail pass: it is not behind an include with another qualifier.
  bool authorises = true;
};

// AddFinding receives a finding: |place| is in the record's text, or empty for the
// whole record; |detail| may be empty.
using AddFinding =
    absl::FunctionRef<void(LintCode code, std::string_view place, std::string_view detail)>;

// ReachableDirectives are those up to the first "all". RFC 7208 §5.1 ¶3
std::span<const Directive> ReachableDirectives(const Record& record);

// LintRecord looks at a well-formed record.
void LintRecord(const Record& record, const RecordRole& role, AddFinding add);

// LintStrings looks at |text|, a record well-formed or not, for places where strings
// of its TXT |rdata| were joined though each had a whole term. RFC 7208 §3.3
void LintStrings(std::string_view rdata, std::string_view text, AddFinding add);

// LintSize looks at the size of |text|, a record at a name of |name_octets|, where
// all TXT records have |answer_octets| of text.
void LintSize(size_t name_octets, std::string_view text, size_t answer_octets, AddFinding add);

// Implementation.

namespace internal {

inline bool IsWide(const Directive& directive) {
  const bool v4_wide = directive.v4_bits < kMinV4PrefixBits;
  const bool v6_wide = directive.v6_bits < kMinV6PrefixBits;
  switch (directive.mechanism) {
    case Mechanism::kIp4:
    case Mechanism::kIp6:
      return directive.network.is_v4() ? v4_wide : v6_wide;
    case Mechanism::kA:
    case Mechanism::kMx:
      return v4_wide || v6_wide;
    default:
      return false;
  }
}

inline void LintDirective(const Directive& directive, const RecordRole& role, AddFinding add) {
  const bool passes = role.authorises && directive.qualifier == base::Result::kPass;
  if (directive.mechanism == Mechanism::kAll && passes) {
    add(LintCode::kPassAll, directive.text, "");
  }
  if (directive.mechanism == Mechanism::kAll && role.top &&
      directive.qualifier == base::Result::kNeutral) {
    add(LintCode::kNeutralAll, directive.text, "");
  }
  if (passes && IsWide(directive)) add(LintCode::kWideRange, directive.text, "");
  if (directive.mechanism == Mechanism::kPtr) add(LintCode::kPtr, directive.text, "");
  if (directive.domain_spec.Uses('p')) add(LintCode::kPtrMacro, directive.text, "");
}

// IsTerm says whether |text| is surely a whole term, and not half of one: "a" is a
// mechanism, but may as well be the end of a name.
inline bool IsTerm(std::string_view text) {
  if (text.find_first_of(":/=") == std::string_view::npos &&
      !base::EqualsIgnoreCase(text.substr(text.empty() ? 0 : 1), "all")) {
    return false;
  }
  base::Arena arena;
  return std::holds_alternative<Record>(ParseRecord(absl::StrCat("v=spf1 ", text), &arena));
}

}  // namespace internal

inline std::span<const Directive> ReachableDirectives(const Record& record) {
  for (size_t i = 0; i < record.directives.size(); ++i) {
    if (record.directives[i].mechanism == Mechanism::kAll) return record.directives.first(i + 1);
  }
  return record.directives;
}

inline void LintRecord(const Record& record, const RecordRole& role, AddFinding add) {
  const std::span<const Directive> reachable = ReachableDirectives(record);
  for (const Directive& directive : reachable) internal::LintDirective(directive, role, add);
  if (reachable.size() < record.directives.size()) {
    const size_t more = record.directives.size() - reachable.size();
    add(LintCode::kUnreachable, record.directives[reachable.size()].text,
        more == 1 ? "" : absl::StrCat(more, " terms"));
  }
  for (const Modifier& modifier : record.modifiers) {
    if (modifier.kind == Modifier::Kind::kUnknown) {
      add(LintCode::kUnknownModifier, modifier.text, "");
    } else if (modifier.kind == Modifier::Kind::kRedirect && record.HasAll()) {
      add(LintCode::kIgnoredRedirect, modifier.text, "");
    } else if (modifier.value.Uses('p')) {
      add(LintCode::kPtrMacro, modifier.text, "");
    }
  }
  if (role.top && !record.HasAll() && record.Find(Modifier::Kind::kRedirect) == nullptr) {
    add(LintCode::kNoDefault, "", "");
  }
}

inline void LintStrings(std::string_view rdata, std::string_view text, AddFinding add) {
  size_t boundary = 0;
  for (size_t i = 0; i < kMaxLintedStrings && !rdata.empty(); ++i) {
    const size_t length = static_cast<uint8_t>(rdata.front());
    rdata.remove_prefix(length < rdata.size() ? length + 1 : rdata.size());
    boundary += length;
    if (length == 0 || boundary >= text.size()) continue;
    const size_t space = text.rfind(' ', boundary - 1);
    const size_t begin = space == std::string_view::npos ? 0 : space + 1;
    const size_t end = std::min(text.find(' ', boundary), text.size());
    if (internal::IsTerm(text.substr(begin, boundary - begin)) &&
        internal::IsTerm(text.substr(boundary, end - boundary))) {
      add(LintCode::kJoinedStrings, text.substr(begin, end - begin), "");
    }
  }
}

inline void LintSize(size_t name_octets, std::string_view text, size_t answer_octets,
                     AddFinding add) {
  if (name_octets + text.size() > kMaxShortAnswerOctets) {
    add(LintCode::kLongRecord, "", absl::StrCat(text.size(), " octets"));
  } else if (name_octets + answer_octets > kMaxShortAnswerOctets) {
    add(LintCode::kLongAnswer, "", absl::StrCat(answer_octets, " octets"));
  }
}

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_LINT_RECORD_H_
