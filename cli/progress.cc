#include "cli/progress.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/options.h"

namespace postseal::cli {
namespace {

// Grouped is |number| with a comma before each three digits.
std::string Grouped(uint64_t number) {
  std::string text = absl::StrCat(number);
  for (size_t i = text.size(); i > 3;) text.insert(i -= 3, 1, ',');
  return text;
}

// AppendCount appends ", N |one|", or |many| of them, where there are any.
void AppendCount(uint64_t count, std::string_view one, std::string_view many, std::string* text) {
  if (count > 0) absl::StrAppend(text, ", ", Grouped(count), " ", count == 1 ? one : many);
}

// kEraseLine puts the cursor at the line's start and erases the line. ECMA-48 §8.3.41
constexpr std::string_view kEraseLine = "\r\x1b[K";

}  // namespace

void Tally::Add(int exit_status) {
  switch (exit_status) {
    case kExitOk:
      ++pass;
      break;
    case kExitNotAuthenticated:
      ++fail;
      break;
    case kExitTempError:
      ++temporary;
      break;
    default:
      ++error;
      break;
  }
}

std::string ProgressText(const Tally& tally, std::chrono::duration<double> elapsed) {
  const uint64_t total = tally.total();
  std::string text = absl::StrCat(Grouped(total), " verified, ", Grouped(tally.pass), " pass, ",
                                  Grouped(total - tally.pass), " not");
  // A rate of the first moment says nothing.
  if (elapsed >= ProgressLine::kInterval) {
    const double rate = static_cast<double>(total) / elapsed.count();
    absl::StrAppend(&text, ", ", Grouped(static_cast<uint64_t>(rate)), "/s");
  }
  return text;
}

std::string SummaryText(const Tally& tally, std::chrono::duration<double> elapsed) {
  std::string text =
      absl::StrFormat("%s verified in %.1f s: %s pass, %s not", Grouped(tally.total()),
                      elapsed.count(), Grouped(tally.pass), Grouped(tally.fail));
  AppendCount(tally.temporary, "temporary error", "temporary errors", &text);
  AppendCount(tally.error, "error", "errors", &text);
  return text;
}

void ProgressLine::Draw(const std::string& text, Clock::time_point now) {
  if (!enabled()) return;
  *terminal_ << kEraseLine << text << std::flush;
  drawn_at_ = now;
  visible_ = true;
}

void ProgressLine::Erase() {
  if (!visible_) return;
  *terminal_ << kEraseLine << std::flush;
  visible_ = false;
}

}  // namespace postseal::cli
