#include "mail/unfold.h"

#include <cstddef>
#include <string_view>

#include "base/arena.h"
#include "gtest/gtest.h"

namespace postseal::mail {
namespace {

TEST(UnfoldTest, RemovesEachCrlfThatWspFollows) {  // RFC 5322 §2.2.3
  const struct {
    std::string_view text;
    std::string_view unfolded;
    const char* why;
  } cases[] = {
      {"", "", "nothing"},
      {"a b", "a b", "no fold"},
      {"This\r\n is a test", "This is a test", "the example of the clause"},
      {"a\r\n\tb", "a\tb", "TAB is WSP"},
      {"a\r\n \r\n b", "a  b", "two folds, RFC 5322 §4.2"},
      {"a\r\nb", "a\r\nb", "no WSP follows: no fold"},
      {"a\r\n", "a\r\n", "nothing follows"},
      {"a\r b\n c", "a\r b\n c", "a bare CR or LF is no fold"},
      {"\r\r\n \n", "\r \n", "the CR before a fold is bare"},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    EXPECT_EQ(Unfold(c.text, &arena), c.unfolded) << c.why;
  }
}

TEST(UnfoldTest, FoldedOffsetFindsTheOctetAgain) {
  const std::string_view text = "ab\r\n \r\n c\r\nd";
  base::Arena arena;
  const std::string_view unfolded = Unfold(text, &arena);
  ASSERT_EQ(unfolded, "ab  c\r\nd");
  const size_t expected[] = {0, 1, 4, 7, 8, 9, 10, 11};
  for (size_t i = 0; i < unfolded.size(); ++i) {
    EXPECT_EQ(FoldedOffset(text, i), expected[i]);
    EXPECT_EQ(text[FoldedOffset(text, i)], unfolded[i]);
  }
  EXPECT_EQ(FoldedOffset(text, unfolded.size()), text.size()) << "the end is the end";
  EXPECT_EQ(FoldedOffset("", 0), 0u);
}

}  // namespace
}  // namespace postseal::mail
