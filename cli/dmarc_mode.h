// DmarcMode: --mode, which edition of DMARC is followed.
#ifndef POSTSEAL_CLI_DMARC_MODE_H_
#define POSTSEAL_CLI_DMARC_MODE_H_

#include <string>

#include "absl/status/status.h"
#include "auth/options.h"
#include "cli/options.h"

namespace postseal::cli {

// AddDmarcMode adds --mode.
void AddDmarcMode(CLI::App* command, std::string* mode);

// SetDmarcMode puts |mode|, "" for RFC 9989, and the suffix list that RFC 7489 needs
// into |options|. InvalidArgument for another word.
absl::Status SetDmarcMode(const std::string& mode, auth::Options* options);

// AddSuffixList puts the suffix list into |options| where they ask for RFC 7489.
absl::Status AddSuffixList(auth::Options* options);

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_DMARC_MODE_H_
