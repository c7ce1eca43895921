// TestMta: for tests, an MTA in memory: writes the packets that one sends, and prints
// those that it gets, one a line.
#ifndef POSTSEAL_MILTER_TEST_MTA_H_
#define POSTSEAL_MILTER_TEST_MTA_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "milter/packet_reader.h"

namespace postseal::milter {

// AllOffers is what Postfix 3.7 offers: every action, every protocol bit that there is.
inline constexpr uint32_t kAllActions = 0x1FF;
inline constexpr uint32_t kAllProtocol = 0x1FFFFF;

inline std::string Uint32(uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 255);
  return out;
}

inline std::string PacketOf(char command, std::string_view data = "") {
  return absl::StrCat(Uint32(static_cast<uint32_t>(1 + data.size())), std::string(1, command),
                      data);
}

// Texts joins |texts|, each with its NUL.
inline std::string Texts(std::initializer_list<std::string_view> texts) {
  std::string out;
  for (const std::string_view text : texts) absl::StrAppend(&out, text, std::string_view("\0", 1));
  return out;
}

inline std::string NegotiationPacket(uint32_t version = 6, uint32_t actions = kAllActions,
                                     uint32_t protocol = kAllProtocol) {
  return PacketOf('O', absl::StrCat(Uint32(version), Uint32(actions), Uint32(protocol)));
}

inline std::string MacrosPacket(char stage, std::initializer_list<std::string_view> texts) {
  return PacketOf('D', absl::StrCat(std::string(1, stage), Texts(texts)));
}

// ConnectPacket is of an IPv4 client, or, with a colon in |address|, of an IPv6 one.
inline std::string ConnectPacket(std::string_view host, std::string_view address) {
  const char family = address.find(':') == std::string_view::npos ? '4' : '6';
  return PacketOf('C', absl::StrCat(Texts({host}), std::string(1, family),
                                    std::string_view("\x01\x02", 2), Texts({address})));
}

inline std::string MailPacket(std::string_view path) { return PacketOf('M', Texts({path})); }

inline std::string HeaderPacket(std::string_view name, std::string_view value) {
  return PacketOf('L', Texts({name, value}));
}

// PrintReplies writes |octets| of a filter a packet a line: "c", "y 550 ...", "i 0 Name:VALUE",
// "m 2 Name:", "O 6 11 120400". An LF in a text is "|".
inline std::string PrintReplies(std::string_view octets) {
  PacketReader reader;
  reader.Add(octets);
  std::string out;
  while (const std::optional<Packet> packet = reader.Next()) {
    std::string_view data = packet->data;
    const char reply = static_cast<char>(packet->command);
    absl::StrAppend(&out, out.empty() ? "" : "\n", std::string(1, reply));
    if (reply == 'O') {
      for (int i = 0; i < 3; ++i) absl::StrAppend(&out, " ", absl::Hex(*TakeUint32(&data)));
    } else if (reply == 'i' || reply == 'm') {
      const uint32_t index = TakeUint32(&data).value_or(999);
      const std::string_view name = TakeText(&data).value_or("?");
      absl::StrAppend(&out, " ", index, " ", name, ":",
                      absl::StrReplaceAll(TakeText(&data).value_or("?"), {{"\n", "|"}}));
    } else if (!data.empty()) {
      absl::StrAppend(&out, " ", TakeText(&data).value_or("?"));
    }
    if (!data.empty()) absl::StrAppend(&out, " +", data.size());
  }
  if (reader.unread_octets() > 0) absl::StrAppend(&out, " broken");
  return out;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_TEST_MTA_H_
