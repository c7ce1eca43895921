#include "spf/lint_record.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dns/rdata.h"
#include "gtest/gtest.h"
#include "spf/lint_code.h"

namespace postseal::spf {
namespace {

// What spf/lint_test.cc cannot send through a zone. The other cases stand there.

// Joins is how many joined strings are found in a record of |strings|.
size_t Joins(const std::vector<std::string_view>& strings) {
  std::string text;
  for (const std::string_view part : strings) text += part;
  size_t joins = 0;
  LintStrings(dns::TxtRdata(strings), text,
              [&joins](LintCode, std::string_view, std::string_view) { ++joins; });
  return joins;
}

TEST(LintRecordTest, StringsAreBounded) {
  std::vector<std::string_view> strings(kMaxLintedStrings - 1, "x");
  strings.front() = "v=spf1 ";
  strings.back() = " a:b.example";
  strings.emplace_back("-all");
  EXPECT_EQ(Joins(strings), 1);
  // The join is at the end of string kMaxLintedStrings + 1.
  strings.insert(strings.begin() + 1, {"x", "x"});
  EXPECT_EQ(Joins(strings), 0);
}

TEST(LintRecordTest, EmptyStringsJoinNothing) {
  EXPECT_EQ(Joins({"", "", "v=spf1 ip4:192.0.2.1", "", " -all", ""}), 0);
  EXPECT_EQ(Joins({"v=spf1 ip4:192.0.2.1", "", "-all"}), 1);
}

TEST(LintRecordTest, ABrokenTxtRecordIsNoMatter) {
  size_t calls = 0;
  LintStrings("\xff", "v=spf1 -all",
              [&calls](LintCode, std::string_view, std::string_view) { ++calls; });
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace postseal::spf
