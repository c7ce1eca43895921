// SignSession: signs one message with one or several keys in one pass.
//
//   auto session = *SignSession::Create(options, now);
//   while (read(&chunk)) session->Feed(chunk);
//   session->EndOfMessage();
//   session->SignLocally();
//   send(session->fields() + message);
//
// A key that is elsewhere is no different: NextSignature hands its digest out,
// ProvideSignature takes the signature in, whenever it comes.
#ifndef POSTSEAL_AUTH_SIGN_SESSION_H_
#define POSTSEAL_AUTH_SIGN_SESSION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "dkim/algorithm.h"
#include "dkim/canonical_body.h"
#include "dkim/digest.h"
#include "dkim/header_index.h"
#include "dkim/sign.h"
#include "dkim/signer.h"
#include "mail/body_scanner.h"
#include "mail/message_reader.h"

namespace postseal::auth {

// kMaxSignatureOctets bounds a signature given to ProvideSignature, in octets: an
// RSA key of 8192 bits makes one of 1024.
inline constexpr size_t kMaxSignatureOctets = 1024;
// kMaxKeys bounds the keys of one session.
inline constexpr size_t kMaxKeys = 16;

// kMaxNow bounds |now|, so that x= has twelve digits at most. RFC 6376 §3.5
inline constexpr int64_t kMaxNow = 999'999'999'999 - dkim::kMaxLifetimeSeconds;

// SigningJob is one signature to make: what it says, and who makes it.
struct SigningJob {
  dkim::SignatureRequest request;
  // Makes the signature in SignLocally; null when it comes by ProvideSignature.
  // Its key type must be that of request.algorithm.
  std::shared_ptr<const dkim::Signer> signer;
};

// SignOptions are shared by sessions and never change while one uses them.
struct SignOptions {
  mail::HeaderLimits header;
  // Find body_flags(). Costs a pass over the body.
  bool scan_body = false;
  // In the order in which their fields are to stand, from the top.
  std::vector<SigningJob> jobs;
};

// SignatureId names a signature within one session.
using SignatureId = uint32_t;

// PendingSignature is a digest that waits for its signature.
struct PendingSignature {
  SignatureId id;
  dkim::SignatureAlgorithm algorithm;
  // RSASSA-PKCS1-v1_5 signs it as a SHA-256 digest; Ed25519 signs its octets
  // (RFC 8463 §3).
  dkim::Digest digest;
};

class SignSession {
 public:
  // Create starts a session. |now| is in Unix seconds, for t= and x=.
  // InvalidArgument when a job asks for what cannot be, or there is none.
  static absl::StatusOr<std::unique_ptr<SignSession>> Create(
      std::shared_ptr<const SignOptions> options, int64_t now);
  SignSession(const SignSession&) = delete;
  SignSession& operator=(const SignSession&) = delete;

  // Feed takes the next octets of the message, cut anywhere, not dot-stuffed,
  // exactly as they will be sent. FailedPrecondition after EndOfMessage.
  absl::Status Feed(std::string_view chunk);

  // AddField adds a header field as an MTA hands it over, and EndOfHeader ends the
  // header of such fields: see mail::MessageReader. Feed then takes the body.
  // FailedPrecondition after Feed, or when the header is complete.
  absl::Status AddField(std::string_view name, std::string_view value) {
    return reader_.AddField(name, value);
  }
  absl::Status EndOfHeader();

  // EndOfMessage ends the message; the digests are there then.
  // FailedPrecondition the second time.
  absl::Status EndOfMessage();

  // fault says why the message cannot be signed; kNone when it can. After
  // EndOfMessage.
  dkim::SignFault fault() const { return fault_; }
  // header_flags and body_flags are the oddities of the message. Relays change
  // bare CR and LF and lines over 998 octets, and a signature fails then.
  // body_flags are found when SignOptions::scan_body.
  const mail::HeaderFlags& header_flags() const { return reader_.flags(); }
  mail::BodyFlags body_flags() const { return body_scanner_.flags(); }

  // NextSignature returns a digest not yet handed out, each once; nullopt when
  // there is none (left, or yet, or because of a fault).
  std::optional<PendingSignature> NextSignature();

  // ProvideSignature takes the octets of signature |id|. NotFound for an id never
  // handed out, FailedPrecondition for one that is settled, InvalidArgument for
  // octets that cannot be a signature.
  absl::Status ProvideSignature(SignatureId id, std::string_view octets);

