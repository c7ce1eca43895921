// VerifySession: verifies one message. The host feeds octets and DNS answers and
// reads the report; the session owns no socket, thread or clock.
//
//   auto session = *VerifySession::Create(options, envelope, now);
//   while (read(&chunk)) session->Feed(chunk);
//   session->EndOfMessage();
//   dns::RunBlocking(session.get(), &resolver, deadline);
//   session->report();
//
// Queries may be taken and answers given at once: SPF asks as soon as the envelope
// is known, and every key is asked for before the first octet of the body.
#ifndef POSTSEAL_AUTH_VERIFY_SESSION_H_
#define POSTSEAL_AUTH_VERIFY_SESSION_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "auth/dmarc_check.h"
#include "auth/envelope.h"
#include "auth/iprev.h"
#include "auth/lookup_report.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/spf_check.h"
#include "base/arena.h"
#include "base/check.h"
#include "base/result.h"
#include "base/task.h"
#include "dkim/signature_report.h"
#include "dkim/verifier.h"
#include "dmarc/authors.h"
#include "dmarc/difference.h"
#include "dmarc/options.h"
#include "dmarc/record.h"
#include "dmarc/verdict.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "mail/author.h"
#include "mail/body_scanner.h"
#include "mail/field.h"
#include "mail/message_reader.h"
#include "mail/reverse_path.h"
#include "spf/evaluation.h"
#include "spf/reason.h"

