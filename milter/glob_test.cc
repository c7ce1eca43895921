#include "milter/glob.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace postseal::milter {
namespace {

// SimpleMatches is the definition, tried in every way: the oracle.
bool SimpleMatches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    return SimpleMatches(pattern.substr(1), text) ||
           (!text.empty() && SimpleMatches(pattern, text.substr(1)));
  }
  return !text.empty() && pattern.front() == text.front() &&
         SimpleMatches(pattern.substr(1), text.substr(1));
}

TEST(GlobTest, Matches) {
  struct Case {
    std::string_view pattern;
    std::string_view text;
    bool matches;
    const char* why;
  };
  for (const Case& c : {
           Case{"", "", true, "nothing is nothing"},
           Case{"", "a", false, "all of the text counts"},
           Case{"*", "", true, "no octets are some"},
           Case{"*@example.com", "a@example.com", true, "front"},
           Case{"*@example.com", "a@example.com.", false, "anchored at the end"},
           Case{"a*", "xa", false, "anchored at the start"},
           Case{"A*c", "aBC", true, "case does not count"},
           Case{"a.c", "abc", false, "a dot is a dot"},
           Case{"a?c", "abc", false, "no other wildcard"},
           Case{"*ab*ab", "abab", true, "stars that take nothing"},
           Case{"*ab", "aab", true, "a star that takes more"},
       }) {
    EXPECT_EQ(GlobMatches(c.pattern, c.text), c.matches) << c.pattern << " " << c.text << c.why;
  }
}

// Every pattern up to 5 octets and text up to 5 octets of a small alphabet.
TEST(GlobTest, IsItsDefinition) {
  const auto word = [](int number, std::string_view alphabet) {
    std::string out;
    for (int n = number; n > 0; n /= static_cast<int>(alphabet.size() + 1)) {
      const int digit = n % static_cast<int>(alphabet.size() + 1);
      if (digit > 0) out += alphabet[static_cast<size_t>(digit - 1)];
    }
    return out;
  };
  for (int p = 0; p < 1024; ++p) {
    const std::string pattern = word(p, "ab*");
    for (int t = 0; t < 243; ++t) {
      const std::string text = word(t, "ab");
      EXPECT_EQ(GlobMatches(pattern, text), SimpleMatches(pattern, text)) << pattern << " " << text;
    }
  }
}

// Exponential matching would not come to an end here.
TEST(GlobTest, StarsDoNotMultiply) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(GlobMatches(pattern + "*b", std::string(2000, 'a')));
}

}  // namespace
}  // namespace postseal::milter