  // FailSignature gives signature |id| up: the others still count.
  absl::Status FailSignature(SignatureId id);

  // SignLocally makes every signature whose job has a signer. The first error is
  // returned; that signature is given up, the others are made. FailedPrecondition
  // before EndOfMessage, and when there is a fault().
  absl::Status SignLocally();

  // done says whether every signature is there or given up.
  bool done() const;

  // fields are the DKIM-Signature fields that were made, each with CRLF, ready to
  // stand before the message's first line. FailedPrecondition until done(), and when
  // there is a fault(), so that nothing leaves unsigned by mistake.
  absl::StatusOr<std::string> fields() const;

 private:
  struct Pending {
    std::optional<dkim::SignatureDraft> draft;
    std::string field;
    bool taken = false;
    bool settled = false;
  };

  SignSession(std::shared_ptr<const SignOptions> options, int64_t now)
      : options_(std::move(options)),
        now_(now),
        reader_(options_->header),
        pending_(options_->jobs.size()) {}

  absl::StatusOr<Pending*> Find(SignatureId id);
  void MakeDrafts();

  std::shared_ptr<const SignOptions> options_;
  const int64_t now_;
  base::Arena arena_;
  mail::MessageReader reader_;
  mail::BodyScanner body_scanner_;
  // One hasher a canonicalization that a job asks for.
  std::array<std::unique_ptr<dkim::BodyHasher>, 2> hashers_;
  std::vector<Pending> pending_;
  dkim::SignFault fault_ = dkim::SignFault::kNone;
  bool ended_ = false;
};

// Implementation.

inline absl::StatusOr<std::unique_ptr<SignSession>> SignSession::Create(
    std::shared_ptr<const SignOptions> options, int64_t now) {
  if (options == nullptr || options->jobs.empty()) {
    return absl::InvalidArgumentError("there is no key to sign with");
  }
  if (options->jobs.size() > kMaxKeys) {
    return absl::InvalidArgumentError(absl::StrCat("more than ", kMaxKeys, " keys"));
  }
  if (now < 0) return absl::InvalidArgumentError("now is before 1970");
  // RFC 6376 §3.5 t=, x=: twelve digits, also after the longest lifetime.
  if (now > kMaxNow) return absl::InvalidArgumentError("now is beyond what t= and x= can say");
  for (const SigningJob& job : options->jobs) {
    if (absl::Status status = dkim::CheckRequest(job.request); !status.ok()) return status;
    if (job.signer != nullptr && job.signer->key_type() != dkim::KeyTypeOf(job.request.algorithm)) {
      return absl::InvalidArgumentError(absl::StrCat("an ", dkim::Name(job.signer->key_type()),
                                                     " key cannot sign with ",
                                                     dkim::Name(job.request.algorithm)));
    }
  }
  std::unique_ptr<SignSession> session(new SignSession(std::move(options), now));
  for (const SigningJob& job : session->options_->jobs) {
    auto& hasher = session->hashers_[static_cast<size_t>(job.request.body_canon)];
    if (hasher == nullptr) {
      hasher =
          std::make_unique<dkim::BodyHasher>(job.request.body_canon, dkim::HashAlgorithm::kSha256);
    }
  }
  return session;
}

inline absl::Status SignSession::Feed(std::string_view chunk) {
  if (ended_) return absl::FailedPreconditionError("the message has ended");
  const std::string_view body = reader_.Feed(chunk);
  for (const auto& hasher : hashers_) {
    if (hasher != nullptr && !body.empty()) hasher->Feed(body);
  }
  if (options_->scan_body) body_scanner_.Feed(body);
  return absl::OkStatus();
}

inline absl::Status SignSession::EndOfHeader() {
  if (reader_.header_complete()) return absl::FailedPreconditionError("the header is complete");
  reader_.EndOfHeader();
  if (!reader_.header_complete()) return absl::FailedPreconditionError("EndOfHeader after Feed");
  return absl::OkStatus();
}

inline absl::Status SignSession::EndOfMessage() {
  if (ended_) return absl::FailedPreconditionError("the message has ended already");
  ended_ = true;
  reader_.Finish();
  for (const auto& hasher : hashers_) {
    if (hasher != nullptr) hasher->Finish();
  }
  MakeDrafts();
  return absl::OkStatus();
}

inline void SignSession::MakeDrafts() {
  if (reader_.fault() != mail::HeaderFault::kNone) {
    fault_ = dkim::SignFault::kHeaderTooLarge;
    return;
  }
  const dkim::HeaderIndex header(&arena_, reader_.fields());
  fault_ = dkim::CheckMessage(header);
  for (size_t i = 0; i < pending_.size() && fault_ == dkim::SignFault::kNone; ++i) {
    const dkim::SignatureRequest& request = options_->jobs[i].request;
    const std::vector<std::string_view> names = dkim::ChooseNames(request.fields, header);
    if (names.size() > dkim::kMaxSignedNames) {
      fault_ = dkim::SignFault::kTooManyNames;
      return;
    }
    pending_[i].draft.emplace(&arena_, request, names, header,
                              hashers_[static_cast<size_t>(request.body_canon)]->digest(), now_);
  }
}

inline std::optional<PendingSignature> SignSession::NextSignature() {
  if (!ended_ || fault_ != dkim::SignFault::kNone) return std::nullopt;
  for (size_t i = 0; i < pending_.size(); ++i) {
    if (pending_[i].taken) continue;
    pending_[i].taken = true;
    return PendingSignature{static_cast<SignatureId>(i), pending_[i].draft->algorithm(),
                            pending_[i].draft->digest()};
  }
  return std::nullopt;
}

inline absl::StatusOr<SignSession::Pending*> SignSession::Find(SignatureId id) {
  if (id >= pending_.size() || !pending_[id].taken) {
    return absl::NotFoundError("no pending signature has this id");
  }
  if (pending_[id].settled) return absl::FailedPreconditionError("the signature is settled");
  return &pending_[id];
}

inline absl::Status SignSession::ProvideSignature(SignatureId id, std::string_view octets) {
  const absl::StatusOr<Pending*> pending = Find(id);
  if (!pending.ok()) return pending.status();
  // RFC 8032 §5.1.6: an Ed25519 signature has 64 octets.
  const bool ed25519 = dkim::KeyTypeOf((*pending)->draft->algorithm()) == dkim::KeyType::kEd25519;
  if (octets.empty() || octets.size() > kMaxSignatureOctets || (ed25519 && octets.size() != 64)) {
    return absl::InvalidArgumentError(
        absl::StrCat(octets.size(), " octets are no signature of this algorithm"));
  }
  (*pending)->field = (*pending)->draft->Print(octets);
  (*pending)->settled = true;
  return absl::OkStatus();
}

inline absl::Status SignSession::FailSignature(SignatureId id) {
  const absl::StatusOr<Pending*> pending = Find(id);
  if (!pending.ok()) return pending.status();
  (*pending)->settled = true;
  return absl::OkStatus();
}

inline absl::Status SignSession::SignLocally() {
  if (!ended_) return absl::FailedPreconditionError("the message has not ended");
  if (fault_ != dkim::SignFault::kNone) {
    return absl::FailedPreconditionError(dkim::SignFaultText(fault_));
  }
  absl::Status first_error;
  for (size_t i = 0; i < pending_.size(); ++i) {
    const std::shared_ptr<const dkim::Signer>& signer = options_->jobs[i].signer;
    if (signer == nullptr || pending_[i].taken || !pending_[i].draft.has_value()) continue;
    pending_[i].taken = true;
    const auto id = static_cast<SignatureId>(i);
    const absl::StatusOr<std::string> octets = signer->Sign(pending_[i].draft->digest());
    const absl::Status status = octets.ok() ? ProvideSignature(id, *octets) : octets.status();
    if (status.ok()) continue;
    pending_[i].settled = true;
    if (first_error.ok()) first_error = status;
  }
  return first_error;
}

inline bool SignSession::done() const {
  if (!ended_) return false;
  if (fault_ != dkim::SignFault::kNone) return true;
  for (const Pending& pending : pending_) {
    if (!pending.settled) return false;
  }
  return true;
}

inline absl::StatusOr<std::string> SignSession::fields() const {
  if (!done()) return absl::FailedPreconditionError("signatures are still outstanding");
  if (fault_ != dkim::SignFault::kNone) {
    return absl::FailedPreconditionError(dkim::SignFaultText(fault_));
  }
  std::string all;
  for (const Pending& pending : pending_) all += pending.field;
  return all;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_SIGN_SESSION_H_
