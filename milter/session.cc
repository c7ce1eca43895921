#include "milter/session.h"

#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/envelope.h"
#include "authres/authentication_results.h"
#include "base/ascii.h"
#include "milter/decision.h"
#include "milter/standing.h"

namespace postseal::milter {
namespace {

// WithoutLeadingSpace is for MTAs that put one space after the colon themselves.
std::string_view WithoutLeadingSpace(std::string_view value) {
  if (value.starts_with(' ')) value.remove_prefix(1);
  return value;
}

}  // namespace

void Session::Receive(std::string_view octets, Now now) {
  if (is_over_) return;
  reader_.Add(octets);
  Process(now);
  reader_.Keep();
}

void Session::Resume(Now now) {
  if (is_over_ || !awaits_verdict_ || !message_->done()) return;
  FinishMessage(now);
  Process(now);
  reader_.Keep();
}

void Session::Expire(Now now) {
  if (!awaits_verdict_) return;
  if (message_->verification() != nullptr) message_->verification()->FailOutstanding();
  Resume(now);
}

void Session::Process(Now now) {
  while (!is_over_) {
    if (awaits_verdict_) return;
    const std::optional<Packet> packet = reader_.Next();
    if (!packet.has_value()) break;
    Handle(*packet, now);
  }
  if (reader_.is_broken()) Fail("a packet has an impossible length");
}

void Session::Handle(const Packet& packet, Now now) {
  if (packet.command == Command::kNegotiate) return HandleNegotiation(packet.data);
  if (packet.command == Command::kQuit) {
    ForgetConnection();
    is_over_ = true;
    return;
  }
  if (agreement_.version == 0) return Fail("the MTA does not begin with a negotiation");
  switch (packet.command) {
    case Command::kMacros:
      return macros_.Take(packet.data);
    case Command::kHeader:
      return HandleHeader(packet.data, now);
    case Command::kEndOfHeader:
      if (message_ == nullptr) BeginMessage(nullptr, false, now);
      message_->EndOfHeader(now.unix_seconds);
      return ReplyUnless(protocol::kNoReplyToEndOfHeader);
    case Command::kBody:
      return HandleBody(packet.data, now);
    case Command::kEndOfMessage:
      return HandleEndOfMessage(packet.data, now);
    case Command::kAbort:
      return ForgetMessage();
    case Command::kQuitNewConnection:
      return ForgetConnection();
    default:
      return HandleEnvelope(packet, now);
  }
}

void Session::HandleEnvelope(const Packet& packet, Now now) {
  std::string_view data = packet.data;
  switch (packet.command) {
    case Command::kConnect:
      return HandleConnect(data);
    case Command::kHelo:
      helo_ = TakeText(&data).value_or("");
      return ReplyUnless(protocol::kNoReplyToHelo);
    case Command::kMail:
      return HandleMail(data, now);
    case Command::kRecipient:
      if (message_ != nullptr) message_->AddRecipient(TakeText(&data).value_or(""));
      return ReplyUnless(protocol::kNoReplyToRecipient);
    case Command::kData:
      return ReplyUnless(protocol::kNoReplyToData);
    case Command::kUnknown:
      return ReplyUnless(protocol::kNoReplyToUnknown);
    default:
      return Fail("the MTA sends a command that there is not");
  }
}

void Session::HandleNegotiation(std::string_view offer) {
  const absl::StatusOr<Agreement> agreement = Negotiate(offer, host_->CurrentSetup()->needs());
  if (!agreement.ok()) return Fail(agreement.status().message());
  agreement_ = *agreement;
  writer_.Negotiate(agreement_);
}

void Session::HandleConnect(std::string_view data) {
  ForgetMessage();
  client_ = Client::Parse(data);
  client_.UseMacros(macros_.Value("client_addr"), macros_.Value("_"));
  helo_.clear();
  const std::shared_ptr<const Setup> setup = host_->CurrentSetup();
  const bool is_peer = Standing::Of(setup->config, client_, macros_).is_peer;
  // PeerList: nothing of what follows is wanted.
  writer_.Say(is_peer ? Reply::kAccept : Reply::kContinue);
}

void Session::HandleMail(std::string_view data, Now now) {
  ForgetMessageButMacros();
  const std::optional<std::string_view> path = TakeText(&data);
  bool smtputf8 = false;
  while (const std::optional<std::string_view> parameter = TakeText(&data)) {
    // RFC 6531 §3.4
    smtputf8 = smtputf8 || base::EqualsIgnoreCase(*parameter, "SMTPUTF8");
  }
  BeginMessage(path.has_value() ? &*path : nullptr, smtputf8, now);
  ReplyUnless(protocol::kNoReplyToMail);
}

void Session::BeginMessage(const std::string_view* path, bool smtputf8, Now now) {
  Transaction transaction;
  transaction.setup = host_->CurrentSetup();
  const Config& config = transaction.setup->config;
  transaction.standing = Standing::Of(config, client_, macros_);
  const std::string_view host_name = macros_.Value("j");
  transaction.authserv_id = config.authserv_id.empty() ? host_name : config.authserv_id;
  if (transaction.authserv_id.empty()) transaction.authserv_id = "localhost";
  transaction.user = macros_.Value("auth_authen");
  auth::Envelope& envelope = transaction.envelope;
  envelope.client_ip = client_.address;
  envelope.helo = helo_;
  if (path != nullptr) envelope.rfc5321_mail_from = std::string(*path);
  envelope.receiver = host_name.empty() ? transaction.authserv_id : std::string(host_name);
  envelope.smtputf8 = smtputf8;
  message_ = std::make_unique<Message>(std::move(transaction), now.unix_seconds);
  message_began_ = now;
}

void Session::HandleHeader(std::string_view data, Now now) {
  if (message_ == nullptr) BeginMessage(nullptr, false, now);
  const std::optional<std::string_view> name = TakeText(&data);
  const std::optional<std::string_view> value = TakeText(&data);
  if (!name.has_value() || !value.has_value()) return Fail("a header field does not end");
  if (HasAgreed(protocol::kHeaderLeadingSpace)) {
    message_->AddField(*name, *value);
  } else {
    // The MTA took the white space off; one space is what there mostly was.
    message_->AddField(*name, absl::StrCat(" ", *value));
  }
  ReplyUnless(protocol::kNoReplyToHeader);
}

void Session::HandleBody(std::string_view data, Now now) {
  if (message_ == nullptr) BeginMessage(nullptr, false, now);
  // The header ends here at the latest.
  message_->EndOfHeader(now.unix_seconds);
  if (message_->needs_nothing()) {
    // Nothing more of this message comes after that.
    writer_.Say(Reply::kAccept);
    message_ended_ = now;
    message_->EndOfMessage(now.unix_seconds);
    const Outcome outcome = message_->Finish(macros_.Value("i"), now.unix_seconds, grants());
    Record(outcome, now);
    return ForgetMessage();
  }
  message_->Body(data);
  const bool skips = !message_->needs_body() && HasAgreed(protocol::kSkip);
  writer_.Say(skips ? Reply::kSkip : Reply::kContinue);
}

void Session::HandleEndOfMessage(std::string_view data, Now now) {
  if (message_ == nullptr) BeginMessage(nullptr, false, now);
  message_->EndOfHeader(now.unix_seconds);
  if (!data.empty()) message_->Body(data);
  message_->EndOfMessage(now.unix_seconds);
  message_ended_ = now;
  awaits_verdict_ = true;
  if (message_->done()) FinishMessage(now);
}

Grants Session::grants() const {
  return {.deletes = (agreement_.actions & action::kChangeHeaders) != 0,
          .quarantines = (agreement_.actions & action::kQuarantine) != 0};
}

void Session::FinishMessage(Now now) {
  const Outcome outcome = message_->Finish(macros_.Value("i"), now.unix_seconds, grants());
  WriteOutcome(outcome);
  Record(outcome, now);
  ForgetMessage();
}

void Session::Record(const Outcome& outcome, Now now) {
  MessageRecord record;
  record.job_id = macros_.Value("i");
  record.transaction = &message_->transaction();
  record.outcome = &outcome;
  if (message_->verification() != nullptr) record.report = &message_->verification()->report();
  record.microseconds = now.microseconds - message_began_.microseconds;
  record.microseconds_after_end = now.microseconds - message_ended_.microseconds;
  host_->OnMessage(record);
}

void Session::WriteOutcome(const Outcome& outcome) {
  const Decision& decision = outcome.decision;
  switch (decision.action) {
    case Action::kReject:
    case Action::kTempfail:
      return writer_.SayReplyCode(decision.reply);
    case Action::kDiscard:
      return writer_.Say(Reply::kDiscard);
    case Action::kAccept:
    case Action::kQuarantine:
      break;
  }
  for (const uint32_t occurrence : outcome.deletions) {
    writer_.DeleteHeader(occurrence, authres::kFieldName);
  }
  for (const Insertion& insertion : outcome.insertions) {
    const bool keeps = HasAgreed(protocol::kHeaderLeadingSpace);
    writer_.InsertHeader(0, insertion.name,
                         keeps ? insertion.value : WithoutLeadingSpace(insertion.value));
  }
  if (decision.action == Action::kQuarantine) {
    writer_.Quarantine(decision.reply.empty() ? decision.because : decision.reply);
  }
  writer_.Say(Reply::kAccept);
}

void Session::ForgetMessage() {
  ForgetMessageButMacros();
  macros_.ForgetMessage();
}

void Session::ForgetMessageButMacros() {
  message_.reset();
  awaits_verdict_ = false;
}

void Session::ForgetConnection() {
  ForgetMessage();
  macros_.Clear();
  client_ = Client();
  helo_.clear();
}

void Session::Fail(std::string_view text) {
  host_->OnFault(text);
  message_.reset();
  awaits_verdict_ = false;
  is_over_ = true;
}

}  // namespace postseal::milter
