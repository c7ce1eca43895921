// Every file of testdata/scenarios and testdata/attacks through every face.
#include "testing/scenario.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "testing/forge.h"
#include "testing/scenario_runner.h"

namespace postseal::testing {
namespace {

constexpr const char* kFolders[] = {"testdata/attacks", "testdata/scenarios"};

// Names are the files without ".case", sorted.
std::vector<std::string> Names() {
  std::vector<std::string> names;
  std::error_code error;
  for (const char* folder : kFolders) {
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".case") names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<Scenario> Read(const std::string& name) {
  std::string path;
  for (const char* folder : kFolders) {
    path = absl::StrCat(folder, "/", name, ".case");
    if (std::filesystem::exists(path)) break;
  }
  return ParseScenario(ReadTestFile(path), path);
}

class ScenarioTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, EveryFaceAgrees) {
  const auto scenario = Read(GetParam());
  ASSERT_TRUE(scenario.ok()) << scenario.status().message();
  const std::vector<std::string> problems = RunScenario(*scenario);
  EXPECT_TRUE(problems.empty()) << absl::StrJoin(problems, "\n");
}

INSTANTIATE_TEST_SUITE_P(Files, ScenarioTest, ::testing::ValuesIn(Names()),
                         [](const auto& test) { return test.param; });

TEST(ScenarioFilesTest, ThereAreSome) {
  const size_t count = Names().size();
  std::printf("%zu scenarios\n", count);
  RecordProperty("scenarios", static_cast<int>(count));
  EXPECT_GT(count, 0u);
}

// Every result word of RFC 8601 §2.7 that the methods can come to.
TEST(ScenarioFilesTest, EveryResultIsExpectedSomewhere) {
  std::set<std::string> expected;
  for (const std::string& name : Names()) {
    const auto scenario = Read(name);
    ASSERT_TRUE(scenario.ok()) << scenario.status().message();
    for (const Expectation& expectation : scenario->expectations) {
      expected.insert(absl::StrCat(expectation.path, " = ", expectation.json));
    }
  }
  const struct {
    std::string path;
    std::vector<std::string> results;
  } kMethods[] = {
      {"spf.result", {"none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"}},
      {"dkim.0.result", {"pass", "fail", "policy", "neutral", "temperror", "permerror"}},
      {"dmarc.result", {"none", "pass", "fail", "temperror", "permerror"}},
  };
  for (const auto& method : kMethods) {
    for (const std::string& result : method.results) {
      const std::string line = absl::StrCat(method.path, " = \"", result, "\"");
      EXPECT_TRUE(expected.contains(line)) << "no scenario expects " << line;
    }
  }
  EXPECT_TRUE(expected.contains("dkim.length = 0")) << "no scenario expects dkim=none";
}

}  // namespace
}  // namespace postseal::testing
