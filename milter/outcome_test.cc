#include "milter/outcome.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace postseal::milter {
namespace {

TEST(OutcomeTest, FieldsForAMilter) {
  const std::vector<Insertion> insertions = ToInsertions(
      "DKIM-Signature: v=1;\r\n\th=from;\r\n b=x:y\r\n"
      "DKIM-Signature:no-space\r\n");
  ASSERT_EQ(insertions.size(), 2u);
  // Each is put on top of the one before.
  EXPECT_EQ(insertions[0].name, "DKIM-Signature");
  EXPECT_EQ(insertions[0].value, "no-space");
  EXPECT_EQ(insertions[1].value, " v=1;\n\th=from;\n b=x:y")
      << "the octets that were hashed: only CRLF is LF";
}

TEST(OutcomeTest, NothingOfNothing) {
  EXPECT_TRUE(ToInsertions("").empty());
  EXPECT_TRUE(ToInsertions("no field").empty());
  EXPECT_EQ(ToInsertions("A: b").at(0).value, " b") << "without a line end, too";
}

TEST(OutcomeTest, EveryWarningHasAText) {
  for (const RelayWarning& warning : kRelayWarnings) {
    EXPECT_EQ(RelayWarningText(warning.name), warning.text);
  }
  EXPECT_EQ(RelayWarningText("other"), "");
}

}  // namespace
}  // namespace postseal::milter
