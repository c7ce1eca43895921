// ParsedField: an Authentication-Results field, read. RFC 8601 §2.2
#ifndef POSTSEAL_AUTHRES_PARSED_FIELD_H_
#define POSTSEAL_AUTHRES_PARSED_FIELD_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authres/authentication_results.h"
#include "authres/lexical.h"
#include "authres/parse_fault.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/utf8.h"

namespace postseal::authres {

// RFC 8601 sets no limits; a field beyond one of these is not read at all.
// kMaxFieldOctets is the longest value of a field that is read, in octets.
inline constexpr size_t kMaxFieldOctets = 16 * 1024;
// kMaxResults is the most results that a field may have.
inline constexpr size_t kMaxResults = 64;
// kMaxProperties is the most properties that a result may have.
inline constexpr size_t kMaxProperties = 32;
// kMaxFaults is the most faults of a field that are listed; the rest is not.
inline constexpr size_t kMaxFaults = 16;
// kVersion is the one authres-version there is. RFC 8601 §2.2
inline constexpr uint32_t kVersion = 1;

// ParsedField is what a field says. It is no more than what somebody wrote: only
// who knows that |authserv_id| names a host of theirs, and that their border
// removes forged fields (removal_plan.h), may believe the results. RFC 8601 §7.1
struct ParsedField {
  // authserv_id is who says so, unquoted; compared without regard to case. Without
  // one, nobody says so.
  std::optional<std::string> authserv_id;
  // version is the authres-version; 1 when absent.
  std::optional<uint32_t> version;
  // results are in the order of the field; none for "none". Keywords are in lower
  // case (RFC 5234 §2.3), values as they were, unquoted and unfolded. If the field is not
  // readable they are the part that could be read; after an obstacle there are none.
  std::vector<Result> results;
  // faults are the first kMaxFaults, in the order in which they were found.
  std::vector<ParseFault> faults;
  // fault is the first that is no departure; otherwise the first departure.
  std::optional<ParseFault> fault;

  // IsValid says that the field is one of RFC 8601 §2.2.
  bool IsValid() const { return !fault.has_value(); }
  // IsReadable says whether the whole field could be read, with or without departures. If
  // not, readers may disagree on what the field says: do not act on its results.
  bool IsReadable() const { return !fault.has_value() || IsDeparture(fault->fault); }
};

// Parse reads the value of a field: every octet after the colon, without the final
// CRLF. Every text gives a ParsedField, in time linear in its length.
//
// UTF-8 is read where RFC 6532 lets it stand, for who reads a message may not know
// whether it went by SMTPUTF8; a token of it is none (RFC 2045 §5.1), so that an
// authserv-id in U-labels is a quoted-string. [choice]
//
// What is read though RFC 8601 has it otherwise [deviation]: a field without an
// authserv-id, as of Exchange Online; a semicolon without a result; a value, or an
// authserv-id, of tspecials or UTF-8 without quotes, such as base64, a URL, or
// OpenDKIM's "mx.example/QUEUE-ID"; a property without a type, which is dropped (but
// reason= counts wherever it stands); a keyword with underscores, and a method with
// dots, such as "gateway.spf"; the "i=1;" that ARC-Authentication-Results begins with
// (RFC 8617 §4.1.1).
//
// A syntax error in a result ends only that result: the part before the error is kept, and
// reading goes on after the next semicolon.
ParsedField Parse(std::string_view value);

namespace internal {

// kBareOctets are those of a value without quotes: what neither ends it nor quotes.
inline constexpr base::CharSet kBareOctets =
    (base::CharSet::Range(33, 126) | base::kNonAscii) - base::CharSet("();\"\\");
inline constexpr base::CharSet kKeywordOctets = base::kAlphaDigit | base::CharSet("-");
// kBareIdOctets are those of an authserv-id without quotes, with a queue id behind it.
inline constexpr base::CharSet kBareIdOctets = kTokenOctets | base::kNonAscii | base::CharSet("/");

// FindBadOctet is the offset of the first octet that no field has: a control other
// than TAB and those of a fold, or one that is no part of UTF-8.
inline std::optional<size_t> FindBadOctet(std::string_view text) {
  base::Cursor cursor(text);
  while (!cursor.at_end()) {
    if (cursor.TakeFws()) continue;
    const size_t octets = base::FirstUtf8Char(cursor.rest()).octets;
    if (octets == 0 || base::kControl(cursor.Peek())) return cursor.offset();
    const bool is_backslash = cursor.Peek() == '\\';
    const std::string_view quoted = cursor.rest().substr(1, 1);
    // A backslash quotes the octet after it, which is none of a fold.
    if (is_backslash && quoted == "\r") return cursor.offset() + 1;
    cursor.TakeCount(is_backslash && quoted == "\\" ? 2 : octets);
  }
  return std::nullopt;
}

// FieldParser reads one field. Its functions say whether they read what they are
// named after; when they did not, the fault is set.
class FieldParser {
 public:
  explicit FieldParser(std::string_view value) : cursor_(value) {}

