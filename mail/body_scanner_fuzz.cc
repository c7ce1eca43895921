// What a body holds that may be read in two ways does not depend on how it is cut, and is
// what a plain search finds. Text that is unfolded keeps its octets in their places.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "mail/body_scanner.h"
#include "mail/field.h"
#include "mail/unfold.h"

namespace postseal::mail {
namespace {

BodyFlags Search(std::string_view body) {
  BodyFlags flags;
  size_t line = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    const auto is_at = [body](size_t at, char c) { return at < body.size() && body[at] == c; };
    flags.nul = flags.nul || body[i] == '\0';
    flags.non_ascii = flags.non_ascii || static_cast<uint8_t>(body[i]) > 127;
    flags.bare_lf = flags.bare_lf || (body[i] == '\n' && (i == 0 || body[i - 1] != '\r'));
    if (body[i] == '\r' && is_at(i + 1, '\n')) {
      line = 0;
      ++i;
      continue;
    }
    flags.bare_cr = flags.bare_cr || body[i] == '\r';
    flags.long_line = flags.long_line || ++line > kMaxLineOctets;
  }
  return flags;
}

void CheckUnfold(std::string_view text) {
  base::Arena arena;
  const std::string_view unfolded = Unfold(text, &arena);
  POSTSEAL_CHECK(unfolded.size() <= text.size());
  // FoldedOffset counts from the front each time.
  for (size_t i = 0; i < std::min<size_t>(unfolded.size(), 200); ++i) {
    const size_t at = FoldedOffset(text, i);
    POSTSEAL_CHECK(at < text.size() && text[at] == unfolded[i]);
  }
  POSTSEAL_CHECK(FoldedOffset(text, unfolded.size()) <= text.size());
}

}  // namespace
}  // namespace postseal::mail

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postseal;
  base::FuzzInput input(data, size);
  const size_t first = input.Octet();
  const size_t second = input.Octet() % 8;
  const std::string_view body = input.Rest();
  mail::BodyScanner whole;
  whole.Feed(body);
  mail::BodyScanner cut;
  base::InPieces(body, first, second, [&cut](std::string_view piece) { cut.Feed(piece); });
  POSTSEAL_CHECK(whole.flags() == mail::Search(body));
  POSTSEAL_CHECK(cut.flags() == whole.flags());
  mail::CheckUnfold(body);
  return 0;
}
