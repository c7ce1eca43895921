// CommonOptions: what every command that verifies takes (docs, "Common options").
#ifndef POSTSEAL_CLI_OPTIONS_H_
#define POSTSEAL_CLI_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace postseal::cli {

// Exit statuses of the contract.
inline constexpr int kExitOk = 0;
inline constexpr int kExitNotAuthenticated = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitTempError = 75;

// WorseExit is the worse of two statuses: 2 > 75 > 1 > 0.
constexpr int WorseExit(int a, int b) {
  for (const int status : {kExitUsage, kExitTempError, kExitNotAuthenticated}) {
    if (a == status || b == status) return status;
  }
  return kExitOk;
}

struct CommonOptions {
  std::vector<std::string> zones;
  std::string dns;
  std::optional<int64_t> now;
  double timeout_seconds = 20;
  bool json = false;
  bool explain = false;
};

// AddCommonOptions adds the common options to |command|; they write to |options|,
// which must outlive the parse.
inline void AddCommonOptions(CLI::App* command, CommonOptions* options) {
  auto* const zone = command->add_option("--zone", options->zones,
                                         "Answer DNS from this zone file only; repeatable");
  zone->type_name("FILE")->allow_extra_args(false);
  command->add_option("--dns", options->dns, "Ask this DNS server")
      ->type_name("ADDR[:PORT]")
      ->excludes(zone);
  command->add_option("--now", options->now, "The clock, in Unix seconds; default: the real time")
      ->type_name("UNIX");
  command
      ->add_option("--timeout", options->timeout_seconds, "Deadline for all lookups of one message")
      ->type_name("SECONDS")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 3600.0));
  command->add_flag("--json", options->json, "Print one JSON object a message");
  command->add_flag("--explain", options->explain, "Print each step, its clause and why");
}

// NowOf is --now, or the real time in Unix seconds.
int64_t NowOf(const CommonOptions& options);

// PrintError writes "postseal: |text|" to standard error, escaped.
void PrintError(const std::string& text);

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_OPTIONS_H_
