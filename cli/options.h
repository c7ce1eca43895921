// Options of the commands. CLI11 cuts the arguments up and prints the help; what a
// value means is decided here, to the letter: CLI11 itself would read 010 as 8,
// "[a]" as a list and '' as not given. Its headers stay out of the commands.
#ifndef POSTSEAL_CLI_OPTIONS_H_
#define POSTSEAL_CLI_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

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

// CommandSpec is a command; |run| returns its exit status.
struct CommandSpec {
  std::string name;
  std::string description;
  // After the options in the help; ends with an example.
  std::string footer;
  std::function<int()> run = {};
};

// AddCommand adds a command that leaves its status in |exit_status| when it ran.
CLI::App* AddCommand(CLI::App* app, CommandSpec spec, int* exit_status);

// AddCommandGroup adds a command that is nothing but the commands added to it, one
// of which must be given. |spec|.run is not used.
CLI::App* AddCommandGroup(CLI::App* app, CommandSpec spec);

// OptionSpec is how an option is written and explained.
struct OptionSpec {
  std::string names;  // "-d,--domain"; without dashes, a positional argument
  std::string value;  // what the help calls its value
  std::string help;
  bool required = false;
};

// Each adds an option whose value goes to the last parameter, which must outlive
// the parse. All but AddTexts and AddList may be given once.
void AddText(CLI::App* command, const OptionSpec& spec, std::string* text);
void AddText(CLI::App* command, const OptionSpec& spec, std::optional<std::string>* text);
// AddTexts: repeatable, or, positional, any number of arguments.
void AddTexts(CLI::App* command, const OptionSpec& spec, std::vector<std::string>* texts);
// AddList: comma-separated and repeatable; '' is the empty list.
void AddList(CLI::App* command, const OptionSpec& spec,
             std::optional<std::vector<std::string>>* list);
// AddNumber: a decimal number from |min| to |max|.
void AddNumber(CLI::App* command, const OptionSpec& spec, int64_t min, int64_t max,
               std::optional<int64_t>* number);
// AddFlag: |names| as in OptionSpec; a name after "!" clears the flag.
void AddFlag(CLI::App* command, const std::string& names, const std::string& help, bool* flag);

// kMaxClock bounds --now: what t= can say. RFC 6376 §3.5
inline constexpr int64_t kMaxClock = 999'999'999'999;

// AddClock adds --now.
void AddClock(CLI::App* command, std::optional<int64_t>* now);
// ClockOr is |now|, or the real time in Unix seconds.
int64_t ClockOr(const std::optional<int64_t>& now);

// CommonOptions is what every command that looks names up takes.
struct CommonOptions {
  std::vector<std::string> zones;
  std::optional<std::string> dns;
  double timeout_seconds = 20;
  std::optional<int64_t> now;
  bool json = false;
  bool explain = false;
};

// AddCommonOptions adds --zone, --dns, --timeout, --now, --json and --explain.
void AddCommonOptions(CLI::App* command, CommonOptions* options);

// ErrorLine is "postseal: |text|" as one line, escaped.
std::string ErrorLine(std::string_view text);
// PrintError writes ErrorLine to standard error.
void PrintError(std::string_view text);

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_OPTIONS_H_