  ParsedField Run() && {
    TakePayload();
    if (has_obstacle_) field_.results.clear();
    return std::move(field_);
  }

 private:
  enum class ValueForm : uint8_t { kValue, kPvalue };
  enum class KeywordForm : uint8_t { kMethod, kWord };

  void Note(Fault fault, size_t offset) {
    has_obstacle_ |= IsObstacle(fault);
    if (field_.faults.size() < kMaxFaults) field_.faults.push_back({fault, offset});
    const bool is_worse =
        field_.fault.has_value() && IsDeparture(field_.fault->fault) && !IsDeparture(fault);
    if (!field_.fault.has_value() || is_worse) field_.fault = {fault, offset};
  }
  // Fail ends the reading of a result, or of the field.
  bool Fail(Fault fault, size_t offset) {
    Note(fault, offset);
    return false;
  }
  bool Fail(Fault fault) { return Fail(fault, cursor_.offset()); }
  void Depart(Fault fault, size_t offset) { Note(fault, offset); }

  bool AtResultEnd() const { return cursor_.at_end() || cursor_.Peek() == ';'; }

  // authres-payload = [CFWS] authserv-id [ CFWS authres-version ]
  //                   ( no-result / 1*resinfo ) [CFWS] CRLF
  void TakePayload() {
    const std::string_view value = cursor_.rest();
    if (value.size() > kMaxFieldOctets) return Note(Fault::kFieldTooLong, kMaxFieldOctets);
    if (const auto bad = FindBadOctet(value)) return Note(Fault::kBadOctet, *bad);
    TakeArcInstance();
    // The first result of a field without authserv-id may lack its semicolon.
    bool needs_semicolon = true;
    if (!TakeCfws() || !TakeAuthservId() || !TakeVersion()) {
      SkipToResultEnd();
      if (cursor_.at_end() || has_obstacle_) return;
    } else {
      needs_semicolon = field_.authserv_id.has_value() || cursor_.Peek() == ';';
    }
    do {
      if (needs_semicolon && !cursor_.Take(';')) {
        Note(Fault::kNoSemicolon, cursor_.offset());
        if (cursor_.at_end()) return;
      }
      needs_semicolon = true;
      if (!TakeCfws() || !TakeResultOrNone() || !TakeCfws()) SkipToResultEnd();
    } while (!cursor_.at_end() && !has_obstacle_);
  }

  // instance = [CFWS] "i" [CFWS] "=" [CFWS] instance-number [CFWS] ";"
  // of ARC-Authentication-Results, which goes on as our field does. RFC 8617 §4.1.1
  void TakeArcInstance() {
    const base::Cursor start = cursor_;
    cursor_.TakeFws();
    const size_t offset = cursor_.offset();
    bool taken = cursor_.TakeIgnoreCase("i");
    cursor_.TakeFws();
    taken = taken && cursor_.Take('=');
    cursor_.TakeFws();
    taken = taken && !cursor_.TakeWhile(base::kDigit).empty();
    cursor_.TakeFws();
    if (taken && cursor_.Take(';')) return Depart(Fault::kArcInstance, offset);
    cursor_ = start;
  }

  // SkipToResultEnd skips what is left of a result: up to a semicolon that stands in
  // neither a comment nor a quoted-string.
  void SkipToResultEnd() {
    while (!AtResultEnd()) {
      std::string skipped;
      const char next = cursor_.Peek();
      if (next == '(') {
        TakeComment(&skipped);
      } else if (next == '"') {
        TakeQuoted(&skipped);
      } else {
        cursor_.TakeCount(1);
      }
    }
  }

  // authserv-id = value                                    RFC 8601 §2.2
  bool TakeAuthservId() {
    const base::Cursor start = cursor_;
    std::string id;
    if (cursor_.at_end()) return Fail(Fault::kBadAuthservId);
    const bool is_quoted = cursor_.Peek() == '"';
    if (is_quoted) {
      if (!TakeQuoted(&id)) return false;
    } else {
      id = cursor_.TakeWhile(kBareIdOctets);
      if (id.empty() && cursor_.Peek() != ';') return Fail(Fault::kBadAuthservId);
    }
    const size_t end = cursor_.offset();
    if (!TakeCfws()) return false;
    has_space_ = cursor_.offset() != end;
    if (id.empty() || cursor_.Peek() == '=' || cursor_.Peek() == '/') {
      Depart(Fault::kNoAuthservId, start.offset());
      cursor_ = start;
      return true;
    }
    if (!is_quoted && !IsToken(id)) Depart(Fault::kBareValue, start.offset());
    field_.authserv_id = std::move(id);
    return true;
  }

