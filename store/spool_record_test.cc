#include "store/spool_record.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace postseal::store {
namespace {

std::string RecordOf(std::string_view payload) {
  std::string out;
  AppendRecord(payload, &out);
  return out;
}

struct Found {
  friend bool operator==(const Found&, const Found&) = default;

  std::vector<std::string> payloads;
  size_t skipped = 0;
};

Found ReadAll(std::string_view text) {
  Found found;
  RecordReader reader(text);
  while (const auto payload = reader.Next()) found.payloads.emplace_back(*payload);
  found.skipped = reader.skipped();
  return found;
}

// RFC 3720 appendix B.4
TEST(SpoolRecordTest, Crc32c) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  std::string up;
  for (char c = 0; c < 32; ++c) up += c;
  EXPECT_EQ(Crc32c(up), 0x46dd794eu);
  EXPECT_EQ(Crc32c(up.substr(10), Crc32c(up.substr(0, 10))), 0x46dd794eu) << "in pieces";
}

TEST(SpoolRecordTest, RoundTrip) {
  const std::string large(kMaxRecordOctets, 'x');
  const std::string text = RecordOf("one") + RecordOf("") + RecordOf(large);
  EXPECT_EQ(ReadAll(text), (Found{{"one", "", large}, 0}));
  EXPECT_EQ(ReadAll(""), Found());
}

TEST(SpoolRecordTest, ASizeAboveTheLimitIsNoRecord) {
  // As AppendRecord would write it.
  const std::string payload(kMaxRecordOctets + 1, 'x');
  std::string size;
  internal::AppendNumber(static_cast<uint32_t>(payload.size()), &size);
  std::string text = std::string(kRecordMark) + size;
  internal::AppendNumber(Crc32c(payload, Crc32c(size)), &text);
  text += payload;
  EXPECT_EQ(ReadAll(text), (Found{{}, text.size()}));
}

TEST(SpoolRecordTest, ATornLastRecordIsSkipped) {
  const std::string first = RecordOf("first");
  const std::string last = RecordOf("the last one");
  for (size_t size = 0; size < last.size(); ++size) {
    EXPECT_EQ(ReadAll(first + last.substr(0, size)), (Found{{"first"}, size}));
    // As a loss of power leaves it: the size is there, the data is not.
    const std::string zeros = last.substr(0, size) + std::string(last.size() - size, '\0');
    EXPECT_EQ(ReadAll(first + zeros), (Found{{"first"}, last.size()}));
  }
}

TEST(SpoolRecordTest, ADamagedRecordCostsItselfAlone) {
  const std::string damaged = RecordOf("damaged");
  for (size_t i = 0; i < damaged.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string text = damaged;
      text[i] = static_cast<char>(text[i] ^ (1 << bit));
      EXPECT_EQ(ReadAll(RecordOf("before") + text + RecordOf("after")),
                (Found{{"before", "after"}, damaged.size()}))
          << i << "." << bit;
    }
  }
}

TEST(SpoolRecordTest, ARecordWithinARecordIsNone) {
  const std::string outer = RecordOf("outer " + RecordOf("inner"));
  EXPECT_EQ(ReadAll(outer).payloads.size(), 1u);
}

}  // namespace
}  // namespace postseal::store
