// Header canonicalization: what of a header field is hashed.
#ifndef POSTSEAL_DKIM_CANONICAL_HEADER_H_
#define POSTSEAL_DKIM_CANONICAL_HEADER_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "dkim/algorithm.h"

namespace postseal::dkim {

// HeaderCanonicalizer writes fields in canonical form to |sink|, a callable that
// takes std::string_view, in pieces of at most kBufferOctets. Flush must follow
// the last field.
template <typename Sink>
class HeaderCanonicalizer {
 public:
  static constexpr size_t kBufferOctets = 2048;

  HeaderCanonicalizer(HeaderCanon canon, Sink sink) : canon_(canon), sink_(std::move(sink)) {}
  HeaderCanonicalizer(const HeaderCanonicalizer&) = delete;
  HeaderCanonicalizer& operator=(const HeaderCanonicalizer&) = delete;

  // AddField writes one field: |raw| is the whole of it without its final CRLF,
  // |name| its name and |value| every octet after the colon, both views into |raw|.
  void AddField(std::string_view raw, std::string_view name, std::string_view value) {
    AddUnterminated(raw, name, value, {});
    Append('\r');
    Append('\n');
  }

  // AddUnterminated is AddField without the CRLF and with the octets of |cut|, a
  // part of |value|, left out: how the signature's own field is hashed, with
  // the value of b= as the empty string (RFC 6376 §3.5, §3.7 ¶2).
  void AddUnterminated(std::string_view raw, std::string_view name, std::string_view value,
                       std::string_view cut) {
    std::string_view before = value;
    std::string_view after;
    if (cut.data() != nullptr) {
      const auto at = static_cast<size_t>(cut.data() - value.data());
      before = value.substr(0, at);
      after = value.substr(at + cut.size());
    }
    if (canon_ == HeaderCanon::kSimple) {
      // RFC 6376 §3.4.1: not a change in any way.
      Append(raw.substr(0, raw.size() - value.size()));
      Append(before);
      Append(after);
      return;
    }
    // RFC 6376 §3.4.2: lower-case name, no white space around the colon.
    AppendLower(name);
    Append(':');
    pending_space_ = false;
    at_start_ = true;
    AppendRelaxed(before);
    AppendRelaxed(after);
  }

  void Flush() {
    sink_(std::string_view(buffer_.data(), size_));
    size_ = 0;
  }

 private:
  // RFC 6376 §3.4.2: unfold (drop CRLF), turn each run of WSP into one SP, and
  // drop WSP at the value's start and end. A CR or LF that is no line end is an
  // ordinary octet; what the reader takes for a CRLF is a fold.
  void AppendRelaxed(std::string_view text) {
    size_t i = 0;
    while (i < text.size()) {
      if (kMayChange(text[i])) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
          i += 2;
          continue;
        }
        if (text[i] != '\r') {
          pending_space_ = true;
          ++i;
          continue;
        }
      }
      AppendPendingSpace();
      if (size_ == kBufferOctets) Flush();
      // The run up to the next octet that may change, as far as there is room.
      const size_t end = i + std::min(text.size() - i, kBufferOctets - size_);
      char* out = buffer_.data() + size_;
      do {
        *out++ = text[i++];
      } while (i < end && !kMayChange(text[i]));
      size_ = static_cast<size_t>(out - buffer_.data());
    }
  }
  static constexpr base::CharSet kMayChange = base::kWsp | base::CharSet("\r");

  void AppendPendingSpace() {
    if (pending_space_ && !at_start_) Append(' ');
    pending_space_ = false;
    at_start_ = false;
  }

  void AppendLower(std::string_view text) {
    while (!text.empty()) {
      if (size_ == kBufferOctets) Flush();
      const size_t n = std::min(text.size(), kBufferOctets - size_);
      char* const out = buffer_.data() + size_;
      for (size_t i = 0; i < n; ++i) out[i] = base::ToLower(text[i]);
      size_ += n;
      text.remove_prefix(n);
    }
  }

  void Append(char c) {
    if (size_ == kBufferOctets) Flush();
    buffer_[size_++] = c;
  }

  void Append(std::string_view text) {
    while (!text.empty()) {
      if (size_ == kBufferOctets) Flush();
      const size_t n = text.copy(buffer_.data() + size_, kBufferOctets - size_);
      size_ += n;
      text.remove_prefix(n);
    }
  }

  const HeaderCanon canon_;
  Sink sink_;
  bool pending_space_ = false;
  bool at_start_ = true;
  // Loops over octets write by a pointer of their own: for all the compiler knows,
  // an octet of buffer_ might be one of size_, which it would load and store with
  // each of them.
  size_t size_ = 0;
  std::array<char, kBufferOctets> buffer_;
};

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_CANONICAL_HEADER_H_
