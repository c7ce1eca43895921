#include "bench/milter/session.h"

#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/escape.h"
#include "bench/milter/protocol.h"

namespace postseal::bench {

absl::Status Session::Open(const std::function<void(int)>& watch) {
  for (const std::string& address : filters_->milters) {
    absl::StatusOr<std::unique_ptr<Stream>> stream = Stream::Connect(address, filters_->no_delay);
    if (!stream.ok()) return stream.status();
    peers_.emplace_back().stream = *std::move(stream);
    watch(peers_.back().stream->fd());
  }
  if (!filters_->policy.empty()) {
    absl::StatusOr<std::unique_ptr<Stream>> stream =
        Stream::Connect(filters_->policy, filters_->no_delay);
    if (!stream.ok()) return stream.status();
    policy_ = *std::move(stream);
    watch(policy_->fd());
  }
  introduced_ = false;
  return absl::OkStatus();
}

absl::Status Session::Deliver(const Mail& mail, std::string queue_id) {
  mail_ = mail;
  delivery_ = {};
  queue_id_ = std::move(queue_id);
  macros_ = {{"j", envelope_->mta},
             {"v", "Postfix 3.7.11"},
             {"_", absl::StrCat(envelope_->client_name, " [", envelope_->client_address, "]")},
             {"{daemon_name}", envelope_->mta},
             {"{daemon_addr}", "127.0.0.1"},
             {"{mail_addr}", mail.sender},
             {"{mail_host}", mail.sender.substr(mail.sender.find('@') + 1)},
             {"{mail_mailer}", "smtp"},
             {"{rcpt_addr}", envelope_->recipient},
             {"{rcpt_host}", envelope_->mta},
             {"{rcpt_mailer}", "local"}};
  step_ = introduced_ ? Step::kMail : Step::kNegotiate;
  peer_ = item_ = 0;
  begun_ = Clock::now();
  return Proceed();
}

absl::Status Session::Close() {
  for (Peer& peer : peers_) {
    peer.dialog.Quit(peer.stream->buffer());
    const absl::Status status = peer.stream->Flush();
    if (!status.ok()) return status;
  }
  peers_.clear();
  policy_.reset();
  return absl::OkStatus();
}

absl::Status Session::Ready() {
  if (delivered() || !waiting_) return absl::OkStatus();
  absl::Status status = awaited_stream().Write();
  if (!status.ok()) return status;
  const absl::StatusOr<bool> answered = step_ == Step::kPolicy ? ReceivePolicy() : Receive();
  if (!answered.ok()) return answered.status();
  if (!*answered) return absl::OkStatus();
  waiting_ = false;
  if (step_ == Step::kEndOfMessage) delivery_.end_of_message += Clock::now() - asked_;
  Advance();
  return Proceed();
}

absl::Status Session::Proceed() {
  while (!delivered()) {
    if (step_ == Step::kPolicy) {
      if (policy_ != nullptr) AskPolicy();
      waiting_ = policy_ != nullptr;
    } else {
      waiting_ = Begin(peers_[peer_]);
    }
    if (step_ != Step::kPolicy || waiting_) {
      if (step_ == Step::kEndOfMessage) asked_ = Clock::now();
      Stream& stream = awaited_stream();
      // smtpd hands the socket over to cleanup with nothing left in its buffer.
      const bool flushed = waiting_ || step_ == Step::kData;
      const absl::Status status = flushed ? stream.Flush() : stream.Write();
      if (!status.ok() || waiting_) return status;
    }
    Advance();
  }
  return absl::OkStatus();
}

// Begin does the present step for |peer| and returns whether an answer is waited for.
bool Session::Begin(Peer& peer) {
  std::string& out = peer.stream->buffer();
  FilterDialog& dialog = peer.dialog;
  switch (step_) {
    case Step::kNegotiate:
      dialog.Negotiate(out);
      return true;
    case Step::kConnect:
      return dialog.Connect(macros_, envelope_->client_name, envelope_->client_address, out);
    case Step::kHelo:
      return dialog.Helo(macros_, envelope_->helo, out);
    case Step::kMail:
      return dialog.MailFrom(macros_, absl::StrCat("<", mail_.sender, ">"), out);
    case Step::kRcpt:
      return dialog.RcptTo(macros_, absl::StrCat("<", envelope_->recipient, ">"), out);
    case Step::kData:
      return dialog.Data(macros_, out);
    case Step::kHeader:
      return dialog.Header(macros_, mail_.fields[item_], out);
    case Step::kEndOfHeader:
      return dialog.EndOfHeader(macros_, out);
    case Step::kBody:
      return dialog.Body(macros_, std::string_view(mail_.body).substr(item_, kBodyChunk), out);
    case Step::kEndOfMessage:
      return dialog.EndOfMessage(macros_, out);
    case Step::kPolicy:
    case Step::kDelivered:
      break;
  }
  return false;
}

// Advance goes to the next step: of the envelope with each peer, then of the content.
void Session::Advance() {
  if (step_ >= Step::kHeader) return AdvanceContent();
  if (step_ != Step::kPolicy && ++peer_ < peers_.size()) return;
  peer_ = 0;
  step_ = static_cast<Step>(static_cast<int>(step_) + 1);
  if (step_ == Step::kMail) introduced_ = true;
  // The queue file, and so its name, are made at the first recipient.
  if (step_ == Step::kData) macros_["i"] = queue_id_;
}

void Session::AdvanceContent() {
  switch (step_) {
    case Step::kHeader:
      if (++item_ < mail_.fields.size()) return;
      item_ = 0;
      step_ = Step::kEndOfHeader;
      return;
    case Step::kBody:
      item_ += kBodyChunk;
      [[fallthrough]];
    case Step::kEndOfHeader:
      step_ = item_ < mail_.body.size() ? Step::kBody : Step::kEndOfMessage;
      return;
    case Step::kEndOfMessage:
      item_ = 0;
      step_ = Step::kHeader;
      if (++peer_ < peers_.size()) return;
      step_ = Step::kDelivered;
      delivery_.whole = Clock::now() - begun_;
      // Not flushed: nobody waits.
      for (Peer& peer : peers_) peer.dialog.Abort(peer.stream->buffer());
      return;
    default:
      return;
  }
}

absl::StatusOr<bool> Session::Receive() {
  Peer& peer = peers_[peer_];
  std::string octets;
  const absl::Status status = peer.stream->Read(octets);
  peer.reader.Add(octets);
  for (;;) {
    const absl::StatusOr<std::optional<Packet>> packet = peer.reader.Next();
    if (!packet.ok()) return packet.status();
    if (!packet->has_value()) break;
    const absl::StatusOr<bool> answered = peer.dialog.Receive(**packet, mail_);
    if (!answered.ok() || *answered) return answered;
  }
  if (!status.ok()) return status;
  return false;
}

// AskPolicy asks as smtpd does at RCPT, with the attributes that SPF takes.
void Session::AskPolicy() {
  absl::StrAppend(&policy_->buffer(), "request=smtpd_access_policy\nprotocol_state=RCPT\n",
                  "protocol_name=ESMTP\nclient_address=", envelope_->client_address,
                  "\nclient_name=", envelope_->client_name, "\nhelo_name=", envelope_->helo,
                  "\nsender=", mail_.sender, "\nrecipient=", envelope_->recipient,
                  "\nrecipient_count=0\nqueue_id=", "\ninstance=", queue_id_,
                  "\nsize=", mail_.body.size(), "\n\n");
}

// ReceivePolicy reads "action=PREPEND Name: value" and an empty line.
absl::StatusOr<bool> Session::ReceivePolicy() {
  const absl::Status status = policy_->Read(policy_reply_);
  const size_t end = policy_reply_.find("\n\n");
  if (end == std::string::npos) {
    if (!status.ok()) return status;
    return false;
  }
  const std::string reply = policy_reply_.substr(0, end);
  policy_reply_.erase(0, end + 2);
  constexpr std::string_view kPrepend = "action=PREPEND ";
  const size_t colon = reply.find(':');
  if (!absl::StartsWithIgnoreCase(reply, kPrepend) || colon == std::string::npos) {
    return absl::FailedPreconditionError("the policy service says " + base::Escape(reply));
  }
  Field field{reply.substr(kPrepend.size(), colon - kPrepend.size()), reply.substr(colon + 1),
              true};
  mail_.fields.insert(mail_.fields.begin(), std::move(field));
  return true;
}

}  // namespace postseal::bench
