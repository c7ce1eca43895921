// postseal: the command line. docs/COMMAND_LINE.md is its contract.
#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/standard_output.h"

namespace {

using postseal::cli::kExitUsage;
using postseal::cli::PrintError;

constexpr const char kVersion[] = "postseal 0.1.0";

// Arguments are those of main, in CLI11's order, the last one first. "--name=" is
// given on as "--name" and "": CLI11 would take the next argument for its value.
std::vector<std::string> Arguments(int argc, char** argv) {
  std::vector<std::string> arguments;
  bool options = true;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    options = options && argument != "--";
    if (options && argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
      arguments.emplace_back(argument.substr(0, argument.size() - 1));
      arguments.emplace_back();
    } else {
      arguments.emplace_back(argument);
    }
  }
  return {arguments.rbegin(), arguments.rend()};
}

// PrintUsageError says in one line what is wrong with the arguments.
void PrintUsageError(const CLI::App& app, const CLI::ParseError& error) {
  std::string name;
  for (auto commands = app.get_subcommands(); !commands.empty();
       commands = commands.front()->get_subcommands()) {
    absl::StrAppend(&name, name.empty() ? "" : " ", commands.front()->get_name());
  }
  if (!name.empty()) {
    PrintError(absl::StrCat(name, ": ", error.what(), " (see postseal ", name, " --help)"));
    return;
  }
  const std::vector<std::string> rest = app.remaining();
  PrintError(absl::StrCat(
      rest.empty() ? "a command is required" : absl::StrCat("there is no command ", rest.front()),
      " (see postseal --help)"));
}

int Run(int argc, char** argv) {
  CLI::App app("Who really sent this message? Signs and verifies DKIM, checks SPF and DMARC.",
               "postseal");
  app.set_version_flag("--version", kVersion, "Print the version and exit");
  // opendkim-genkey's -h names hashes, so only --help asks for help.
  app.set_help_flag("--help", "Print this help and exit");
  app.footer("Each command has its own --help. Example: postseal verify --explain message.eml");
  app.require_subcommand(1);
  int exit_status = kExitUsage;
  postseal::cli::AddKeygen(&app, &exit_status);
  postseal::cli::AddTestkey(&app, &exit_status);
  postseal::cli::AddSign(&app, &exit_status);
  postseal::cli::AddVerify(&app, &exit_status);
  postseal::cli::AddReplay(&app, &exit_status);
  postseal::cli::AddSpf(&app, &exit_status);
  postseal::cli::AddDmarc(&app, &exit_status);
  postseal::cli::AddAuthres(&app, &exit_status);
  postseal::cli::AddStore(&app, &exit_status);
  postseal::cli::AddDemo(&app, &exit_status);
  try {
    app.parse(Arguments(argc, argv));
  } catch (const CLI::ParseError& error) {
    // Help and version are "errors" of CLI11 whose status is 0.
    if (error.get_exit_code() != 0) {
      PrintUsageError(app, error);
      return kExitUsage;
    }
    exit_status = app.exit(error);
  }
  return postseal::cli::EndOutput(exit_status);
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away is an error of the write, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  try {
    return Run(argc, argv);
  } catch (const std::exception& error) {
    PrintError(error.what());
    return kExitUsage;
  }
}
