// VerifySignature: one signature, from parsed to verdict. RFC 6376 §6.1
#ifndef POSTSEAL_DKIM_VERIFY_SIGNATURE_H_
#define POSTSEAL_DKIM_VERIFY_SIGNATURE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "base/result.h"
#include "base/task.h"
#include "dkim/canonical_body.h"
#include "dkim/diagnosis.h"
#include "dkim/digest.h"
#include "dkim/header_hash.h"
#include "dkim/header_index.h"
#include "dkim/key_record.h"
#include "dkim/policy.h"
#include "dkim/public_key.h"
#include "dkim/public_key_cache.h"
#include "dkim/reason.h"
#include "dkim/signature.h"
#include "dkim/signature_report.h"
#include "dns/exchange.h"
#include "dns/rdata.h"
#include "mail/field.h"

namespace postseal::dkim {

// VerifySpending is what the signatures of one message have cost together.
struct VerifySpending {
  size_t public_key_operations = 0;
};

// VerifyContext is what one signature's verification works with. Everything
// pointed to belongs to the Verifier or its session.
struct VerifyContext {
  base::Arena* arena() const { return memory; }

  base::Arena* memory = nullptr;
  dns::Exchange* exchange = nullptr;
  const VerifyOptions* options = nullptr;
  const HeaderIndex* header = nullptr;
  const mail::Field* field = nullptr;
  Signature signature;
  // Hashes the body for this signature; |cut| is its l=, if it has one.
  const BodyHasher* hasher = nullptr;
  std::optional<size_t> cut;
  // The body is hashed, and the signatures before this one have their verdicts: what
  // they all may spend goes by their order, not by that of the answers.
  base::Event* turn = nullptr;
  // The turn of the signature after this one; null for the last.
  base::Event* next_turn = nullptr;
  // Null unless VerifyOptions::diagnose.
  const BodyDiagnosis* diagnosis = nullptr;
  VerifySpending* spent = nullptr;
  SignatureReport* report = nullptr;
};

// SetVerdict writes |reason| and the result that goes with it.
inline void SetVerdict(Reason reason, std::string_view detail, SignatureReport* report) {
  report->reason = reason;
  report->result = InfoOf(reason).result;
  report->detail = detail;
}

// DescribeSignature copies what |signature| says of itself.
inline void DescribeSignature(const Signature& signature, SignatureReport* report) {
  // Enough octets of b= to tell two signatures apart. RFC 6008 §3
  constexpr size_t kPrefixOctets = 8;
  report->domain = signature.domain_text;
  report->identifier = signature.domain.text();
  report->selector = signature.selector_text;
  if (signature.identity.has_value()) report->identity = *signature.identity;
  report->algorithm = signature.algorithm_text;
  report->canonicalization =
      absl::StrCat(Name(signature.header_canon), "/", Name(signature.body_canon));
  // b= is folded anywhere; the fold is no part of it.
  for (const char c : signature.signature_text) {
    if (report->signature_prefix.size() == kPrefixOctets) break;
    if (!base::CharSet(" \t\r\n")(c)) report->signature_prefix += c;
  }
  report->timestamp = signature.timestamp;
  report->expiration = signature.expiration;
  report->body_length = signature.body_length;
}

namespace internal {

// Verdict is a reason with its detail, and the facts of the key record that gave
// it, on the way to the report.
struct Verdict {
  explicit Verdict(Reason verdict_reason, std::string verdict_detail = {})
      : reason(verdict_reason), detail(std::move(verdict_detail)) {}
  Reason reason;
  std::string detail;
  bool testing = false;
  // The key that was tried; null when none was.
  std::shared_ptr<const PublicKey> key;
};

// CheckBody compares bh= with the body; nullopt when they agree.
inline std::optional<Verdict> CheckBody(const VerifyContext& c) {
  if (!c.cut.has_value()) {
    if (c.hasher->digest().view() == c.signature.body_hash) return std::nullopt;
    return Verdict(Reason::kBodyHashMismatch);
  }
  const std::optional<Digest> digest = c.hasher->cut_digest(*c.cut);
  if (!digest.has_value()) {
    // RFC 6376 §3.5 l=: MUST NOT be larger than the canonical body.
    return Verdict(Reason::kBodyTooShort,
                   absl::StrCat("l=", *c.signature.body_length, ", but the canonical body has ",
                                c.hasher->canonical_octets(), " octets"));
  }
  if (digest->view() == c.signature.body_hash) return std::nullopt;
  return Verdict(Reason::kBodyHashMismatch);
}

// FindKey parses the key of |record|, or finds it in the cache.
inline std::variant<std::shared_ptr<const PublicKey>, PublicKeyFault> FindKey(
    const VerifyContext& c, const KeyRecord& record) {
  PublicKeyCache* const cache = c.options->key_cache;
  if (cache != nullptr) {
    if (auto key = cache->Find(*record.key_type, record.public_key)) return key;
  }
  const std::span<char> octets =
      c.memory->NewOctets(base::Base64MaxDecoded(record.public_key.size()));
  const std::optional<size_t> size = base::Base64Decode(record.public_key, octets);
  if (!size.has_value()) return PublicKeyFault::kMalformed;
  PublicKey::Parsed parsed =
      PublicKey::Parse(*record.key_type, std::string_view(octets.data(), *size));
  if (const auto* fault = std::get_if<PublicKeyFault>(&parsed)) return *fault;
  PublicKey key = std::get<PublicKey>(std::move(parsed));
  if (cache != nullptr) return cache->Insert(*record.key_type, record.public_key, std::move(key));
  return std::make_shared<const PublicKey>(std::move(key));
}

// TryKey verifies the signature with |key|. RFC 6376 §6.1.3. |body| is the verdict
// on the body, nullptr when it is good.
inline Verdict TryKey(VerifyContext* c, const PublicKey& key, const Verdict* body) {
  // RFC 8301 §3.2
  if (key.type() == KeyType::kRsa && key.bits() < c->options->min_rsa_bits) {
    return Verdict(Reason::kKeyTooSmall, absl::StrCat(key.bits(), " bits, at least ",
                                                      c->options->min_rsa_bits, " are needed"));
  }
  if (body != nullptr) return *body;
  if (c->spent->public_key_operations >= c->options->max_public_key_operations) {
    return Verdict(Reason::kTooManySignatures, "no public-key operation left");
  }
  ++c->spent->public_key_operations;
  const HashAlgorithm hash = HashOf(*c->signature.algorithm);
  const Digest digest =
      HashHeader(c->memory, c->signature.header_canon, hash, *c->header, c->signature.signed_names,
                 *c->field, c->signature.raw_signature);
  return Verdict(key.Verify(hash, digest, c->signature.signature) ? Reason::kVerified
                                                                  : Reason::kSignatureMismatch);
}

// TryKeyRecord verifies the signature with one TXT record. RFC 6376 §6.1.2
inline Verdict TryKeyRecord(VerifyContext* c, std::string_view text, const Verdict* body) {
  const ParsedKeyRecord parsed = ParseKeyRecord(text);
  if (parsed.fault.has_value()) {
    return Verdict(parsed.fault->reason, absl::StrCat(parsed.fault->detail, " (octet ",
                                                      parsed.fault->offset, " of the record)"));
  }
  const KeyRecord& record = parsed.record;
  const auto with_record = [&record](Verdict verdict) {
    verdict.testing = record.testing;
    return verdict;
  };
  if (const auto refused = CheckKeyRecord(*c->options, record, c->signature)) {
    return with_record(Verdict(*refused));
  }
  const auto found = FindKey(*c, record);
  if (const auto* fault = std::get_if<PublicKeyFault>(&found)) {
    return with_record(Verdict(Reason::kKeyUnusable, std::string(PublicKeyFaultText(*fault))));
  }
  const auto& key = std::get<std::shared_ptr<const PublicKey>>(found);
  Verdict verdict = with_record(TryKey(c, *key, body));
  verdict.key = key;
  return verdict;
}

// How far a failed attempt got, so that of several records the most telling
// failure is reported.
constexpr int Progress(Reason reason) {
  switch (reason) {
    case Reason::kKeyVersion:
      return 0;
    case Reason::kKeySyntax:
      return 1;
    case Reason::kKeyServiceMismatch:
      return 2;
    case Reason::kKeyHashMismatch:
      return 3;
    case Reason::kKeyRevoked:
      return 4;
    case Reason::kKeyTypeMismatch:
      return 5;
    case Reason::kKeyForbidsSubdomain:
      return 6;
    case Reason::kKeyUnusable:
      return 7;
    case Reason::kKeyTooSmall:
      return 8;
    default:
      return 9;
  }
}

// JudgeAnswer tries the key records of |answer| until one verifies. RFC 6376
// §3.6.2.2, §6.1.2 ¶4: several are tried in their order. [choice]
inline Verdict JudgeAnswer(VerifyContext* c, const dns::Answer& answer) {
  const std::optional<Verdict> body = CheckBody(*c);
  switch (answer.outcome) {
    case dns::Outcome::kRecords:
      break;
    case dns::Outcome::kTempError:
      // A body that is not the signed one fails whatever the key is.
      return body.has_value() ? *body : Verdict(Reason::kKeyLookupFailed);
    case dns::Outcome::kNxDomain:
      return Verdict(Reason::kNoKey, "the name does not exist");
    case dns::Outcome::kNoData:
    case dns::Outcome::kNotFound:
      return Verdict(Reason::kNoKey, "the name has no TXT record");
  }
  c->report->key_secure = answer.dnssec_secure;
  std::optional<Verdict> best;
  size_t tried = 0;
  for (const std::string_view rdata : answer.rdata) {
    if (tried++ == c->options->max_key_records) break;
    const std::optional<std::string_view> text = dns::JoinTxt(rdata, c->memory);
    Verdict verdict = text.has_value() ? TryKeyRecord(c, *text, body.has_value() ? &*body : nullptr)
                                       : Verdict(Reason::kKeySyntax, "the TXT record is malformed");
    if (verdict.reason == Reason::kVerified) return verdict;
    if (!best.has_value() || Progress(verdict.reason) > Progress(best->reason)) {
      best = std::move(verdict);
    }
  }
  return best.has_value() ? *std::move(best) : Verdict(Reason::kNoKey);
}

// NoteUncoveredFields lists the fields that may have been added after signing.
// RFC 6376 §5.4.1, §8.15
inline void NoteUncoveredFields(VerifyContext* c) {
  for (const std::string_view name : kCoreFields) {
    const size_t count = c->header->Count(name);
    if (count > 0 && count > CountSigned(c->signature, name)) {
      c->report->uncovered_fields.push_back(name);
    }
  }
}

// Diagnose looks for what explains |verdict|. Its public-key operation counts.
inline void Diagnose(VerifyContext* c, const Verdict& verdict) {
  if (verdict.reason == Reason::kBodyHashMismatch || verdict.reason == Reason::kBodyTooShort) {
    c->diagnosis->Explain(c->signature, &c->report->hints);
  } else if (verdict.reason == Reason::kSignatureMismatch && verdict.key != nullptr &&
             c->spent->public_key_operations < c->options->max_public_key_operations) {
    ++c->spent->public_key_operations;
    DiagnoseHeader(c->memory, c->signature, *c->header, *c->field, *verdict.key, &c->report->hints);
  }
}

}  // namespace internal

// VerifySignature asks for the key of |c|'s signature as soon as it starts, waits
// for the answer and for its turn, and writes the verdict to the report. The value
// means nothing.
inline base::Task<bool> VerifySignature(VerifyContext* c) {
  const dns::Query query(c->signature.key_name, dns::Type::kTxt);
  const dns::Answer& answer = co_await c->exchange->Ask(query);
  co_await *c->turn;
  internal::Verdict verdict = internal::JudgeAnswer(c, answer);
  c->report->testing = verdict.testing;
  if (verdict.key != nullptr) c->report->key_bits = verdict.key->bits();
  c->report->canonical_body_octets = c->hasher->canonical_octets();
  if (verdict.reason == Reason::kVerified) {
    internal::NoteUncoveredFields(c);
    const auto refused =
        CheckCoverage(*c->options, c->signature, *c->header, c->hasher->canonical_octets());
    if (refused.has_value()) verdict.reason = *refused;
  } else if (c->diagnosis != nullptr) {
    internal::Diagnose(c, verdict);
  }
  SetVerdict(verdict.reason, verdict.detail, c->report);
  if (c->next_turn != nullptr) c->next_turn->Set();
  co_return true;
}

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_VERIFY_SIGNATURE_H_
