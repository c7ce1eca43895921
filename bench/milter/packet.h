// Packets of the milter protocol: a length of four octets, a letter, data.
#ifndef POSTSEAL_BENCH_MILTER_PACKET_H_
#define POSTSEAL_BENCH_MILTER_PACKET_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace postseal::bench {

struct Packet {
  char command = 0;
  std::string data;
};

// kMaxPacketOctets is the longest packet that is read, letter and data.
inline constexpr size_t kMaxPacketOctets = size_t{1} << 20;

// AppendUint32 appends |number| in network order.
inline void AppendUint32(uint32_t number, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

// ReadUint32 reads the first four octets of |octets|, which must have them.
inline uint32_t ReadUint32(std::string_view octets) {
  uint32_t number = 0;
  for (size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(octets[i]);
  return number;
}

// AppendPacket appends a whole packet to |out|.
inline void AppendPacket(char command, std::string_view data, std::string& out) {
  AppendUint32(static_cast<uint32_t>(data.size() + 1), out);
  out += command;
  out += data;
}

// PacketReader takes octets in any split and gives packets.
class PacketReader {
 public:
  void Add(std::string_view octets) { octets_ += octets; }

  // Next gives the next packet, nothing when octets are missing, or what is wrong.
  absl::StatusOr<std::optional<Packet>> Next() {
    const std::string_view rest = std::string_view(octets_).substr(taken_);
    if (rest.size() >= 4) {
      const uint32_t length = ReadUint32(rest);
      if (length == 0 || length > kMaxPacketOctets) {
        return absl::InvalidArgumentError("a packet of " + std::to_string(length) + " octets");
      }
      if (rest.size() - 4 >= length) {
        Packet packet{rest[4], std::string(rest.substr(5, length - 1))};
        taken_ += 4 + size_t{length};
        return std::optional<Packet>(std::move(packet));
      }
    }
    octets_.erase(0, taken_);
    taken_ = 0;
    return std::optional<Packet>();
  }

 private:
  std::string octets_;
  size_t taken_ = 0;  // octets at the front that were given out
};

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_MILTER_PACKET_H_
