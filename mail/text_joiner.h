// TextJoiner: pieces of a text as one, less what stands between them.
#ifndef POSTSEAL_MAIL_TEXT_JOINER_H_
#define POSTSEAL_MAIL_TEXT_JOINER_H_

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

#include "base/arena.h"

namespace postseal::mail {

// TextJoiner joins pieces that come in the order of the text. What has no gap stays
// a view into it; the rest is copied into one buffer that is as long as the text,
// allocated when first needed: no octet is copied twice, so it suffices.
class TextJoiner {
 public:
  // Joined is the result so far. One is finished before the next is begun.
  struct Joined {
    std::string_view text;
    bool is_copy = false;
  };

  // |text| outlives the joiner; what is joined lives as long as |text| and |arena|.
  TextJoiner(std::string_view text, base::Arena* arena) : capacity_(text.size()), arena_(arena) {}

  // Append adds |piece|, a part of the text behind every piece before it; with
  // |after_gap| something stands between it and the last one, and is left out.
  void Append(std::string_view piece, bool after_gap, Joined* joined) {
    const std::string_view before = joined->text;
    if (before.empty()) {
      joined->text = piece;
      return;
    }
    if (after_gap && !joined->is_copy) {
      joined->text = Copy(before);
      joined->is_copy = true;
    }
    if (joined->is_copy) Copy(piece);
    joined->text = std::string_view(joined->text.data(), before.size() + piece.size());
  }

 private:
  // Copy puts |piece| behind what was copied before.
  std::string_view Copy(std::string_view piece) {
    if (buffer_.empty()) buffer_ = arena_->NewOctets(capacity_);
    char* const copy = buffer_.data() + used_;
    std::memcpy(copy, piece.data(), piece.size());
    used_ += piece.size();
    return {copy, piece.size()};
  }

  size_t capacity_;
  base::Arena* arena_;
  std::span<char> buffer_;
  size_t used_ = 0;
};

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_TEXT_JOINER_H_
