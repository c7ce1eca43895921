// Mailbox: the mailboxes of an address field, read strictly.
#ifndef POSTSEAL_MAIL_MAILBOX_H_
#define POSTSEAL_MAIL_MAILBOX_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/ascii.h"

namespace postseal::mail {

// kMaxMailboxListOctets bounds one address-list in octets; RFC 5322 sets no
// limit. As much as a header field may have (HeaderLimits::kMaxFieldOctets).
inline constexpr size_t kMaxMailboxListOctets = 64 * 1024;
// kMaxMailboxes bounds the mailboxes of one list; RFC 5322 sets no limit, and a
// message has one author or a few.
inline constexpr size_t kMaxMailboxes = 100;
// kMaxCommentDepth bounds how deep comments nest. RFC 5322 §3.2.2 sets no limit.
inline constexpr size_t kMaxCommentDepth = 32;

// Mailbox is one addr-spec with what stood around it. RFC 5322 §3.4
struct Mailbox {
  // local_part is as written, with its quotes and backslashes, less the CFWS
  // between its words. Encoded-words in it are not decoded (RFC 2047 §5).
  std::string_view local_part;
  // domain is as written, less the CFWS in it: any atext may occur, and whether
  // that is a domain name is for dns::Name to say. A domain-literal has its "["
  // and "]".
  std::string_view domain;
  bool is_domain_literal = false;  // domain is an address, not a name. RFC 5322 §3.4.1
  bool has_display_name = false;
  bool in_group = false;  // RFC 6854 §2.1 allows groups in From

  bool operator==(const Mailbox&) const = default;
};

// MailboxListFlags are the oddities of a well-formed list: what other readers of
// the same octets may see as another address, or hide from a person.
struct MailboxListFlags {
  bool group = false;         // RFC 6854 §2.1
  bool comment = false;       // RFC 5322 §3.4: SHOULD NOT be used in address fields
  bool obsolete = false;      // RFC 5322 §4.1, §4.4, save the two below
  bool obs_phrase = false;    // "." in a display-name; common. RFC 5322 §4.1
  bool obs_route = false;     // "<@a,@b:c@d>"; the route is ignored. RFC 5322 §4.4
  bool literal = false;       // a domain-literal in place of a domain
  bool non_ascii = false;     // RFC 6532 §3.2
  bool control = false;       // C0 and C1 controls other than TAB, DEL
  bool bidi_control = false;  // U+202A-202E, U+2066-2069: text shown in another order
  // An "@" within a display name: readers that show the name alone show an address.
  bool address_in_name = false;
  // A local-part with doubled dots, or a dot at one of its ends. RFC 5322 §3.4.1
  bool stray_dots = false;
  // An encoded-word within an addr-spec, where none may be. RFC 2047 §5
  bool encoded_word_in_address = false;

