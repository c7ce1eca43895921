// ReversePath: the argument of SMTP's MAIL FROM, read strictly.
#ifndef POSTSEAL_MAIL_REVERSE_PATH_H_
#define POSTSEAL_MAIL_REVERSE_PATH_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ascii.h"
#include "base/cursor.h"
#include "base/utf8.h"
#include "mail/local_part.h"

namespace postseal::mail {

// kMaxLocalPartOctets is the most octets of a Local-part. RFC 5321 §4.5.3.1.1
inline constexpr size_t kMaxLocalPartOctets = 64;
// kMaxPathDomainOctets is the most octets of a Domain. RFC 5321 §4.5.3.1.2
inline constexpr size_t kMaxPathDomainOctets = 255;
// kMaxPathOctets is the most octets of a path with all its punctuation: the "<"
// and ">" count whether or not they are written here. RFC 5321 §4.5.3.1.3
inline constexpr size_t kMaxPathOctets = 256;

enum class ReversePathFault : uint8_t {
  kNone,
  kBadUtf8,           // not well-formed
  kBadLocalPart,      // neither Dot-string nor Quoted-string
  kMissingAt,         // no "@" after the Local-part
  kBadDomain,         // neither Domain nor address-literal
  kBadSourceRoute,    // "@" Domain, but no "," or ":" after it
  kUnclosed,          // "<" without ">"
  kUnexpectedText,    // octets after the path
  kLocalPartTooLong,  // above kMaxLocalPartOctets
  kDomainTooLong,     // above kMaxPathDomainOctets
  kPathTooLong,       // above kMaxPathOctets
};

constexpr std::string_view ReversePathFaultText(ReversePathFault fault) {
  switch (fault) {
    case ReversePathFault::kNone:
      return "";
    case ReversePathFault::kBadUtf8:
      return "the path is not UTF-8";
    case ReversePathFault::kBadLocalPart:
      return "a local part is expected";
    case ReversePathFault::kMissingAt:
      return "\"@\" is expected after the local part";
    case ReversePathFault::kBadDomain:
      return "a domain is expected";
    case ReversePathFault::kBadSourceRoute:
      return "\",\" or \":\" is expected in the source route";
    case ReversePathFault::kUnclosed:
      return "\">\" is expected";
    case ReversePathFault::kUnexpectedText:
      return "text follows the path";
    case ReversePathFault::kLocalPartTooLong:
      return "the local part is too long";
    case ReversePathFault::kDomainTooLong:
      return "the domain is too long";
    case ReversePathFault::kPathTooLong:
      return "the path is too long";
  }
  return "";
}

// ReversePath is a parsed reverse-path: null, a mailbox or malformed. What cannot
// be read is never null: for SPF that would put the client's own HELO name in the
// sender's place (RFC 7208 §2.4). Its views are into the text it was made from.
struct ReversePath {
  // is_null says that the path is "<>". RFC 5321 §4.5.5
  bool is_null = false;
  // mailbox is local_part "@" domain, as written, without a source route. A path
  // that is merely too long has its mailbox all the same: RFC 5321 §4.5.3.1
  // asks for techniques without limits, and a caller may choose not to have any.
  std::string_view mailbox;
  // local_part has the quotes and backslashes of a Quoted-string.
  std::string_view local_part;
  // domain has the "[" and "]" of an address-literal.
  std::string_view domain;
  bool is_address_literal = false;  // RFC 5321 §4.1.3
  bool has_source_route = false;    // "<@a,@b:c@d>": read, and ignored. RFC 5321 appendix C
  // "a..b@c", "a.@c": no Dot-string, but mailboxes in use. local_part has all its dots.
  bool has_stray_dots = false;
  bool is_non_ascii = false;  // needs SMTPUTF8. RFC 6531 §3.3

  ReversePathFault fault = ReversePathFault::kNone;
  // fault_offset is where the fault stands, in octets from the text's start.
  size_t fault_offset = 0;

  // Parse reads |text|, the argument of MAIL FROM without its parameters; the
  // angle brackets may have been taken off, as milter libraries and users do.
  // There is no CFWS in SMTP, and no octet is skipped.
  static ReversePath Parse(std::string_view text);
};

namespace internal {

// ReversePathParser has one function a rule of RFC 5321 §4.1.2. Each says whether
// to go on.
class ReversePathParser {
 public:
  explicit ReversePathParser(std::string_view text) : in_(text), text_(text) {}

  // Reverse-path = Path / "<>", Path = "<" [ A-d-l ":" ] Mailbox ">"
  ReversePath Parse() {
    if (!CheckUtf8()) return path_;
    const bool is_bracketed = in_.Take('<');
    if (text_.empty() || text_ == "<>") {
      path_.is_null = true;
      return path_;
    }
    if (!TakeSourceRoute() || !TakeMailbox()) return path_;
    if (is_bracketed && !in_.Take('>')) {
      Fail(ReversePathFault::kUnclosed);
    } else if (!in_.at_end()) {
      Fail(ReversePathFault::kUnexpectedText);
    } else {
      CheckLengths(is_bracketed);
    }
    // No mailbox is to be had from what is no path.
    if (path_.fault == ReversePathFault::kUnclosed ||
        path_.fault == ReversePathFault::kUnexpectedText) {
      path_.mailbox = path_.local_part = path_.domain = {};
      path_.is_address_literal = path_.has_stray_dots = false;
    }
    return path_;
  }

