// The mechanisms of RFC 7208 §5, a function each. include is in spf/check_host.h.
#ifndef POSTSEAL_SPF_MECHANISMS_H_
#define POSTSEAL_SPF_MECHANISMS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/task.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "spf/evaluation.h"
#include "spf/ptr.h"
#include "spf/reason.h"
#include "spf/record.h"
#include "spf/verdict.h"

namespace postseal::spf {

// Step is what one mechanism came to: match, no match, or an error that ends the
// evaluation. RFC 7208 §4.6.2
class Step {
 public:
  static Step Match() { return Step(true, std::nullopt); }
  static Step NoMatch() { return Step(false, std::nullopt); }
  static Step MatchIf(bool condition) { return Step(condition, std::nullopt); }
  static Step Error(Reason reason) { return Step(false, reason); }

  // From is this step with the place inside an included record that it is due to,
  // which must outlive it.
  Step From(const Place* origin) const {
    Step step = *this;
    step.origin_ = origin;
    return step;
  }

  bool matched() const { return matched_; }
  const std::optional<Reason>& error() const { return error_; }
  // origin is nullptr when the mechanism itself decided.
  const Place* origin() const { return origin_; }

 private:
  Step(bool matched, std::optional<Reason> error) : matched_(matched), error_(error) {}

  bool matched_;
  std::optional<Reason> error_;
  const Place* origin_ = nullptr;
};

// NeedsLookup says whether |mechanism| counts as a term that causes queries.
// RFC 7208 §4.6.4 ¶1
constexpr bool NeedsLookup(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::kAll:
    case Mechanism::kIp4:
    case Mechanism::kIp6:
      return false;
    case Mechanism::kInclude:
    case Mechanism::kA:
    case Mechanism::kMx:
    case Mechanism::kPtr:
    case Mechanism::kExists:
      return true;
  }
  return true;
}

// MatchesWithoutLookup evaluates all, ip4 and ip6. RFC 7208 §5.1, §5.6
bool MatchesWithoutLookup(const Directive& directive, const dns::IpAddress& client);

// The others, for the <target-name> |target|, which must outlive the task. RFC 7208 §5.3, §5.4,
// §5.5, §5.7
base::Task<Step> MatchA(Evaluation* e, const Directive* directive, const dns::Name* target);
base::Task<Step> MatchMx(Evaluation* e, const Directive* directive, const dns::Name* target);
base::Task<Step> MatchPtr(Evaluation* e, const dns::Name* target);
base::Task<Step> MatchExists(Evaluation* e, const dns::Name* target);

// Implementation.

inline bool MatchesWithoutLookup(const Directive& directive, const dns::IpAddress& client) {
  if (directive.mechanism == Mechanism::kAll) return true;
  const int bits = directive.network.is_v4() ? directive.v4_bits : directive.v6_bits;
  return dns::Prefix(directive.network, bits).Contains(client);
}

namespace internal {

// JudgeLookup says whether |answer| stops the evaluation. RFC 7208 §5 ¶6, §4.6.4 ¶6
inline std::optional<Reason> JudgeLookup(Evaluation* e, const dns::Answer& answer) {
  if (answer.outcome == dns::Outcome::kTempError) return Reason::kTermLookupFailed;
  if (!e->budget.TakeAnswer(answer)) return Reason::kTooManyOctets;
  if (IsVoid(answer) && !e->budget.TakeVoidLookup()) return Reason::kTooManyVoidLookups;
  return std::nullopt;
}

inline int PrefixBits(const Evaluation& e, const Directive& directive) {
  return e.is_v4() ? directive.v4_bits : directive.v6_bits;
}

// ReadMxNames reads the names of |answer|'s MX records. The root stands for "no
// mail" (RFC 7505 §3) and has no address.
inline std::span<const dns::Name> ReadMxNames(base::Arena* arena, const dns::Answer& answer) {
  const std::span<dns::Name> names = arena->NewArray<dns::Name>(answer.rdata.size());
  size_t count = 0;
  for (const std::string_view rdata : answer.rdata) {
    const std::optional<dns::Mx> mx = dns::ParseMx(rdata);
    if (mx.has_value() && !mx->exchange.is_root()) names[count++] = mx->exchange;
  }
  return names.first(count);
}

}  // namespace internal

