// SpfLintToJson: a spf::LintReport as the JSON object that scripts rely on.
#ifndef POSTSEAL_AUTH_SPF_LINT_JSON_H_
#define POSTSEAL_AUTH_SPF_LINT_JSON_H_

#include <span>
#include <string>
#include <string_view>

#include "auth/report.h"
#include "spf/lint_report.h"

namespace postseal::auth {

// SpfLintToJson returns |report| on |domain| with its |lookups| on one line, without
// a line end. Octets that are no UTF-8 become U+FFFD.
std::string SpfLintToJson(const spf::LintReport& report, std::string_view domain,
                          std::span<const LookupReport> lookups);

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_SPF_LINT_JSON_H_
