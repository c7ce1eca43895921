// PacketWriter: what a filter says, as packets in one buffer, so that one write
// carries all of it.
#ifndef POSTSEAL_MILTER_PACKET_WRITER_H_
#define POSTSEAL_MILTER_PACKET_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "milter/protocol.h"

namespace postseal::milter {

// Agreement is what a negotiation came to.
struct Agreement {
  uint32_t version = 0;
  uint32_t actions = 0;
  uint32_t protocol = 0;
};

class PacketWriter {
 public:
  // Negotiate answers the MTA's offer.
  void Negotiate(const Agreement& agreement) {
    Begin(Reply::kNegotiate, 12);
    PutUint32(agreement.version);
    PutUint32(agreement.actions);
    PutUint32(agreement.protocol);
  }

  // Say writes a reply that has no data.
  void Say(Reply reply) { Begin(reply, 0); }

  // SayReplyCode refuses with |text|: "CODE X.Y.Z TEXT", without NUL or line ends.
  // An MTA takes "%" in it for a directive of a format: it is doubled here.
  void SayReplyCode(std::string_view text) {
    std::string doubled;
    for (const char c : text) {
      if (c == '%') doubled += c;
      doubled += c;
    }
    Begin(Reply::kReplyCode, doubled.size() + 1);
    PutText(doubled);
  }

  // InsertHeader puts the field |name| before the one at |index|, from 0.
  void InsertHeader(uint32_t index, std::string_view name, std::string_view value) {
    PutField(Reply::kInsertHeader, index, name, value);
  }

  // DeleteHeader deletes the |occurrence|th field |name|, from 1.
  void DeleteHeader(uint32_t occurrence, std::string_view name) {
    PutField(Reply::kChangeHeader, occurrence, name, "");
  }

  // Quarantine holds the message, for |reason|.
  void Quarantine(std::string_view reason) {
    Begin(Reply::kQuarantine, reason.size() + 1);
    PutText(reason);
  }

  const std::string& octets() const { return octets_; }
  bool empty() const { return octets_.empty(); }
  // Take returns what was written, and leaves nothing.
  std::string Take() { return std::exchange(octets_, std::string()); }

 private:
  void PutField(Reply reply, uint32_t index, std::string_view name, std::string_view value) {
    Begin(reply, 4 + name.size() + 1 + value.size() + 1);
    PutUint32(index);
    PutText(name);
    PutText(value);
  }
  void Begin(Reply reply, size_t data_octets) {
    PutUint32(static_cast<uint32_t>(1 + data_octets));
    octets_ += static_cast<char>(reply);
  }
  void PutUint32(uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) octets_ += static_cast<char>(value >> shift & 255);
  }
  void PutText(std::string_view text) {
    octets_.append(text);
    octets_ += '\0';
  }

  std::string octets_;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_PACKET_WRITER_H_
