#include "mail/local_part.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace postseal::mail {
namespace {

TEST(LocalPartTest, DotStringsAndQuotedStrings) {  // RFC 5321 §4.1.2, RFC 6531 §3.3
  const struct {
    std::string_view text;
    bool good;
    const char* why;
  } kCases[] = {
      {"joe", true, "an Atom"},
      {"joe.q.public", true, "Atoms"},
      {"a!#$%&'*+-/=?^_`{|}~9", true, "all of atext"},
      {"j\xc3\xb6", true, "UTF-8"},
      {"a..b", true, "doubled dots are in use"},
      {"a.", true, "a dot at the end is in use"},
      {"\"\"", true, "a Quoted-string of nothing"},
      {"\"a b@c<>,\"", true, "whatever stands in quotes"},
      {R"("\"\\")", true, "quoted pairs"},
      {"", false, "nothing"},
      {".a", false, "a dot in front"},
      {"a b", false, "a space"},
      {"a@b", false, "an @ without quotes"},
      {"<a", false, "an angle"},
      {"(c)a", false, "a comment: RFC 5321 has none"},
      {"\"a\"b", false, "text after the quotes"},
      {"\"a\".b", false, "obs-local-part of RFC 5322"},
      {"\"a", false, "no second quote"},
      {"\"a\\", false, "a backslash at the end"},
      {"a\\b", false, "a backslash without quotes"},
      {"a\r\n", false, "a line end"},
      {"\"a\r\n\"", false, "a line end in quotes"},
      {std::string_view("a\0b", 3), false, "a NUL"},
      {"\xff", false, "not UTF-8"},
      {"\"\xc3\"", false, "half of a character"},
  };
  for (const auto& c : kCases) EXPECT_EQ(IsLocalPart(c.text), c.good) << c.why;
}

TEST(LocalPartTest, HasNoLimitOfLength) { EXPECT_TRUE(IsLocalPart(std::string(100'000, 'a'))); }

}  // namespace
}  // namespace postseal::mail
