// Verifier: verifies every DKIM signature of one message in one pass.
//
// The host feeds header fields and body; keys are asked for through the
// Exchange, all at once, before the first body octet. RFC 6376 §6
#ifndef POSTSEAL_DKIM_VERIFIER_H_
#define POSTSEAL_DKIM_VERIFIER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/check.h"
#include "base/task.h"
#include "dkim/canonical_body.h"
#include "dkim/diagnosis.h"
#include "dkim/header_index.h"
#include "dkim/policy.h"
#include "dkim/signature.h"
#include "dkim/signature_report.h"
#include "dkim/verify_signature.h"
#include "dns/exchange.h"
#include "mail/field.h"

namespace postseal::dkim {

// Verifier serves one message. Calls come in this order: Start, Feed any number
// of times, EndOfBody; answers may come in between at any time. Arena, ReadyQueue,
// Exchange and the fields must outlive it.
class Verifier {
 public:
  // |now| is in Unix seconds.
  Verifier(const VerifyOptions& options, base::Arena* arena, base::ReadyQueue* ready,
           dns::Exchange* exchange, int64_t now)
      : options_(options),
        arena_(arena),
        ready_(ready),
        exchange_(exchange),
        now_(now),
        body_hashed_(ready) {}
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  // Start takes the whole header, and asks for the keys. |header_truncated| says
  // that a limit cut the header short: then no signature is tried, because a
  // field that was not seen could be one that matters.
  void Start(std::span<const mail::Field> fields, bool header_truncated);

  // Feed takes the next octets of the body.
  void Feed(std::string_view chunk);

  // EndOfBody takes the end of the message. ReadyQueue::Run goes on from there.
  void EndOfBody();

  // done says whether every signature has its verdict.
  bool done() const;

  // TakeReports moves the verdicts out, in the order of the fields, from the top.
  // Requires done().
  std::vector<SignatureReport> TakeReports();

  // The octets of the body that were fed, those times the hashes computed of
  // them, and the public-key operations done.
  uint64_t body_octets() const { return body_octets_; }
  uint64_t body_octets_hashed() const {
    uint64_t octets = 0;
    for (const auto& hasher : hashers_) octets += hasher != nullptr ? body_octets_ : 0;
    return octets;
  }
  size_t public_key_operations() const { return spent_.public_key_operations; }

 private:
  void AddSignature(const mail::Field& field, SignatureReport* report);
  void GiveTurns();
  BodyHasher* HasherFor(BodyCanon canon, HashAlgorithm hash);

  const VerifyOptions& options_;
  base::Arena* arena_;
  base::ReadyQueue* ready_;
  dns::Exchange* exchange_;
  const int64_t now_;

  HeaderIndex header_;
  std::vector<SignatureReport> reports_;
  VerifySpending spent_;
  // One hasher for each (canonicalization, hash) that a signature needs.
  std::array<std::unique_ptr<BodyHasher>, 4> hashers_;
  std::unique_ptr<BodyDiagnosis> diagnosis_;
  uint64_t body_octets_ = 0;
  base::Event body_hashed_;
  std::vector<VerifyContext*> contexts_;
  // Last: tasks are dropped before what they use.
  std::vector<base::Task<bool>> tasks_;
};

// Implementation.

inline BodyHasher* Verifier::HasherFor(BodyCanon canon, HashAlgorithm hash) {
  const size_t slot = static_cast<size_t>(canon) * 2 + static_cast<size_t>(hash);
  if (hashers_[slot] == nullptr) hashers_[slot] = std::make_unique<BodyHasher>(canon, hash);
  return hashers_[slot].get();
}

inline void Verifier::Start(std::span<const mail::Field> fields, bool header_truncated) {
  header_ = HeaderIndex(arena_, fields);
  const size_t count = header_.Count("dkim-signature");
  reports_.resize(count);
  // RFC 6376 §6.1: any order will do. [choice] With more than are tried, those
  // nearest the bottom, and so the author, are; fields added on top by others
  // cannot push the author's signature out.
  const size_t skipped = count > options_.max_signatures ? count - options_.max_signatures : 0;
  size_t position = 0;
  for (const mail::Field& field : fields) {
    if (!field.NameIs("dkim-signature")) continue;
    SignatureReport& report = reports_[position];
    report.position = position;
    if (header_truncated) {
      SetVerdict(Reason::kHeaderTooLarge, {}, &report);
    } else if (position < skipped) {
      SetVerdict(Reason::kTooManySignatures, {}, &report);
    } else {
      AddSignature(field, &report);
    }
    ++position;
  }
  if (options_.diagnose && !contexts_.empty()) {
    diagnosis_ = std::make_unique<BodyDiagnosis>();
    for (VerifyContext* context : contexts_) {
      diagnosis_->Expect(context->signature);
      context->diagnosis = diagnosis_.get();
    }
  }
  GiveTurns();
  tasks_.reserve(contexts_.size());
  for (VerifyContext* context : contexts_) {
    tasks_.push_back(VerifySignature(context));
    tasks_.back().Start();
  }
}

inline void Verifier::AddSignature(const mail::Field& field, SignatureReport* report) {
  const ParsedSignature parsed = ParseSignature(arena_, field.value);
  DescribeSignature(parsed.signature, report);
  if (parsed.fault.has_value()) {
    return SetVerdict(parsed.fault->reason, parsed.fault->detail, report);
  }
  const Signature& signature = parsed.signature;
  if (const auto refused = CheckSignature(options_, signature, now_)) {
    return SetVerdict(*refused, {}, report);
  }
  BodyHasher* const hasher = HasherFor(signature.body_canon, HashOf(*signature.algorithm));
  std::optional<size_t> cut;
  if (signature.body_length.has_value()) {
    cut = hasher->AddCut(*signature.body_length);
    if (!cut.has_value()) return SetVerdict(Reason::kTooManySignatures, "too many l=", report);
  }
  VerifyContext& context = *contexts_.emplace_back(arena_->New<VerifyContext>());
  context.memory = arena_;
  context.exchange = exchange_;
  context.options = &options_;
  context.header = &header_;
  context.field = &field;
  context.signature = signature;
  context.hasher = hasher;
  context.cut = cut;
  context.spent = &spent_;
  context.report = report;
}

// GiveTurns puts the signatures in the order in which they are verified. They wait for
// each other after the lookups alone, so that this costs no time but theirs.
inline void Verifier::GiveTurns() {
  base::Event* turn = &body_hashed_;
  for (size_t i = 0; i < contexts_.size(); ++i) {
    contexts_[i]->turn = turn;
    if (i + 1 == contexts_.size()) break;
    turn = new (arena_->Allocate(sizeof(base::Event), alignof(base::Event))) base::Event(ready_);
    contexts_[i]->next_turn = turn;
  }
}

inline void Verifier::Feed(std::string_view chunk) {
  body_octets_ += chunk.size();
  for (const auto& hasher : hashers_) {
    if (hasher != nullptr) hasher->Feed(chunk);
  }
  if (diagnosis_ != nullptr) diagnosis_->Feed(chunk);
}

inline void Verifier::EndOfBody() {
  for (const auto& hasher : hashers_) {
    if (hasher != nullptr) hasher->Finish();
  }
  if (diagnosis_ != nullptr) diagnosis_->Finish();
  body_hashed_.Set();
}

inline bool Verifier::done() const {
  for (const base::Task<bool>& task : tasks_) {
    if (!task.done()) return false;
  }
  return true;
}

inline std::vector<SignatureReport> Verifier::TakeReports() {
  POSTSEAL_CHECK(done());
  return std::move(reports_);
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_VERIFIER_H_
