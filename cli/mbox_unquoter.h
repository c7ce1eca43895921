// MboxUnquoter: the text of a message as it was before a mailbox file quoted it.
#ifndef POSTSEAL_CLI_MBOX_UNQUOTER_H_
#define POSTSEAL_CLI_MBOX_UNQUOTER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/mbox_scanner.h"

namespace postseal::cli {

// MboxUnquoter takes one ">" from each line that begins with ">"s and "From ". That
// undoes "mboxrd", which adds one to every such line and to "From " itself, and
// "mboxo", which adds one to "From " alone [choice]: a file does not say which it is,
// and in mboxo only a line that was ">From " before comes out changed. RFC 4155 leaves
// quoting open. Holds at most six octets back.
class MboxUnquoter {
 public:
  // Append appends what is known of |text|, the next octets of the message, to |out|.
  void Append(std::string_view text, std::string* out) {
    while (!text.empty()) {
      if (!at_line_begin_) {
        const size_t lf = text.find('\n');
        const std::string_view rest = text.substr(0, lf == text.npos ? lf : lf + 1);
        out->append(rest);
        text.remove_prefix(rest.size());
        at_line_begin_ = lf != text.npos;
        continue;
      }
      const char c = text.front();
      if (c == '>' && matched_ == 0) {
        // All but one are the message's own, whatever follows.
        if (quoted_) out->push_back('>');
        quoted_ = true;
      } else if (quoted_ && c == kMboxSeparator[matched_]) {
        if (++matched_ == kMboxSeparator.size()) {
          quoted_ = false;
          Finish(out);
        }
      } else {
        Finish(out);
        continue;  // |c| is part of the line like any other
      }
      text.remove_prefix(1);
    }
  }

  // Finish appends what was held back. After it a line goes on.
  void Finish(std::string* out) {
    if (quoted_) out->push_back('>');
    out->append(kMboxSeparator.substr(0, matched_));
    quoted_ = false;
    matched_ = 0;
    at_line_begin_ = false;
  }

 private:
  bool at_line_begin_ = true;
  bool quoted_ = false;  // one ">" is held back
  size_t matched_ = 0;   // and so much of kMboxSeparator
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_MBOX_UNQUOTER_H_
