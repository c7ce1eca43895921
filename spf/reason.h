// Reason: why a SPF result is what it is. Reasons are for people and logs and
// their set grows; decide by the Result.
#ifndef POSTSEAL_SPF_REASON_H_
#define POSTSEAL_SPF_REASON_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace postseal::spf {

enum class Reason : uint8_t {
#define POSTSEAL_SPF_REASON(enumerator, name, result, clause, text) enumerator,
#include "spf/reason.inc"
#undef POSTSEAL_SPF_REASON
};

// ReasonInfo is a row of the table in spf/reason.inc.
struct ReasonInfo {
  std::string_view name;    // stable: "too-many-terms"
  base::Result result;      // the result this reason gives
  std::string_view clause;  // "RFC 7208 §4.6.4"
  std::string_view text;    // one line for a person
};

inline constexpr ReasonInfo kReasons[] = {
#define POSTSEAL_SPF_REASON(enumerator, name, result, clause, text) \
  {name, base::Result::result, clause, text},
#include "spf/reason.inc"
#undef POSTSEAL_SPF_REASON
};

constexpr const ReasonInfo& InfoOf(Reason reason) { return kReasons[static_cast<size_t>(reason)]; }

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_REASON_H_
