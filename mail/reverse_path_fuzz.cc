// Every text is null, a mailbox or a fault; a mailbox of SMTP is one of RFC 5322.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/check.h"
#include "mail/mailbox.h"
#include "mail/reverse_path.h"

namespace {

using postseal::mail::MailboxList;
using postseal::mail::MailboxListFault;
using postseal::mail::ReversePath;
using postseal::mail::ReversePathFault;

void CheckMailbox(const ReversePath& path) {
  POSTSEAL_CHECK(!path.local_part.empty() && !path.domain.empty());
  POSTSEAL_CHECK(path.mailbox == std::string(path.local_part).append("@").append(path.domain));
  const std::string printed = std::string("<").append(path.mailbox).append(">");
  const ReversePath again = ReversePath::Parse(printed);
  POSTSEAL_CHECK(again.mailbox == path.mailbox && again.domain == path.domain);
  POSTSEAL_CHECK(!again.has_source_route && again.has_stray_dots == path.has_stray_dots);
  // Stray dots are obsolete in no syntax of RFC 5322: From may not have them.
  if (path.has_stray_dots || printed.size() > postseal::mail::kMaxMailboxListOctets) return;
  postseal::base::Arena arena;
  const MailboxList list = postseal::mail::ParseMailboxList(printed, &arena);
  POSTSEAL_CHECK(list.fault == MailboxListFault::kNone && list.mailboxes.size() == 1);
  POSTSEAL_CHECK(list.mailboxes[0].local_part == path.local_part);
  POSTSEAL_CHECK(list.mailboxes[0].domain == path.domain);
  POSTSEAL_CHECK(!list.flags.comment && !list.flags.obsolete);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ReversePath path = ReversePath::Parse(text);
  POSTSEAL_CHECK(path.fault_offset <= text.size());
  POSTSEAL_CHECK(path.is_null == (text.empty() || text == "<>"));
  if (path.fault == ReversePathFault::kNone && !path.is_null) {
    POSTSEAL_CHECK(!path.mailbox.empty());
    POSTSEAL_CHECK(path.mailbox.size() + 2 <= postseal::mail::kMaxPathOctets);
  }
  if (!path.mailbox.empty()) CheckMailbox(path);
  return 0;
}