 private:
  // dcontent = %d33-90 / %d94-126
  static constexpr base::CharSet kDcontent = base::CharSet::Range(33, 126) - base::CharSet("[\\]");
  // sub-domain = Let-dig [Ldh-str], and "_": RFC 5321 §4.1.2 has none, but DNS
  // names do, and so does mail [deviation]. What RFC 6531 §3.3 adds is all of UTF-8
  // beyond ASCII, which CheckUtf8 has seen to.
  static constexpr base::CharSet kLetDig = base::kAlphaDigit | base::CharSet("_") | base::kNonAscii;
  static constexpr base::CharSet kLdh = kLetDig | base::CharSet("-");

  bool Fail(ReversePathFault fault) { return Fail(fault, in_.offset()); }
  bool Fail(ReversePathFault fault, size_t offset) {
    path_.fault = fault;
    path_.fault_offset = offset;
    return false;
  }

  bool CheckUtf8() {
    for (size_t at = 0; at < text_.size();) {
      const size_t octets = base::FirstUtf8Char(text_.substr(at)).octets;
      if (octets == 0) return Fail(ReversePathFault::kBadUtf8, at);
      path_.is_non_ascii = path_.is_non_ascii || octets > 1;
      at += octets;
    }
    return true;
  }

  // A-d-l = At-domain *( "," At-domain ), At-domain = "@" Domain
  bool TakeSourceRoute() {
    if (in_.Peek() != '@') return true;
    path_.has_source_route = true;
    while (in_.Take('@')) {
      if (!TakeDomain()) return false;
      if (in_.Take(':')) return true;
      if (!in_.Take(',')) break;
    }
    return Fail(ReversePathFault::kBadSourceRoute);
  }

  // Mailbox = Local-part "@" ( Domain / address-literal )
  bool TakeMailbox() {
    const size_t begin = in_.offset();
    const LocalPartForm form = TakeLocalPart(&in_);
    if (form == LocalPartForm::kMalformed) return Fail(ReversePathFault::kBadLocalPart);
    // SPF needs the domain alone, and would say none of all mail of such mailboxes.
    path_.has_stray_dots = form == LocalPartForm::kStrayDots;
    const size_t at = in_.offset();
    if (!in_.Take('@')) return Fail(ReversePathFault::kMissingAt);
    const bool is_literal = in_.Peek() == '[';
    if (!(is_literal ? TakeAddressLiteral() : TakeDomain())) return false;
    path_.mailbox = text_.substr(begin, in_.offset() - begin);
    path_.local_part = text_.substr(begin, at - begin);
    path_.domain = text_.substr(at + 1, in_.offset() - at - 1);
    path_.is_address_literal = is_literal;
    return true;
  }

  // Domain = sub-domain *("." sub-domain), sub-domain = Let-dig [Ldh-str]
  bool TakeDomain() {
    do {
      const size_t begin = in_.offset();
      const std::string_view label = in_.TakeWhile(kLdh);
      if (label.empty() || label.front() == '-' || label.back() == '-') {
        return Fail(ReversePathFault::kBadDomain, begin);
      }
    } while (in_.Take('.'));
    return true;
  }

  // address-literal = "[" ( IPv4-address-literal / IPv6-address-literal /
  // General-address-literal ) "]". Which one it is, and whether it is one that
  // exists, nobody asks: there is no name in it to look up. [choice]
  bool TakeAddressLiteral() {
    in_.Take('[');
    if (in_.TakeWhile(kDcontent).empty() || !in_.Take(']')) {
      return Fail(ReversePathFault::kBadDomain);
    }
    return true;
  }

  void CheckLengths(bool is_bracketed) {
    const auto begin = static_cast<size_t>(path_.mailbox.data() - text_.data());
    const size_t path_octets = text_.size() + (is_bracketed ? 0 : 2);
    if (path_.local_part.size() > kMaxLocalPartOctets) {
      Fail(ReversePathFault::kLocalPartTooLong, begin + kMaxLocalPartOctets);
    } else if (path_.domain.size() > kMaxPathDomainOctets) {
      Fail(ReversePathFault::kDomainTooLong,
           begin + path_.local_part.size() + 1 + kMaxPathDomainOctets);
    } else if (path_octets > kMaxPathOctets) {
      Fail(ReversePathFault::kPathTooLong, text_.size() - (path_octets - kMaxPathOctets));
    }
  }

  base::Cursor in_;
  std::string_view text_;
  ReversePath path_;
};

}  // namespace internal

inline ReversePath ReversePath::Parse(std::string_view text) {
  return internal::ReversePathParser(text).Parse();
}

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_REVERSE_PATH_H_
