// Session: one SMTP session as its filters see it, one message after the other.
#ifndef POSTSEAL_BENCH_MILTER_SESSION_H_
#define POSTSEAL_BENCH_MILTER_SESSION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/milter/filter_dialog.h"
#include "bench/milter/mail.h"
#include "bench/milter/packet.h"
#include "bench/milter/stream.h"

namespace postseal::bench {

// Envelope is what all sessions say of the client.
struct Envelope {
  std::string client_name = "mail.example.com";
  std::string client_address = "192.0.2.25";
  std::string helo = "mail.example.com";
  std::string recipient = "reader@example.net";
  std::string mta = "mx.example.net";  // macro j
};

// Filters are where a message goes: to the policy service at RCPT, if there is one, and
// through the milters in their order.
struct Filters {
  std::vector<std::string> milters;
  std::string policy;  // empty: none
  bool no_delay = false;
};

// Delivery is what one message took.
struct Delivery {
  // From MAIL to the last filter's last answer.
  std::chrono::nanoseconds whole{0};
  // Waiting for answers to end of message, summed over the milters.
  std::chrono::nanoseconds end_of_message{0};
};

// Session connects at its first message and then, as Postfix does, tells each step of
// the envelope to each filter in turn, and the content to the filters one after the
// other, each seeing the fields that those before it added. It waits for every answer
// that the filter did not negotiate away.
class Session {
 public:
  using Clock = std::chrono::steady_clock;

  // |envelope| and |filters| outlive the session; there is a milter at least.
  Session(const Envelope* envelope, const Filters* filters)
      : envelope_(envelope), filters_(filters) {}

  // Open connects to all filters. |watch| is told the file descriptors.
  absl::Status Open(const std::function<void(int)>& watch);
  // Deliver begins to deliver |mail|, with |queue_id| as macro i from DATA on. Not before the last
  // one is delivered.
  absl::Status Deliver(const Mail& mail, std::string queue_id);
  // Ready goes on as far as can be: one of the sockets can be read or written again.
  absl::Status Ready();
  // Close says QUIT and closes the sockets.
  absl::Status Close();

  bool is_open() const { return !peers_.empty(); }
  bool delivered() const { return step_ == Step::kDelivered; }
  // What became of the last message; when it is delivered.
  const Mail& mail() const { return mail_; }
  const Delivery& delivery() const { return delivery_; }

 private:
  enum class Step : uint8_t {
    kNegotiate,
    kConnect,
    kHelo,
    kMail,
    kPolicy,
    kRcpt,
    kData,
    kHeader,
    kEndOfHeader,
    kBody,
    kEndOfMessage,
    kDelivered
  };
  struct Peer {
    std::unique_ptr<Stream> stream;
    FilterDialog dialog;
    PacketReader reader;
  };

  absl::Status Proceed();
  bool Begin(Peer& peer);
  void Advance();
  void AdvanceContent();
  absl::StatusOr<bool> Receive();
  absl::StatusOr<bool> ReceivePolicy();
  void AskPolicy();
  Stream& awaited_stream() { return step_ == Step::kPolicy ? *policy_ : *peers_[peer_].stream; }

  const Envelope* envelope_;
  const Filters* filters_;
  std::vector<Peer> peers_;
  std::unique_ptr<Stream> policy_;
  std::string policy_reply_;
  Macros macros_;
  std::string queue_id_;

  Step step_ = Step::kDelivered;
  size_t peer_ = 0;  // of peers_
  size_t item_ = 0;  // a field's index, or where a chunk of the body begins
  bool waiting_ = false;
  bool introduced_ = false;  // CONNECT and HELO are said
  Mail mail_;
  Clock::time_point begun_, asked_;
  Delivery delivery_;
};

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_MILTER_SESSION_H_
