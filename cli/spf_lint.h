// LintSpf: postseal spf --lint.
#ifndef POSTSEAL_CLI_SPF_LINT_H_
#define POSTSEAL_CLI_SPF_LINT_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/options.h"

namespace postseal::cli {

// LintSpf looks for mistakes in the SPF record of |domain|, prints them and returns
// the exit status.
absl::StatusOr<int> LintSpf(const CommonOptions& common, const std::string& domain);

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_SPF_LINT_H_
