// Session: one connection of an MTA, from its octets to ours. It speaks the protocol
// and hands each message to a Message; it owns no socket, thread or clock.
//
//   session.Receive(octets, now);
//   ... connect session.message()->verification() with a resolver ...
//   session.Resume(now);               // whenever answers came
//   write(session.TakeOutput());
#ifndef POSTSEAL_MILTER_SESSION_H_
#define POSTSEAL_MILTER_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "auth/report.h"
#include "milter/client.h"
#include "milter/macros.h"
#include "milter/message.h"
#include "milter/negotiation.h"
#include "milter/outcome.h"
#include "milter/packet_reader.h"
#include "milter/packet_writer.h"
#include "milter/protocol.h"
#include "milter/setup.h"

namespace postseal::milter {

// Now is the time as the host has it.
struct Now {
  int64_t unix_seconds = 0;
  // Of a clock that never goes back; only differences count.
  int64_t microseconds = 0;
};

// MessageRecord is a message that is over, for the log and the counters. Its views live
// during the call that has it.
struct MessageRecord {
  std::string_view job_id;  // the MTA's; may be empty
  const Transaction* transaction = nullptr;
  const Outcome* outcome = nullptr;
  const auth::Report* report = nullptr;  // null when nothing was verified
  // From MAIL FROM on, and from the message's end on.
  int64_t microseconds = 0;
  int64_t microseconds_after_end = 0;
};

// SessionHost is what a session asks of whoever runs it.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  // CurrentSetup is what a message that begins now goes by; never null.
  virtual std::shared_ptr<const Setup> CurrentSetup() = 0;
  // OnMessage is called when a message's replies are ready.
  virtual void OnMessage(const MessageRecord& record) = 0;
  // OnFault is called when the MTA does what the protocol does not allow. |text| is
  // ours: it has nothing of the packet.
  virtual void OnFault(std::string_view text) = 0;
};

class Session {
 public:
  // |host| must outlive the session.
  explicit Session(SessionHost* host) : host_(host) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Receive takes octets from the MTA, cut anywhere. While a verdict is awaited, packets
  // wait as well: an MTA that sends more before the reply gets the replies in order.
  void Receive(std::string_view octets, Now now);

  // Resume goes on when the message may be done.
  void Resume(Now now);

  // Expire gives up the lookups of the message that is awaited: its deadline passed.
  void Expire(Now now);

  // message is the one under way; may be null. It changes in Receive, Resume and Expire.
  Message* message() const { return message_.get(); }
  // awaits_verdict says that the MTA waits for the reply to the end of a message.
  bool awaits_verdict() const { return awaits_verdict_; }
  // is_idle says that no message is under way.
  bool is_idle() const { return message_ == nullptr; }
  // waiting_octets are those received and not looked at yet.
  size_t waiting_octets() const { return reader_.unread_octets(); }

  // TakeOutput returns what is to be written, all in one piece.
  std::string TakeOutput() { return writer_.Take(); }
  // is_over says that the connection is to be closed, after what TakeOutput returns.
  bool is_over() const { return is_over_; }

 private:
  void Process(Now now);
  void Handle(const Packet& packet, Now now);
  void HandleEnvelope(const Packet& packet, Now now);
  void HandleNegotiation(std::string_view offer);
  void HandleConnect(std::string_view data);
  void HandleMail(std::string_view data, Now now);
  void HandleHeader(std::string_view data, Now now);
  void HandleBody(std::string_view data, Now now);
  void HandleEndOfMessage(std::string_view data, Now now);
  void FinishMessage(Now now);
  Grants grants() const;
  void WriteOutcome(const Outcome& outcome);
  // BeginMessage makes message_, for |path| if MAIL FROM came.
  void BeginMessage(const std::string_view* path, bool smtputf8, Now now);
  void Record(const Outcome& outcome, Now now);
  void ForgetMessage();
  void ForgetMessageButMacros();
  void ForgetConnection();
  void Fail(std::string_view text);
  // ReplyUnless writes a reply of "continue" unless |bit| was agreed on.
  void ReplyUnless(uint32_t bit) {
    if ((agreement_.protocol & bit) == 0) writer_.Say(Reply::kContinue);
  }
  bool HasAgreed(uint32_t bit) const { return (agreement_.protocol & bit) != 0; }

  SessionHost* const host_;
  PacketReader reader_;
  PacketWriter writer_;
  Agreement agreement_;  // version 0: not negotiated yet
  Macros macros_;
  Client client_;
  std::string helo_;
  std::unique_ptr<Message> message_;
  Now message_began_;
  Now message_ended_;
  bool awaits_verdict_ = false;
  bool is_over_ = false;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_SESSION_H_
