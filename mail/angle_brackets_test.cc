#include "mail/angle_brackets.h"

#include <string_view>

#include "gtest/gtest.h"

namespace postseal::mail {
namespace {

TEST(WithoutAngleBracketsTest, TakesThePairAlone) {
  const struct {
    std::string_view path;
    std::string_view want;
    const char* why;
  } kCases[] = {
      {"<a@example.com>", "a@example.com", "RFC 5321 §4.1.2 Path"},
      {"a@example.com", "a@example.com", "none are there"},
      {"<>", "", "the null reverse-path"},
      {"", "", "the same without brackets"},
      {"<", "<", "one octet is no pair"},
      {"<a@example.com", "<a@example.com", "half of a pair"},
      {"a@example.com>", "a@example.com>", "the other half"},
      {"<<a>>", "<a>", "one pair"},
  };
  for (const auto& c : kCases) EXPECT_EQ(WithoutAngleBrackets(c.path), c.want) << c.why;
}

}  // namespace
}  // namespace postseal::mail
