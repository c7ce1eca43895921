// Negotiate: what a filter asks for of what an MTA offers.
#ifndef POSTSEAL_MILTER_NEGOTIATION_H_
#define POSTSEAL_MILTER_NEGOTIATION_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "milter/packet_reader.h"
#include "milter/packet_writer.h"
#include "milter/protocol.h"

namespace postseal::milter {

// Needs is what the configuration makes of a message.
struct Needs {
  // Fields are deleted: forged Authentication-Results.
  bool change_headers = true;
};

// kWantedProtocol is asked for where it is offered. Nothing is refused before the
// end of the message, so commands of the envelope and the header have no reply. Three
// keep theirs: to CONNECT and to the body, because it can end what need not be seen;
// and to DATA, because Postfix sends what comes before it and the header in two small
// segments, and its kernel holds the second one back, some 40 ms, until ours has
// something to acknowledge the first with.
inline constexpr uint32_t kWantedProtocol =
    protocol::kNoUnknown | protocol::kSkip | protocol::kHeaderLeadingSpace |
    protocol::kNoReplyToHelo | protocol::kNoReplyToMail | protocol::kNoReplyToRecipient |
    protocol::kNoReplyToUnknown | protocol::kNoReplyToHeader | protocol::kNoReplyToEndOfHeader;

// Negotiate answers |offer|, the data of the MTA's first packet. InvalidArgument
// when it cannot be read, is of a version before 2, or withholds what |needs| says:
// then the connection is to be closed.
inline absl::StatusOr<Agreement> Negotiate(std::string_view offer, const Needs& needs) {
  const std::optional<uint32_t> version = TakeUint32(&offer);
  const std::optional<uint32_t> actions = TakeUint32(&offer);
  const std::optional<uint32_t> offered = TakeUint32(&offer);
  if (!version.has_value() || !actions.has_value() || !offered.has_value()) {
    return absl::InvalidArgumentError("the negotiation is too short");
  }
  if (*version < kMinVersion) {
    return absl::InvalidArgumentError(absl::StrCat("the MTA speaks version ", *version,
                                                   " of the protocol; 2 to 6 are supported"));
  }
  const uint32_t needed = action::kAddHeaders | (needs.change_headers ? action::kChangeHeaders : 0);
  if ((*actions & needed) != needed) {
    return absl::InvalidArgumentError("the MTA does not let filters change header fields");
  }
  Agreement agreement;
  agreement.version = std::min(*version, kMaxVersion);
  // What is offered is taken, needed now or not: a reload may want it.
  agreement.actions =
      *actions & (action::kAddHeaders | action::kChangeHeaders | action::kQuarantine);
  agreement.protocol = *offered & kWantedProtocol;
  return agreement;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_NEGOTIATION_H_
