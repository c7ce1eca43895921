// Any text as a scenario. What parses is verified through every face, and they agree
// whatever the message and the zone say.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "testing/scenario.h"
#include "testing/scenario_runner.h"

namespace postseal::testing {
namespace {

void Check(std::string_view text) {
  const auto scenario = ParseScenario(text, "fuzz");
  if (!scenario.ok()) {
    POSTSEAL_CHECK(absl::StartsWith(scenario.status().message(), "fuzz:"));
    return;
  }
  POSTSEAL_CHECK(!scenario->expectations.empty());
  // The deadline cuts faces at different points; a scenario has to take care of that.
  if (absl::StrContains(absl::AsciiStrToLower(scenario->zone), "$timeout")) return;
  for (const std::string& problem : RunScenario(*scenario)) {
    for (const std::string_view face : {"event loop", "octet by octet", "evidence"}) {
      POSTSEAL_CHECK(!absl::StartsWith(problem, absl::StrCat("fuzz: ", face)));
    }
  }
}

}  // namespace
}  // namespace postseal::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::testing::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
