// MboxScanner: where the messages of a mailbox file begin and end. RFC 4155
#ifndef POSTSEAL_CLI_MBOX_SCANNER_H_
#define POSTSEAL_CLI_MBOX_SCANNER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/line_forms.h"

namespace postseal::cli {

// kMboxSeparator begins the line above each message. RFC 4155 Appendix A
inline constexpr std::string_view kMboxSeparator = "From ";

// MboxMessage is a message's place in its mailbox file: the octets [begin, end), with
// neither the separator line above it nor the empty line that ends it.
struct MboxMessage {
  uint64_t begin = 0;
  uint64_t end = 0;
  LineForms forms;

  bool operator==(const MboxMessage&) const = default;
};

// MboxScanner reads a mailbox file in pieces of any size, in constant memory. A line
// that begins with "From " starts a message when it is the first line or stands below
// an empty one; what else the line says does not count [choice]: RFC 4155 Appendix A
// has an address and a time there, and software that writes other things. What stands
// above the first such line belongs to no message.
class MboxScanner {
 public:
  // Feed takes the next octets of the file and appends the messages that end in them
  // to |found|: at most one in six octets.
  void Feed(std::string_view text, std::vector<MboxMessage>* found) {
    while (!text.empty()) {
      const size_t lf = text.find('\n');
      AddToLine(text.substr(0, lf));
      if (lf == text.npos) return;
      ++position_;
      EndLine(/*terminated=*/true, found);
      text.remove_prefix(lf + 1);
    }
  }

  // Finish ends the file: its last message may lack the empty line, and a line end.
  void Finish(std::vector<MboxMessage>* found) {
    if (position_ > line_begin_) EndLine(/*terminated=*/false, found);
    EndMessage(found);
  }

 private:
  // EmptyLine may be a message's end, or part of it.
  struct EmptyLine {
    uint64_t begin;
    bool crlf;
  };

  void AddToLine(std::string_view text) {
    if (text.empty()) return;
    for (const char c : text.substr(0, kMboxSeparator.size())) {
      if (matched_ != position_ - line_begin_) break;  // has differed, or is complete
      if (matched_ == kMboxSeparator.size() || c != kMboxSeparator[matched_]) break;
      ++matched_;
      ++position_;
      text.remove_prefix(1);
      last_ = c;
    }
    position_ += text.size();
    if (!text.empty()) last_ = text.back();
  }

  void EndLine(bool terminated, std::vector<MboxMessage>* found) {
    const bool crlf = terminated && last_ == '\r';
    const bool empty = terminated && position_ - line_begin_ == (crlf ? 2u : 1u);
    const bool first = line_begin_ == 0;
    if (matched_ == kMboxSeparator.size() && (first || empty_line_.has_value())) {
      EndMessage(found);
      message_ = MboxMessage{position_, position_, {}};
    } else {
      if (empty_line_.has_value()) AddForm(empty_line_->crlf);
      empty_line_.reset();
      if (empty) {
        empty_line_ = EmptyLine{line_begin_, crlf};
      } else if (terminated) {
        AddForm(crlf);
      }
    }
    line_begin_ = position_;
    matched_ = 0;
    last_ = '\0';
  }

  void AddForm(bool crlf) {
    if (message_.has_value()) (crlf ? message_->forms.crlf : message_->forms.bare_lf) = true;
  }

  // EndMessage ends the message, if there is one, above the line now read.
  void EndMessage(std::vector<MboxMessage>* found) {
    if (message_.has_value()) {
      message_->end = empty_line_.has_value() ? empty_line_->begin : position_;
      found->push_back(*message_);
    }
    message_.reset();
    empty_line_.reset();
  }

  uint64_t position_ = 0;    // octets read
  uint64_t line_begin_ = 0;  // of the line now read
  size_t matched_ = 0;       // how much of kMboxSeparator the line begins with
  char last_ = '\0';         // the line's last octet
  std::optional<MboxMessage> message_;
  std::optional<EmptyLine> empty_line_;  // the line above, when it is empty
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_MBOX_SCANNER_H_
