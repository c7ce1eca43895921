// What is escaped has no control in it and can be read back; an excerpt is two lines of
// bounded width, whatever the text and wherever the place.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/escape.h"
#include "base/excerpt.h"
#include "base/fuzz_input.h"
#include "base/utf8.h"

namespace postseal::base {
namespace {

// Unescape undoes Escape.
std::string Unescape(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (text.at(++i) == '\\') {
      out += '\\';
    } else {
      POSTSEAL_CHECK(text[i] == 'x');
      out += static_cast<char>(digit(text.at(i + 1)) << 4 | digit(text.at(i + 2)));
      i += 2;
    }
  }
  return out;
}

void CheckEscape(std::string_view text, NonAscii non_ascii) {
  const std::string escaped = Escape(text, non_ascii);
  POSTSEAL_CHECK(Unescape(escaped) == text);
  POSTSEAL_CHECK(IsUtf8(escaped));
  for (const char c : escaped) {
    POSTSEAL_CHECK(static_cast<uint8_t>(c) >= 0x20 && c != 0x7F);
    POSTSEAL_CHECK(non_ascii == NonAscii::kPassGraphic || static_cast<uint8_t>(c) < 0x80);
  }
}

void CheckExcerpt(std::string_view text, size_t offset, size_t size) {
  const std::string excerpt = Excerpt(text, offset, size, "  ");
  POSTSEAL_CHECK(std::count(excerpt.begin(), excerpt.end(), '\n') == 2 && excerpt.back() == '\n');
  const std::string_view lines = excerpt;
  const size_t border = lines.find('\n');
  constexpr size_t kAround = 2 + 2 * 3;  // the indent, and "..." at both ends
  POSTSEAL_CHECK(border <= kMaxExcerptColumns + kAround);
  POSTSEAL_CHECK(lines.size() - border - 2 <= kMaxExcerptColumns + kAround + 1);
  const std::string_view marks = lines.substr(border + 1);
  POSTSEAL_CHECK(marks.find('^') != marks.npos && marks.find('^') <= border);
}

}  // namespace
}  // namespace postseal::base

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using postseal::base::NonAscii;
  postseal::base::FuzzInput input(data, size);
  const size_t offset = size_t{input.Octet()} * 4;
  const size_t marked = input.Octet();
  const std::string_view text = input.Rest();
  postseal::base::CheckEscape(text, NonAscii::kEscape);
  postseal::base::CheckEscape(text, NonAscii::kPassGraphic);
  postseal::base::CheckExcerpt(text, offset, marked);
  postseal::base::CheckExcerpt(text, offset, SIZE_MAX);
  return 0;
}
