#include "bench/milter/packet.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace postseal::bench {
namespace {

using std::string_literals::operator""s;

TEST(Packet, HasItsLengthInFront) {
  std::string out;
  AppendPacket('L', "a\0b"s, out);
  EXPECT_EQ(out, "\0\0\0\4La\0b"s);
}

TEST(PacketReader, TakesOctetsInAnySplit) {
  PacketReader reader;
  std::string octets;
  AppendPacket('c', "", octets);
  AppendPacket('i', "xyz", octets);
  std::string commands, data;
  for (const char octet : octets) {
    reader.Add(std::string_view(&octet, 1));
    const auto packet = reader.Next();
    ASSERT_TRUE(packet.ok());
    if (!packet->has_value()) continue;
    commands += (*packet)->command;
    data += (*packet)->data;
  }
  EXPECT_EQ(commands, "ci");
  EXPECT_EQ(data, "xyz");
}

TEST(PacketReader, TakesSeveralAtOnce) {
  PacketReader reader;
  reader.Add("\0\0\0\1c\0\0\0\1a\0\0"s);
  EXPECT_EQ((*reader.Next())->command, 'c');
  EXPECT_EQ((*reader.Next())->command, 'a');
  EXPECT_FALSE(reader.Next()->has_value());
  reader.Add("\0\1t"s);
  EXPECT_EQ((*reader.Next())->command, 't');
}

TEST(PacketReader, RefusesLengthsThatNoPacketHas) {
  PacketReader reader;
  reader.Add("\0\0\0\0"s);
  EXPECT_FALSE(reader.Next().ok());
}

TEST(PacketReader, TakesTheLongestPacketAndNoneThatIsLonger) {
  std::string longest;
  AppendPacket('i', std::string(kMaxPacketOctets - 1, 'x'), longest);
  PacketReader reader;
  reader.Add(longest);
  const auto packet = reader.Next();
  ASSERT_TRUE(packet.ok() && packet->has_value());
  EXPECT_EQ((*packet)->data.size(), kMaxPacketOctets - 1);

  std::string header;
  AppendUint32(kMaxPacketOctets + 1, header);
  reader.Add(header);
  EXPECT_FALSE(reader.Next().ok());
}

}  // namespace
}  // namespace postseal::bench
