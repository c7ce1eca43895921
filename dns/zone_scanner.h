// ZoneScanner: the lexical level of master-file text (RFC 1035 §5.1): entries of
// tokens, with comments, parentheses, quotes and escapes. Used by dns/zone_file.h.
#ifndef POSTSEAL_DNS_ZONE_SCANNER_H_
#define POSTSEAL_DNS_ZONE_SCANNER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "base/cursor.h"

namespace postseal::dns::internal {

// ZoneToken is a run of text, escapes and all, without its quotes.
struct ZoneToken {
  std::string_view text;
  bool quoted;
  size_t begin;  // offset in the whole text, of the quote if there is one
};

// ZoneFault is what is wrong, and at which offset.
struct ZoneFault {
  size_t offset;
  std::string what;
};

class ZoneScanner {
 public:
  explicit ZoneScanner(std::string_view text) : cursor_(text) {}

  // NextEntry reads the tokens of one line, or of several that parentheses join.
  // Lines without a token are skipped. False at the end and after a fault.
  bool NextEntry();

  // tokens are those of the entry, at least one.
  const std::vector<ZoneToken>& tokens() const { return tokens_; }
  // The entry's first line begins with a blank: its owner is the previous one.
  bool starts_blank() const { return starts_blank_; }
  const std::optional<ZoneFault>& fault() const { return fault_; }

  // Fail records the fault and returns false, for the caller to return.
  bool Fail(size_t offset, std::string_view what) {
    fault_ = ZoneFault{offset, std::string(what)};
    return false;
  }
  // FailAtEnd is Fail where the entry ends: something is missing there.
  bool FailAtEnd(std::string_view what) { return Fail(end_, what); }

  // Decode appends the octets that |token| stands for: "\DDD" is one octet by its
  // decimal number, "\X" is X. False, with the fault recorded, for a bad escape.
  bool Decode(const ZoneToken& token, std::string* out) {
    return DecodeInto(token, /*is_name=*/false, out);
  }
  // DecodeName is Decode for a name: an escaped dot, which would not separate
  // labels, is refused because Name cannot hold it.
  bool DecodeName(const ZoneToken& token, std::string* out) {
    return DecodeInto(token, /*is_name=*/true, out);
  }

 private:
  // A lone CR is blank, too: only LF ends a line, with or without a CR before it.
  static constexpr base::CharSet kBlank = base::CharSet(" \t\r");
  static constexpr base::CharSet kLineEnd = base::CharSet("\r\n");

  bool ReadQuoted();
  bool ReadWord();
  bool DecodeInto(const ZoneToken& token, bool is_name, std::string* out);

  base::Cursor cursor_;
  std::vector<ZoneToken> tokens_;
  std::optional<ZoneFault> fault_;
  size_t end_ = 0;
  bool starts_blank_ = false;
};

inline bool ZoneScanner::NextEntry() {
  tokens_.clear();
  starts_blank_ = kBlank(cursor_.Peek());
  std::vector<size_t> open;  // offsets of the open parentheses
  for (;;) {
    cursor_.TakeWhile(kBlank);
    end_ = cursor_.offset();
    if (cursor_.Peek() == ';') cursor_.TakeUntil('\n');
    if (cursor_.at_end()) {
      if (!open.empty()) return Fail(open.back(), "the parenthesis is not closed");
      return !tokens_.empty();
    }
    if (cursor_.Take('\n')) {
      if (!open.empty()) continue;
      if (!tokens_.empty()) return true;
      starts_blank_ = kBlank(cursor_.Peek());
    } else if (cursor_.Take('(')) {
      open.push_back(end_);
    } else if (cursor_.Take(')')) {
      if (open.empty()) return Fail(end_, "no parenthesis is open");
      open.pop_back();
    } else if (!(cursor_.Peek() == '"' ? ReadQuoted() : ReadWord())) {
      return false;
    }
  }
}

inline bool ZoneScanner::ReadQuoted() {
  const size_t begin = cursor_.offset();
  cursor_.Take('"');
  const std::string_view rest = cursor_.rest();
  const size_t before = cursor_.offset();
  while (!cursor_.at_end() && cursor_.Peek() != '"' && cursor_.Peek() != '\n') {
    if (cursor_.Take('\\') && kLineEnd(cursor_.Peek())) break;
    cursor_.TakeCount(1);
  }
  const std::string_view text = rest.substr(0, cursor_.offset() - before);
  if (!cursor_.Take('"')) return Fail(begin, "the quote is not closed on its line");
  tokens_.push_back(ZoneToken{text, true, begin});
  return true;
}

inline bool ZoneScanner::ReadWord() {
  constexpr base::CharSet kStop = base::CharSet(" \t\r\n;()\"");
  const size_t begin = cursor_.offset();
  const std::string_view rest = cursor_.rest();
  while (!cursor_.at_end() && !kStop(cursor_.Peek())) {
    const size_t at = cursor_.offset();
    if (cursor_.Take('\\') && (cursor_.at_end() || kLineEnd(cursor_.Peek()))) {
      return Fail(at, "nothing stands after the backslash");
    }
    cursor_.TakeCount(1);
  }
  tokens_.push_back(ZoneToken{rest.substr(0, cursor_.offset() - begin), false, begin});
  return true;
}

inline bool ZoneScanner::DecodeInto(const ZoneToken& token, bool is_name, std::string* out) {
  base::Cursor cursor(token.text);
  const size_t origin = token.begin + (token.quoted ? 1 : 0);
  while (!cursor.at_end()) {
    *out += cursor.TakeUntil('\\');
    if (cursor.at_end()) break;
    const size_t at = origin + cursor.offset();
    cursor.Take('\\');
    if (base::kDigit(cursor.Peek())) {
      int octet = 0;
      for (int i = 0; i < 3; ++i) {
        if (!base::kDigit(cursor.Peek())) return Fail(at, "\\DDD needs three digits");
        octet = octet * 10 + (cursor.TakeCount(1).front() - '0');
      }
      if (octet > 255) return Fail(at, "\\DDD is above 255");
      *out += static_cast<char>(octet);
    } else {
      // The scanner lets no token end in a lone backslash.
      *out += cursor.TakeCount(1);
    }
    if (is_name && out->back() == '.') return Fail(at, "a label with a dot in it is not supported");
  }
  return true;
}

}  // namespace postseal::dns::internal

#endif  // POSTSEAL_DNS_ZONE_SCANNER_H_
