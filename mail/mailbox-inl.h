// Implementation of mail/mailbox.h.
#ifndef POSTSEAL_MAIL_MAILBOX_INL_H_
#define POSTSEAL_MAIL_MAILBOX_INL_H_

#include <algorithm>

#include "base/cursor.h"
#include "base/utf8.h"
#include "mail/encoded_word.h"
#include "mail/mailbox.h"
#include "mail/text_joiner.h"
#include "mail/unfold.h"

namespace postseal::mail {
namespace internal {

// atext, qtext, ctext and dtext of RFC 5322 §3.2 with what RFC 6532 §3.2 and the
// obsolete syntax of RFC 5322 §4.1 add. The sets of text within delimiters have
// WSP in them, for their FWS.
inline constexpr base::CharSet kAtext =
    base::kAlphaDigit | base::CharSet("!#$%&'*+-/=?^_`{|}~") | base::kNonAscii;
inline constexpr base::CharSet kQtext = base::CharSet::Range(0, 255) - base::CharSet("\"\\");
inline constexpr base::CharSet kCtext = base::CharSet::Range(0, 255) - base::CharSet("()\\");
inline constexpr base::CharSet kDtext =
    base::CharSet::Range(0, 255) - base::CharSet("[]\\") - base::kWsp;

// MailboxListParser parses one list, unfolded; one function a rule of RFC 5322.
// Each says whether to go on: false is a fault, which is kept.
class MailboxListParser {
 public:
  MailboxListParser(std::string_view text, base::Arena* arena)
      : in_(text), text_(text), arena_(arena), joiner_(text, arena) {}

  MailboxList Parse() {
    if (!CheckOctets()) return list_;
    // In front of each mailbox but the first there is a comma of its own.
    const size_t most = 1 + static_cast<size_t>(std::count(text_.begin(), text_.end(), ','));
    mailboxes_ = arena_->NewArray<Mailbox>(std::min(most, kMaxMailboxes));
    if (TakeList(/*in_group=*/false) && addresses_ == 0) Fail(MailboxListFault::kNoAddress);
    list_.mailboxes = mailboxes_.first(count_);
    return list_;
  }

 private:
  // Words is what a phrase and a local-part have in common, which is how every
  // address begins: only what follows tells the one from the other.
  struct Words {
    std::string_view local_part;  // the words as local-part, as far as they are one
    size_t offset = 0;            // where they begin
    size_t count = 0;             // words and dots
    bool is_phrase = true;
    bool is_local_part = true;
    bool has_word = false;
    bool has_stray_dots = false;
    bool has_gap = false;  // CFWS among them
    bool has_dot = false;
    bool has_quoted_string = false;
    bool has_encoded_word = false;
    bool shows_at = false;  // an "@" within a word

    // Neither CFWS at a "." nor a quoted-string beside one is in a dot-atom.
    bool IsObsoleteLocalPart() const { return has_gap || (has_quoted_string && count > 1); }
  };

  bool Fail(MailboxListFault fault) { return Fail(fault, in_.offset()); }
  bool Fail(MailboxListFault fault, size_t offset) {
    list_.fault = fault;
    list_.fault_offset = offset;
    return false;
  }

  // CheckOctets looks for what no rule allows, and what is odd, wherever it stands.
  bool CheckOctets() {
    for (size_t at = 0; at < text_.size();) {
      const char c = text_[at];
      if (c >= ' ' && c < 127) {
        ++at;
        continue;
      }
      const base::Utf8Char character = base::FirstUtf8Char(text_.substr(at));
      if (character.octets == 0) return Fail(MailboxListFault::kBadUtf8, at);
      if (c == '\0' || c == '\r' || c == '\n') return Fail(MailboxListFault::kBadOctet, at);
      const char32_t code_point = character.code_point;
      if (base::kControl(c) && c != '\t') {
        list_.flags.control = list_.flags.obsolete = true;
      } else if (c != '\t') {
        list_.flags.non_ascii = true;
      }
      if (code_point >= 0x80 && code_point < 0xA0) list_.flags.control = true;
      // The embeddings, overrides and isolates of Unicode's UAX #9.
      if ((code_point >= 0x202A && code_point <= 0x202E) ||
          (code_point >= 0x2066 && code_point <= 0x2069)) {
        list_.flags.bidi_control = true;
      }
      at += character.octets;
    }
    return true;
  }

