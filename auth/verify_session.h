// VerifySession: verifies one message. The host feeds octets and DNS answers and
// reads the report; the session owns no socket, thread or clock.
//
//   auto session = *VerifySession::Create(options, now);
//   while (read(&chunk)) session->Feed(chunk);
//   session->EndOfMessage();
//   dns::RunBlocking(session.get(), &resolver, deadline);
//   session->report();
//
// Queries may be taken and answers given from the first Feed on: every key is
// asked for before the first octet of the body.
#ifndef POSTSEAL_AUTH_VERIFY_SESSION_H_
#define POSTSEAL_AUTH_VERIFY_SESSION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "auth/options.h"
#include "auth/report.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/task.h"
#include "dkim/verifier.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/rdata.h"
#include "mail/body_scanner.h"
#include "mail/message_reader.h"

namespace postseal::auth {

class VerifySession {
 public:
  // Create starts a session. |now| is in Unix seconds and the only clock there
  // is. InvalidArgument when |options| is null or |now| negative.
  static absl::StatusOr<std::unique_ptr<VerifySession>> Create(
      std::shared_ptr<const Options> options, int64_t now) {
    if (options == nullptr) return absl::InvalidArgumentError("options are null");
    if (now < 0) return absl::InvalidArgumentError("now is before 1970");
    return std::unique_ptr<VerifySession>(new VerifySession(std::move(options), now));
  }
  VerifySession(const VerifySession&) = delete;
  VerifySession& operator=(const VerifySession&) = delete;

  // Feed takes the next octets of the message, cut anywhere, not dot-stuffed.
  // FailedPrecondition after EndOfMessage.
  absl::Status Feed(std::string_view chunk) {
    if (ended_) return absl::FailedPreconditionError("the message has ended");
    const std::string_view body = reader_.Feed(chunk);
    if (!started_ && reader_.header_complete()) Start();
    if (body.empty()) return absl::OkStatus();
    verifier_.Feed(body);
    if (options_->scan_body) body_scanner_.Feed(body);
    return absl::OkStatus();
  }

  // EndOfMessage ends the message. FailedPrecondition the second time.
  absl::Status EndOfMessage() {
    if (ended_) return absl::FailedPreconditionError("the message has ended already");
    ended_ = true;
    reader_.Finish();
    if (!started_) Start();
    verifier_.EndOfBody();
    Run();
    return absl::OkStatus();
  }

  // NextQuery, Provide and FailOutstanding: see dns::Exchange.
  std::optional<dns::PendingQuery> NextQuery() { return exchange_.NextQuery(); }
  absl::Status Provide(dns::QueryId id, const dns::Answer& answer) {
    const absl::Status status = exchange_.Provide(id, answer);
    if (status.ok()) Run();
    return status;
  }
  void FailOutstanding() {
    exchange_.FailOutstanding();
    Run();
  }

  // done says whether the report is complete.
  bool done() const { return done_; }

  // report is the outcome. Requires done().
  const Report& report() const {
    POSTSEAL_CHECK(done_);
    return report_;
  }

 private:
  VerifySession(std::shared_ptr<const Options> options, int64_t now)
      : options_(std::move(options)),
        exchange_(&arena_, &ready_, options_->max_lookups),
        reader_(options_->header),
        verifier_(options_->dkim, &arena_, &ready_, &exchange_, now) {}

  void Start() {
    started_ = true;
    verifier_.Start(reader_.fields(), reader_.fault() != mail::HeaderFault::kNone);
  }

  void Run() {
    ready_.Run();
    if (!done_ && ended_ && verifier_.done()) Complete();
  }

  void Complete() {
    done_ = true;
    report_.spent.public_key_operations = verifier_.public_key_operations();
    report_.spent.body_octets = verifier_.body_octets();
    report_.spent.body_octets_hashed = verifier_.body_octets_hashed();
    report_.spent.header_octets = reader_.header().size();
    report_.dkim = verifier_.TakeReports();
    report_.spent.signatures = report_.dkim.size();
    report_.header_flags = reader_.flags();
    report_.header_fault = reader_.fault();
    report_.body_flags = body_scanner_.flags();
    for (const dns::Lookup* lookup : exchange_.lookups()) AddLookup(*lookup);
    report_.spent.dns_queries = report_.dns.size();
  }

  void AddLookup(const dns::Lookup& lookup) {
    LookupReport& out = report_.dns.emplace_back();
    out.name = lookup.query().name.text();
    out.type = lookup.query().type;
    out.outcome = lookup.answer().outcome;
    out.secure = lookup.answer().dnssec_secure;
    out.ttl_seconds = lookup.answer().ttl_seconds;
    out.refused = lookup.refused();
    out.oversized = lookup.oversized();
    if (out.type != dns::Type::kTxt) return;
    for (const std::string_view rdata : lookup.answer().rdata) {
      out.texts.emplace_back(dns::JoinTxt(rdata, &arena_).value_or(""));
    }
  }

  // The order is that of destruction, reversed: tasks go before what they use.
  std::shared_ptr<const Options> options_;
  base::Arena arena_;
  base::ReadyQueue ready_;
  dns::Exchange exchange_;
  mail::MessageReader reader_;
  mail::BodyScanner body_scanner_;
  dkim::Verifier verifier_;
  Report report_;
  bool started_ = false;
  bool ended_ = false;
  bool done_ = false;
};

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_VERIFY_SESSION_H_
