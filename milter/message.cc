#include "milter/message.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "auth/authentication_results.h"
#include "auth/received_spf.h"
#include "authres/authentication_results.h"
#include "base/arena.h"
#include "base/escape.h"
#include "dkim/sign.h"
#include "dmarc/record.h"
#include "mail/angle_brackets.h"
#include "mail/author.h"
#include "mail/body_scanner.h"
#include "mail/field.h"
#include "mail/field_writer.h"
#include "milter/version.h"
#include "store/fact.h"

namespace postseal::milter {
namespace {

std::vector<std::string> OwnIds(const Transaction& transaction) {
  const Config& config = transaction.setup->config;
  std::vector<std::string> ids = config.remove_ar_from;
  ids.push_back(transaction.authserv_id);
  return ids;
}

// ReplayFields hands every field of |header| on, as it was given to AddField.
template <typename Session>
void ReplayFields(const mail::MessageReader& header, Session* session) {
  for (const mail::Field& field : header.fields()) {
    const size_t colon = field.raw.find(':');
    session->AddField(field.raw.substr(0, colon), field.raw.substr(colon + 1)).IgnoreError();
  }
  session->EndOfHeader().IgnoreError();
}

// IsExempt says that ExemptDomains names the author. Where several are named, or might be
// beyond a limit, one that is exempt would shield the others.
bool IsExempt(const Config& config, std::span<const mail::Field> fields, mail::HeaderFault fault) {
  if (config.exempt_domains.empty() || fault != mail::HeaderFault::kNone) return false;
  base::Arena arena;
  const mail::Authors authors = mail::FindAuthors(fields, &arena);
  const bool is_one_domain = authors.state == mail::AuthorState::kOneAuthor ||
                             authors.state == mail::AuthorState::kSeveralMailboxes;
  return is_one_domain && config.exempt_domains.Matches(std::nullopt, authors.domains.front());
}

bool HasSignature(std::span<const mail::Field> fields) {
  return std::any_of(fields.begin(), fields.end(),
                     [](const mail::Field& field) { return field.NameIs("DKIM-Signature"); });
}

std::vector<std::string_view> RelayWarnings(const auth::SignSession& session, bool smtputf8) {
  const mail::HeaderFlags& header = session.header_flags();
  const mail::BodyFlags body = session.body_flags();
  std::vector<std::string_view> names;
  if (header.long_line || body.long_line) names.push_back("long-line");
  if (header.bare_cr || header.bare_lf || body.bare_cr || body.bare_lf) {
    names.push_back("bare-cr-lf");
  }
  if (header.nul || body.nul) names.push_back("nul");
  if (header.non_ascii && !smtputf8) names.push_back("8bit-header");
  if (body.non_ascii) names.push_back("8bit");
  return names;
}

}  // namespace

Message::Message(Transaction transaction, int64_t now)
    : transaction_(std::move(transaction)),
      config_(transaction_.setup->config),
      forged_(OwnIds(transaction_), config_.authserv_id_with_job_id, config_.remove_ar_all),
      header_(transaction_.setup->own->header) {
  if (config_.verify && !transaction_.standing.is_own && !transaction_.standing.is_peer) {
    StartVerification(now, transaction_.standing.is_outside);
  }
}

void Message::StartVerification(int64_t now, bool is_outside) {
  auth::Envelope envelope = transaction_.envelope;
  // SPF has nothing to say of the others: see Standing.
  if (!is_outside) envelope.client_ip.reset();
  auto session = auth::VerifySession::Create(
      is_outside ? transaction_.setup->outside : transaction_.setup->own, std::move(envelope), now);
  if (session.ok()) {
    verification_ = *std::move(session);
    role_ = Role::kVerified;
  } else {
    errors_.push_back(std::string(session.status().message()));
  }
}

void Message::AddRecipient(std::string_view path) {
  if (config_.dont_sign_mail_to.empty()) return;
  const std::string_view address = mail::WithoutAngleBrackets(path);
  const size_t at = address.rfind('@');
  recipient_is_exempt_ |= config_.dont_sign_mail_to.Matches(
      address.substr(0, at), at == std::string_view::npos ? "" : address.substr(at + 1));
}

void Message::AddField(std::string_view name, std::string_view value) {
  forged_.Look(name, value);
  // What a session or reader refuses is beyond its limits, and it says so itself.
  if (verification_ != nullptr) {
    verification_->AddField(name, value).IgnoreError();
  } else {
    header_.AddField(name, value).IgnoreError();
  }
}

void Message::EndOfHeader(int64_t now) {
  if (header_ended_) return;
  header_ended_ = true;
  if (verification_ != nullptr) {
    verification_->EndOfHeader().IgnoreError();
  } else {
    header_.EndOfHeader();
  }
  const std::span<const mail::Field> fields =
      verification_ != nullptr ? verification_->fields() : header_.fields();
  if (config_.required_headers) {
    const std::string_view name = CheckFieldCounts(fields);
    if (!name.empty()) {
      refusal_ = MakeDecision(Action::kReject, "RequiredHeaders", "6.0",
                              absl::StrCat("the message has no ", name, " field, or several"));
    }
  }
  const mail::HeaderFault fault =
      verification_ != nullptr ? verification_->header_fault() : header_.fault();
  if (IsExempt(config_, fields, fault)) {
    verification_.reset();
    role_ = Role::kLeftAlone;
  } else if (verification_ == nullptr) {
    Choose(now);
  }
  needs_body_ =
      signing_ != nullptr || (verification_ != nullptr && HasSignature(verification_->fields()));
}

bool Message::RemovesForged() const {
  // RFC 8601 §5: what claims to be ours goes, whoever sent it but for those who write
  // in our name.
  return config_.verify && !config_.keep_auth_results && !transaction_.standing.is_trusted_relay;
}

void Message::Choose(int64_t now) {
  const Standing& standing = transaction_.standing;
  if (standing.is_peer) return;
  if (standing.is_own && config_.sign && header_.fault() != mail::HeaderFault::kNone) {
    errors_.push_back(absl::StrCat("the header is over a limit, so the message is not signed: ",
                                   mail::HeaderFaultName(header_.fault())));
  } else if (standing.is_own && config_.sign && !recipient_is_exempt_) {
    base::Arena arena;
    const mail::Authors authors = mail::FindAuthors(header_.fields(), &arena);
    // The first author is whom OpenDKIM goes by; SignSession refuses several fields.
    if (!authors.mailboxes.empty()) {
      const mail::Mailbox& author = authors.mailboxes.front();
      SigningChoice choice = transaction_.setup->signing->Choose(author.local_part, author.domain);
      if (choice.matched && StartSigning(std::move(choice), now)) return;
    }
  }
  if (!config_.verify) return;
  StartVerification(now, standing.is_outside);
  if (verification_ != nullptr) ReplayFields(header_, verification_.get());
}

void Message::RefuseForUs(std::string_view because) {
  // What is refused already stays so.
  if (refusal_.action != Action::kAccept) return;
  refusal_ = DecideUnsigned(
      config_, MakeDecision(config_.on_internal_error.value_or(Action::kTempfail), because, "7.1",
                            "Service unavailable - try again later"));
}

bool Message::StartSigning(SigningChoice choice, int64_t now) {
  role_ = Role::kSigned;
  errors_.insert(errors_.end(), choice.faults.begin(), choice.faults.end());
  const PublishedKeys* const published = transaction_.setup->published_keys;
  const size_t held_back =
      published == nullptr
          ? 0
          : std::erase_if(choice.jobs, [published](const auth::SigningJob& job) {
              return published->IsHeldBack(job.request.domain, job.request.selector);
            });
  if (choice.jobs.empty() && held_back > 0) {
    // A signature without a published key is worth as much as none.
    errors_.push_back("not signed: the key is not published yet");
    return true;
  }
  if (choice.jobs.empty()) {
    // Unsigned mail of a domain that signs is worse than mail that comes later.
    RefuseForUs("no usable key");
    return true;
  }
  auto options = std::make_shared<auth::SignOptions>();
  options->header = transaction_.setup->own->header;
  options->scan_body = true;
  options->jobs = std::move(choice.jobs);
  for (const auth::SigningJob& job : options->jobs) {
    signatures_.push_back(absl::StrCat("s=", base::Escape(job.request.selector),
                                       ", d=", base::Escape(job.request.domain)));
  }
  auto session = auth::SignSession::Create(std::move(options), now);
  if (!session.ok()) {
    errors_.push_back(std::string(session.status().message()));
    RefuseForUs("On-InternalError");
    return true;
  }
  signing_ = *std::move(session);
  ReplayFields(header_, signing_.get());
  return true;
}

bool Message::needs_nothing() const {
  return role_ == Role::kLeftAlone && refusal_.action == Action::kAccept && errors_.empty() &&
         forged_.occurrences().empty();
}

void Message::Body(std::string_view octets) {
  if (!needs_body_) return;
  // Neither has ended: only EndOfMessage ends it.
  if (signing_ != nullptr) signing_->Feed(octets).IgnoreError();
  if (verification_ != nullptr) verification_->Feed(octets).IgnoreError();
}

void Message::EndOfMessage(int64_t now) {
  if (ended_) return;
  EndOfHeader(now);
  ended_ = true;
  if (signing_ != nullptr) signing_->EndOfMessage().IgnoreError();
  if (verification_ != nullptr) verification_->EndOfMessage().IgnoreError();
}

void Message::NoteClaim() {
  const Standing& standing = transaction_.standing;
  if (!config_.sign || standing.is_own || standing.may_claim_our_domains ||
      verification_ == nullptr) {
    return;
  }
  base::Arena arena;
  const mail::Authors authors = mail::FindAuthors(verification_->fields(), &arena);
  if (authors.mailboxes.empty()) return;
  const mail::Mailbox& author = authors.mailboxes.front();
  if (!transaction_.setup->signing->Choose(author.local_part, author.domain).matched) return;
  notes_.push_back(absl::StrCat("external host attempted to send as ", author.domain));
}

void Message::FitToGrants(const Grants& grants, Outcome* outcome) const {
  if (!outcome->deletions.empty() && !grants.deletes) {
    // A reload wants what was not asked for: what is forged must not get through.
    outcome->deletions.clear();
    outcome->errors.push_back("the MTA did not grant that fields are deleted");
    outcome->decision = MakeDecision(Action::kTempfail, "no deletion", "3.5",
                                     "Service unavailable - try again later");
  }
  if (outcome->decision.action == Action::kQuarantine && !grants.quarantines) {
    outcome->errors.push_back("the MTA did not grant quarantine: the message is let through");
    outcome->decision = Decision{};
  }
}

Outcome Message::Finish(std::string_view job_id, int64_t now, const Grants& grants) {
  Outcome outcome;
  outcome.role = role_;
  outcome.errors = std::move(errors_);
  NoteClaim();
  outcome.notes = std::move(notes_);
  outcome.decision = refusal_;
  if (RemovesForged() && forged_.is_over_limit()) {
    outcome.decision = MakeDecision(Action::kReject, "forged Authentication-Results", "7.1",
                                    "too many Authentication-Results fields in our name");
  }
  if (signing_ != nullptr) FinishSigned(&outcome);
  if (verification_ != nullptr) FinishVerified(job_id, &outcome);
  // Highest first, so that no deletion moves another one's place.
  if (RemovesForged()) {
    outcome.deletions.assign(forged_.occurrences().rbegin(), forged_.occurrences().rend());
  }
  FitToGrants(grants, &outcome);
  // Last: the fact is about what is done.
  if (verification_ != nullptr) RecordFact(now, &outcome);
  if (config_.software_header && outcome.role != Role::kLeftAlone) {
    mail::FieldWriter field("DKIM-Filter");
    field.AppendSpace();
    field.Append(absl::StrCat(kVersion, " ", transaction_.authserv_id, " ", job_id));
    for (Insertion& insertion : ToInsertions(std::move(field).Finish())) {
      outcome.insertions.push_back(std::move(insertion));
    }
  }
  return outcome;
}

void Message::FinishSigned(Outcome* outcome) {
  if (signing_->fault() != dkim::SignFault::kNone) {
    outcome->errors.push_back(absl::StrCat("not signed: ", dkim::SignFaultText(signing_->fault())));
    const bool is_too_large = signing_->fault() == dkim::SignFault::kHeaderTooLarge;
    if (is_too_large && config_.on_security.value_or(Action::kAccept) != Action::kAccept) {
      outcome->decision =
          MakeDecision(*config_.on_security, "On-Security", "7.0", "the header is too large");
    } else if (outcome->decision.action == Action::kAccept) {
      outcome->decision = DecideUnsigned(config_, outcome->decision);
    }
    return;
  }
  const absl::Status status = signing_->SignLocally();
  const absl::StatusOr<std::string> fields = signing_->fields();
  if (!status.ok()) outcome->errors.push_back(std::string(status.message()));
  if (!fields.ok() || fields->empty()) {
    outcome->decision = DecideUnsigned(
        config_, MakeDecision(config_.on_internal_error.value_or(Action::kTempfail),
                              "On-InternalError", "7.1", "Service unavailable - try again later"));
    return;
  }
  outcome->insertions = ToInsertions(*fields);
  outcome->signatures = signatures_;
  outcome->relay_warnings = RelayWarnings(*signing_, transaction_.envelope.smtputf8);
}

void Message::FinishVerified(std::string_view job_id, Outcome* outcome) {
  const auth::Report& report = verification_->report();
  if (outcome->decision.action == Action::kAccept) {
    outcome->decision = Decide(config_, report, transaction_.standing.is_outside);
  }
  AddResultFields(report, job_id, outcome);
}

void Message::RecordFact(int64_t now, Outcome* outcome) {
  store::FactSink* const facts = transaction_.setup->facts;
  // What is put off will be here again, and count then.
  if (facts == nullptr || !transaction_.standing.is_outside ||
      outcome->decision.action == Action::kTempfail) {
    return;
  }
  store::Handling handling;
  if (outcome->decision.because == kRejectFailures) handling.applied = dmarc::Policy::kReject;
  if (outcome->decision.because == kHoldQuarantinedMessages) {
    handling.applied = dmarc::Policy::kQuarantine;
  }
  const std::optional<store::Fact> fact =
      store::MakeFact(verification_->report(), transaction_.envelope, handling, now);
  if (!fact.has_value()) return;
  const absl::Status status = facts->Append(*fact);
  if (status.ok()) return;
  outcome->errors.push_back(absl::StrCat("the fact for reports is lost: ", status.message()));
  if (config_.on_store_error == Action::kTempfail) {
    outcome->decision = MakeDecision(Action::kTempfail, "OnStoreError", "3.0",
                                     "Service unavailable - try again later");
  }
}

void Message::AddResultFields(const auth::Report& report, std::string_view job_id,
                              Outcome* outcome) {
  const bool is_outside = transaction_.standing.is_outside;
  // Of others there is nothing to say when there was no signature.
  if (!is_outside && report.dkim.empty() && !config_.always_add_ar_header) return;
  const authres::Charset charset =
      transaction_.envelope.smtputf8 ? authres::Charset::kUtf8 : authres::Charset::kAscii;
  const auto add = [outcome](const absl::StatusOr<std::string>& field) {
    if (!field.ok()) {
      outcome->errors.push_back(std::string(field.status().message()));
      return;
    }
    for (Insertion& insertion : ToInsertions(*field)) {
      outcome->insertions.push_back(std::move(insertion));
    }
  };
  if (is_outside && config_.add_received_spf && report.spf.has_value()) {
    add(auth::PrintReceivedSpf(*report.spf, transaction_.envelope, charset));
  }
  std::string id = transaction_.authserv_id;
  if (config_.authserv_id_with_job_id && !job_id.empty()) absl::StrAppend(&id, "/", job_id);
  add(auth::PrintAuthenticationResults(report, id, charset));
}

}  // namespace postseal::milter
