// The test suites of other projects, in the folder that POSTSEAL_SUITES names;
// without it there are no cases.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/result.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "spf/macro.h"
#include "spf/reason.h"
#include "spf/record.h"
#include "spf/test_support.h"

namespace postseal::spf {
namespace {

using nlohmann::json;

// SuitesFolder is where the suites are; empty when there are none.
std::string SuitesFolder() {
  const char* const folder = std::getenv("POSTSEAL_SUITES");
  return folder == nullptr ? "" : folder;
}

json ReadJson(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  return json::parse(file);
}

// ConvertedCases is what suites_to_cases.py prints.
json ConvertedCases() {
  if (SuitesFolder().empty()) return json::array();
  const std::string path = ::testing::TempDir() + "/spf_cases.json";
  const std::string command =
      absl::StrCat("python3 spf/suites_to_cases.py '", SuitesFolder(), "' > '", path, "'");
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return ReadJson(path);
}

TEST(SpfSuitesTest, EveryCaseGivesAnAcceptedResult) {
  // Cases whose expectation is not RFC 7208's, with the clause.
  const std::map<std::string, std::string> kDisagreements = {};
  const json cases = ConvertedCases();
  std::map<std::string, int> ran;
  for (const json& c : cases) {
    const std::string suite = c["suite"];
    const std::string id = absl::StrCat(suite, " ", c["name"].get<std::string>());
    SCOPED_TRACE(id);
    testing::Host host(c["zone"].get<std::string>());
    const std::string mail_from = c["mail_from"];
    const std::string helo = c["helo"];
    const Request request = testing::MakeRequest(c["client"].get<std::string>(), mail_from, helo);
    const testing::Seen seen = host.Blocking(request);
    ++ran[suite];
    const auto accepted = c["results"].get<std::set<std::string>>();
    const bool agrees = accepted.contains(std::string(base::ResultName(seen.result)));
    const auto disagreement = kDisagreements.find(id);
    if (disagreement != kDisagreements.end()) {
      EXPECT_FALSE(agrees) << "no disagreement any more: " << disagreement->second;
      continue;
    }
    EXPECT_TRUE(agrees) << seen.outcome() << ", wanted " << c["results"] << "\n" << c["zone"];
    if (c.contains("explanation")) {
      // RFC 7208 leaves the case of the digits of %{i} open.
      EXPECT_TRUE(base::EqualsIgnoreCase(seen.explanation, c["explanation"].get<std::string>()))
          << seen.explanation << "\nwanted " << c["explanation"];
    }
    for (const uint32_t seed : {1u, 2u, 3u}) {
      const testing::Seen shuffled = host.Shuffled(request, seed);
      EXPECT_EQ(shuffled.outcome(), seen.outcome());
      EXPECT_EQ(shuffled.explanation, seen.explanation);
      EXPECT_EQ(shuffled.queries, seen.queries) << "the same queries in the same order";
    }
  }
  for (const auto& [suite, count] : ran) std::printf("%s: %d cases\n", suite.c_str(), count);
}

}  // namespace
}  // namespace postseal::spf
