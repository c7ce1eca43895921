// Excerpt: a place in a text that somebody else wrote, shown with a caret below it.
#ifndef POSTSEAL_BASE_EXCERPT_H_
#define POSTSEAL_BASE_EXCERPT_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/escape.h"

namespace postseal::base {

// kMaxExcerptColumns bounds the text of an excerpt, in columns, the marks for what
// was cut off not included: with an indent of four it fits a terminal of 80.
inline constexpr size_t kMaxExcerptColumns = 70;

// Excerpt is two lines, each ended by LF and begun with |indent|: |text|, escaped,
// with "..." for what is cut off where it is too long, and below it "^" under the
// octet at |offset|, continued by "~" under as many octets as |size| says. An
// |offset| at or past the end marks the end.
std::string Excerpt(std::string_view text, size_t offset, size_t size, std::string_view indent);

// Implementation.

namespace internal {

// Columns is what |text| takes once escaped. With NonAscii::kEscape an octet is
// escaped for itself, and every octet of the result is a column.
inline size_t Columns(std::string_view text) { return Escape(text).size(); }

// Window is the part of a text that an excerpt shows.
struct Window {
  size_t begin;
  size_t end;
};

// FindWindow grows a window from |offset| to the left up to half of the columns,
// then to the right, then to the left with what is left over.
inline Window FindWindow(std::string_view text, size_t offset) {
  Window window = {offset, offset};
  size_t columns = 0;
  const auto grow_left = [&](size_t max) {
    while (window.begin > 0) {
      const size_t more = Columns(text.substr(window.begin - 1, 1));
      if (columns + more > max) return;
      columns += more;
      --window.begin;
    }
  };
  grow_left(kMaxExcerptColumns / 2);
  while (window.end < text.size()) {
    const size_t more = Columns(text.substr(window.end, 1));
    if (columns + more > kMaxExcerptColumns) break;
    columns += more;
    ++window.end;
  }
  grow_left(kMaxExcerptColumns);
  return window;
}

}  // namespace internal

inline std::string Excerpt(std::string_view text, size_t offset, size_t size,
                           std::string_view indent) {
  constexpr std::string_view kCut = "...";
  offset = std::min(offset, text.size());
  const internal::Window window = internal::FindWindow(text, offset);
  const std::string_view before = text.substr(window.begin, offset - window.begin);
  const size_t marked = std::min(size, window.end - offset);
  std::string out(indent);
  if (window.begin > 0) out += kCut;
  AppendEscaped(text.substr(window.begin, window.end - window.begin), NonAscii::kEscape, &out);
  if (window.end < text.size()) out += kCut;
  out += '\n';
  out += indent;
  out.append(internal::Columns(before) + (window.begin > 0 ? kCut.size() : 0), ' ');
  out += '^';
  const size_t columns = internal::Columns(text.substr(offset, marked));
  if (columns > 1) out.append(columns - 1, '~');
  out += '\n';
  return out;
}

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_EXCERPT_H_
