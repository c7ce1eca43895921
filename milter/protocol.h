// The milter protocol: its commands, replies and negotiated bits, as an MTA and a
// filter write them to each other. There is no RFC of it: Sendmail's libmilter
// defines it, and Postfix speaks it too. Integers are in network order.
//
// A packet is a length of four octets, which counts what follows, a command octet,
// and data. Texts end in NUL.
#ifndef POSTSEAL_MILTER_PROTOCOL_H_
#define POSTSEAL_MILTER_PROTOCOL_H_

#include <cstddef>
#include <cstdint>

namespace postseal::milter {

// kMaxPacketOctets bounds what one packet may have after its length, in octets.
// MTAs send bodies in chunks of up to 1 MiB and one header field a packet.
inline constexpr size_t kMaxPacketOctets = 2 * 1024 * 1024;

// Versions of the protocol that are spoken.
inline constexpr uint32_t kMinVersion = 2;
inline constexpr uint32_t kMaxVersion = 6;

// Command is what the MTA says.
enum class Command : char {
  kNegotiate = 'O',
  kMacros = 'D',
  kConnect = 'C',
  kHelo = 'H',
  kMail = 'M',
  kRecipient = 'R',
  kData = 'T',
  kUnknown = 'U',
  kHeader = 'L',
  kEndOfHeader = 'N',
  kBody = 'B',
  kEndOfMessage = 'E',
  kAbort = 'A',
  kQuit = 'Q',
  // The connection of the mail client is over, that to the filter is kept.
  kQuitNewConnection = 'K',
};

// Reply is what the filter says.
enum class Reply : char {
  kNegotiate = 'O',
  kContinue = 'c',
  kAccept = 'a',
  kReject = 'r',
  kTempfail = 't',
  kDiscard = 'd',
  // No more of this stage, which is the body: needs protocol::kSkip.
  kSkip = 's',
  // A reject or tempfail with the text of its reply to the client.
  kReplyCode = 'y',
  // Changes to the message, before the reply to the end of the message.
  kInsertHeader = 'i',
  kChangeHeader = 'm',
  kQuarantine = 'q',
};

// What a filter may do to a message.
namespace action {
inline constexpr uint32_t kAddHeaders = 0x01;
inline constexpr uint32_t kChangeHeaders = 0x10;
inline constexpr uint32_t kQuarantine = 0x20;
}  // namespace action

// How the two talk: what the MTA leaves out (kNo...), and which commands have no
// reply (kNoReplyTo...).
namespace protocol {
inline constexpr uint32_t kNoRecipient = 0x08;
inline constexpr uint32_t kNoBody = 0x10;
inline constexpr uint32_t kNoReplyToHeader = 0x80;
inline constexpr uint32_t kNoUnknown = 0x100;
inline constexpr uint32_t kNoData = 0x200;
inline constexpr uint32_t kSkip = 0x400;
inline constexpr uint32_t kNoReplyToHelo = 0x2000;
inline constexpr uint32_t kNoReplyToMail = 0x4000;
inline constexpr uint32_t kNoReplyToRecipient = 0x8000;
inline constexpr uint32_t kNoReplyToData = 0x10000;
inline constexpr uint32_t kNoReplyToUnknown = 0x20000;
inline constexpr uint32_t kNoReplyToEndOfHeader = 0x40000;
// Header values keep the white space after the colon, in both directions.
inline constexpr uint32_t kHeaderLeadingSpace = 0x100000;
}  // namespace protocol

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_PROTOCOL_H_
