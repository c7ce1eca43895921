// LintCode: what can be wrong with the SPF records of a domain.
#ifndef POSTSEAL_SPF_LINT_CODE_H_
#define POSTSEAL_SPF_LINT_CODE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postseal::spf {

enum class Severity : uint8_t { kError, kWarning, kNote };

// SeverityName is "error", "warning" or "note".
constexpr std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      return "note";
  }
  return "error";
}

enum class LintCode : uint8_t {
#define POSTSEAL_SPF_LINT(enumerator, name, severity, clause, text) enumerator,
#include "spf/lint_code.inc"
#undef POSTSEAL_SPF_LINT
};

// LintInfo is a row of the table in spf/lint_code.inc.
struct LintInfo {
  std::string_view name;  // stable: "too-many-terms"
  Severity severity;
  std::string_view clause;  // "RFC 7208 §4.6.4"
  std::string_view text;    // one line for a person
};

inline constexpr LintInfo kLintCodes[] = {
#define POSTSEAL_SPF_LINT(enumerator, name, severity, clause, text) \
  {name, Severity::severity, clause, text},
#include "spf/lint_code.inc"
#undef POSTSEAL_SPF_LINT
};

constexpr const LintInfo& InfoOf(LintCode code) { return kLintCodes[static_cast<size_t>(code)]; }

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_LINT_CODE_H_
