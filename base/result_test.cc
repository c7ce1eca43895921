#include "base/result.h"

#include <string_view>

#include "gtest/gtest.h"

namespace postseal::base {
namespace {

TEST(ResultTest, HasTheWordsOfRfc8601) {  // §2.7; the numbers are those of the C ABI
  const struct {
    Result result;
    int number;
    std::string_view name;
  } cases[] = {
      {Result::kNone, 0, "none"},           {Result::kPass, 1, "pass"},
      {Result::kFail, 2, "fail"},           {Result::kSoftFail, 3, "softfail"},
      {Result::kPolicy, 4, "policy"},       {Result::kNeutral, 5, "neutral"},
      {Result::kTempError, 6, "temperror"}, {Result::kPermError, 7, "permerror"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(static_cast<int>(c.result), c.number) << c.name;
    EXPECT_EQ(ResultName(c.result), c.name);
  }
}

TEST(ResultTest, ANumberOutOfRangeIsNeverAPass) {
  EXPECT_EQ(ResultName(static_cast<Result>(8)), "permerror");
  EXPECT_EQ(ResultName(static_cast<Result>(255)), "permerror");
}

}  // namespace
}  // namespace postseal::base
