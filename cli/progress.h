// Progress: the line on a terminal that says how far a long run has come.
#ifndef POSTSEAL_CLI_PROGRESS_H_
#define POSTSEAL_CLI_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace postseal::cli {

// Tally counts messages by exit status.
struct Tally {
  void Add(int exit_status);
  uint64_t total() const { return pass + fail + temporary + error; }

  uint64_t pass = 0;
  uint64_t fail = 0;
  uint64_t temporary = 0;  // ended in a temporary error
  uint64_t error = 0;      // cannot be read
};

// ProgressText is "12,345 verified, 12,001 pass, 344 not, 3,210/s": what did not pass,
// for whatever reason, is not.
std::string ProgressText(const Tally& tally, std::chrono::duration<double> elapsed);
// SummaryText says it by reason: "12,345 verified in 3.8 s: 12,001 pass, 340 not, 4
// temporary errors"; kinds of which there are none but for the first two are left out.
std::string SummaryText(const Tally& tally, std::chrono::duration<double> elapsed);

// ProgressLine draws |text| on a terminal, over the one it drew before.
class ProgressLine {
 public:
  using Clock = std::chrono::steady_clock;
  // kInterval is the least time between two drawings.
  static constexpr std::chrono::milliseconds kInterval{100};

  // |terminal| outlives the line; null: there is none, and nothing is drawn.
  explicit ProgressLine(std::ostream* terminal) : terminal_(terminal) {}

  bool enabled() const { return terminal_ != nullptr; }
  // due says whether Draw may be called: it never was, or kInterval ago.
  bool due(Clock::time_point now) const {
    return enabled() && (!drawn_at_.has_value() || now - *drawn_at_ >= kInterval);
  }
  void Draw(const std::string& text, Clock::time_point now);
  // Erase takes the line away, before anything else is written.
  void Erase();

 private:
  std::ostream* const terminal_;
  std::optional<Clock::time_point> drawn_at_;
  bool visible_ = false;
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_PROGRESS_H_
