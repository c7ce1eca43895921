#include "cli/standard_output.h"

#include <poll.h>
#include <unistd.h>

#include <iostream>

#include "cli/options.h"

namespace postseal::cli {
namespace {

// ReaderHasGone says whether standard output is a pipe or socket whose other end is closed.
bool ReaderHasGone() {
  pollfd output = {STDOUT_FILENO, POLLOUT, 0};
  return poll(&output, 1, /*timeout=*/0) == 1 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

int EndOutput(int exit_status) {
  std::cout.flush();
  if (std::cout) return exit_status;
  if (!ReaderHasGone()) PrintError("standard output cannot be written");
  return kExitUsage;
}

}  // namespace postseal::cli
