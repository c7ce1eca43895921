// The line ends of a text are found alike however it is cut, and a text in Unix form that
// is converted has no other line ends than CRLF, and says the same without them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/fuzz_input.h"
#include "cli/line_forms.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postseal;
  base::FuzzInput input(data, size);
  const size_t first = input.Octet();
  const size_t second = input.Octet() % 8;
  const std::string_view text = input.Rest();
  cli::LineFormFinder whole;
  whole.Add(text);
  cli::LineFormFinder cut;
  std::string converted;
  base::InPieces(text, first, second, [&](std::string_view piece) {
    cut.Add(piece);
    cli::AppendWithCrlf(piece, &converted);
  });
  POSTSEAL_CHECK(whole.forms().crlf == (text.find("\r\n") != text.npos));
  POSTSEAL_CHECK(cut.forms().unix_form() == whole.forms().unix_form());
  if (!whole.forms().unix_form()) return 0;
  cli::LineFormFinder again;
  again.Add(converted);
  POSTSEAL_CHECK(again.forms().crlf);
  std::string back = converted;
  for (size_t at = back.find("\r\n"); at != back.npos; at = back.find("\r\n", at + 1)) {
    back.erase(at, 1);
  }
  POSTSEAL_CHECK(back == text);
  return 0;
}
