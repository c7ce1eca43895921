// What the message benchmark rests on: the good message passes each part, and the
// changed one none.
#include "bench/message_cases.h"

#include "gtest/gtest.h"

namespace postseal::bench {
namespace {

TEST(MessagePartsTest, PassTheGoodMessageAlone) {
  EXPECT_EQ(MessageParts().size(), 6u);
  for (const MessagePart& part : MessageParts()) {
    SCOPED_TRACE(part.name);
    // The second time with what the first one left in a session or a cache.
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(part.passes(/*changed=*/false));
      EXPECT_FALSE(part.passes(/*changed=*/true));
    }
  }
}

}  // namespace
}  // namespace postseal::bench
