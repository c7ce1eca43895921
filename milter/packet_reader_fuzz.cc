// The same packets come out however the octets are cut, and what packets are written are
// read as they were. Macros and the client are read of any data.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/fuzz_input.h"
#include "milter/client.h"
#include "milter/macros.h"
#include "milter/packet_reader.h"
#include "milter/protocol.h"
#include "milter/test_mta.h"

namespace postseal::milter {
namespace {

using Packets = std::vector<std::pair<Command, std::string>>;

struct Reading {
  Packets packets;
  size_t unread = 0;
  bool is_broken = false;
};

Reading Read(std::string_view octets, size_t first, size_t second) {
  Reading reading;
  PacketReader reader;
  base::InPieces(octets, first, second, [&](std::string_view piece) {
    // Of its own size, and gone afterwards, so that a read of it is seen.
    const std::string copy(piece);
    reader.Add(copy);
    while (const std::optional<Packet> packet = reader.Next()) {
      reading.packets.emplace_back(packet->command, packet->data);
    }
    reader.Keep();
  });
  reading.unread = reader.unread_octets();
  reading.is_broken = reader.is_broken();
  return reading;
}

void Check(base::FuzzInput input) {
  const size_t first = input.Octet();
  const size_t second = input.Octet() % 8;
  const std::string_view octets = input.Rest();
  const Reading whole = Read(octets, 0, 0);
  const Reading cut = Read(octets, first, second);
  POSTSEAL_CHECK(cut.packets == whole.packets && cut.is_broken == whole.is_broken);
  POSTSEAL_CHECK(cut.unread == whole.unread);
  std::string again;
  Macros macros;
  for (const auto& [command, data] : whole.packets) {
    again += PacketOf(static_cast<char>(command), data);
    macros.Take(data);
    const Client client = Client::Parse(data);
    POSTSEAL_CHECK(!client.address.has_value() || client.address->Unmapped() == *client.address);
  }
  POSTSEAL_CHECK(octets.starts_with(again) && octets.size() - again.size() == whole.unread);
  POSTSEAL_CHECK(macros.Value("i").size() <= kMaxMacroOctets);
  macros.ForgetMessage();
}

}  // namespace
}  // namespace postseal::milter

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::milter::Check(postseal::base::FuzzInput(data, size));
  return 0;
}
