// Unfold: a field's value without its folds.
#ifndef POSTSEAL_MAIL_UNFOLD_H_
#define POSTSEAL_MAIL_UNFOLD_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/ascii.h"

namespace postseal::mail {
namespace internal {

// IsFoldAt says that a CRLF stands at |at|, and WSP behind it.
constexpr bool IsFoldAt(std::string_view text, size_t at) {
  return text.size() - at > 2 && text[at] == '\r' && text[at + 1] == '\n' &&
         base::kWsp(text[at + 2]);
}

}  // namespace internal

// Unfold returns |text| without each CRLF that WSP follows (RFC 5322 §2.2.3 ¶4):
// |text| itself when it holds no CR, or else a copy in |arena|. Any other CR or
// LF stays.
inline std::string_view Unfold(std::string_view text, base::Arena* arena) {
  if (text.find('\r') == std::string_view::npos) return text;
  const std::span<char> unfolded = arena->NewOctets(text.size());
  size_t size = 0;
  for (size_t at = 0; at < text.size();) {
    if (internal::IsFoldAt(text, at)) {
      at += 2;
    } else {
      unfolded[size++] = text[at++];
    }
  }
  return {unfolded.data(), size};
}

// FoldedOffset is where in |text| the octet stands that is at |unfolded_offset|
// once it is unfolded. |unfolded_offset| may be up to the size of that.
constexpr size_t FoldedOffset(std::string_view text, size_t unfolded_offset) {
  size_t at = 0;
  for (size_t left = unfolded_offset; at < text.size(); --left) {
    while (internal::IsFoldAt(text, at)) at += 2;
    if (left == 0) break;
    ++at;
  }
  return at;
}

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_UNFOLD_H_
