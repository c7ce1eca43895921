#include "mail/octet_census.h"

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace postseal::mail {
namespace {

size_t Count(const std::string& text, char c) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), c));
}

TEST(OctetCensusTest, CountsWhatIsThere) {
  std::mt19937 random(240);
  for (size_t size = 0; size < 2000; size += 1 + size / 300) {
    std::string text(size, 'x');
    for (size_t i = 0; i < size / 16; ++i)
      text[random() % size] = "\r\n\r\n\0\x80\x7f\xff"[random() % 8];
    OctetCensus census;
    census.Add(text);
    EXPECT_EQ(census.cr, Count(text, '\r')) << size;
    EXPECT_EQ(census.lf, Count(text, '\n')) << size;
    EXPECT_EQ(census.nul, Count(text, '\0') != 0) << size;
    EXPECT_EQ(census.non_ascii, Count(text, '\x80') + Count(text, '\xff') != 0) << size;
  }
}

// The narrow counters must not wrap within a block, nor any octet be missed.
TEST(OctetCensusTest, CountersDoNotWrap) {
  for (const char c : {'\r', '\n', '\0', '\x80'}) {
    for (const size_t size : {239, 240, 241, 255, 256, 257, 100000}) {
      OctetCensus census;
      census.Add(std::string(size, c));
      EXPECT_EQ(census.cr, c == '\r' ? size : 0);
      EXPECT_EQ(census.lf, c == '\n' ? size : 0);
      EXPECT_EQ(census.nul, c == '\0');
      EXPECT_EQ(census.non_ascii, c == '\x80');
    }
  }
}

TEST(OctetCensusTest, AddsUp) {
  OctetCensus census;
  census.Add("\r\n");
  census.Add(std::string(1, '\0'));
  census.Add("a\r");
  EXPECT_EQ(census.cr, 2u);
  EXPECT_EQ(census.lf, 1u);
  EXPECT_TRUE(census.nul) << "what was seen stays seen";
  EXPECT_FALSE(census.non_ascii);
}

}  // namespace
}  // namespace postseal::mail