  // |= adds the oddities of another list.
  MailboxListFlags& operator|=(const MailboxListFlags& other) {
    group |= other.group;
    comment |= other.comment;
    obsolete |= other.obsolete;
    obs_phrase |= other.obs_phrase;
    obs_route |= other.obs_route;
    literal |= other.literal;
    non_ascii |= other.non_ascii;
    control |= other.control;
    bidi_control |= other.bidi_control;
    address_in_name |= other.address_in_name;
    stray_dots |= other.stray_dots;
    encoded_word_in_address |= other.encoded_word_in_address;
    return *this;
  }
  bool operator==(const MailboxListFlags&) const = default;
};

enum class MailboxListFault : uint8_t {
  kNone,
  kTooLong,               // more than kMaxMailboxListOctets
  kBadOctet,              // NUL, or a CR or LF that is no fold
  kBadUtf8,               // not well-formed
  kNoAddress,             // neither a mailbox nor a group
  kBadName,               // a display-name that begins with "."
  kMissingAt,             // words that are followed by neither "@" nor "<"
  kBadLocalPart,          // before "@" stands something else
  kBadDomain,             // after "@" stands something else
  kBadRoute,              // a source route without its ":"
  kUnclosedAngle,         // no ">" after the addr-spec
  kUnclosedLiteral,       // no "]"
  kUnclosedQuotedString,  // no DQUOTE
  kUnclosedComment,       // no ")"
  kUnclosedGroup,         // no ";"
  kCommentTooDeep,        // more than kMaxCommentDepth
  kUnexpectedText,        // a complete address, and then something else than ","
  kTooManyMailboxes,      // more than kMaxMailboxes
};

constexpr std::string_view MailboxListFaultText(MailboxListFault fault) {
  switch (fault) {
    case MailboxListFault::kNone:
      return "";
    case MailboxListFault::kTooLong:
      return "the address list is too long";
    case MailboxListFault::kBadOctet:
      return "a NUL or a bare CR or LF stands in the address list";
    case MailboxListFault::kBadUtf8:
      return "the address list is not UTF-8";
    case MailboxListFault::kNoAddress:
      return "an address is expected";
    case MailboxListFault::kBadName:
      return "a display name may not begin so";
    case MailboxListFault::kMissingAt:
      return "\"@\" or \"<\" is expected";
    case MailboxListFault::kBadLocalPart:
      return "a local part is expected before \"@\"";
    case MailboxListFault::kBadDomain:
      return "a domain is expected after \"@\"";
    case MailboxListFault::kBadRoute:
      return "\":\" is expected after the source route";
    case MailboxListFault::kUnclosedAngle:
      return "\">\" is expected after the address";
    case MailboxListFault::kUnclosedLiteral:
      return "\"]\" is expected after the domain literal";
    case MailboxListFault::kUnclosedQuotedString:
      return "a quoted string has no end";
    case MailboxListFault::kUnclosedComment:
      return "a comment has no end";
    case MailboxListFault::kUnclosedGroup:
      return "\";\" is expected after the group";
    case MailboxListFault::kCommentTooDeep:
      return "comments are nested too deep";
    case MailboxListFault::kUnexpectedText:
      return "\",\" or the end is expected after the address";
    case MailboxListFault::kTooManyMailboxes:
      return "too many mailboxes";
  }
  return "";
}

// MailboxList is a parsed address-list. Its views live as long as both the text
// and the arena that it was made from.
struct MailboxList {
  // mailboxes are those of the list and of its groups, in their order. With a
  // fault they are those before it, good for a report and for nothing else.
  std::span<const Mailbox> mailboxes;
  MailboxListFlags flags;
  MailboxListFault fault = MailboxListFault::kNone;
  // fault_offset is where the fault stands, in octets from the text's start.
  size_t fault_offset = 0;
};

// ParseMailboxList reads |text|, the value of a From field (RFC 5322 §3.6.2 as
// RFC 6854 §2.1 has it, RFC 6532 §3.2), folded or not: the result is the same.
//
// Obsolete syntax is read, as RFC 5322 §4 ¶2 requires, and flagged. Nothing else
// is: no guess is made about what somebody may have meant, and any octet that the
// grammar has no place for is a fault. Two exceptions:
// - NUL, bare CR and bare LF are faults in a quoted-pair as well, where RFC 5322 §4.1 has
//   them as obsolete [deviation]: no two readers agree on what follows them.
// - Doubled dots in a local-part and dots at its ends are read and flagged [deviation]:
//   Japanese carriers issued such addresses for years, and the domain, which is all that
//   DMARC needs, is the same for every reader.
//
// A list without mailboxes (a group may be empty) is well-formed. Linear in the
// octets; what has CFWS within or is folded is copied to |arena|.
inline MailboxList ParseMailboxList(std::string_view text, base::Arena* arena);

// DistinctDomains returns the domains of |mailboxes|, each once, in the order and
// spelling of its first mailbox; case does not count (RFC 1035 §2.3.3),
// domain-literals are left out. Two that differ here may still be the same
// name, U-label and A-label, for dns::Name; never the other way round.
inline std::span<const std::string_view> DistinctDomains(std::span<const Mailbox> mailboxes,
                                                         base::Arena* arena) {
  const std::span<std::string_view> domains = arena->NewArray<std::string_view>(mailboxes.size());
  size_t count = 0;
  for (const Mailbox& mailbox : mailboxes) {
    if (mailbox.is_domain_literal) continue;
    bool is_new = true;
    for (const std::string_view seen : domains.first(count)) {
      is_new = is_new && !base::EqualsIgnoreCase(seen, mailbox.domain);
    }
    if (is_new) domains[count++] = mailbox.domain;
  }
  return domains.first(count);
}

}  // namespace postseal::mail

#include "mail/mailbox-inl.h"

#endif  // POSTSEAL_MAIL_MAILBOX_H_