namespace postseal::auth {

class VerifySession {
 public:
  // Create starts a session. |now| is in Unix seconds and the only clock there
  // is. InvalidArgument when |options| is null, wants RFC 7489 without a suffix
  // list, |now| is negative, or Envelope::pct_draw is above 99.
  static absl::StatusOr<std::unique_ptr<VerifySession>> Create(
      std::shared_ptr<const Options> options, Envelope envelope, int64_t now) {
    if (options == nullptr) return absl::InvalidArgumentError("options are null");
    if (options->check_dmarc && options->dmarc.suffixes == nullptr &&
        (options->compare_rfc7489 || options->dmarc.mode == dmarc::Mode::kRfc7489)) {
      return absl::InvalidArgumentError("RFC 7489 needs a public suffix list");
    }
    if (now < 0) return absl::InvalidArgumentError("now is before 1970");
    if (envelope.pct_draw.value_or(0) > kMaxPctDraw) {
      return absl::InvalidArgumentError("the draw for pct= is above 99");
    }
    return std::unique_ptr<VerifySession>(
        new VerifySession(std::move(options), std::move(envelope), now));
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

  // AddField adds a header field as an MTA hands it over, and EndOfHeader ends the
  // header of such fields: see mail::MessageReader. Feed then takes the body.
  // FailedPrecondition after Feed, or when the header is complete.
  absl::Status AddField(std::string_view name, std::string_view value) {
    return reader_.AddField(name, value);
  }
  absl::Status EndOfHeader() {
    if (started_) return absl::FailedPreconditionError("the header is complete");
    reader_.EndOfHeader();
    if (!reader_.header_complete()) return absl::FailedPreconditionError("EndOfHeader after Feed");
    Start();
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

  // header_complete says whether the whole header was fed: fields and header_fault
  // are final then. The views in fields live as long as the session.
  bool header_complete() const { return started_; }
  std::span<const mail::Field> fields() const { return reader_.fields(); }
  mail::HeaderFault header_fault() const { return reader_.fault(); }

  // done says whether the report is complete.
  bool done() const { return done_; }

  // report is the outcome. Requires done().
  const Report& report() const {
    POSTSEAL_CHECK(done_);
    return report_;
  }

 private:
  VerifySession(std::shared_ptr<const Options> options, Envelope envelope, int64_t now)
      : options_(std::move(options)),
        envelope_(std::move(envelope)),
        exchange_(&arena_, &ready_, options_->max_lookups),
        reader_(options_->header),
        verifier_(options_->dkim, &arena_, &ready_, &exchange_, now) {
    StartClientChecks(now);
  }

  // StartClientChecks checks what the envelope claims. RFC 7208 §2.3, §2.4
  void StartClientChecks(int64_t now) {
    if (!envelope_.client_ip.has_value()) return;
    spf::Request request;
    request.client = *envelope_.client_ip;
    request.helo = envelope_.helo;
    request.receiver = envelope_.receiver;
    request.now = now;
    if (options_->check_iprev) iprev_.emplace(*envelope_.client_ip, &arena_, &exchange_);
    if (!envelope_.helo.empty()) {
      request.identity = spf::Identity::kHelo;
      spf_helo_.emplace(&options_->spf, request, &arena_, &exchange_);
    }
    if (!envelope_.rfc5321_mail_from.has_value()) return;
    const auto path = mail::ReversePath::Parse(*envelope_.rfc5321_mail_from);
    report_.reverse_path_fault = path.fault;
    report_.reverse_path_stray_dots = path.has_stray_dots;
    // What is no path names no domain, and is not the null path either: HELO does
    // not stand in for it.
    if (!path.is_null && path.mailbox.empty()) return;
    request.identity = spf::Identity::kMailFrom;
    request.mail_from = path.mailbox;
    spf_.emplace(&options_->spf, request, &arena_, &exchange_);
  }

  // Start takes the whole header: every key and every name of the author's walk is
  // asked for here.
  void Start() {
    started_ = true;
    const bool truncated = reader_.fault() != mail::HeaderFault::kNone;
    verifier_.Start(reader_.fields(), truncated);
    const mail::Authors from = mail::FindAuthors(reader_.fields(), &arena_);
    report_.from_stray_dots = from.flags.stray_dots;
    if (!options_->check_dmarc) return;
    const dmarc::Authors authors = ToDmarcAuthors(from, truncated, &arena_);
    dmarc_options_ = options_->dmarc;
    if (envelope_.pct_draw.has_value()) dmarc_options_.sample = envelope_.pct_draw;
    dmarc_.emplace(&dmarc_options_, authors, &arena_, &exchange_);
    if (!options_->compare_rfc7489) return;
    rfc7489_options_ = dmarc_options_;
    rfc7489_options_.mode = dmarc::Mode::kRfc7489;
    dmarc_rfc7489_.emplace(&rfc7489_options_, authors, &arena_, &exchange_);
  }

  void Run() {
    ready_.Run();
    if (done_ || !ended_) return;
    if (!verifier_.done() || !Done(spf_) || !Done(spf_helo_) || !Done(iprev_)) return;
    if (dmarc_.has_value() && !dmarc_->joined()) JoinDmarc();
    if (Done(dmarc_) && Done(dmarc_rfc7489_)) Complete();
  }

  // JoinDmarc evaluates what SPF and DKIM authenticated. RFC 9989 §5.3.3, §5.3.4
  void JoinDmarc() {
    report_.dkim = verifier_.TakeReports();
    const std::span<dmarc::Identifier> identifiers =
        arena_.NewArray<dmarc::Identifier>(1 + report_.dkim.size());
    size_t count = 0;
    const auto add = [&](dmarc::Method method, std::string_view domain, base::Result result) {
      const std::optional<dns::Name> name = dns::Name::Parse(domain);
      if (name.has_value()) identifiers[count++] = dmarc::Identifier(method, *name, result);
    };
    if (spf_.has_value()) {
      add(dmarc::Method::kSpf, spf_->verdict().domain, spf_->verdict().result());
    }
    for (const dkim::SignatureReport& signature : report_.dkim) {
      add(dmarc::Method::kDkim, signature.identifier, signature.result);
    }
    dmarc_->Join(identifiers.first(count));
    if (dmarc_rfc7489_.has_value()) dmarc_rfc7489_->Join(identifiers.first(count));
    ready_.Run();
  }
  template <typename Check>
  static bool Done(const std::optional<Check>& check) {
    return !check.has_value() || check->done();
  }

  void Complete() {
    done_ = true;
    report_.spent.public_key_operations = verifier_.public_key_operations();
    report_.spent.body_octets = verifier_.body_octets();
    report_.spent.body_octets_hashed = verifier_.body_octets_hashed();
    report_.spent.header_octets = reader_.header().size();
    if (!dmarc_.has_value()) report_.dkim = verifier_.TakeReports();
    report_.spent.signatures = report_.dkim.size();
    if (spf_.has_value()) report_.spf = spf_->Report();
    if (report_.reverse_path_fault != mail::ReversePathFault::kNone && !spf_.has_value()) {
      report_.spf.emplace().reason = spf::Reason::kMalformedDomain;
    }
    if (dmarc_.has_value()) report_.dmarc = dmarc_->Report();
    if (dmarc_rfc7489_.has_value()) {
      report_.dmarc_rfc7489 = dmarc_rfc7489_->Report();
      report_.dmarc_differences =
          dmarc::FindDifferences(dmarc_->verdict(), dmarc_rfc7489_->verdict());
    }
    if (spf_helo_.has_value()) report_.spf_helo = spf_helo_->Report();
    if (iprev_.has_value()) {
      const IprevVerdict& verdict = iprev_->verdict();
      report_.iprev =
          IprevReport{verdict.result, envelope_.client_ip->Print(), std::string(verdict.name)};
    }
    report_.header_flags = reader_.flags();
    report_.header_fault = reader_.fault();
    report_.body_flags = body_scanner_.flags();
    for (const dns::Lookup* lookup : exchange_.lookups()) {
      report_.dns.push_back(MakeLookupReport(*lookup));
    }
    std::sort(report_.dns.begin(), report_.dns.end(), [](const auto& a, const auto& b) {
      return std::tie(a.name, a.type) < std::tie(b.name, b.type);
    });
    report_.spent.dns_queries = report_.dns.size();
  }

  // The order is that of destruction, reversed: tasks go before what they use.
  std::shared_ptr<const Options> options_;
  const Envelope envelope_;
  base::Arena arena_;
  base::ReadyQueue ready_;
  dns::Exchange exchange_;
  mail::MessageReader reader_;
  mail::BodyScanner body_scanner_;
  dkim::Verifier verifier_;
  std::optional<SpfCheck> spf_;
  std::optional<SpfCheck> spf_helo_;
  std::optional<IprevCheck> iprev_;
  dmarc::DmarcOptions dmarc_options_;
  dmarc::DmarcOptions rfc7489_options_;
  std::optional<DmarcCheck> dmarc_;
  std::optional<DmarcCheck> dmarc_rfc7489_;
  Report report_;
  bool started_ = false;
  bool ended_ = false;
  bool done_ = false;
};

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_VERIFY_SESSION_H_
