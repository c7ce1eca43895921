// FieldWriter: the one place that writes header fields.
#ifndef POSTSEAL_MAIL_FIELD_WRITER_H_
#define POSTSEAL_MAIL_FIELD_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "mail/field.h"

namespace postseal::mail {

// FieldWriter writes one header field, folded where its caller allows it, so
// that lines have at most kFoldColumn octets where that can be had.
//
// It is a border: whatever the caller passes, the result is one field of
// well-formed lines of at most kMaxLineOctets (text without a place to fold is
// folded there all the same, and surplus spaces are dropped). Controls (CR, LF, NUL, TAB and the
// rest of C0, DEL) are dropped from every text; so are octets above 127, unless they are allowed
// and are UTF-8 for a graphic character. A caller to whom a dropped octet matters checks before.
// Dropping is the last line of defence: it keeps a field from becoming two, and nothing more.
class FieldWriter {
 public:
  // kFoldColumn is where lines are folded, in octets; RFC 5322 §2.1.1 asks for
  // at most 78 characters.
  static constexpr size_t kFoldColumn = 76;
  // Fold is the white space that continues a folded line.
  enum class Fold : char { kTab = '\t', kSpace = ' ' };
  // Octets says what passes the border; kUtf8 is for mail that goes by
  // SMTPUTF8. RFC 6532 §3.2
  enum class Octets : uint8_t { kAscii, kUtf8 };

  // kMaxNameOctets bounds the name, in octets: it cannot be folded, and its colon stands
  // on the same line. RFC 5322 §2.1.1
  static constexpr size_t kMaxNameOctets = kMaxLineOctets - 1;

  // FieldWriter begins the field |name|, less the octets that no field-name has
  // (RFC 5322 §3.6.8) and those above kMaxNameOctets; if none are left, the field is
  // "Unnamed".
  explicit FieldWriter(std::string_view name, Fold fold = Fold::kTab,
                       Octets octets = Octets::kAscii)
      : fold_(fold), octets_(octets) {
    for (const char c : name) {
      if (IsFieldNameOctet(c) && out_.size() < kMaxNameOctets) out_.push_back(c);
    }
    if (out_.empty()) out_ = "Unnamed";
    out_.push_back(':');
  }

  // Append writes |text| in one piece after what is there. Spaces in it stay.
  void Append(std::string_view text) {
    ForEachCharacter(text, [this](std::string_view character) { Put(character); });
  }

  // AppendSpace writes a space that a fold may replace.
  void AppendSpace() {
    MarkBreak(Break::kReplaceSpace);
    Put(" ");
  }

  // AppendFold writes a fold: what is written next begins a line.
  void AppendFold() {
    AppendSpace();
    must_fold_ = break_ != kNone;
  }

  // AllowFold lets a fold stand here, where otherwise nothing does.
  void AllowFold() { MarkBreak(Break::kInsert); }

  // AppendBreakable writes |text|, without the spaces in it, with folds wherever
  // a line is full: for base64 in DKIM, where folds count for nothing. What was
  // written before stays as it is, so that the text up to an empty b= can be
  // hashed before the signature is known.
  void AppendBreakable(std::string_view text) {
    ForEachCharacter(text, [this](std::string_view character) {
      if (character == " ") return;
      if (column() + character.size() > kFoldColumn) FoldHere();
      break_ = kNone;
      Put(character);
    });
  }

  // AppendQuotedString writes |text| as a quoted-string, folded at its spaces:
  // unfolding gives them back. RFC 5322 §3.2.4
  void AppendQuotedString(std::string_view text) {
    Put("\"");
    AppendEscaped(text, "\"\\");
    Put("\"");
  }

  // AppendComment writes |text| as one comment, folded at its spaces; it cannot
  // end early nor nest. RFC 5322 §3.2.2
  void AppendComment(std::string_view text) {
    Put("(");
    AppendEscaped(text, "()\\");
    Put(")");
  }

  // text is the field as written so far, without the final CRLF.
  std::string_view text() const { return out_; }

  // Finish returns the field with its CRLF. The writer is spent.
  std::string Finish() && {
    out_.append("\r\n");
    return std::move(out_);
  }

 private:
  // Break is what a fold does at the break: it takes the place of a space, goes
  // before a space that is part of the text, or goes where nothing stands.
  enum class Break : uint8_t { kReplaceSpace, kBeforeSpace, kInsert };
  static constexpr size_t kNone = std::string::npos;

  size_t column() const { return out_.size() - line_start_; }

  // ForEachCharacter calls |take| for each character that passes the border.
  template <typename Take>
  void ForEachCharacter(std::string_view text, Take take) {
    while (!text.empty()) {
      const base::Utf8Char c = base::FirstUtf8Char(text);
      const size_t octets = c.octets == 0 ? 1 : c.octets;
      const bool passes = c.octets == 1 || (c.octets > 1 && octets_ == Octets::kUtf8);
      if (passes && base::IsGraphic(c.code_point)) take(text.substr(0, octets));
      text.remove_prefix(octets);
    }
  }

  void AppendEscaped(std::string_view text, std::string_view special) {
    ForEachCharacter(text, [this, special](std::string_view character) {
      if (character == " ") {
        MarkBreak(Break::kBeforeSpace);
        Put(character);
      } else if (special.find(character) != std::string_view::npos) {
        const char pair[] = {'\\', character.front()};
        Put(std::string_view(pair, 2));
      } else {
        Put(character);
      }
    });
  }

  // MarkBreak lets the next fold be here. Between the breaks of a line there is
  // always text, for a line of white space alone could pass for the blank line
  // that ends the header.
  void MarkBreak(Break kind) {
    if (!has_text_) return;
    break_ = out_.size();
    break_kind_ = kind;
    has_text_ = false;
  }

  // Put writes one character, or a quoted-pair, and folds before it if need be.
  void Put(std::string_view character) {
    if (character == " ") {
      if (column() < kMaxLineOctets) out_.push_back(' ');
      return;
    }
    const bool is_full = column() + character.size() > kFoldColumn;
    if (break_ != kNone && (is_full || must_fold_)) FoldAtBreak();
    if (column() + character.size() > kMaxLineOctets) FoldHere();
    must_fold_ = false;
    has_text_ = true;
    out_.append(character);
  }

  void FoldAtBreak() {
    // A full line had no room for the break's space.
    const bool has_space = break_ < out_.size() && out_[break_] == ' ';
    const bool replaces = has_space && break_kind_ == Break::kReplaceSpace;
    const bool keeps = has_space && break_kind_ == Break::kBeforeSpace;
    const char fold[] = {'\r', '\n', static_cast<char>(fold_)};
    out_.replace(break_, replaces ? 1 : 0, fold, keeps ? 2 : 3);
    line_start_ = break_ + 2;
    break_ = kNone;
  }

  // FoldHere folds at the end; the caller goes on with text.
  void FoldHere() {
    out_.append({'\r', '\n', static_cast<char>(fold_)});
    line_start_ = out_.size() - 1;
    break_ = kNone;
  }

  Fold fold_;
  Octets octets_;
  std::string out_;
  size_t line_start_ = 0;
  size_t break_ = kNone;  // where the line may be folded, if anywhere
  Break break_kind_ = Break::kInsert;
  bool must_fold_ = false;
  bool has_text_ = true;  // whether text stands after the break or the line's begin
};

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_FIELD_WRITER_H_
