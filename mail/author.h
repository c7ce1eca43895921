// Authors: who a message says it is from, which is what DMARC starts with.
#ifndef POSTSEAL_MAIL_AUTHOR_H_
#define POSTSEAL_MAIL_AUTHOR_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/ascii.h"
#include "mail/domain_collector.h"
#include "mail/field.h"
#include "mail/mailbox.h"

namespace postseal::mail {

// kMaxFromFields bounds how many From fields are parsed; RFC 5322 §3.6 allows
// one. The others are counted.
inline constexpr size_t kMaxFromFields = 8;

// AuthorState says whether the message has one Author Domain (RFC 9989 §5.3.1),
// and if not, why not. The first that holds, in this order.
enum class AuthorState : uint8_t {
  kMissing,           // no From field
  kSeveralFields,     // more than one, lookalikes included
  kMalformed,         // one that cannot be read, or a lookalike alone
  kNoDomain,          // no mailbox, or one whose domain is a domain-literal
  kSeveralDomains,    // several mailboxes, of several domains
  kSeveralMailboxes,  // several mailboxes, of one domain
  kOneAuthor,         // one mailbox with a domain
};

constexpr std::string_view AuthorStateText(AuthorState state) {
  switch (state) {
    case AuthorState::kMissing:
      return "there is no From field";
    case AuthorState::kSeveralFields:
      return "there are several From fields";
    case AuthorState::kMalformed:
      return "the From field is malformed";
    case AuthorState::kNoDomain:
      return "the From field names no domain";
    case AuthorState::kSeveralDomains:
      return "the From field has mailboxes of several domains";
    case AuthorState::kSeveralMailboxes:
      return "the From field has several mailboxes of one domain";
    case AuthorState::kOneAuthor:
      return "the From field has one mailbox";
  }
  return "";
}

// Authors is what the From fields of a message say. Its views live as long as
// both the fields' header block and the arena.
struct Authors {
  AuthorState state = AuthorState::kMissing;
  // field_count counts every From field, lookalikes included.
  size_t field_count = 0;
  // lookalike_count counts the fields that hold what is no From field by RFC 5322
  // §3.6.2, but one for a reader that forgives: " From:", "Fr<fold>om:",
  // "From<NUL>:", or "From:" behind a bare CR or LF in another field.
  size_t lookalike_count = 0;
  // mailboxes are those of every From field that was parsed, in their order; with
  // a fault they are good for a report only.
  std::span<const Mailbox> mailboxes;
  // domains are the distinct domains of |mailboxes|; see DistinctDomains.
  std::span<const std::string_view> domains;
  // policy_domains are those whose policy a receiver should ask for (RFC 9989 §11.5): the
  // |domains| of well-formed authors, and otherwise whatever some reader may take for an
  // author's domain, in any From field or lookalike; see DomainCollector. A malformed From
  // field never passes. policy_domains_skipped counts what was found beyond a limit.
  std::span<const std::string_view> policy_domains;
  size_t policy_domains_skipped = 0;
  // flags of all fields that were parsed together.
  MailboxListFlags flags;
  // fault is that of the first From field that cannot be read, |fault_offset| its
  // place in octets from the start of the header block.
  MailboxListFault fault = MailboxListFault::kNone;
  size_t fault_offset = 0;
};

// FindAuthors collects the From fields among |fields|, which are the whole header
// of a message: with a HeaderFault a From field may be missing among them, and
// what is found here must not be relied on.
//
// Only From counts, "From :" (RFC 5322 §4.5) included: Sender and Resent-From say
// nothing about the author (§3.6.2, §3.6.6).
inline Authors FindAuthors(std::span<const Field> fields, base::Arena* arena);

namespace internal {

// IsFromBeforeColon says that |line| has a colon before which the octets that a
// field-name may have are "From". RFC 5322 §3.6.8
constexpr bool IsFromBeforeColon(std::string_view line) {
  constexpr std::string_view kFrom = "From";
  size_t matched = 0;
  for (const char c : line) {
    if (c == ':') return matched == kFrom.size();
    if (!IsFieldNameOctet(c)) continue;
    if (matched == kFrom.size() || base::ToLower(c) != base::ToLower(kFrom[matched])) return false;
    ++matched;
  }
  return false;
}

// FindFromLine is the position of the first line in |raw| that follows an |end| and is a From
// field; npos if there is none. A line that begins with WSP continues the one before.
constexpr size_t FindFromLine(std::string_view raw, char end) {
  for (size_t at = raw.find(end); at != std::string_view::npos; at = raw.find(end, at + 1)) {
    const std::string_view line = raw.substr(at + 1);
    if (!line.empty() && IsFieldNameOctet(line[0]) && IsFromBeforeColon(line)) return at + 1;
  }
  return std::string_view::npos;
}

// FindFromLookalike is the position in |field| of the first text that some readers take for a
// From field, although it is not one, or for a second one; all others are behind it. npos if
// there is none.
constexpr size_t FindFromLookalike(const Field& field) {
  if (field.name.empty() && IsFromBeforeColon(field.raw)) return 0;
  return std::min(FindFromLine(field.raw, '\n'), FindFromLine(field.raw, '\r'));
}

// IsPlainDomain says that |domain| has only octets of ASCII domain names, so that all
// readers take the same from it.
inline bool IsPlainDomain(std::string_view domain) {
  return base::AllIn(domain, base::kAlphaDigit | base::CharSet("-_."));
}

// FindPolicyDomains fills the |policy_domains| of |authors|, which |fields| name.
inline void FindPolicyDomains(std::span<const Field> fields, base::Arena* arena, Authors* authors) {
  const bool is_well_formed = authors->state == AuthorState::kSeveralDomains ||
                              authors->state == AuthorState::kSeveralMailboxes ||
                              authors->state == AuthorState::kOneAuthor;
  if (is_well_formed && !authors->flags.encoded_word_in_address &&
      std::all_of(authors->domains.begin(), authors->domains.end(), internal::IsPlainDomain)) {
    authors->policy_domains = authors->domains;
    return;
  }
  DomainCollector collector(arena);
  for (const std::string_view domain : authors->domains) collector.AddDomain(domain);
  for (const Field& field : fields) {
    if (field.NameIs("From")) collector.Add(field.value);
    const size_t lookalike = FindFromLookalike(field);
    if (lookalike == std::string_view::npos) continue;
    const std::string_view line = field.raw.substr(lookalike);
    collector.Add(line.substr(line.find(':') + 1));
  }
  authors->policy_domains = collector.domains();
  authors->policy_domains_skipped = collector.skipped();
}

// AddMailboxes appends |more| to |authors|.
inline void AddMailboxes(std::span<const Mailbox> more, base::Arena* arena, Authors* authors) {
  if (authors->mailboxes.empty()) {
    authors->mailboxes = more;
    return;
  }
  const size_t before = authors->mailboxes.size();
  const std::span<Mailbox> all = arena->NewArray<Mailbox>(before + more.size());
  std::copy(authors->mailboxes.begin(), authors->mailboxes.end(), all.begin());
  std::copy(more.begin(), more.end(), all.begin() + static_cast<std::ptrdiff_t>(before));
  authors->mailboxes = all;
}

constexpr AuthorState JudgeAuthors(const Authors& authors) {
  if (authors.field_count == 0) return AuthorState::kMissing;
  if (authors.field_count > 1) return AuthorState::kSeveralFields;
  if (authors.lookalike_count != 0 || authors.fault != MailboxListFault::kNone) {
    return AuthorState::kMalformed;
  }
  // One author without a domain is enough: the others do not speak for that one.
  if (authors.domains.empty() || authors.flags.literal) return AuthorState::kNoDomain;
  if (authors.domains.size() > 1) return AuthorState::kSeveralDomains;
  if (authors.mailboxes.size() > 1) return AuthorState::kSeveralMailboxes;
  return AuthorState::kOneAuthor;
}

}  // namespace internal

inline Authors FindAuthors(std::span<const Field> fields, base::Arena* arena) {
  Authors authors;
  for (const Field& field : fields) {
    if (internal::FindFromLookalike(field) != std::string_view::npos) {
      ++authors.lookalike_count;
      ++authors.field_count;
    }
    if (!field.NameIs("From")) continue;
    ++authors.field_count;
    if (authors.field_count - authors.lookalike_count > kMaxFromFields) continue;
    const MailboxList list = ParseMailboxList(field.value, arena);
    internal::AddMailboxes(list.mailboxes, arena, &authors);
    authors.flags |= list.flags;
    if (list.fault != MailboxListFault::kNone && authors.fault == MailboxListFault::kNone) {
      authors.fault = list.fault;
      authors.fault_offset =
          field.offset + (field.raw.size() - field.value.size()) + list.fault_offset;
    }
  }
  authors.domains = DistinctDomains(authors.mailboxes, arena);
  authors.state = internal::JudgeAuthors(authors);
  internal::FindPolicyDomains(fields, arena, &authors);
  return authors;
}

}  // namespace postseal::mail

#endif  // POSTSEAL_MAIL_AUTHOR_H_
