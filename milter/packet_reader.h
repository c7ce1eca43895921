// PacketReader: cuts what an MTA sends into packets.
#ifndef POSTSEAL_MILTER_PACKET_READER_H_
#define POSTSEAL_MILTER_PACKET_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "milter/protocol.h"

namespace postseal::milter {

// Packet is one packet, as views into what it was read from.
struct Packet {
  Command command = Command::kQuit;
  std::string_view data;
};

// TakeUint32 takes four octets in network order off the front of |text|; nullopt
// when it is shorter.
inline std::optional<uint32_t> TakeUint32(std::string_view* text) {
  if (text->size() < 4) return std::nullopt;
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>((*text)[i]);
  text->remove_prefix(4);
  return value;
}

// TakeText takes a text that ends in NUL off the front of |data|, without its NUL;
// nullopt when there is no NUL.
inline std::optional<std::string_view> TakeText(std::string_view* data) {
  const size_t nul = data->find('\0');
  if (nul == std::string_view::npos) return std::nullopt;
  const std::string_view text = data->substr(0, nul);
  data->remove_prefix(nul + 1);
  return text;
}

// PacketReader takes octets in pieces of any size. A piece that holds whole packets
// is not copied. Memory is bounded by a packet and the piece it ends in.
//
//   reader.Add(octets);
//   while (auto packet = reader.Next()) Handle(*packet);
//   reader.Keep();
class PacketReader {
 public:
  PacketReader() = default;
  PacketReader(const PacketReader&) = delete;
  PacketReader& operator=(const PacketReader&) = delete;

  // Add makes |octets| the next to be read. They must live until Keep.
  void Add(std::string_view octets) {
    if (kept_.size() == kept_offset_) {
      kept_.clear();
      kept_offset_ = 0;
      unread_ = octets;
      return;
    }
    kept_.append(octets);
    unread_ = std::string_view(kept_).substr(kept_offset_);
  }

  // Next returns the next packet, whose data live until Keep; nullopt when it is not
  // whole yet, or when its length is none that a packet may have (is_broken).
  std::optional<Packet> Next() {
    std::string_view rest = unread_;
    const std::optional<uint32_t> length = TakeUint32(&rest);
    if (!length.has_value()) return std::nullopt;
    if (*length == 0 || *length > kMaxPacketOctets) {
      is_broken_ = true;
      return std::nullopt;
    }
    if (rest.size() < *length) return std::nullopt;
    unread_.remove_prefix(4 + *length);
    return Packet{static_cast<Command>(rest[0]), rest.substr(1, *length - 1)};
  }

  // Keep copies what is not read yet: what was given to Add may go.
  void Keep() {
    if (unread_.empty()) {
      ReleaseKept();
    } else if (kept_.empty()) {
      kept_.assign(unread_);
      kept_offset_ = 0;
    } else {
      kept_offset_ = kept_.size() - unread_.size();
      if (kept_offset_ > kept_.size() / 2) {
        kept_.erase(0, kept_offset_);
        kept_offset_ = 0;
      }
    }
    unread_ = std::string_view(kept_).substr(kept_offset_);
  }

  // unread_octets are what was given and is not read yet.
  size_t unread_octets() const { return unread_.size(); }

  // is_broken says that no packet can be found any more.
  bool is_broken() const { return is_broken_; }

 private:
  // Memory beyond this, in octets, is given back once all is read.
  static constexpr size_t kKeptOctets = 128 * 1024;

  void ReleaseKept() {
    kept_.clear();
    kept_offset_ = 0;
    if (kept_.capacity() > kKeptOctets) std::string().swap(kept_);
  }

  std::string kept_;
  size_t kept_offset_ = 0;  // what of kept_ is read
  std::string_view unread_;
  bool is_broken_ = false;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_PACKET_READER_H_
