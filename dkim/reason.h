// Reason: why a DKIM result is what it is. Reasons are for people and logs and
// their set grows; decide by the Result.
#ifndef POSTSEAL_DKIM_REASON_H_
#define POSTSEAL_DKIM_REASON_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace postseal::dkim {

enum class Reason : uint8_t {
#define POSTSEAL_DKIM_REASON(enumerator, name, result, clause, text) enumerator,
#include "dkim/reason.inc"
#undef POSTSEAL_DKIM_REASON
};

// ReasonInfo is a row of the table in dkim/reason.inc.
struct ReasonInfo {
  std::string_view name;    // stable: "body-hash-mismatch"
  base::Result result;      // the result this reason gives
  std::string_view clause;  // "RFC 6376 §6.1.3"
  std::string_view text;    // one line for a person
};

inline constexpr ReasonInfo kReasons[] = {
#define POSTSEAL_DKIM_REASON(enumerator, name, result, clause, text) \
  {name, base::Result::result, clause, text},
#include "dkim/reason.inc"
#undef POSTSEAL_DKIM_REASON
};

constexpr const ReasonInfo& InfoOf(Reason reason) { return kReasons[static_cast<size_t>(reason)]; }

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_REASON_H_