  // authres-version = 1*DIGIT [CFWS]                       RFC 8601 §2.2
  bool TakeVersion() {
    const size_t offset = cursor_.offset();
    if (!field_.authserv_id.has_value() || !has_space_ || !base::kDigit(cursor_.Peek())) {
      return true;
    }
    field_.version = TakeNumber();
    // What a later version means by what follows is unknown.
    if (field_.version != kVersion) return Fail(Fault::kUnsupportedVersion, offset);
    return TakeCfws();
  }

  // resinfo = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
  // no-result = [CFWS] ";" [CFWS] "none"
  bool TakeResultOrNone() {
    const size_t offset = cursor_.offset();
    if (AtResultEnd()) {
      Depart(Fault::kEmptyResult, offset);
      return true;
    }
    Result result;
    if (!TakeKeyword(KeywordForm::kMethod, &result.method)) return Fail(Fault::kBadMethod);
    if (!TakeCfws()) return false;
    const bool is_none = result.method == "none" && AtResultEnd();
    if (has_none_ || (is_none && !field_.results.empty())) {
      Note(Fault::kResultBesideNone, offset);
    }
    has_none_ |= is_none;
    if (is_none) return true;
    if (field_.results.size() == kMaxResults) return Fail(Fault::kTooManyResults, offset);
    if (!TakeMethodspec(&result)) {
      // A result is kept although the comment in it is broken.
      if (!result.result.empty()) field_.results.push_back(std::move(result));
      return false;
    }
    bool is_whole = true;
    while (is_whole && !AtResultEnd()) is_whole = TakeReasonOrProperty(&result);
    field_.results.push_back(std::move(result));
    return is_whole;
  }

  // methodspec = [CFWS] method [CFWS] "=" [CFWS] result, after its Keyword.
  // method = Keyword [ [CFWS] "/" [CFWS] method-version ]
  bool TakeMethodspec(Result* result) {
    if (cursor_.Take('/')) {
      if (!TakeCfws()) return false;
      if (!base::kDigit(cursor_.Peek())) return Fail(Fault::kBadMethod);
      result->method_version = TakeNumber();
      if (!TakeCfws()) return false;
    }
    if (!cursor_.Take('=')) return Fail(Fault::kBadMethod);
    if (!TakeCfws()) return false;
    if (!TakeKeyword(KeywordForm::kWord, &result->result)) return Fail(Fault::kBadResult);
    const size_t end = cursor_.offset();
    if (!TakeCfws(&result->comment)) return false;
    has_space_ = cursor_.offset() != end;
    return has_space_ || AtResultEnd() || Fail(Fault::kBadResult);
  }

  // reasonspec = "reason" [CFWS] "=" [CFWS] value
  // propspec = ptype [CFWS] "." [CFWS] property [CFWS] "=" pvalue
  // CFWS stands before the first propspec; a pvalue ends with one of its own.
  bool TakeReasonOrProperty(Result* result) {
    const size_t offset = cursor_.offset();
    if (!has_space_ && result->properties.empty()) return Fail(Fault::kBadProperty);
    Property property;
    if (!TakeKeyword(KeywordForm::kWord, &property.ptype)) return Fail(Fault::kBadProperty);
    if (!TakeCfws()) return false;
    const bool is_typed = cursor_.Take('.');
    if (is_typed) {
      if (!TakeCfws()) return false;
      if (!TakeKeyword(KeywordForm::kWord, &property.property)) return Fail(Fault::kBadProperty);
      if (!TakeCfws()) return false;
    }
    if (!cursor_.Take('=')) return Fail(Fault::kBadProperty);
    if (!TakeCfws()) return false;
    if (!TakeValue(is_typed ? ValueForm::kPvalue : ValueForm::kValue, &property.value)) {
      return false;
    }
    const size_t end = cursor_.offset();
    if (!TakeCfws()) return false;
    has_space_ = cursor_.offset() != end;
    if (is_typed) {
      if (result->properties.size() == kMaxProperties) {
        return Fail(Fault::kTooManyProperties, offset);
      }
      result->properties.push_back(std::move(property));
      return true;
    }
    const bool is_reason = property.ptype == "reason" && result->reason.empty();
    if (!is_reason || !result->properties.empty()) Depart(Fault::kUntypedProperty, offset);
    if (is_reason) result->reason = std::move(property.value);
    return true;
  }

  // IsPropertyLike: what stands after an empty value would pass for that value.
  static bool IsPropertyLike(std::string_view bare) {
    base::Cursor cursor(bare);
    cursor.TakeWhile(kKeywordOctets | base::CharSet("."));
    return cursor.Peek() == '=' && cursor.rest().find('@') == bare.npos;
  }

