// OctetCensus: which octets that mail should not hold are in a text, found in
// one pass that the compiler vectorises.
#ifndef POSTSEAL_MAIL_OCTET_CENSUS_H_
#define POSTSEAL_MAIL_OCTET_CENSUS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postseal::mail {

// OctetCensus counts CR and LF, and says whether NUL or octets above 127 occur.
// A text whose CR or LF outnumber its CRLFs holds bare ones.
struct OctetCensus {
  size_t cr = 0;
  size_t lf = 0;
  bool nul = false;
  bool non_ascii = false;

  // Add counts the octets of |text| too.
  void Add(std::string_view text) {
    // Counters of one octet make the loop 16 or 32 lanes wide; a block is as
    // long as they can count.
    constexpr size_t kBlock = 240;
    while (!text.empty()) {
      const size_t n = std::min(text.size(), kBlock);
      const auto* const octets = reinterpret_cast<const uint8_t*>(text.data());
      uint8_t block_cr = 0;
      uint8_t block_lf = 0;
      uint8_t block_nul = 0;
      uint8_t block_or = 0;
      for (size_t i = 0; i < n; ++i) {
        block_cr = static_cast<uint8_t>(block_cr + (octets[i] == '\r' ? 1 : 0));
        block_lf = static_cast<uint8_t>(block_lf + (octets[i] == '\n' ? 1 : 0));
        block_nul = static_cast<uint8_t>(block_nul + (octets[i] == 0 ? 1 : 0));
        block_or |= octets[i];
      }
      cr += block_cr;
      lf += block_lf;
      nul |= block_nul != 0;
      non_ascii |= block_or > 127;
      text.remove_prefix(n);
    }
  }
};

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_OCTET_CENSUS_H_
