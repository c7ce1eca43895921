// postseal: the command line. docs/COMMAND_LINE.md is its contract.
#include <csignal>
#include <exception>
#include <iostream>
#include <string>

#include "CLI/CLI.hpp"
#include "cli/commands.h"
#include "cli/options.h"

namespace {

constexpr const char kVersion[] = "postseal 0.1.0";

int Run(int argc, char** argv) {
  using postseal::cli::kExitUsage;
  CLI::App app("Who really sent this message? Signs and verifies DKIM.", "postseal");
  app.set_version_flag("--version", kVersion);
  // opendkim-genkey's -h names hashes, so only --help asks for help.
  app.set_help_flag("--help", "Print this help and exit");
  app.require_subcommand(1);
  int exit_status = kExitUsage;
  postseal::cli::AddKeygen(&app, &exit_status);
  postseal::cli::AddTestkey(&app, &exit_status);
  postseal::cli::AddSign(&app, &exit_status);
  postseal::cli::AddVerify(&app, &exit_status);
  postseal::cli::AddDemo(&app, &exit_status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version are "errors" of CLI11 whose status is 0.
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  std::cout.flush();
  if (!std::cout) {
    postseal::cli::PrintError("standard output cannot be written");
    return kExitUsage;
  }
  return exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away is an error of the write, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {
    postseal::cli::PrintError(error.what());
    return postseal::cli::kExitUsage;
  }
}