  // value = token / quoted-string                          RFC 2045 §5.1
  // pvalue = [CFWS] ( value / [ [ local-part ] "@" ] domain-name ) [CFWS]
  bool TakeValue(ValueForm form, std::string* value) {
    const base::Cursor start = cursor_;
    if (cursor_.Peek() == '"') {
      if (!TakeQuoted(value)) return false;
      if (form == ValueForm::kValue || cursor_.Peek() != '@') return true;
      // The quoted-string is a local-part. RFC 5321 §4.1.2
      cursor_.TakeWhile(kBareOctets);
      *value = start.rest().substr(0, cursor_.offset() - start.offset());
      return IsIdentity(*value) || Fail(Fault::kBadValue, start.offset());
    }
    const std::string_view bare = cursor_.TakeWhile(kBareOctets);
    *value = bare;
    if (IsToken(bare) || (form == ValueForm::kPvalue && IsIdentity(bare))) return true;
    if (IsPropertyLike(bare)) return Fail(Fault::kBadValue, start.offset());
    Depart(Fault::kBareValue, start.offset());
    return true;
  }

  // Keyword = Ldh-str, Ldh-str = *( ALPHA / DIGIT / "-" ) Let-dig
  // One with underscores, or a method with dots, is read, too. [deviation]
  bool TakeKeyword(KeywordForm form, std::string* keyword) {
    const base::CharSet joints(form == KeywordForm::kMethod ? "._" : "_");
    base::Cursor ahead = cursor_;
    bool is_odd = false;
    do {
      if (!IsKeyword(ahead.TakeWhile(kKeywordOctets))) return false;
      if (!joints(ahead.Peek())) break;
      is_odd = true;
    } while (ahead.TakeIf(joints));
    const size_t offset = cursor_.offset();
    *keyword = base::ToLower(cursor_.TakeCount(ahead.offset() - offset));
    if (is_odd) Depart(Fault::kOddKeyword, offset);
    return true;
  }

  // TakeNumber takes 1*DIGIT. What is too large for the type is no version that
  // anyone knows, and gives the largest.
  uint32_t TakeNumber() {
    uint64_t number = 0;
    for (const char digit : cursor_.TakeWhile(base::kDigit)) {
      number = number * 10 + static_cast<uint64_t>(digit - '0');
      if (number > kMaxNumber) number = kMaxNumber;
    }
    return static_cast<uint32_t>(number);
  }

  // CFWS = (1*([FWS] comment) [FWS]) / FWS                 RFC 5322 §3.2.2
  // |comment|, when it is empty, gets the first comment's text.
  bool TakeCfws(std::string* comment = nullptr) {
    for (;;) {
      cursor_.TakeFws();
      if (cursor_.Peek() != '(') return true;
      std::string text;
      if (!TakeComment(&text)) return false;
      if (comment != nullptr && comment->empty()) *comment = std::move(text);
    }
  }

  // comment = "(" *([FWS] ccontent) [FWS] ")", ccontent = ctext / quoted-pair / comment
  // Nesting is counted, not recursed: its depth is the sender's.
  bool TakeComment(std::string* text) {
    const size_t offset = cursor_.offset();
    size_t depth = 0;
    do {
      if (cursor_.at_end()) return Fail(Fault::kUnclosedComment, offset);
      const char next = cursor_.Peek();
      if (next == '(') ++depth;
      if (next == ')') --depth;
      TakeText(text);
    } while (depth != 0);
    // The parentheses around it are not of the text.
    *text = text->substr(1, text->size() - 2);
    return true;
  }

  // quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE  RFC 5322 §3.2.4
  bool TakeQuoted(std::string* text) {
    const size_t offset = cursor_.offset();
    cursor_.Take('"');
    while (!cursor_.Take('"')) {
      if (cursor_.at_end()) return Fail(Fault::kUnclosedQuote, offset);
      TakeText(text);
    }
    return true;
  }

  // TakeText takes an octet, or the one that a backslash quotes, and appends it.
  // The CRLF of a fold counts for nothing (RFC 5322 §2.2.3); no other is left.
  void TakeText(std::string* text) {
    if (cursor_.Take("\r\n")) return;
    cursor_.Take('\\');
    text->append(cursor_.TakeCount(1));
  }

  static constexpr uint64_t kMaxNumber = std::numeric_limits<uint32_t>::max();

  base::Cursor cursor_;
  ParsedField field_;
  // Whether CFWS stood before the cursor.
  bool has_space_ = false;
  bool has_none_ = false;
  // Whether a fault means that no result is read.
  bool has_obstacle_ = false;
};

}  // namespace internal

inline ParsedField Parse(std::string_view value) { return internal::FieldParser(value).Run(); }

}  // namespace postseal::authres

#endif  // POSTSEAL_AUTHRES_PARSED_FIELD_H_
