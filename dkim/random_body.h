// RandomBody: bodies on which body canonicalization could go wrong, for tests.
#ifndef POSTSEAL_DKIM_RANDOM_BODY_H_
#define POSTSEAL_DKIM_RANDOM_BODY_H_

#include <cstddef>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace postseal::dkim {

// RandomBody returns |size| octets of WSP, CR, LF, CRLF and letters in any
// order, with a clean run now and then that a fast path could take whole.
inline std::string RandomBody(std::mt19937& random, size_t size) {
  static constexpr std::string_view kPieces[] = {"a", " ", "\t", "\r", "\n", "\r\n", " \r\n", "  "};
  // Clean runs are rare in one body and frequent in another.
  const unsigned run_one_in = 4 + random() % 60;
  std::string body;
  while (body.size() < size) {
    if (random() % run_one_in == 0) {
      body.append(random() % 700, 'x');
    } else {
      body.append(kPieces[random() % std::size(kPieces)]);
    }
  }
  body.resize(size);
  return body;
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_RANDOM_BODY_H_
