// The end of what a command prints: was it written?
#ifndef POSTSEAL_CLI_STANDARD_OUTPUT_H_
#define POSTSEAL_CLI_STANDARD_OUTPUT_H_

namespace postseal::cli {

// EndOutput flushes standard output and returns |exit_status|; when something could not be
// written, kExitUsage, and it says so, unless the reader has gone away: that is no fault,
// and whoever does it knows.
int EndOutput(int exit_status);

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_STANDARD_OUTPUT_H_
