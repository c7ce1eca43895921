#include "dkim/header_index.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "gtest/gtest.h"
#include "mail/field.h"

namespace postseal::dkim {
namespace {

std::vector<mail::Field> Fields(const std::vector<std::string>& names) {
  std::vector<mail::Field> fields;
  for (const std::string& name : names) fields.push_back({name, "", name, 0});
  return fields;
}

TEST(HeaderIndexTest, PicksFromTheBottomUp) {  // RFC 6376 §5.4.2
  base::Arena arena;
  const std::vector<std::string> names = {"X", "From", "x", "To", "X"};
  const std::vector<mail::Field> fields = Fields(names);
  const HeaderIndex index(&arena, fields);
  EXPECT_EQ(index.Count("x"), 3u);
  EXPECT_EQ(index.Count("FROM"), 1u);
  EXPECT_EQ(index.Count("Fro"), 0u);
  EXPECT_EQ(index.Count(""), 0u);
  HeaderIndex::Picker picker(&arena, &index);
  EXPECT_EQ(picker.Pick("x"), &fields[4]);
  EXPECT_EQ(picker.Pick("to"), &fields[3]);
  EXPECT_EQ(picker.Pick("X"), &fields[2]);
  EXPECT_EQ(picker.Pick("X"), &fields[0]);
  EXPECT_EQ(picker.Pick("X"), nullptr);
  EXPECT_EQ(picker.Pick("X"), nullptr) << "stays used up";
  EXPECT_EQ(picker.Pick("Cc"), nullptr);
  HeaderIndex::Picker another(&arena, &index);
  EXPECT_EQ(another.Pick("x"), &fields[4]) << "each signature picks by itself";
}

TEST(HeaderIndexTest, AnEmptyHeaderHasNothing) {
  base::Arena arena;
  const HeaderIndex none;
  EXPECT_EQ(none.Count("from"), 0u);
  const HeaderIndex empty(&arena, {});
  HeaderIndex::Picker picker(&arena, &empty);
  EXPECT_EQ(picker.Pick("from"), nullptr);
}

TEST(HeaderIndexTest, NamesThatOnlyLookAlikeStayApart) {
  base::Arena arena;
  // '[' and '{', '@' and '`' differ in the bit that tells letters' case, and
  // the middle of a long name is not in its hash.
  const std::vector<std::string> names = {"a[",
                                          "a{",
                                          "@",
                                          "`",
                                          "prefixAA-middle-1-suffixBB",
                                          "prefixAA-middle-2-suffixBB",
                                          "PREFIXaa-MIDDLE-1-SUFFIXbb"};
  const std::vector<mail::Field> fields = Fields(names);
  const HeaderIndex index(&arena, fields);
  for (const char* name : {"a[", "a{", "@", "`"}) EXPECT_EQ(index.Count(name), 1u) << name;
  EXPECT_EQ(index.Count("prefixaa-middle-1-suffixbb"), 2u);
  EXPECT_EQ(index.Count("prefixaa-middle-2-suffixbb"), 1u);
  EXPECT_EQ(index.Count("prefixaa-middle-3-suffixbb"), 0u);
}

TEST(HeaderIndexTest, ManyNames) {
  base::Arena arena;
  std::vector<std::string> names;
  for (int i = 0; i < 5000; ++i) names.push_back("Name-" + std::to_string(i % 2500));
  const std::vector<mail::Field> fields = Fields(names);
  const HeaderIndex index(&arena, fields);
  HeaderIndex::Picker picker(&arena, &index);
  for (int i = 0; i < 2500; ++i) {
    const std::string name = "nAME-" + std::to_string(i);
    ASSERT_EQ(index.Count(name), 2u);
    ASSERT_EQ(picker.Pick(name), &fields[static_cast<size_t>(i) + 2500]);
    ASSERT_EQ(picker.Pick(name), &fields[static_cast<size_t>(i)]);
  }
}

}  // namespace
}  // namespace postseal::dkim
