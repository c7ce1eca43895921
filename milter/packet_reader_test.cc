#include "milter/packet_reader.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "milter/protocol.h"
#include "milter/test_mta.h"

namespace postseal::milter {
namespace {

// ReadAll feeds |octets| in pieces of |size| and returns the packets as text.
std::vector<std::string> ReadAll(PacketReader* reader, std::string_view octets, size_t size) {
  std::vector<std::string> packets;
  while (!octets.empty()) {
    // A buffer of its own, which is overwritten, as a socket's is.
    std::string piece(octets.substr(0, size));
    octets.remove_prefix(piece.size());
    reader->Add(piece);
    while (const auto packet = reader->Next()) {
      packets.push_back(
          absl::StrCat(std::string(1, static_cast<char>(packet->command)), ":", packet->data));
    }
    reader->Keep();
    piece.assign(piece.size(), '#');
  }
  return packets;
}

TEST(PacketReaderTest, EveryCutGivesTheSamePackets) {
  const std::string octets = absl::StrCat(PacketOf('H', Texts({"mail.example.com"})), PacketOf('N'),
                                          PacketOf('B', std::string(300, 'x')), PacketOf('E'));
  PacketReader whole;
  const std::vector<std::string> expected = ReadAll(&whole, octets, octets.size());
  ASSERT_EQ(expected.size(), 4u);
  EXPECT_EQ(expected[1], "N:");
  EXPECT_EQ(expected[2], absl::StrCat("B:", std::string(300, 'x')));
  for (size_t size = 1; size < octets.size(); ++size) {
    PacketReader reader;
    EXPECT_EQ(ReadAll(&reader, octets, size), expected) << size;
    EXPECT_EQ(reader.unread_octets(), 0u);
    EXPECT_FALSE(reader.is_broken());
  }
}

TEST(PacketReaderTest, LengthsAtTheLimits) {
  struct Case {
    uint32_t length;
    bool is_broken;
    const char* why;
  };
  const Case kCases[] = {
      {0, true, "not even a command"},
      {1, false, "a command"},
      {kMaxPacketOctets, false, "the longest"},
      {kMaxPacketOctets + 1, true, "one more"},
      {0xFFFFFFFF, true, "the longest there can be"},
  };
  for (const Case& c : kCases) {
    PacketReader reader;
    const std::string head = absl::StrCat(Uint32(c.length), "B");
    reader.Add(head);
    const bool has_packet = reader.Next().has_value();
    EXPECT_EQ(reader.is_broken(), c.is_broken) << c.why;
    EXPECT_EQ(has_packet, c.length == 1) << c.why;
  }
}

TEST(PacketReaderTest, TextsNeedTheirNul) {
  std::string_view data("ab\0cd", 5);
  EXPECT_EQ(TakeText(&data), "ab");
  EXPECT_EQ(TakeText(&data), std::nullopt);
  EXPECT_EQ(data, "cd") << "what is no text stays";
}

}  // namespace
}  // namespace postseal::milter
