#include "base/excerpt.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace postseal::base {
namespace {

using std::string_view_literals::operator""sv;

struct Case {
  std::string_view text;
  size_t offset;
  size_t size;
  std::string_view excerpt;
  std::string_view why;
};

TEST(ExcerptTest, MarksThePlace) {
  const Case kCases[] = {
      {"v=spf1 a", 7, 0, "> v=spf1 a\n>        ^\n", "a single octet"},
      {"v=spf1 a:b", 7, 3, "> v=spf1 a:b\n>        ^~~\n", "a term"},
      {"abc", 0, 0, "> abc\n> ^\n", "the beginning"},
      {"abc", 3, 0, "> abc\n>    ^\n", "the end"},
      {"abc", 9, 4, "> abc\n>    ^\n", "past the end"},
      {"", 0, 0, "> \n> ^\n", "nothing"},
      {"a\x1b"
       "b"sv,
       2, 1, "> a\\x1bb\n>      ^\n", "an escape before the place takes four columns"},
      {"\\\xc3\xa4"
       "b"sv,
       1, 2, "> \\\\\\xc3\\xa4b\n>   ^~~~~~~~\n",
       "a backslash takes two; marked octets that are escaped are marked whole"},
      {"a\0b"sv, 1, 1, "> a\\x00b\n>  ^~~~\n", "NUL"},
      {"a\nb"sv, 2, 1, "> a\\x0ab\n>      ^\n", "a line end makes no line"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Excerpt(c.text, c.offset, c.size, "> "), c.excerpt) << c.why;
  }
}

// What the caret of |excerpt| points at.
char Marked(const std::string& excerpt) {
  const size_t line_end = excerpt.find('\n');
  return excerpt[excerpt.find('^') - line_end - 1];
}

TEST(ExcerptTest, TextOfTheMaximumIsNotCut) {
  const std::string text = std::string(kMaxExcerptColumns - 1, 'a') + "b";
  const std::string excerpt = Excerpt(text, text.size() - 1, 1, "");
  EXPECT_EQ(excerpt, text + "\n" + std::string(text.size() - 1, ' ') + "^\n");
}

TEST(ExcerptTest, LongerTextIsCutAroundThePlace) {
  std::string text(300, 'a');
  for (const size_t offset : {size_t{0}, size_t{1}, size_t{34}, size_t{35}, size_t{36}, size_t{150},
                              size_t{260}, size_t{299}}) {
    text[offset] = 'X';
    const std::string excerpt = Excerpt(text, offset, 1, "  ");
    EXPECT_EQ(Marked(excerpt), 'X') << offset;
    const std::string line = excerpt.substr(2, excerpt.find('\n') - 2);
    const bool cut_left = line.starts_with("...");
    const bool cut_right = line.ends_with("...");
    EXPECT_EQ(cut_left, offset > kMaxExcerptColumns / 2) << offset;
    EXPECT_EQ(cut_right, offset + kMaxExcerptColumns / 2 < text.size()) << offset;
    EXPECT_EQ(line.size(), kMaxExcerptColumns + (cut_left ? 3 : 0) + (cut_right ? 3 : 0));
    text[offset] = 'a';
  }
}

TEST(ExcerptTest, TextOneLongerIsCut) {
  const std::string text(kMaxExcerptColumns + 1, 'a');
  EXPECT_EQ(Excerpt(text, 0, 0, ""), std::string(kMaxExcerptColumns, 'a') + "...\n^\n");
}

TEST(ExcerptTest, AnEscapeIsNotCutInTwo) {
  const std::string text(100, '\x01');
  const std::string excerpt = Excerpt(text, 50, 1, "");
  // Seventeen escapes of four columns are what fits in seventy.
  EXPECT_EQ(excerpt.substr(0, 7), "...\\x01");
  EXPECT_EQ(excerpt.find('\n'), 3 + 17 * 4 + 3);
  EXPECT_EQ(Marked(excerpt), '\\');
}

TEST(ExcerptTest, AMarkEndsWithTheWindow) {
  const std::string text(200, 'a');
  const std::string excerpt = Excerpt(text, 0, 200, "");
  EXPECT_EQ(excerpt.substr(excerpt.find('\n') + 1),
            "^" + std::string(kMaxExcerptColumns - 1, '~') + "\n");
}

}  // namespace
}  // namespace postseal::base