inline base::Task<Step> MatchA(Evaluation* e, const Directive* directive, const dns::Name* target) {
  if (!e->budget.TakeQuery()) co_return Step::Error(Reason::kTooManyQueries);
  const dns::Query query(*target, e->address_type());
  const dns::Answer& answer = co_await e->exchange->Ask(query);
  if (const auto error = internal::JudgeLookup(e, answer)) co_return Step::Error(*error);
  co_return Step::MatchIf(
      HasAddress(answer, e->facts.client, internal::PrefixBits(*e, *directive)));
}

// The addresses of all names are asked for together; the answers count in the
// order of the records, so that the result does not depend on who answers first.
inline base::Task<Step> MatchMx(Evaluation* e, const Directive* directive,
                                const dns::Name* target) {
  if (!e->budget.TakeQuery()) co_return Step::Error(Reason::kTooManyQueries);
  const dns::Query mx_query(*target, dns::Type::kMx);
  const dns::Answer& mx_answer = co_await e->exchange->Ask(mx_query);
  if (const auto error = internal::JudgeLookup(e, mx_answer)) co_return Step::Error(*error);
  // RFC 7208 §4.6.4 ¶2. It does not depend on whether one of the first matches. [choice]
  if (mx_answer.rdata.size() > e->options->max_mx_names) {
    co_return Step::Error(Reason::kTooManyMxNames);
  }
  const std::span<const dns::Name> names = internal::ReadMxNames(e->arena(), mx_answer);
  for (const dns::Name& name : names) {
    if (!internal::AskAddresses(e, name)) co_return Step::Error(Reason::kTooManyQueries);
  }
  for (const dns::Name& name : names) {
    const dns::Query query(name, e->address_type());
    const dns::Answer& answer = co_await e->exchange->Ask(query);
    if (const auto error = internal::JudgeLookup(e, answer)) co_return Step::Error(*error);
    if (HasAddress(answer, e->facts.client, internal::PrefixBits(*e, *directive))) {
      co_return Step::Match();
    }
  }
  co_return Step::NoMatch();
}

// Only names at or below |target| can match, so no other is looked up. (Erratum
// 4751: the second list of RFC 7208 §5.5 has it the wrong way round.)
inline base::Task<Step> MatchPtr(Evaluation* e, const dns::Name* target) {
  e->ptr_counted = true;
  base::Task<PtrNames> find_names = FindPtrNames(e, Counting::kTerm);
  const PtrNames found = co_await find_names;
  if (found.error.has_value()) co_return Step::Error(*found.error);
  for (const dns::Name& name : found.names) {
    if (name.IsAtOrBelow(*target) && !internal::AskAddresses(e, name)) {
      co_return Step::Error(Reason::kTooManyQueries);
    }
  }
  for (const dns::Name& name : found.names) {
    if (!name.IsAtOrBelow(*target)) continue;
    base::Task<bool> validate = IsValidated(e, &name);
    const bool validated = co_await validate;
    if (validated) co_return Step::Match();
  }
  co_return Step::NoMatch();
}

// RFC 7208 §5.7 ¶2: an A lookup, whatever the client's family.
inline base::Task<Step> MatchExists(Evaluation* e, const dns::Name* target) {
  if (!e->budget.TakeQuery()) co_return Step::Error(Reason::kTooManyQueries);
  const dns::Query query(*target, dns::Type::kA);
  const dns::Answer& answer = co_await e->exchange->Ask(query);
  if (const auto error = internal::JudgeLookup(e, answer)) co_return Step::Error(*error);
  co_return Step::MatchIf(answer.outcome == dns::Outcome::kRecords);
}

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_MECHANISMS_H_
