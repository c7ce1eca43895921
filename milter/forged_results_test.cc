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
    {"with a quoted job id", "Authentication-Results", " \"mx.example/Q1\"; dkim=pass", true},
    {"with dots behind it", "Authentication-Results", " mx.example..; dkim=pass", true},
    {"without an id", "Authentication-Results", " dkim=pass header.d=bank.example", true},
    {"ours, of no method", "Authentication-Results", " mx.example; none", true},
    {"below .sub.example", "Authentication-Results", " a.sub.example; dkim=pass", true},
    {".sub.example itself", "Authentication-Results", " sub.example; dkim=pass", false},
    {"of a method that we do not write", "Authentication-Results", " old.example; x=pass", false},
    {"another field", "Received", " mx.example; dkim=pass", false},
};

TEST(ForgedResultsTest, WhatClaimsToBeOurs) {
  for (const Case& c : kCases) {
    ForgedResults forged({"mx.example"}, {"old.example", ".sub.example"}, /*all=*/false);
    forged.Look(c.field, c.value);
    EXPECT_EQ(!forged.occurrences().empty(), c.goes) << c.name;
    EXPECT_FALSE(forged.is_disguised()) << c.name;
  }
}

TEST(ForgedResultsTest, CountsEveryFieldOfTheName) {
  ForgedResults forged({"mx.example"}, {}, false);
  for (int i = 1; i <= 10'000; ++i) {
    forged.Look("Subject", " mx.example; none");
    forged.Look("Authentication-Results", i % 5'000 == 0 ? " mx.example; none" : " x; none");
  }
  EXPECT_THAT(forged.occurrences(), testing::ElementsAre(5'000, 10'000));
}

// opendkim.conf(5): RemoveARAll concerns the names of RemoveARFrom alone.
TEST(ForgedResultsTest, AllOfTheNamesThatAreGiven) {
  ForgedResults forged({"mx.example"}, {".example.net"}, /*all=*/true);
  forged.Look("Authentication-Results", " mx.other; dkim=pass");
  EXPECT_THAT(forged.occurrences(), testing::ElementsAre());
  forged.Look("Authentication-Results", " mx.example.net; auth=pass");
  EXPECT_THAT(forged.occurrences(), testing::ElementsAre(2));
}

// What an MTA hands over, and another reader takes for a field of the name.
TEST(ForgedResultsTest, Disguised) {
  const Case cases[] = {
      {"a bare CR", "Subject", " a\rAuthentication-Results: mx.example; dkim=pass", true},
      {"a line that is no fold", "Subject", " a\nAuthentication-Results: b; dkim=pass", true},
      {"a fold", "Subject", " a\n\tAuthentication-Results: mx.example; dkim=pass", false},
      {"NBSP", "Authentication-Results\u00a0", " mx.example; dkim=pass", true},
      {"BOM", "\ufeffAuthentication-Results", " mx.example; dkim=pass", true},
      {"a space before it", " Authentication-Results", " mx.example; dkim=pass", true},
      {"a fold in the name", "Authentication-Results\n ", " mx.example; dkim=pass", true},
      {"another name", "X-Authentication-Results\u00a0", " mx.example; dkim=pass", false},
  };
  for (const Case& c : cases) {
    ForgedResults forged({"mx.example"}, {}, /*all=*/false);
    forged.Look(c.field, c.value);
    EXPECT_EQ(forged.is_disguised(), c.goes) << c.name;
    EXPECT_TRUE(forged.occurrences().empty()) << c.name;
  }
}

}  // namespace
}  // namespace postseal::milter
