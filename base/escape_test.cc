#include "base/escape.h"

#include <set>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace postseal::base {
namespace {

TEST(EscapeTest, Table) {
  struct Case {
    std::string_view text;
    std::string_view ascii;
    std::string_view utf8;
    const char* why;
  };
  constexpr Case kCases[] = {
      {"", "", "", "nothing"},
      {"From: <a@b.example> ~", "From: <a@b.example> ~", "From: <a@b.example> ~", "printable"},
      {"a\\x41", "a\\\\x41", "a\\\\x41", "a backslash cannot pose as an escape"},
      {"a\r\nb\t", "a\\x0d\\x0ab\\x09", "a\\x0d\\x0ab\\x09", "line ends"},
      {std::string_view("\0\x1b[31m\x7f", 7), "\\x00\\x1b[31m\\x7f", "\\x00\\x1b[31m\\x7f",
       "terminal sequence"},
      {"\xc3\xbc", "\\xc3\\xbc", "\xc3\xbc", "graphic UTF-8"},
      {"\xf0\x9f\x98\x80", "\\xf0\\x9f\\x98\\x80", "\xf0\x9f\x98\x80", "graphic UTF-8"},
      {"\xfc", "\\xfc", "\\xfc", "not UTF-8"},
      {"\xc3(", "\\xc3(", "\\xc3(", "what follows a broken character stays"},
      {"\xc2\x9b"
       "31m",
       "\\xc2\\x9b31m", "\\xc2\\x9b31m", "C1 control CSI"},
      {"\x9b", "\\x9b", "\\x9b", "C1 control as one octet"},
      {"\xe2\x80\xae", "\\xe2\\x80\\xae", "\\xe2\\x80\\xae", "U+202E turns the direction"},
      {"\xe2\x81\xa6", "\\xe2\\x81\\xa6", "\\xe2\\x81\\xa6", "U+2066 isolates"},
      {"\xe2\x80\xa8", "\\xe2\\x80\\xa8", "\\xe2\\x80\\xa8", "U+2028 ends a line"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80", "surrogate"},
  };
  for (const Case& test : kCases) {
    EXPECT_EQ(Escape(test.text), test.ascii) << test.why;
    EXPECT_EQ(Escape(test.text, NonAscii::kPassGraphic), test.utf8) << test.why;
  }
}

TEST(EscapeTest, EveryOctetIsPrintableAndItself) {
  std::set<std::string> seen;
  for (int octet = 0; octet < 256; ++octet) {
    const std::string escaped = Escape(std::string(1, static_cast<char>(octet)));
    for (const char c : escaped) EXPECT_TRUE(c >= ' ' && c <= '~') << octet;
    EXPECT_TRUE(seen.insert(escaped).second) << octet;
  }
}

TEST(EscapeTest, AppendsToWhatIsThere) {
  std::string out = "a: ";
  AppendEscaped("\n", NonAscii::kEscape, &out);
  EXPECT_EQ(out, "a: \\x0a");
}

}  // namespace
}  // namespace postseal::base
