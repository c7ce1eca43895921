// Reason: why a DMARC result is what it is. Reasons are for people and logs and
// their set grows; decide by the Result.
#ifndef POSTSEAL_DMARC_REASON_H_
#define POSTSEAL_DMARC_REASON_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace postseal::dmarc {

enum class Reason : uint8_t {
#define POSTSEAL_DMARC_REASON(enumerator, name, result, clause, text) enumerator,
#include "dmarc/reason.inc"
#undef POSTSEAL_DMARC_REASON
};

// ReasonInfo is a row of the table in dmarc/reason.inc.
struct ReasonInfo {
  std::string_view name;    // stable: "not-aligned"
  base::Result result;      // the result this reason gives
  std::string_view clause;  // "RFC 9989 §5.3.5"
  std::string_view text;    // one line for a person
};

inline constexpr ReasonInfo kReasons[] = {
#define POSTSEAL_DMARC_REASON(enumerator, name, result, clause, text) \
  {name, base::Result::result, clause, text},
#include "dmarc/reason.inc"
#undef POSTSEAL_DMARC_REASON
};

constexpr const ReasonInfo& InfoOf(Reason reason) { return kReasons[static_cast<size_t>(reason)]; }

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_REASON_H_
