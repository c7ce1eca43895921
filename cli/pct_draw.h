// MessagePctDraw: the draw for pct= of RFC 7489 that the command line takes from a message.
#ifndef POSTSEAL_CLI_PCT_DRAW_H_
#define POSTSEAL_CLI_PCT_DRAW_H_

#include <cstdint>
#include <string_view>

namespace postseal::cli {

// MessagePctDraw makes a number from 0 to 99 from a message's octets, so that the same message
// gets the same verdict each time: their 64-bit FNV-1a hash, modulo 100. A sender can compute
// it, and so choose it: use it to examine messages, not to receive mail.
class MessagePctDraw {
 public:
  void Feed(std::string_view octets) {
    for (const char c : octets) hash_ = (hash_ ^ static_cast<uint8_t>(c)) * 0x100000001B3u;
  }
  uint8_t draw() const { return static_cast<uint8_t>(hash_ % 100); }

 private:
  uint64_t hash_ = 0xCBF29CE484222325u;
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_PCT_DRAW_H_
