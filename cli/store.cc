// postseal store prune: fewer rows in the store of facts for DMARC reports.
#include "store/store.h"

#include <cstdint>
#include <iostream>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "store/fact.h"

namespace postseal::cli {
namespace {

constexpr int64_t kMaxDays = 36500;
constexpr int64_t kMaxRows = std::numeric_limits<uint32_t>::max();

struct PruneArguments {
  std::optional<int64_t> days;
  std::optional<int64_t> rows;
  std::optional<int64_t> now;
  std::string url;
};

// Print says what was done with |count| rows.
void Print(int64_t count, const char* what) {
  std::cout << count << (count == 1 ? " row " : " rows ") << what << '\n';
}

absl::Status Prune(const PruneArguments& arguments) {
  const int64_t today = ClockOr(arguments.now) / store::kSecondsADay;
  const absl::StatusOr<int64_t> deleted = store::DropBefore(arguments.url, today - *arguments.days);
  if (!deleted.ok()) return deleted.status();
  Print(*deleted, "deleted");
  if (!arguments.rows.has_value()) return absl::OkStatus();
  const absl::StatusOr<int64_t> reduced = store::Compact(arguments.url, *arguments.rows);
  if (!reduced.ok()) return reduced.status();
  Print(*reduced, "reduced");
  return absl::OkStatus();
}

int RunPrune(const PruneArguments& arguments) {
  const absl::Status status = Prune(arguments);
  if (status.ok()) return kExitOk;
  PrintError(absl::StrCat("store prune: ", status.message()));
  const bool temporary = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
  return temporary ? kExitTempError : kExitUsage;
}

}  // namespace

void AddStore(CLI::App* app, int* exit_status) {
  CLI::App* const group =
      AddCommandGroup(app, {"store", "Look after the store of facts for DMARC reports",
                            "Example: postseal store prune --days 90 sqlite:facts.db"});
  const auto arguments = std::make_shared<PruneArguments>();
  CLI::App* const command =
      AddCommand(group,
                 {"prune", "Delete old rows, and with --rows reduce days that have too many",
                  "Exit status: 0 done, 2 usage or no such store, 75 the store is locked or away.\n"
                  "Example: postseal store prune --days 90 --rows 1000 sqlite:facts.db",
                  [arguments] { return RunPrune(*arguments); }},
                 exit_status);
  AddNumber(command, {"--days", "N", "Delete rows of days more than N days before today", true}, 1,
            kMaxDays, &arguments->days);
  AddNumber(
      command,
      {"--rows", "N", "Reduce the detail of what is beyond N rows of a day and policy domain"}, 1,
      kMaxRows, &arguments->rows);
  AddClock(command, &arguments->now);
  AddText(command, {"URL", "", "sqlite:PATH or postgresql://...", true}, &arguments->url);
}

}  // namespace postseal::cli
