// Every text gives mailboxes and at most one fault; folds change nothing; what was
// parsed parses again when it is written out plainly.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/check.h"
#include "mail/mailbox.h"

namespace {

using postseal::base::Arena;
using postseal::mail::Mailbox;
using postseal::mail::MailboxList;
using postseal::mail::MailboxListFault;

constexpr bool IsWsp(char c) { return c == ' ' || c == '\t'; }

// SkipTo returns |text| behind the octets of |part|, which are there in this
// order, with at most CFWS between them.
std::string_view SkipTo(std::string_view text, std::string_view part) {
  for (const char c : part) {
    const size_t at = text.find(c);
    POSTSEAL_CHECK(at != std::string_view::npos);
    text.remove_prefix(at + 1);
  }
  return text;
}

void CheckMailbox(const Mailbox& mailbox) {
  POSTSEAL_CHECK(!mailbox.local_part.empty() && !mailbox.domain.empty());
  POSTSEAL_CHECK(mailbox.is_domain_literal == mailbox.domain.starts_with('['));
  const std::string printed = std::string(mailbox.local_part).append("@").append(mailbox.domain);
  if (printed.size() > postseal::mail::kMaxMailboxListOctets) return;
  Arena arena;
  const MailboxList again = postseal::mail::ParseMailboxList(printed, &arena);
  POSTSEAL_CHECK(again.fault == MailboxListFault::kNone && again.mailboxes.size() == 1);
  POSTSEAL_CHECK(again.mailboxes[0].local_part == mailbox.local_part);
  POSTSEAL_CHECK(again.mailboxes[0].domain == mailbox.domain);
  POSTSEAL_CHECK(!again.flags.comment && !again.flags.group && !again.flags.obs_route);
}

// CheckSame checks that |text|, which is |list|'s text with other folds, says the
// same.
void CheckSame(const std::string& text, const MailboxList& list) {
  if (text.size() > postseal::mail::kMaxMailboxListOctets) return;
  Arena arena;
  const MailboxList other = postseal::mail::ParseMailboxList(text, &arena);
  POSTSEAL_CHECK(other.fault == list.fault && other.flags == list.flags);
  POSTSEAL_CHECK(other.mailboxes.size() == list.mailboxes.size());
  for (size_t i = 0; i < other.mailboxes.size(); ++i) {
    POSTSEAL_CHECK(other.mailboxes[i] == list.mailboxes[i]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Arena arena;
  const MailboxList list = postseal::mail::ParseMailboxList(text, &arena);
  POSTSEAL_CHECK(list.fault_offset <= text.size());
  POSTSEAL_CHECK(list.mailboxes.size() <= postseal::mail::kMaxMailboxes);
  if (list.fault == MailboxListFault::kTooLong) return 0;

  std::string unfolded;
  std::string folded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\r\n" && i + 2 < text.size() && IsWsp(text[i + 2])) i += 2;
    if (IsWsp(text[i])) folded += "\r\n";
    unfolded += text[i];
    folded += text[i];
  }
  if (unfolded.find('\r') != std::string::npos) {
    // What is left may look like a fold by now, and is none.
    POSTSEAL_CHECK(list.fault != MailboxListFault::kNone);
    return 0;
  }
  CheckSame(unfolded, list);
  CheckSame(folded, list);

  std::string_view rest = unfolded;
  for (const Mailbox& mailbox : list.mailboxes) {
    rest = SkipTo(SkipTo(rest, mailbox.local_part), "@");
    rest = SkipTo(rest, mailbox.domain);
    CheckMailbox(mailbox);
  }
  const auto domains = postseal::mail::DistinctDomains(list.mailboxes, &arena);
  POSTSEAL_CHECK(domains.size() <= list.mailboxes.size());
  return 0;
}
