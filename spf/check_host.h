// CheckHost: the check_host() of RFC 7208 §4.
#ifndef POSTSEAL_SPF_CHECK_HOST_H_
#define POSTSEAL_SPF_CHECK_HOST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/task.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "spf/evaluation.h"
#include "spf/explain.h"
#include "spf/macro.h"
#include "spf/mechanisms.h"
#include "spf/ptr.h"
#include "spf/reason.h"
#include "spf/record.h"
#include "spf/verdict.h"

namespace postseal::spf {

// CheckHost evaluates the SPF record of |e|'s domain. It asks |e|'s exchange and
// ends with a verdict whatever is answered.
base::Task<Verdict> CheckHost(Evaluation* e);

// Implementation.

namespace internal {

// Level is whether a record is evaluated for itself, redirects among them, or for
// an include.
enum class Level : uint8_t { kTop, kInclude };

// Outcomes are made once, in the arena, and handed up through the includes as
// pointers.
base::Task<const Outcome*> EvaluateDomain(Evaluation* e, const dns::Name* domain, Level level);

// SelectRecord finds the one SPF record among the TXT records of |answer|, parsed,
// or why there is none. RFC 7208 §4.4, §4.5, §4.6 ¶1
inline std::variant<const Record*, const Outcome*> SelectRecord(Evaluation* e, const Scope& scope,
                                                                const dns::Answer& answer) {
  const auto without_record = [e, &scope](Reason reason) {
    return e->arena()->New<Outcome>(reason, Place(), Place(scope.domain_text, "", 0, 0));
  };
  if (answer.outcome == dns::Outcome::kTempError) {
    return without_record(Reason::kRecordLookupFailed);
  }
  if (answer.outcome == dns::Outcome::kNxDomain) return without_record(Reason::kNoDomain);
  if (!e->budget.TakeAnswer(answer)) return without_record(Reason::kTooManyOctets);
  std::optional<std::string_view> selected;
  for (const std::string_view rdata : answer.rdata) {
    // RFC 7208 §3.3: the strings are joined without spaces. Data without any string
    // is no record.
    const std::optional<std::string_view> text = dns::JoinTxt(rdata, e->arena());
    if (!text.has_value() || !IsSpf(*text)) continue;
    if (selected.has_value()) return without_record(Reason::kSeveralRecords);
    selected = text;
  }
  if (!selected.has_value()) return without_record(Reason::kNoRecord);
  const auto parsed = ParseRecord(*selected, e->arena());
  if (const auto* fault = std::get_if<Fault>(&parsed)) {
    return e->arena()->New<Outcome>(fault->reason, Place(),
                                    Place(scope.domain_text, *selected, fault->offset, 0));
  }
  return e->arena()->New<Record>(std::get<Record>(parsed));
}

constexpr Reason ReasonOfMatch(base::Result qualifier) {
  switch (qualifier) {
    case base::Result::kFail:
      return Reason::kNotAuthorized;
    case base::Result::kSoftFail:
      return Reason::kProbablyNotAuthorized;
    case base::Result::kNeutral:
      return Reason::kNotAsserted;
    default:
      return Reason::kAuthorized;
  }
}

// MatchInclude evaluates the record of |target|. RFC 7208 §5.2
inline base::Task<Step> MatchInclude(Evaluation* e, const dns::Name* target) {
  // check_host() takes names of several labels only (RFC 7208 §4.3 ¶1), and a
  // record without macros cannot spell another: see ExpandTarget.
  if (target->label_count() < 2) co_return Step::NoMatch();
  base::Task<const Outcome*> evaluate = EvaluateDomain(e, target, Level::kInclude);
  const Outcome* const outcome = co_await evaluate;
  switch (outcome->result()) {
    case base::Result::kPass:
      co_return Step::Match().From(&outcome->origin);
    case base::Result::kTempError:
    case base::Result::kPermError:
      co_return Step::Error(outcome->reason).From(&outcome->origin);
    case base::Result::kNone:
      co_return Step::Error(Reason::kIncludeWithoutRecord);
    default:
      co_return Step::NoMatch();
  }
}

// MatchByLookup evaluates a mechanism that needs the DNS.
inline base::Task<Step> MatchByLookup(Evaluation* e, const Scope* scope,
                                      const Directive* directive) {
  if (!e->budget.TakeTerm()) co_return Step::Error(Reason::kTooManyTerms);
  std::string_view validated_name;
  if (directive->domain_spec.Uses('p')) {
    base::Task<ValidatedName> find = FindValidatedName(e, scope->domain, Counting::kTerm);
    const ValidatedName name = co_await find;
    if (name.error.has_value()) co_return Step::Error(*name.error);
    validated_name = name.text;
  }
  const std::optional<dns::Name> target =
      ExpandTarget(*e, *scope, directive->domain_spec, validated_name);
  if (!target.has_value()) co_return Step::NoMatch();
  const auto start = [](Evaluation* evaluation, const Directive* d, const dns::Name* name) {
    switch (d->mechanism) {
      case Mechanism::kA:
        return MatchA(evaluation, d, name);
      case Mechanism::kMx:
        return MatchMx(evaluation, d, name);
      case Mechanism::kPtr:
        return MatchPtr(evaluation, name);
      case Mechanism::kExists:
        return MatchExists(evaluation, name);
      default:
        return MatchInclude(evaluation, name);
    }
  };
  base::Task<Step> match = start(e, directive, &*target);
  const Step step = co_await match;
  co_return step;
}

// AfterRedirect is |failure| to get a record as the outcome of the term at
// |redirect| that led there, if one did. RFC 7208 §6.1 ¶3
inline const Outcome* AfterRedirect(Evaluation* e, const Outcome* failure, const Place& redirect) {
  if (redirect.empty()) return failure;
  if (failure->result() == base::Result::kNone) {
    return e->arena()->New<Outcome>(Reason::kRedirectWithoutRecord, redirect, redirect);
  }
  return e->arena()->New<Outcome>(failure->reason, redirect, failure->origin);
}

// Decide is the outcome of a record in which |directive| came to |step|.
inline const Outcome* Decide(Evaluation* e, const Scope& scope, const Directive& directive,
                             const Step& step) {
  const Place term = scope.PlaceOf(directive.text);
  const bool is_own = step.origin() == nullptr || step.origin()->empty();
  return e->arena()->New<Outcome>(step.error().value_or(ReasonOfMatch(directive.qualifier)), term,
                                  is_own ? term : *step.origin());
}

// EvaluateTerms evaluates the directives of |scope|'s record from left to right;
// nullptr when none decides. RFC 7208 §4.6.2
inline base::Task<const Outcome*> EvaluateTerms(Evaluation* e, const Scope* scope) {
  for (const Directive& directive : scope->record->directives) {
    if (!NeedsLookup(directive.mechanism)) {
      if (!MatchesWithoutLookup(directive, e->facts.client)) continue;
      co_return Decide(e, *scope, directive, Step::Match());
    }
    base::Task<Step> match = MatchByLookup(e, scope, &directive);
    const Step step = co_await match;
    if (step.matched() || step.error().has_value()) co_return Decide(e, *scope, directive, step);
  }
  co_return nullptr;
}

// EvaluateDomain evaluates the record of |domain| and what it redirects to.
inline base::Task<const Outcome*> EvaluateDomain(Evaluation* e, const dns::Name* domain,
                                                 Level level) {
  const auto end_at = [e](Reason reason, const Place& place) {
    return e->arena()->New<Outcome>(reason, place, place);
  };
  Scope scope;
  scope.domain = domain;
  dns::Name redirected;  // |scope.domain| after a redirect
  Place redirect;
  for (;;) {
    scope.domain_text = e->arena()->Copy(scope.domain->text());
    if (!e->budget.TakeQuery()) co_return end_at(Reason::kTooManyQueries, redirect);
    const dns::Query query(*scope.domain, dns::Type::kTxt);
    const dns::Answer& answer = co_await e->exchange->Ask(query);
    const auto selected = SelectRecord(e, scope, answer);
    if (const auto* failure = std::get_if<const Outcome*>(&selected)) {
      co_return AfterRedirect(e, *failure, redirect);
    }
    scope.record = std::get<const Record*>(selected);
    base::Task<const Outcome*> evaluate = EvaluateTerms(e, &scope);
    const Outcome* const outcome = co_await evaluate;
    if (outcome != nullptr) {
      // RFC 7208 §6.2 ¶9: not the exp= of an included record, but that of the
      // record redirected to.
      const Modifier* const exp = scope.record->Find(Modifier::Kind::kExplanation);
      if (level == Level::kTop && outcome->result() == base::Result::kFail && exp != nullptr) {
        base::Task<std::string_view> explain = Explain(e, &scope, &exp->value);
        e->explanation = co_await explain;
      }
      co_return outcome;
    }
    // "all" always matches, so a record with it never gets here, and its redirect=
    // is ignored as RFC 7208 §5.1 ¶4 wants.
    const Modifier* const modifier = scope.record->Find(Modifier::Kind::kRedirect);
    if (modifier == nullptr) {
      co_return e->arena()->New<Outcome>(Reason::kNothingMatched, Place(),
                                         scope.PlaceOf(scope.record->text));
    }
    redirect = scope.PlaceOf(modifier->text);
    if (!e->budget.TakeTerm()) co_return end_at(Reason::kTooManyTerms, redirect);
    base::Task<ValidatedName> find_name =
        FindMacroName(e, scope.domain, &modifier->value, Counting::kTerm);
    const ValidatedName name = co_await find_name;
    if (name.error.has_value()) co_return end_at(*name.error, redirect);
    const auto target = ExpandTarget(*e, scope, modifier->value, name.text);
    // RFC 7208 §6.1 ¶3: a malformed target-name is a permerror here.
    if (!target.has_value() || target->label_count() < 2) {
      co_return end_at(Reason::kRedirectWithoutRecord, redirect);
    }
    redirected = *target;
    scope.domain = &redirected;
  }
}

}  // namespace internal

inline base::Task<Verdict> CheckHost(Evaluation* e) {
  Verdict verdict;
  verdict.reason = Reason::kMalformedDomain;
  if (e->domain.has_value()) {
    verdict.domain = e->arena()->Copy(e->domain->text());
    base::Task<const Outcome*> evaluate =
        internal::EvaluateDomain(e, &*e->domain, internal::Level::kTop);
    const Outcome* const outcome = co_await evaluate;
    static_cast<Outcome&>(verdict) = *outcome;
  }
  verdict.explanation = e->explanation;
  verdict.spent = e->budget.spent();
  co_return verdict;
}

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_CHECK_HOST_H_
