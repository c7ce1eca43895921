#include "milter/forged_results.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace postseal::milter {
namespace {

struct Case {
  const char* name;
  std::string_view field;
  std::string value;
  bool goes;
};

const Case kCases[] = {
    {"ours", "Authentication-Results", " mx.example; dkim=pass", true},
    {"in another case", "AUTHENTICATION-results", " MX.Example.; none", true},
    {"with white space before the colon", "Authentication-Results\t", " mx.example; none", true},
    {"folded as milters do", "Authentication-Results", "\n\tmx.example;\n\tdkim=pass", true},
    {"quoted", "Authentication-Results", " \"mx.example\"; dkim=pass", true},
    {"behind a comment", "Authentication-Results", " (x) mx.example; dkim=pass", true},
    {"another's", "Authentication-Results", " mx.other; dkim=pass", false},
    {"that mentions us", "Authentication-Results", " mx.other; x=pass reason=\"mx.example\"",
     false},
    {"of a version that there is not", "Authentication-Results", " mx.other 2; dkim=pass", true},
    {"too large to read", "Authentication-Results",
     absl::StrCat(" mx.other; ", std::string(100'000, 'x')), true},
    {"one of more ids", "Authentication-Results", " old.example; dkim=pass", true},
    {"with a job id", "Authentication-Results", " mx.example/4ABC; dkim=pass", true},
    {"another's with a job id", "Authentication-Results", " mx.other/4ABC; dkim=pass", false},
    {"another field", "Received", " mx.example; dkim=pass", false},
};

TEST(ForgedResultsTest, WhatClaimsToBeOurs) {
  for (const Case& c : kCases) {
    ForgedResults forged({"mx.example", "old.example"}, /*with_job_id=*/true, /*all=*/false);
    forged.Look(c.field, c.value);
    EXPECT_EQ(!forged.occurrences().empty(), c.goes) << c.name;
  }
}

TEST(ForgedResultsTest, CountsEveryFieldOfTheName) {
  ForgedResults forged({"mx.example"}, false, false);
  for (int i = 1; i <= 10'000; ++i) {
    forged.Look("Subject", " mx.example; none");
    forged.Look("Authentication-Results", i % 5'000 == 0 ? " mx.example; none" : " x; none");
  }
  EXPECT_THAT(forged.occurrences(), testing::ElementsAre(5'000, 10'000));
}

TEST(ForgedResultsTest, All) {
  ForgedResults forged({"mx.example"}, false, /*all=*/true);
  forged.Look("Authentication-Results", " mx.other; dkim=pass");
  EXPECT_THAT(forged.occurrences(), testing::ElementsAre(1));
}

}  // namespace
}  // namespace postseal::milter
