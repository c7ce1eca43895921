// The letters and bits of the milter protocol that the load client needs, as an MTA sees them.
#ifndef POSTSEAL_BENCH_MILTER_PROTOCOL_H_
#define POSTSEAL_BENCH_MILTER_PROTOCOL_H_

#include <cstddef>
#include <cstdint>

namespace postseal::bench {

// What an MTA says.
inline constexpr char kAbort = 'A';
inline constexpr char kBody = 'B';
inline constexpr char kConnect = 'C';
inline constexpr char kMacros = 'D';
inline constexpr char kEndOfMessage = 'E';
inline constexpr char kHelo = 'H';
inline constexpr char kHeader = 'L';
inline constexpr char kMail = 'M';
inline constexpr char kEndOfHeader = 'N';
inline constexpr char kNegotiate = 'O';
inline constexpr char kQuit = 'Q';
inline constexpr char kRcpt = 'R';
inline constexpr char kData = 'T';

// What a filter answers.
inline constexpr char kAccept = 'a';
inline constexpr char kContinue = 'c';
inline constexpr char kAddHeader = 'h';
inline constexpr char kInsertHeader = 'i';
inline constexpr char kChangeHeader = 'm';
inline constexpr char kProgress = 'p';
inline constexpr char kSkip = 's';

// The version that Postfix 3.7 offers, with all actions and all steps.
inline constexpr uint32_t kVersion = 6;
inline constexpr uint32_t kAllActions = 0x1FF;
inline constexpr uint32_t kAllSteps = 0x1FFFFF;

// Steps that a filter may leave out.
inline constexpr uint32_t kNoConnect = 0x1;
inline constexpr uint32_t kNoHelo = 0x2;
inline constexpr uint32_t kNoMail = 0x4;
inline constexpr uint32_t kNoRcpt = 0x8;
inline constexpr uint32_t kNoBody = 0x10;
inline constexpr uint32_t kNoHeader = 0x20;
inline constexpr uint32_t kNoEndOfHeader = 0x40;
inline constexpr uint32_t kNoData = 0x200;
// Steps that a filter may leave unanswered.
inline constexpr uint32_t kNoReplyHeader = 0x80;
inline constexpr uint32_t kNoReplyConnect = 0x1000;
inline constexpr uint32_t kNoReplyHelo = 0x2000;
inline constexpr uint32_t kNoReplyMail = 0x4000;
inline constexpr uint32_t kNoReplyRcpt = 0x8000;
inline constexpr uint32_t kNoReplyData = 0x10000;
inline constexpr uint32_t kNoReplyEndOfHeader = 0x40000;
inline constexpr uint32_t kNoReplyBody = 0x80000;
// The space after the colon is part of a field's value.
inline constexpr uint32_t kLeadingSpace = 0x100000;

// Octets of a body in one packet, at most.
inline constexpr size_t kBodyChunk = 65535;

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_MILTER_PROTOCOL_H_
