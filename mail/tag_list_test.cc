#include "mail/tag_list.h"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace postseal::mail {
namespace {

// Shown is the tags of |list| as "name=value|...", which no value here holds.
std::string Shown(const TagList& list) {
  std::string out;
  for (const Tag& tag : list.tags()) absl::StrAppend(&out, tag.name, "=", tag.value, "|");
  return out;
}

TEST(TagListTest, AcceptsTheGrammar) {  // RFC 6376 §3.2
  const struct {
    std::string_view text;
    std::string_view tags;
    const char* why;
  } cases[] = {
      {"a=b", "a=b|", "one tag-spec"},
      {"a=b;", "a=b|", "the last \";\" is optional"},
      {"a=b;c=d", "a=b|c=d|", "two"},
      {"a=b; \r\n\t", "a=b|", "FWS after the last \";\", as OpenDKIM and others write it"},
      {"a=", "a=|", "tag-value may be empty"},
      {"a=;b=", "a=|b=|", "and so may each"},
      {" \ta \t= \tb \t; c=d", "a=b|c=d|", "FWS around name, \"=\" and value"},
      {"\r\n a\r\n =\r\n b\r\n ;\r\n\tc=d", "a=b|c=d|", "FWS with CRLF"},
      {"a=b c\td", "a=b c\td|", "WSP within a value is part of it"},
      {"a=b\r\n c", "a=b\r\n c|", "and so is FWS"},
      {"a=b=c", "a=b=c|", "\"=\" (3D) is a VALCHAR"},
      {"a=!\"#$%&'()*+,-./09:", "a=!\"#$%&'()*+,-./09:|", "VALCHAR %x21-3A"},
      {"a=<=>?@AZ[\\]^_`az{|}~", "a=<=>?@AZ[\\]^_`az{|}~|", "VALCHAR %x3C-7E"},
      {"z9_A=1", "z9_A=1|", "tag-name = ALPHA *ALNUMPUNC"},
      {"a=1;A=2", "a=1|A=2|", "names are case-sensitive: two tags"},
      {"a=\xc3\xbc", "a=\xc3\xbc|", "UTF-8 of RFC 6532 §3.1 is for the user of the value"},
  };
  for (const auto& c : cases) {
    const TagList list = TagList::Parse(c.text);
    EXPECT_EQ(list.fault(), TagListFault::kNone) << c.why;
    EXPECT_EQ(Shown(list), c.tags) << c.why;
  }
}

TEST(TagListTest, NamesEachFaultWithItsOffset) {
  const struct {
    std::string_view text;
    TagListFault fault;
    size_t offset;
    const char* why;
  } cases[] = {
      {"", TagListFault::kBadName, 0, "tag-list has one tag-spec at least"},
      {"  ", TagListFault::kBadName, 2, "white space is none"},
      {";", TagListFault::kBadName, 0, "an empty tag-spec is none"},
      {"a=b;;", TagListFault::kBadName, 4, "only the last \";\" is optional"},
      {"a=b; ;c=d", TagListFault::kBadName, 5, "nor is a blank one a tag-spec"},
      {"=b", TagListFault::kBadName, 0, "no name"},
      {"1a=b", TagListFault::kBadName, 0, "a name begins with ALPHA"},
      {"_a=b", TagListFault::kBadName, 0, "not with \"_\""},
      {"a=b; \xc3\xbc=c", TagListFault::kBadName, 5, "nor with UTF-8"},
      {"a=b;\r\n", TagListFault::kBadName, 4, "CRLF without WSP is no FWS"},
      {"\na=b", TagListFault::kBadName, 0, "LF is no FWS"},
      {"a", TagListFault::kMissingEquals, 1, "a name alone"},
      {"a;b=c", TagListFault::kMissingEquals, 1, "a name alone, before another"},
      {"a-b=c", TagListFault::kMissingEquals, 1, "\"-\" is in no name"},
      {"a b=c", TagListFault::kMissingEquals, 2, "nor is white space"},
      {"a=b; c d=e", TagListFault::kMissingEquals, 7, "in a later tag"},
      {"a=b\x01", TagListFault::kBadValue, 3, "a control"},
      {std::string_view("a=\0b", 4), TagListFault::kBadValue, 2, "NUL"},
      {"a= b\x7f", TagListFault::kBadValue, 4, "DEL"},
      {"a=b\rc", TagListFault::kBadValue, 3, "CR alone"},
      {"a=b\nc", TagListFault::kBadValue, 3, "LF alone"},
      {"a=b\r\nc", TagListFault::kBadValue, 3, "CRLF that no WSP follows"},
      {"a=b\r\n\r\n c", TagListFault::kBadValue, 3, "FWS has one CRLF and WSP after it"},
      {"a=1;a=2", TagListFault::kDuplicate, 4, "a tag twice"},
      {"a=1; b=2; a=1", TagListFault::kDuplicate, 10, "even with the same value"},
  };
  for (const auto& c : cases) {
    const TagList list = TagList::Parse(c.text);
    EXPECT_EQ(list.fault(), c.fault) << c.why;
    EXPECT_EQ(list.fault_offset(), c.offset) << c.why;
  }
}

TEST(TagListTest, KeepsTheTagsBeforeAFault) {
  EXPECT_EQ(Shown(TagList::Parse("a=1; b=2; a=3; c=4")), "a=1|b=2|");
  EXPECT_EQ(Shown(TagList::Parse("a=1; b=2\x01; c=4")), "a=1|");
  EXPECT_EQ(Shown(TagList::Parse("a=1; b;")), "a=1|");
}

TEST(TagListTest, GivesValuesAsTheyStand) {
  constexpr std::string_view kText = " a = x ;b=\r\n y\r\n z ; c= ;d";
  const TagList list = TagList::Parse(kText);
  ASSERT_EQ(list.tags().size(), 3u);
  const struct {
    std::string_view name;
    std::string_view value;
    std::string_view raw_value;
  } expected[] = {{"a", "x", " x "}, {"b", "y\r\n z", "\r\n y\r\n z "}, {"c", "", " "}};
  for (size_t i = 0; i < 3; ++i) {
    const Tag& tag = list.tags()[i];
    EXPECT_EQ(tag.name, expected[i].name);
    EXPECT_EQ(tag.value, expected[i].value);
    EXPECT_EQ(tag.raw_value, expected[i].raw_value);
    EXPECT_EQ(kText.substr(tag.offset, tag.name.size()), tag.name);
    EXPECT_EQ(kText.substr(tag.raw_value_offset, tag.raw_value.size()), tag.raw_value);
    EXPECT_EQ(kText[tag.raw_value_offset - 1], '=');
  }
}

TEST(TagListTest, FindsByExactName) {  // RFC 6376 §3.2 ¶7
  const TagList list = TagList::Parse("bh=1; b=2; B=3");
  ASSERT_NE(list.Find("b"), nullptr);
  EXPECT_EQ(list.Find("b")->value, "2");
  EXPECT_EQ(list.Find("B")->value, "3");
  EXPECT_EQ(list.Find("bh")->value, "1");
  EXPECT_EQ(list.Find("BH"), nullptr);
  EXPECT_EQ(list.Find(""), nullptr);
}

TEST(TagListTest, BoundsTheNumberOfTags) {
  std::string text;
  for (size_t i = 0; i < kMaxTags; ++i) absl::StrAppend(&text, "t", i, "=;");
  const TagList at_limit = TagList::Parse(text);
  EXPECT_EQ(at_limit.fault(), TagListFault::kNone);
  EXPECT_EQ(at_limit.tags().size(), kMaxTags);
  const TagList over = TagList::Parse(text + "x=");
  EXPECT_EQ(over.fault(), TagListFault::kTooManyTags);
  EXPECT_EQ(over.fault_offset(), text.size());
  EXPECT_EQ(over.tags().size(), kMaxTags);
}

TEST(TagListTest, BoundsTheLength) {
  std::string text = "a=";
  text.resize(kMaxTagListOctets, 'x');
  EXPECT_EQ(TagList::Parse(text).fault(), TagListFault::kNone);
  const TagList over = TagList::Parse(text + "x");
  EXPECT_EQ(over.fault(), TagListFault::kTooLong);
  EXPECT_EQ(over.fault_offset(), kMaxTagListOctets);
  EXPECT_TRUE(over.tags().empty());
}

TEST(TagListTest, EveryFaultHasAText) {
  std::set<std::string_view> texts;
  for (const TagListFault fault :
       {TagListFault::kBadName, TagListFault::kMissingEquals, TagListFault::kBadValue,
        TagListFault::kDuplicate, TagListFault::kTooManyTags, TagListFault::kTooLong}) {
    EXPECT_FALSE(TagListFaultText(fault).empty());
    texts.insert(TagListFaultText(fault));
  }
  EXPECT_EQ(texts.size(), 6u);
  EXPECT_EQ(TagListFaultText(TagListFault::kNone), "");
}

}  // namespace
}  // namespace postseal::mail
