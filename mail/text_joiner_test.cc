#include "mail/text_joiner.h"

#include <string_view>

#include "base/arena.h"
#include "gtest/gtest.h"

namespace postseal::mail {
namespace {

TEST(TextJoinerTest, IsAViewWithoutGaps) {
  const std::string_view text = "a.bc";
  base::Arena arena;
  TextJoiner joiner(text, &arena);
  TextJoiner::Joined joined;
  EXPECT_EQ(joined.text, "");
  joiner.Append(text.substr(0, 1), false, &joined);
  joiner.Append(text.substr(1, 1), false, &joined);
  joiner.Append(text.substr(2), false, &joined);
  EXPECT_EQ(joined.text, text);
  EXPECT_EQ(joined.text.data(), text.data());
  EXPECT_EQ(arena.reserved(), 0u) << "nothing was copied";
}

TEST(TextJoinerTest, LeavesGapsOut) {
  const std::string_view text = "ab .c (x) d";
  base::Arena arena;
  TextJoiner joiner(text, &arena);
  TextJoiner::Joined first;
  joiner.Append(text.substr(0, 2), false, &first);
  joiner.Append(text.substr(3, 1), true, &first);
  joiner.Append(text.substr(4, 1), false, &first);
  TextJoiner::Joined second;
  joiner.Append(text.substr(6, 3), true, &second);
  EXPECT_EQ(second.text.data(), text.data() + 6) << "what is before the first piece is no gap";
  joiner.Append(text.substr(10, 1), true, &second);
  EXPECT_EQ(first.text, "ab.c");
  EXPECT_EQ(second.text, "(x)d");
}

}  // namespace
}  // namespace postseal::mail
