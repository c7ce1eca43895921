// PlanRemoval: which Authentication-Results fields a border host deletes, because
// they claim to be its own. RFC 8601 §5
#ifndef POSTSEAL_AUTHRES_REMOVAL_PLAN_H_
#define POSTSEAL_AUTHRES_REMOVAL_PLAN_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authres/authentication_results.h"
#include "authres/parse_fault.h"
#include "authres/parsed_field.h"
#include "base/ascii.h"
#include "mail/field.h"

namespace postseal::authres {

// RemovalOptions says whose fields go. The message must come from outside: a
// border host keeps what hosts of its own wrote.
struct RemovalOptions {
  // authserv_ids are the names under which hosts of this domain write the field, in
  // unquoted form; compared without regard to ASCII case and to one final dot. A
  // name with U-labels is given twice, in U-labels and in A-labels.
  std::span<const std::string> authserv_ids = {};
  // remove_anonymous: fields without an authserv-id go too. They claim to be
  // nobody's, so by default they stay. [choice]
  bool remove_anonymous = false;
  // remove_all: every field goes, as RFC 8601 §5 allows.
  bool remove_all = false;
};

// RemovalReason is why a field goes; the first that applies.
enum class RemovalReason : uint8_t {
  kOwnId,               // it has one of our authserv-ids
  kUnsupportedVersion,  // RFC 8601 §5: MUST be removed
  kTooLarge,            // above a limit of Parse: what it claims was not read
  kUnreadable,          // it does not parse, and names one of our authserv-ids
  kAnonymous,           // remove_anonymous
  kAll,                 // remove_all
};

// Removal is one field to delete.
struct Removal {
  // position is the field's index among all fields, from 0.
  size_t position = 0;
  // occurrence counts the fields of that name, from 1, as milters do.
  size_t occurrence = 0;
  RemovalReason reason = RemovalReason::kOwnId;

  bool operator==(const Removal&) const = default;
};

// PlanRemoval returns what is to be deleted of |fields|, the highest position first:
// deleting one field then moves none that is still to go. |fields| is the whole
// header: where MessageReader::fault() says that it is not, forged fields may stand
// beyond, and the message is to be refused or the header read with wider limits.
//
// It decides in favour of removal: a field goes when some reader might take it for
// ours, be it beyond our limits or broken. White space before the colon (RFC 5322
// §4.5.8) does not save it. DKIM is to be verified before: a signature may cover
// what goes.
std::vector<Removal> PlanRemoval(std::span<const mail::Field> fields,
                                 const RemovalOptions& options);

namespace internal {

constexpr bool IsSameId(std::string_view a, std::string_view b) {
  if (a.ends_with('.')) a.remove_suffix(1);
  if (b.ends_with('.')) b.remove_suffix(1);
  return base::EqualsIgnoreCase(a, b);
}

// HasWord says whether |word| stands in |text| with nothing of an identifier
// beside it.
constexpr bool HasWord(std::string_view text, std::string_view word) {
  constexpr base::CharSet kWordOctets = base::kAlphaDigit | base::kNonAscii | base::CharSet("-._");
  if (word.ends_with('.')) word.remove_suffix(1);
  if (word.empty()) return false;
  for (size_t at = 0; at + word.size() <= text.size(); ++at) {
    if (at > 0 && kWordOctets(text[at - 1])) continue;
    if (!base::EqualsIgnoreCase(text.substr(at, word.size()), word)) continue;
    std::string_view after = text.substr(at + word.size());
    if (after.starts_with('.')) after.remove_prefix(1);
    if (after.empty() || !kWordOctets(after.front())) return true;
  }
  return false;
}

// NamesOne says whether a text that does not parse names one of |ids|: as it is, or
// to a reader who unquotes octets and skips controls.
inline bool NamesOne(std::string_view text, std::span<const std::string> ids) {
  std::string reduced;
  for (const char c : text) {
    if (c != '\\' && !base::kControl(c)) reduced.push_back(c);
  }
  return std::any_of(ids.begin(), ids.end(), [&](const std::string& id) {
    return HasWord(text, id) || HasWord(reduced, id);
  });
}

inline bool IsOneOf(std::span<const std::string> ids, std::string_view id) {
  return std::any_of(ids.begin(), ids.end(),
                     [id](const std::string& own) { return IsSameId(own, id); });
}

// ReasonToRemove is why the field with |value| goes, if it does.
inline std::optional<RemovalReason> ReasonToRemove(std::string_view value,
                                                   const RemovalOptions& options) {
  const ParsedField field = Parse(value);
  if (field.authserv_id.has_value() && IsOneOf(options.authserv_ids, *field.authserv_id)) {
    return RemovalReason::kOwnId;
  }
  if (!field.IsReadable()) {
    switch (field.fault->fault) {
      case Fault::kUnsupportedVersion:
        return RemovalReason::kUnsupportedVersion;
      case Fault::kFieldTooLong:
      case Fault::kTooManyResults:
      case Fault::kTooManyProperties:
        return RemovalReason::kTooLarge;
      default:
        if (NamesOne(value, options.authserv_ids)) return RemovalReason::kUnreadable;
        break;
    }
  }
  if (options.remove_anonymous && !field.authserv_id.has_value()) return RemovalReason::kAnonymous;
  if (options.remove_all) return RemovalReason::kAll;
  return std::nullopt;
}

}  // namespace internal

inline std::vector<Removal> PlanRemoval(std::span<const mail::Field> fields,
                                        const RemovalOptions& options) {
  std::vector<Removal> plan;
  size_t occurrence = 0;
  for (size_t position = 0; position < fields.size(); ++position) {
    if (!fields[position].NameIs(kFieldName)) continue;
    ++occurrence;
    const auto reason = internal::ReasonToRemove(fields[position].value, options);
    if (reason.has_value()) plan.push_back({position, occurrence, *reason});
  }
  std::reverse(plan.begin(), plan.end());
  return plan;
}

}  // namespace postseal::authres

#endif  // POSTSEAL_AUTHRES_REMOVAL_PLAN_H_
