#include "cli/options.h"

#include <ctime>
#include <iostream>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/escape.h"

namespace postseal::cli {
namespace {

// kManyArguments is more than a command line can hold.
constexpr int kManyArguments = 1 << 24;
constexpr double kMaxTimeoutSeconds = 3600;

using Take = std::function<void(const std::string&)>;

// Add adds an option; |take| gets each of its values exactly as it was given.
CLI::Option* Add(CLI::App* command, const OptionSpec& spec, Take take) {
  CLI::Option* const option = command->add_option(
      spec.names,
      [take = std::move(take)](const CLI::results_t& values) {
        for (const std::string& value : values) take(value);
        return true;
      },
      spec.help);
  return option->type_name(spec.value)->required(spec.required)->allow_extra_args(false);
}

// AddRepeatable is Add for an option that may be given any number of times.
void AddRepeatable(CLI::App* command, const OptionSpec& spec, Take take) {
  CLI::Option* const option = Add(command, spec, std::move(take));
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  // A minimum that is never reached is how CLI11 goes on taking arguments without
  // reading "[a]" as a list.
  if (option->get_positional()) option->expected(kManyArguments, -1);
}

// LongName is the name by which messages call an option.
std::string LongName(const OptionSpec& spec) {
  return spec.names.substr(spec.names.rfind(',') + 1);
}

}  // namespace

CLI::App* AddCommand(CLI::App* app, CommandSpec spec, int* exit_status) {
  CLI::App* const command = app->add_subcommand(spec.name, spec.description);
  command->footer(spec.footer);
  command->callback([run = std::move(spec.run), exit_status] { *exit_status = run(); });
  return command;
}

CLI::App* AddCommandGroup(CLI::App* app, CommandSpec spec) {
  CLI::App* const group = app->add_subcommand(spec.name, spec.description);
  group->footer(spec.footer);
  group->require_subcommand(1);
  return group;
}

void AddText(CLI::App* command, const OptionSpec& spec, std::string* text) {
  Add(command, spec, [text](const std::string& value) { *text = value; });
}

void AddText(CLI::App* command, const OptionSpec& spec, std::optional<std::string>* text) {
  Add(command, spec, [text](const std::string& value) { *text = value; });
}

void AddTexts(CLI::App* command, const OptionSpec& spec, std::vector<std::string>* texts) {
  AddRepeatable(command, spec, [texts](const std::string& value) { texts->push_back(value); });
}

void AddList(CLI::App* command, const OptionSpec& spec,
             std::optional<std::vector<std::string>>* list) {
  AddRepeatable(command, spec, [list](const std::string& value) {
    if (!list->has_value()) list->emplace();
    if (value.empty()) return;
    for (const std::string_view item : absl::StrSplit(value, ',')) (*list)->emplace_back(item);
  });
}

void AddNumber(CLI::App* command, const OptionSpec& spec, int64_t min, int64_t max,
               std::optional<int64_t>* number) {
  Add(command, spec, [=, name = LongName(spec)](const std::string& value) {
    int64_t parsed = 0;
    if (!absl::SimpleAtoi(value, &parsed) || parsed < min || parsed > max) {
      throw CLI::ValidationError(
          name, absl::StrCat("wants a number from ", min, " to ", max, ", not \"", value, "\""));
    }
    *number = parsed;
  });
}

void AddFlag(CLI::App* command, const std::string& names, const std::string& help, bool* flag) {
  command->add_flag(names, *flag, help);
}

void AddClock(CLI::App* command, std::optional<int64_t>* now) {
  AddNumber(command, {"--now", "UNIX", "The clock, in Unix seconds; default: the real time"}, 0,
            kMaxClock, now);
}

int64_t ClockOr(const std::optional<int64_t>& now) {
  return now.has_value() ? *now : static_cast<int64_t>(std::time(nullptr));
}

void AddCommonOptions(CLI::App* command, CommonOptions* options) {
  AddTexts(command, {"--zone", "FILE", "Answer DNS from this zone file only; repeatable"},
           &options->zones);
  AddText(command, {"--dns", "ADDR[:PORT]", "Ask this DNS server; default: the system's resolvers"},
          &options->dns);
  const OptionSpec timeout = {"--timeout", "SECONDS",
                              "Deadline for all lookups of one message; default: 20"};
  Add(command, timeout, [options](const std::string& value) {
    double seconds = 0;
    // The negation also refuses what is no number at all (NaN).
    if (!absl::SimpleAtod(value, &seconds) || !(seconds >= 0 && seconds <= kMaxTimeoutSeconds)) {
      throw CLI::ValidationError("--timeout", absl::StrCat("wants 0 to ", kMaxTimeoutSeconds,
                                                           " seconds, not \"", value, "\""));
    }
    options->timeout_seconds = seconds;
  });
  AddClock(command, &options->now);
  AddFlag(command, "--json", "Print one JSON object a line", &options->json);
  AddFlag(command, "--explain", "Print each step, its clause and why", &options->explain);
}

std::string ErrorLine(std::string_view text) {
  return absl::StrCat("postseal: ", base::Escape(text, base::NonAscii::kPassGraphic), "\n");
}

void PrintError(std::string_view text) { std::cerr << ErrorLine(text); }

}  // namespace postseal::cli
