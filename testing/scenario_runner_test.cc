// RunScenario says what is wrong: a scenario that is right, and what is changed in it.
#include "testing/scenario_runner.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "testing/scenario.h"

namespace postseal::testing {
namespace {

constexpr std::string_view kRight =
    R"(# RFC 7208 §5.2: the included record is looked up after the first.
[zone]
example.com. TXT "v=spf1 include:a.example -all"
a.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.example.com. TXT "v=DMARC1; p=reject"
[envelope]
client_ip: 192.0.2.1
mail_from: bob@example.com
[expect]
spf.result = "pass"
dkim.length = 0
dmarc.result = "pass"
dmarc.identifiers.0.domain = "example.com"
dmarc.aligned = {"dkim": false, "spf": true}
[queries]
1 TXT example.com
1 TXT _dmarc.example.com
1 TXT _dmarc.com
2 TXT a.example
[message]
From: bob@example.com

Hi
)";

std::string Problems(std::string_view text) {
  const auto scenario = ParseScenario(text, "x.case");
  EXPECT_TRUE(scenario.ok()) << scenario.status();
  return scenario.ok() ? absl::StrJoin(RunScenario(*scenario), "\n") : "";
}

TEST(ScenarioRunnerTest, SaysWhatIsWrong) {
  const struct {
    std::string_view old_text;
    std::string_view new_text;
    std::string_view problem;
  } kCases[] = {
      {"", "", ""},
      {"spf.result = \"pass\"", "spf.result = \"fail\"",
       "x.case:10: spf.result: want \"fail\", got \"pass\""},
      {"dkim.length = 0", "dkim.length = 1", "x.case:11: dkim.length: want 1, got 0"},
      {"dkim.length = 0", "dkim.0.result = null",
       "x.case:11: dkim.0.result: want null, got no such member"},
      {"dkim.length", "dkim.0", "x.case:11: dkim.0: want 0, got no such member"},
      {"spf.result =", "spf.result.a =",
       "x.case:10: spf.result.a: want \"pass\", got no such member"},
      {"\"spf\": true}", "\"spf\": true, \"x\": 1}",
       "x.case:14: dmarc.aligned: want {\"dkim\": false, \"spf\": true, \"x\": 1}, "
       "got {\"dkim\":false,\"spf\":true}"},
      {"2 TXT a.example\n", "", "x.case: [queries]: unexpected \"2 TXT a.example\""},
      {"2 TXT", "1 TXT",
       "x.case: [queries]: missing \"1 TXT a.example\", unexpected \"2 TXT a.example\""},
      {"2 TXT a.example\n", "2 TXT a.example\n2 A b.example\n",
       "x.case: [queries]: missing \"2 A b.example\""},
      {"[expect]", "[options]\ncompare_rfc7489: true\n[expect]",
       "x.case: blocking: RFC 7489 needs a public suffix list"},
      {"[expect]", "[options]\nauthserv_id: \"a\\nb\"\n[expect]",
       "x.case: authserv-id is empty, too long or not printable"},
  };
  for (const auto& c : kCases) {
    const std::string text = c.old_text.empty()
                                 ? std::string(kRight)
                                 : absl::StrReplaceAll(kRight, {{c.old_text, c.new_text}});
    EXPECT_EQ(Problems(text), c.problem) << c.old_text << " -> " << c.new_text;
  }
}

// The deadline of blocking cuts what event loops still ask: such a scenario is no good.
TEST(ScenarioRunnerTest, FacesThatDifferAreNamed) {
  const std::string problems = Problems(
      absl::StrReplaceAll(kRight, {{"[envelope]", "$TIMEOUT _dmarc.example.com TXT\n[envelope]"}}));
  for (const std::string_view problem :
       {"x.case: event loop, seed 1: not the report of blocking: ",
        "x.case: event loop, seed 5: not the queries of blocking: unexpected \"TXT a.example\"",
        "x.case: octet by octet: not the report of blocking: ",
        "x.case: octet by octet: not the queries of blocking: unexpected \"TXT a.example\""}) {
    EXPECT_NE(problems.find(problem), problems.npos) << problem << "\n" << problems;
  }
  EXPECT_EQ(problems.find("evidence"), problems.npos) << problems;
}

}  // namespace
}  // namespace postseal::testing
