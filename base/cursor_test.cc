#include "base/cursor.h"

#include <cstddef>
#include <string_view>

#include "base/ascii.h"
#include "gtest/gtest.h"

namespace postseal::base {
namespace {

TEST(CursorTest, TakesWhatIsNext) {
  Cursor cursor("ab=Cd;");
  EXPECT_FALSE(cursor.Take('b'));
  EXPECT_TRUE(cursor.Take('a'));
  EXPECT_EQ(cursor.offset(), 1u);
  EXPECT_FALSE(cursor.Take("b:"));
  EXPECT_TRUE(cursor.Take("b="));
  EXPECT_FALSE(cursor.TakeIgnoreCase("cde"));
  EXPECT_TRUE(cursor.TakeIgnoreCase("cD"));
  EXPECT_EQ(cursor.Peek(), ';');
  EXPECT_FALSE(cursor.TakeIf(kAlpha));
  EXPECT_TRUE(cursor.TakeIf(CharSet(";")));
  EXPECT_TRUE(cursor.at_end());
  EXPECT_EQ(cursor.offset(), 6u);
}

TEST(CursorTest, IsTotalAtTheEnd) {
  Cursor cursor("");
  EXPECT_TRUE(cursor.at_end());
  EXPECT_EQ(cursor.Peek(), '\0');
  EXPECT_FALSE(cursor.Take('\0')) << "Peek's NUL is not there";
  EXPECT_TRUE(cursor.Take("")) << "nothing is always next";
  EXPECT_FALSE(cursor.Take("a"));
  EXPECT_FALSE(cursor.TakeIgnoreCase("a"));
  EXPECT_FALSE(cursor.TakeIf(CharSet::Range(0, 255)));
  EXPECT_EQ(cursor.TakeWhile(kAlpha), "");
  EXPECT_EQ(cursor.TakeUntil(';'), "");
  EXPECT_EQ(cursor.TakeCount(9), "");
  EXPECT_FALSE(cursor.TakeFws());
  EXPECT_EQ(cursor.offset(), 0u);
}

TEST(CursorTest, TakesRuns) {
  Cursor cursor("12ab;cd;ef");
  EXPECT_EQ(cursor.TakeWhile(kAlpha), "");
  EXPECT_EQ(cursor.TakeWhile(kDigit), "12");
  EXPECT_EQ(cursor.TakeUntil(';'), "ab") << "the stop stays";
  EXPECT_EQ(cursor.TakeCount(2), ";c");
  EXPECT_EQ(cursor.TakeUntil('x'), "d;ef") << "no stop: all of it";
  EXPECT_TRUE(cursor.at_end());
}

TEST(CursorTest, ACopyIsAPlaceToComeBackTo) {
  Cursor cursor("abc");
  const Cursor before = cursor;
  cursor.TakeCount(2);
  EXPECT_EQ(before.rest(), "abc");
  cursor = before;
  EXPECT_EQ(cursor.offset(), 0u);
}

// FWS = [*WSP CRLF] 1*WSP (RFC 6376 §2.8); several in a row are taken together.
TEST(CursorTest, TakeFws) {
  struct Case {
    std::string_view text;
    size_t taken;
    const char* why;
  };
  constexpr Case kCases[] = {
      {"a", 0, "none"},
      {" a", 1, "one space"},
      {" \t a", 3, "1*WSP"},
      {"\r\n a", 3, "no WSP before the CRLF"},
      {" \t\r\n \ta", 6, "WSP on both sides"},
      {" \r\n \r\n\ta", 7, "several folds"},
      {"\r\na", 0, "the field ends here"},
      {" \r\na", 1, "white space at the end of the field"},
      {" \r\n", 1, "the end of the text"},
      {"\r\n", 0, "the end of the text"},
      {" \n a", 1, "a lone LF is no fold"},
      {" \r a", 1, "nor a lone CR"},
      {"\n\r a", 0, "nor LFCR"},
      {"\v\f", 0, "nor other white space"},
      {"\xc2\xa0", 0, "nor that of Unicode"},
  };
  for (const Case& test : kCases) {
    Cursor cursor(test.text);
    EXPECT_EQ(cursor.TakeFws(), test.taken != 0) << test.why;
    EXPECT_EQ(cursor.offset(), test.taken) << test.why;
  }
}

}  // namespace
}  // namespace postseal::base
