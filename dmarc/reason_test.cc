#include "dmarc/reason.h"

#include <iterator>
#include <set>
#include <string_view>

#include "base/ascii.h"
#include "base/result.h"
#include "gtest/gtest.h"

namespace postseal::dmarc {
namespace {

TEST(ReasonTest, EveryRowIsWhole) {
  constexpr base::CharSet kName = base::CharSet::Range('a', 'z') | base::CharSet("-");
  std::set<std::string_view> names;
  for (const ReasonInfo& row : kReasons) {
    EXPECT_TRUE(base::AllIn(row.name, kName)) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name << " twice";
    EXPECT_TRUE(row.clause.starts_with("RFC ")) << row.name;
    EXPECT_NE(row.clause.find("§"), row.clause.npos) << row.name;
    EXPECT_FALSE(row.text.empty()) << row.name;
  }
}

TEST(ReasonTest, OnlyOneReasonPasses) {
  for (const ReasonInfo& row : kReasons) {
    EXPECT_EQ(row.result == base::Result::kPass, &row == &InfoOf(Reason::kAligned)) << row.name;
  }
}

TEST(ReasonTest, NumbersStay) {  // append only: the C ABI will export them
  EXPECT_EQ(static_cast<int>(Reason::kAligned), 0);
  EXPECT_EQ(static_cast<int>(Reason::kNotAligned), 1);
  EXPECT_EQ(static_cast<int>(Reason::kHeaderTooLarge) + 1, static_cast<int>(std::size(kReasons)));
}

}  // namespace
}  // namespace postseal::dmarc