  // address-list = address *("," address), and obs-addr-list with null members;
  // within a group mailbox-list and obs-mbox-list. RFC 5322 §3.4, §4.4
  bool TakeList(bool in_group) {
    for (bool after_comma = false;; after_comma = true) {
      if (!TakeCfws()) return false;
      if (AtListEnd(in_group)) {
        list_.flags.obsolete |= after_comma;
        return true;
      }
      if (in_.Peek() == ',') {
        list_.flags.obsolete = true;
      } else if (!TakeAddress(in_group)) {
        return false;
      }
      if (in_.Take(',')) continue;
      if (AtListEnd(in_group)) return true;
      return Fail(in_group && in_.at_end() ? MailboxListFault::kUnclosedGroup
                                           : MailboxListFault::kUnexpectedText);
    }
  }

  bool AtListEnd(bool in_group) const { return in_group ? in_.Peek() == ';' : in_.at_end(); }

  // address = mailbox / group, mailbox = name-addr / addr-spec
  bool TakeAddress(bool in_group) {
    Words words;
    if (!TakeWords(&words)) return false;
    if (in_.at_end() && words.count == 0) {
      return Fail(in_group ? MailboxListFault::kUnclosedGroup : MailboxListFault::kNoAddress);
    }
    ++addresses_;
    switch (in_.Peek()) {
      case '<':
        return CheckName(words) && TakeAngleAddr(in_group, words.count != 0);
      case '@':
        return TakeAddrSpec(words, in_group, /*has_display_name=*/false);
      case ':':
        // Groups do not nest.
        if (in_group || words.count == 0) break;
        return CheckName(words) && TakeGroup();
      default:
        break;
    }
    return Fail(words.count == 0 ? MailboxListFault::kNoAddress : MailboxListFault::kMissingAt);
  }

  // group = display-name ":" [group-list] ";" [CFWS]; the rest after the name.
  bool TakeGroup() {
    list_.flags.group = true;
    in_.Take(':');
    if (!TakeList(/*in_group=*/true)) return false;
    in_.Take(';');
    return TakeCfws();
  }

  // angle-addr = [CFWS] "<" addr-spec ">" [CFWS] / obs-angle-addr
  bool TakeAngleAddr(bool in_group, bool has_display_name) {
    in_.Take('<');
    if (!TakeCfws()) return false;
    if ((in_.Peek() == '@' || in_.Peek() == ',') && !TakeObsRoute()) return false;
    Words words;
    if (!TakeWords(&words) || !TakeAddrSpec(words, in_group, has_display_name)) return false;
    if (!in_.Take('>')) return Fail(MailboxListFault::kUnclosedAngle);
    return TakeCfws();
  }

  // obs-route = obs-domain-list ":"
  // obs-domain-list = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain])
  bool TakeObsRoute() {
    list_.flags.obs_route = true;
    bool has_domain = false;
    for (bool may_begin = true;;) {
      if (!TakeCfws()) return false;
      if (in_.Take(',')) {
        may_begin = true;
      } else if (may_begin && in_.Take('@')) {
        Mailbox ignored;  // "the route portion SHOULD be ignored", RFC 5322 §4.4
        if (!TakeDomain(&ignored)) return false;
        has_domain = true;
        may_begin = false;
      } else {
        return (has_domain && in_.Take(':')) || Fail(MailboxListFault::kBadRoute);
      }
    }
  }

  // addr-spec = local-part "@" domain; the rest after |words|, which end at "@".
  bool TakeAddrSpec(const Words& words, bool in_group, bool has_display_name) {
    if (words.count == 0 || !words.is_local_part) {
      return Fail(MailboxListFault::kBadLocalPart, words.offset);
    }
    if (!in_.Take('@')) return Fail(MailboxListFault::kMissingAt);
    Mailbox mailbox;
    mailbox.local_part = words.local_part;
    mailbox.has_display_name = has_display_name;
    mailbox.in_group = in_group;
    if (!TakeDomain(&mailbox)) return false;
    list_.flags.obsolete |= words.IsObsoleteLocalPart();
    list_.flags.stray_dots |= words.has_stray_dots;
    list_.flags.encoded_word_in_address |= words.has_encoded_word;
    list_.flags.literal |= mailbox.is_domain_literal;
    if (count_ == mailboxes_.size()) {
      return Fail(MailboxListFault::kTooManyMailboxes, words.offset);
    }
    mailboxes_[count_++] = mailbox;
    return true;
  }

