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
#include "authres/disguise.h"
#include "authres/own_ids.h"
#include "authres/parse_fault.h"
#include "authres/parsed_field.h"
#include "mail/field.h"

namespace postseal::authres {

// RemovalOptions says whose fields go. The message must come from outside: a
// border host keeps what hosts of its own wrote.
struct RemovalOptions {
  // authserv_ids are the names under which hosts of this domain write the field, in
  // unquoted form, in U-labels or in A-labels; OwnIds says how they are compared.
  std::span<const std::string> authserv_ids = {};
  // remove_anonymous: fields without an authserv-id go, too. Some readers take every
  // field for one of their own host, and hosts such as Exchange Online write such
  // fields, so by default they go. [choice]
  bool remove_anonymous = true;
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
  kDisguised,           // of another name or none, and IsDisguised
};

// Removal is one field to delete.
struct Removal {
  // position is the field's index among all fields, from 0.
  size_t position = 0;
  // occurrence counts the fields that are named Authentication-Results, from 1, as
  // milters do. 0 for a disguised field, which a milter cannot delete by that name: it
  // deletes the field at |position| by the name that is there, or refuses the message.
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
// §4.5.8) does not save it. A field that is disguised goes whole, whatever it names: no
// honest host writes one. Verify DKIM before removal: a signature may cover these fields.
std::vector<Removal> PlanRemoval(std::span<const mail::Field> fields,
                                 const RemovalOptions& options);

// RemovalPlanner is PlanRemoval for callers who have one field at a time, or many
// headers. What |options| points to is copied.
class RemovalPlanner {
 public:
  explicit RemovalPlanner(const RemovalOptions& options)
      : ids_(options.authserv_ids),
        remove_anonymous_(options.remove_anonymous),
        remove_all_(options.remove_all) {}

  // Judge returns the reason for which |field| is removed, if it is.
  std::optional<RemovalReason> Judge(const mail::Field& field) const;

  std::vector<Removal> Plan(std::span<const mail::Field> fields) const;

 private:
  std::optional<RemovalReason> JudgeValue(std::string_view value) const;

  OwnIds ids_;
  bool remove_anonymous_;
  bool remove_all_;
};

inline std::optional<RemovalReason> RemovalPlanner::JudgeValue(std::string_view value) const {
  const ParsedField field = Parse(value);
  if (field.authserv_id.has_value() && ids_.Has(*field.authserv_id)) {
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
        if (ids_.IsNamedIn(value)) return RemovalReason::kUnreadable;
        break;
    }
  }
  if (ids_.IsHiddenIn(value)) return RemovalReason::kOwnId;
  if (remove_anonymous_ && !field.authserv_id.has_value()) return RemovalReason::kAnonymous;
  if (remove_all_) return RemovalReason::kAll;
  return std::nullopt;
}

inline std::optional<RemovalReason> RemovalPlanner::Judge(const mail::Field& field) const {
  if (field.NameIs(kFieldName)) {
    // Another reader may take a line hidden in it for a field under any authserv-id.
    return IsDisguised(field) ? RemovalReason::kDisguised : JudgeValue(field.value);
  }
  if (IsDisguised(field)) return RemovalReason::kDisguised;
  return std::nullopt;
}

inline std::vector<Removal> RemovalPlanner::Plan(std::span<const mail::Field> fields) const {
  std::vector<Removal> plan;
  size_t occurrence = 0;
  for (size_t position = 0; position < fields.size(); ++position) {
    const mail::Field& field = fields[position];
    const bool is_named = field.NameIs(kFieldName);
    if (is_named) ++occurrence;
    const std::optional<RemovalReason> reason = Judge(field);
    if (reason.has_value()) plan.push_back({position, is_named ? occurrence : 0, *reason});
  }
  std::reverse(plan.begin(), plan.end());
  return plan;
}

inline std::vector<Removal> PlanRemoval(std::span<const mail::Field> fields,
                                        const RemovalOptions& options) {
  return RemovalPlanner(options).Plan(fields);
}

}  // namespace postseal::authres

#endif  // POSTSEAL_AUTHRES_REMOVAL_PLAN_H_
