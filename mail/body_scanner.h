// BodyScanner: finds what a body holds that may be read in two ways.
#ifndef POSTSEAL_MAIL_BODY_SCANNER_H_
#define POSTSEAL_MAIL_BODY_SCANNER_H_

#include <cstddef>
#include <cstring>
#include <string_view>

#include "mail/field.h"
#include "mail/octet_census.h"

namespace postseal::mail {

// BodyFlags are the oddities of a body, as HeaderFlags are of a header.
struct BodyFlags {
  bool bare_cr = false;    // CR without LF. RFC 5322 §2.3
  bool bare_lf = false;    // LF without CR. RFC 5322 §2.3
  bool nul = false;        // RFC 5322 §4: obsolete syntax at best
  bool non_ascii = false;  // octets above 127
  bool long_line = false;  // above kMaxLineOctets

  bool operator==(const BodyFlags&) const = default;
};

// BodyScanner reads a body in chunks of any size and changes nothing. It is a
// pass of its own over the octets, for those who want the flags: only CRLF ends
// a line, as for MessageReader.
class BodyScanner {
 public:
  void Feed(std::string_view chunk) {
    census_.Add(chunk);
    for (size_t at = 0; at < chunk.size();) {
      const void* const found = std::memchr(chunk.data() + at, '\n', chunk.size() - at);
      if (found == nullptr) break;
      const size_t lf = static_cast<size_t>(static_cast<const char*>(found) - chunk.data());
      at = lf + 1;
      if ((lf == 0 ? last_ : chunk[lf - 1]) != '\r') continue;
      ++crlfs_;
      if (fed_ + at - line_start_ > kMaxLineOctets + 2) has_long_line_ = true;
      line_start_ = fed_ + at;
    }
    fed_ += chunk.size();
    if (!chunk.empty()) last_ = chunk.back();
  }

  // flags are those of the body if it ends here: a CR at its end is bare.
  BodyFlags flags() const {
    return {
        .bare_cr = census_.cr > crlfs_,
        .bare_lf = census_.lf > crlfs_,
        .nul = census_.nul,
        .non_ascii = census_.non_ascii,
        .long_line = has_long_line_ || fed_ - line_start_ > kMaxLineOctets,
    };
  }

 private:
  OctetCensus census_;
  size_t crlfs_ = 0;
  // The octets fed so far, where in them the current line began, and the last one.
  size_t fed_ = 0;
  size_t line_start_ = 0;
  char last_ = '\0';
  bool has_long_line_ = false;
};

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_BODY_SCANNER_H_