  // display-name = phrase; |words| that stand where one must.
  bool CheckName(const Words& words) {
    if (!words.is_phrase) return Fail(MailboxListFault::kBadName, words.offset);
    list_.flags.obs_phrase |= words.has_dot;
    list_.flags.address_in_name |= words.shows_at;
    return true;
  }

  // phrase = 1*word, obs-phrase = word *(word / "." / CFWS)
  // local-part = dot-atom / quoted-string / obs-local-part
  // obs-local-part = word *("." word), word = atom / quoted-string
  // The CFWS of a word is optional: an atom may follow a quoted-string at once.
  bool TakeWords(Words* words) {
    TextJoiner::Joined joined;
    std::string_view run;  // words and dots with nothing between them
    bool after_word = false;
    for (;;) {
      const size_t before = in_.offset();
      if (!TakeCfws()) return false;
      if (words->count == 0) words->offset = in_.offset();
      const bool after_gap = words->count != 0 && in_.offset() != before;
      const std::string_view rest = in_.rest();
      const bool is_dot = in_.Take('.');
      const bool is_quoted = in_.Peek() == '"' && !is_dot;
      if (is_quoted) {
        words->has_quoted_string = true;
        if (!TakeQuotedString()) return false;
      } else if (!is_dot && in_.TakeWhile(kAtext).empty()) {
        break;
      }
      const std::string_view piece = rest.substr(0, rest.size() - in_.rest().size());
      words->has_dot |= is_dot;
      if (is_dot && words->count == 0) words->is_phrase = false;
      // Words and dots by turns, where a dot too many is forgiven.
      words->is_local_part = words->is_local_part && (is_dot || !after_word);
      words->has_word |= !is_dot;
      words->has_stray_dots |= is_dot && !after_word;
      if (words->is_local_part) joiner_.Append(piece, after_gap, &joined);
      if (is_quoted || after_gap || run.empty() || run.starts_with('"')) {
        NoteRun(run, words);
        run = piece;
      } else {
        run = std::string_view(run.data(), run.size() + piece.size());
      }
      words->has_gap |= after_gap;
      ++words->count;
      after_word = !is_dot;
    }
    NoteRun(run, words);
    words->is_local_part = words->is_local_part && words->has_word;
    words->has_stray_dots |= !after_word;
    words->local_part = joined.text;
    return true;
  }

  // NoteRun notes what a mail reader may show for |run|: a quoted-string, or atoms
  // and dots. Some decode in either, where RFC 2047 §5 allows no encoded-word.
  static void NoteRun(std::string_view run, Words* words) {
    const bool is_quoted = run.starts_with('"');
    const std::string_view text = is_quoted ? run.substr(1, run.size() - 2) : run;
    words->shows_at |= text.find('@') != std::string_view::npos;
    if (const auto encoded = EncodedWord::Parse(text); encoded.has_value()) {
      words->has_encoded_word = true;
      words->shows_at |= encoded->Shows('@');
    }
  }

  // domain = dot-atom / domain-literal / obs-domain, obs-domain = atom *("." atom)
  bool TakeDomain(Mailbox* mailbox) {
    if (!TakeCfws()) return false;
    if (in_.Peek() == '[') return TakeDomainLiteral(mailbox);
    TextJoiner::Joined joined;
    for (bool after_gap = false;;) {
      const std::string_view atom = in_.TakeWhile(kAtext);
      if (atom.empty()) return Fail(MailboxListFault::kBadDomain);
      joiner_.Append(atom, after_gap, &joined);
      const size_t atom_end = in_.offset();
      if (!TakeCfws()) return false;
      if (in_.Peek() != '.') break;
      after_gap = in_.offset() != atom_end;
      list_.flags.obsolete |= after_gap;
      joiner_.Append(in_.TakeCount(1), after_gap, &joined);
      const size_t dot_end = in_.offset();
      if (!TakeCfws()) return false;
      after_gap = in_.offset() != dot_end;
      list_.flags.obsolete |= after_gap;
    }
    mailbox->domain = joined.text;
    list_.flags.encoded_word_in_address |= EncodedWord::Parse(joined.text).has_value();
    return true;
  }

  // domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]
  // obs-dtext adds quoted-pair.
  bool TakeDomainLiteral(Mailbox* mailbox) {
    mailbox->is_domain_literal = true;
    TextJoiner::Joined joined;
    joiner_.Append(in_.TakeCount(1), /*after_gap=*/false, &joined);
    for (;;) {
      const bool after_gap = !in_.TakeWhile(base::kWsp).empty();
      std::string_view piece = in_.TakeWhile(kDtext);
      if (piece.empty() && in_.Peek() == '\\') {
        piece = in_.TakeCount(2);
        list_.flags.obsolete = true;
      }
      if (!piece.empty()) {
        joiner_.Append(piece, after_gap, &joined);
        continue;
      }
      if (in_.Peek() != ']') return Fail(MailboxListFault::kUnclosedLiteral);
      joiner_.Append(in_.TakeCount(1), after_gap, &joined);
      mailbox->domain = joined.text;
      return TakeCfws();
    }
  }

  // quoted-string less its CFWS: DQUOTE *([FWS] qcontent) [FWS] DQUOTE
  bool TakeQuotedString() {
    const size_t begin = in_.offset();
    in_.Take('"');
    for (;;) {
      in_.TakeWhile(kQtext);
      if (in_.Take('"')) return true;
      // quoted-pair = "\" (VCHAR / WSP) / obs-qp
      if (in_.TakeCount(2).size() < 2) {
        return Fail(MailboxListFault::kUnclosedQuotedString, begin);
      }
    }
  }

  // CFWS = (1*([FWS] comment) [FWS]) / FWS; possibly nothing.
  bool TakeCfws() {
    for (;;) {
      in_.TakeWhile(base::kWsp);
      if (in_.Peek() != '(') return true;
      if (!TakeComment()) return false;
    }
  }

  // comment = "(" *([FWS] ccontent) [FWS] ")", ccontent = ctext / quoted-pair / comment
  bool TakeComment() {
    list_.flags.comment = true;
    const size_t begin = in_.offset();
    size_t depth = 0;
    do {
      if (in_.Peek() == '(' && depth == kMaxCommentDepth) {
        return Fail(MailboxListFault::kCommentTooDeep);
      }
      if (in_.Take('(')) {
        ++depth;
      } else if (in_.Take(')')) {
        --depth;
      } else if (in_.TakeCount(2).size() < 2) {  // quoted-pair, as above
        return Fail(MailboxListFault::kUnclosedComment, begin);
      }
      if (depth != 0) in_.TakeWhile(kCtext);
    } while (depth != 0);
    return true;
  }

  base::Cursor in_;
  std::string_view text_;
  base::Arena* arena_;
  TextJoiner joiner_;
  MailboxList list_;
  std::span<Mailbox> mailboxes_;
  size_t count_ = 0;
  size_t addresses_ = 0;  // mailboxes and groups
};

}  // namespace internal

inline MailboxList ParseMailboxList(std::string_view text, base::Arena* arena) {
  if (text.size() > kMaxMailboxListOctets) {
    MailboxList list;
    list.fault = MailboxListFault::kTooLong;
    list.fault_offset = kMaxMailboxListOctets;
    return list;
  }
  // RFC 5322 §3.2.2: "unfolding is performed before any further semantic analysis".
  // A fold may stand anywhere WSP does, in a quoted-pair too.
  const std::string_view unfolded = Unfold(text, arena);
  MailboxList list = internal::MailboxListParser(unfolded, arena).Parse();
  if (unfolded.size() != text.size() && list.fault != MailboxListFault::kNone) {
    list.fault_offset = FoldedOffset(text, list.fault_offset);
  }
  return list;
}

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_MAILBOX_INL_H_
