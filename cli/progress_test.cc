#include "cli/progress.h"

#include <chrono>
#include <sstream>
#include <string>

#include "cli/options.h"
#include "gtest/gtest.h"

namespace postseal::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ProgressTest, EveryStatusHasItsPlace) {
  Tally tally;
  for (const int status : {kExitOk, kExitOk, kExitNotAuthenticated, kExitTempError, kExitUsage}) {
    tally.Add(status);
  }
  EXPECT_EQ(tally.pass, 2u);
  EXPECT_EQ(tally.fail, 1u);
  EXPECT_EQ(tally.temporary, 1u);
  EXPECT_EQ(tally.error, 1u);
  EXPECT_EQ(tally.total(), 5u);
}

TEST(ProgressTest, Texts) {
  const struct {
    Tally tally;
    milliseconds elapsed;
    const char* progress;
    const char* summary;
    const char* why;
  } kCases[] = {
      {{1, 0, 0, 0},
       milliseconds(99),
       "1 verified, 1 pass, 0 not",
       "1 verified in 0.1 s: 1 pass, 0 not",
       "too early for a rate"},
      {{1, 0, 0, 0},
       milliseconds(100),
       "1 verified, 1 pass, 0 not, 10/s",
       "1 verified in 0.1 s: 1 pass, 0 not",
       "a rate"},
      {{12001, 340, 1, 3},
       milliseconds(3845),
       "12,345 verified, 12,001 pass, 344 not, 3,210/s",
       "12,345 verified in 3.8 s: 12,001 pass, 340 not, 1 temporary error, 3 errors",
       "not is all that did not pass"},
      {{999, 0, 2, 1},
       seconds(1),
       "1,002 verified, 999 pass, 3 not, 1,002/s",
       "1,002 verified in 1.0 s: 999 pass, 0 not, 2 temporary errors, 1 error",
       "999 has no comma"},
      {{1234567, 0, 0, 0},
       seconds(1000),
       "1,234,567 verified, 1,234,567 pass, 0 not, 1,234/s",
       "1,234,567 verified in 1000.0 s: 1,234,567 pass, 0 not",
       "two commas"},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(ProgressText(test.tally, test.elapsed), test.progress) << test.why;
    EXPECT_EQ(SummaryText(test.tally, test.elapsed), test.summary) << test.why;
  }
}

TEST(ProgressTest, IsDueTenTimesASecondAtMost) {
  std::ostringstream terminal;
  ProgressLine line(&terminal);
  const ProgressLine::Clock::time_point start(seconds(5));
  EXPECT_TRUE(line.due(start)) << "at once, the first time";
  line.Draw("a", start);
  EXPECT_FALSE(line.due(start + ProgressLine::kInterval - milliseconds(1)));
  line.Erase();
  EXPECT_FALSE(line.due(start + ProgressLine::kInterval - milliseconds(1))) << "nor when erased";
  EXPECT_TRUE(line.due(start + ProgressLine::kInterval));
}

TEST(ProgressTest, IsDrawnOverItselfAndErasedOnce) {
  std::ostringstream terminal;
  ProgressLine line(&terminal);
  line.Erase();
  EXPECT_EQ(terminal.str(), "") << "there is nothing to erase";
  line.Draw("long", ProgressLine::Clock::time_point());
  line.Draw("b", ProgressLine::Clock::time_point());
  line.Erase();
  line.Erase();
  EXPECT_EQ(terminal.str(), "\r\x1b[Klong\r\x1b[Kb\r\x1b[K");
}

TEST(ProgressTest, WithoutATerminalNothingIsDrawn) {
  ProgressLine line(nullptr);
  EXPECT_FALSE(line.enabled());
  EXPECT_FALSE(line.due(ProgressLine::Clock::time_point()));
  line.Draw("a", ProgressLine::Clock::time_point());
  line.Erase();
}

}  // namespace
}  // namespace postseal::cli
