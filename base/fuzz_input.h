// FuzzInput: for fuzz targets, takes the octets of a fuzzer apart.
#ifndef POSTSEAL_BASE_FUZZ_INPUT_H_
#define POSTSEAL_BASE_FUZZ_INPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace postseal::base {

// FuzzInput hands out octets from the front. At the end it hands out zeros and empty
// texts, so that a target needs no check of its own. Texts end at an octet 0xFF, which no
// UTF-8 has: a fuzzer, its dictionary and a person can all put texts together.
class FuzzInput {
 public:
  FuzzInput(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool at_end() const { return rest_.empty(); }

  // Octet takes the next octet.
  uint8_t Octet() {
    if (rest_.empty()) return 0;
    const auto octet = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return octet;
  }
  // Bit takes an octet and returns its lowest bit.
  bool Bit() { return (Octet() & 1) != 0; }
  // Below takes an octet for a number below |bound|, which is above 0.
  size_t Below(size_t bound) { return Octet() % bound; }

  // Text takes what stands before the next 0xFF, and that octet.
  std::string_view Text() {
    const std::string_view text = rest_.substr(0, rest_.find('\xff'));
    rest_.remove_prefix(std::min(text.size() + 1, rest_.size()));
    return text;
  }
  // Rest takes all that is left.
  std::string_view Rest() { return std::exchange(rest_, std::string_view()); }

 private:
  std::string_view rest_;
};

// InPieces calls |take| with |text| in pieces of |first| and |second| octets in turn. A
// size of 0 means all that is left.
template <typename Take>
void InPieces(std::string_view text, size_t first, size_t second, Take take) {
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, first == 0 ? text.size() : first);
    take(piece);
    text.remove_prefix(piece.size());
    std::swap(first, second);
  }
}

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_FUZZ_INPUT_H_
