// Cursor: the one text cursor of the project. Parsers take from its front; a
// copy of it is a place to come back to.
#ifndef POSTSEAL_BASE_CURSOR_H_
#define POSTSEAL_BASE_CURSOR_H_

#include <cstddef>
#include <string_view>

#include "base/ascii.h"

namespace postseal::base {

// Cursor walks over text that it does not own. Every call is total: it neither
// allocates, nor fails, nor reads past the end.
class Cursor {
 public:
  constexpr explicit Cursor(std::string_view text) : rest_(text), size_(text.size()) {}

  constexpr bool at_end() const { return rest_.empty(); }
  constexpr std::string_view rest() const { return rest_; }
  // offset is the number of octets taken so far.
  constexpr size_t offset() const { return size_ - rest_.size(); }
  // Peek is the next octet; at the end it is NUL, which rest() tells from a NUL
  // in the text.
  constexpr char Peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  // Take takes |expected| when it is next, and says whether it did.
  constexpr bool Take(char expected) {
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }
  constexpr bool Take(std::string_view expected) {
    if (rest_.substr(0, expected.size()) != expected) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  constexpr bool TakeIgnoreCase(std::string_view expected) {
    if (!EqualsIgnoreCase(rest_.substr(0, expected.size()), expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  // TakeIf takes one octet of |set| when one is next.
  constexpr bool TakeIf(const CharSet& set) {
    if (rest_.empty() || !set(rest_.front())) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // TakeWhile takes the longest run of octets of |set|, possibly empty.
  constexpr std::string_view TakeWhile(const CharSet& set) {
    size_t n = 0;
    while (n < rest_.size() && set(rest_[n])) ++n;
    return TakeCount(n);
  }

  // TakeUntil takes everything before the next |stop|, or all that is left.
  constexpr std::string_view TakeUntil(char stop) { return TakeCount(rest_.find(stop)); }

  // TakeCount takes |n| octets, or all that is left when there are fewer.
  constexpr std::string_view TakeCount(size_t n) {
    const std::string_view taken = rest_.substr(0, n);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  // TakeFws takes folding white space as DKIM has it: WSP, and CRLF when WSP
  // follows it (RFC 6376 §2.8). Says whether any was taken.
  constexpr bool TakeFws() {
    const size_t before = rest_.size();
    for (;;) {
      TakeWhile(kWsp);
      if (rest_.size() < 3 || rest_[0] != '\r' || rest_[1] != '\n' || !kWsp(rest_[2])) break;
      rest_.remove_prefix(2);
    }
    return rest_.size() != before;
  }

 private:
  std::string_view rest_;
  size_t size_;
};

}  // namespace postseal::base

#endif  // POSTSEAL_BASE_CURSOR_H_
