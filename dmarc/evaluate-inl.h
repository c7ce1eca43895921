// The evaluation of dmarc/evaluate.h.
#ifndef POSTSEAL_DMARC_EVALUATE_INL_H_
#define POSTSEAL_DMARC_EVALUATE_INL_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "dmarc/alignment.h"
#include "dmarc/authors.h"
#include "dmarc/context.h"
#include "dmarc/discovery.h"
#include "dmarc/domain_record.h"
#include "dmarc/evaluate.h"
#include "dmarc/options.h"
#include "dmarc/org_domain.h"
#include "dmarc/policy.h"
#include "dmarc/reason.h"
#include "dmarc/record.h"
#include "dmarc/verdict.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"

namespace postseal::dmarc {

namespace internal {

// Comparison is the alignment of one message's identifiers with one author.
struct Comparison {
  Comparison(const Discovery& found, std::span<const Identifier> all)
      : author(found.author),
        author_org(found.org_domain),
        record(found.applies->record),
        identifiers(all) {}

  AlignmentMode ModeOf(const Identifier& identifier) const {
    return identifier.method == Method::kDkim ? record->adkim : record->aspf;
  }
  // NeedsLookup says whether |identifier|'s Organizational Domain is to be found.
  // Where the author's is not known, the answer cannot help.
  bool NeedsLookup(const Identifier& identifier) const {
    return !author_org.empty() &&
           NeedsOrgDomains(ModeOf(identifier), author, author_org, identifier.domain.text());
  }

  std::string_view author;
  std::string_view author_org;
  const Record* record;
  std::span<const Identifier> identifiers;
  std::span<Alignment> alignments;
  // Identifiers that may still be looked up.
  size_t lookups_left = 0;
  size_t skipped = 0;
};

// WasLookedUp says whether an identifier before the |i|th has led to the lookup that
// the |i|th needs.
inline bool WasLookedUp(const Comparison& comparison, size_t i) {
  for (size_t k = 0; k < i; ++k) {
    if (comparison.alignments[k] != Alignment::kNotChecked &&
        comparison.identifiers[k].domain == comparison.identifiers[i].domain &&
        comparison.NeedsLookup(comparison.identifiers[k])) {
      return true;
    }
  }
  return false;
}

// Which identifiers are compared: those that passed, and if none of these is aligned
// those that might have.
enum class Round : uint8_t { kPassed, kTempError };

inline bool BelongsTo(Round round, const Identifier& identifier) {
  return round == Round::kPassed ? identifier.passed : identifier.temp_error;
}

// AskRound compares what needs no lookup, and asks all lookups of the rest at once;
// that is kUnknown until CompareRound.
inline void AskRound(Context* c, Round round, Comparison* comparison) {
  for (size_t i = 0; i < comparison->identifiers.size(); ++i) {
    const Identifier& identifier = comparison->identifiers[i];
    if (!BelongsTo(round, identifier) || identifier.domain.is_root()) continue;
    if (comparison->NeedsLookup(identifier) && !WasLookedUp(*comparison, i)) {
      if (comparison->lookups_left == 0) {
        ++comparison->skipped;
        continue;
      }
      --comparison->lookups_left;
      AskOrgDomain(c, identifier.domain);
    }
    comparison->alignments[i] = Align(comparison->ModeOf(identifier), comparison->author,
                                      comparison->author_org, identifier.domain.text(), {});
  }
}

// CompareRound compares the rest; whether anything is aligned.
inline base::Task<bool> CompareRound(Context* c, Round round, Comparison* comparison) {
  AskRound(c, round, comparison);
  bool aligned = false;
  for (size_t i = 0; i < comparison->identifiers.size(); ++i) {
    const Identifier& identifier = comparison->identifiers[i];
    if (!BelongsTo(round, identifier)) continue;
    Alignment& alignment = comparison->alignments[i];
    if (alignment == Alignment::kUnknown && comparison->NeedsLookup(identifier)) {
      base::Task<std::string_view> find = FindOrgDomain(c, &identifier.domain);
      const std::string_view org = co_await find;
      alignment = Align(comparison->ModeOf(identifier), comparison->author, comparison->author_org,
                        identifier.domain.text(), org);
    }
    aligned = aligned || IsAligned(alignment);
  }
  co_return aligned;
}

// FindAligned is the identifier of |method| that passed and is aligned, the strictly
// aligned first.
inline std::optional<size_t> FindAligned(const Comparison& comparison, Method method) {
  for (const Alignment wanted : {Alignment::kStrict, Alignment::kRelaxed}) {
    for (size_t i = 0; i < comparison.identifiers.size(); ++i) {
      const Identifier& identifier = comparison.identifiers[i];
      if (identifier.method == method && identifier.passed && comparison.alignments[i] == wanted) {
        return i;
      }
    }
  }
  return std::nullopt;
}

// ReasonOf is the reason when no identifier that passed is aligned. A DNS error
// counts only where an answer could have made a pass (RFC 9989 §5.3.6): else a
// sender's broken domain would keep another domain's policy from being applied.
inline Reason ReasonOf(const Comparison& comparison) {
  bool passed = false;
  bool unknown = false;
  std::optional<Reason> temp_error;
  for (size_t i = 0; i < comparison.identifiers.size(); ++i) {
    const Identifier& identifier = comparison.identifiers[i];
    const Alignment alignment = comparison.alignments[i];
    passed = passed || identifier.passed;
    unknown = unknown || alignment == Alignment::kUnknown;
    if (identifier.temp_error && IsAligned(alignment) && !temp_error.has_value()) {
      temp_error =
          identifier.method == Method::kSpf ? Reason::kSpfTempError : Reason::kDkimTempError;
    }
  }
  if (temp_error.has_value()) return *temp_error;
  if (unknown) return Reason::kAlignmentLookupFailed;
  return passed ? Reason::kNotAligned : Reason::kNotAuthenticated;
}

// HasSomethingBelow says that the lookup |record_step| at "_dmarc." shows that the domain
// below which it is exists. RFC 8020 §2
inline bool HasSomethingBelow(const DomainRecord& record_step) {
  return record_step.outcome == dns::Outcome::kRecords ||
         record_step.outcome == dns::Outcome::kNoData;
}

// ExistenceQuery tells whether |author| exists; any type does.
inline dns::Query ExistenceQuery(const dns::Name& author) {
  return dns::Query(author, dns::Type::kA);
}

// FindExistence says whether |author| exists. RFC 9989 §3.2.13: only NXDOMAIN means
// that it does not. |record_step| is the lookup at "_dmarc." |author|.
inline base::Task<Existence> FindExistence(Context* c, const dns::Name* author,
                                           const DomainRecord* record_step) {
  if (HasSomethingBelow(*record_step)) co_return Existence::kExists;
  // A resolver that cannot tell NODATA from NXDOMAIN makes no domain non-existent
  // [choice].
  const dns::Query query = ExistenceQuery(*author);
  const dns::Answer& answer = co_await c->exchange->Ask(query);
  if (answer.outcome == dns::Outcome::kTempError) co_return Existence::kUnknown;
  co_return answer.outcome == dns::Outcome::kNxDomain ? Existence::kDoesNotExist
                                                      : Existence::kExists;
}

// NeedsExistence says whether the policy that |found| leads to depends on whether the
// author exists.
inline bool NeedsExistence(const Context& c, const Discovery& found) {
  return found.applies != nullptr && IsUsable(*found.applies->record, *c.options) &&
         DependsOnExistence(*found.applies->record, found.source);
}

// EvaluateAuthor evaluates one author domain, whose record is |*discovered|. RFC 9989 §5.3.2
// to §5.3.5
inline base::Task<Verdict> EvaluateAuthor(Context* c, const dns::Name* author,
                                          const Discovery* discovered,
                                          std::span<const Identifier> identifiers) {
  Verdict verdict;
  verdict.mode = c->options->mode;
  const std::span<Alignment> alignments = c->arena()->NewArray<Alignment>(identifiers.size());
  verdict.alignments = alignments;
  const Discovery& found = *discovered;
  verdict.author_domain = found.author;
  verdict.org_domain = found.org_domain;
  verdict.steps = found.steps;
  verdict.walks = c->last_walk;
  verdict.reason = found.failure;
  if (found.applies == nullptr) co_return verdict;
  verdict.policy_domain = found.applies->domain;
  verdict.policy_source = found.source;
  verdict.record = found.applies->record;
  if (!IsUsable(*verdict.record, *c->options)) {
    verdict.reason = Reason::kNoUsablePolicy;
    co_return verdict;
  }
  Comparison comparison(found, identifiers);
  comparison.alignments = alignments;
  comparison.lookups_left = c->options->max_identifiers;
  base::Task<bool> compare = CompareRound(c, Round::kPassed, &comparison);
  const bool passed = co_await compare;
  if (!passed) {
    base::Task<bool> compare_errors = CompareRound(c, Round::kTempError, &comparison);
    co_await compare_errors;
  }
  verdict.aligned_spf = FindAligned(comparison, Method::kSpf);
  verdict.aligned_dkim = FindAligned(comparison, Method::kDkim);
  verdict.identifiers_skipped = comparison.skipped;
  verdict.reason = passed ? Reason::kAligned : ReasonOf(comparison);
  if (NeedsExistence(*c, found)) {
    base::Task<Existence> find = FindExistence(c, author, &found.steps.front());
    verdict.existence = co_await find;
  }
  verdict.walks = c->last_walk;
  if (verdict.existence == Existence::kUnknown) {
    if (verdict.result() == base::Result::kFail) verdict.reason = Reason::kExistenceLookupFailed;
    co_return verdict;
  }
  verdict.policy = ChoosePolicy(*verdict.record, found.source, verdict.existence, *c->options);
  if (verdict.result() == base::Result::kFail) verdict.disposition = verdict.policy->effective;
  co_return verdict;
}

// DistinctDomains are the different domains of |authors|, up to |limit|; |*skipped|
// counts the others.
inline std::span<const dns::Name* const> DistinctDomains(Context* c, const Authors& authors,
                                                         size_t* skipped) {
  const size_t limit = std::max<size_t>(1, c->options->max_author_domains);
  const std::span<const dns::Name*> distinct =
      c->arena()->NewArray<const dns::Name*>(std::min(limit, authors.domains.size()));
  size_t count = 0;
  for (const dns::Name& domain : authors.domains) {
    const bool known = std::any_of(distinct.begin(), distinct.begin() + count,
                                   [&domain](const dns::Name* d) { return *d == domain; });
    if (known || domain.is_root()) continue;
    if (count == limit) {
      ++*skipped;
      continue;
    }
    distinct[count++] = &domain;
  }
  return distinct.first(count);
}

// FromReason is why |authors| name no single Author Domain; nullopt when they do.
inline std::optional<Reason> FromReason(const Authors& authors, size_t domains) {
  switch (authors.form) {
    case FromForm::kMissing:
      return Reason::kFromMissing;
    case FromForm::kSeveralFields:
      return Reason::kFromSeveralFields;
    case FromForm::kMalformed:
      return Reason::kFromMalformed;
    case FromForm::kNotAllSeen:
      return Reason::kHeaderTooLarge;
    case FromForm::kOneField:
      break;
  }
  if (domains > 1) return Reason::kFromSeveralDomains;
  if (domains == 0) return Reason::kFromMalformed;
  return std::nullopt;
}

}  // namespace internal

inline base::Task<Prepared> Prepare(Context* c, const Authors* authors) {
  Prepared prepared;
  prepared.domains = internal::DistinctDomains(c, *authors, &prepared.skipped);
  for (const dns::Name* domain : prepared.domains) AskDiscovery(c, *domain);
  const std::span<Discovery> found = c->arena()->NewArray<Discovery>(prepared.domains.size());
  for (size_t i = 0; i < found.size(); ++i) {
    const dns::Name* const domain = prepared.domains[i];
    base::Task<Discovery> discover = Discover(c, domain);
    found[i] = co_await discover;
    if (internal::NeedsExistence(*c, found[i]) &&
        !internal::HasSomethingBelow(found[i].steps.front())) {
      c->exchange->AskAhead(internal::ExistenceQuery(*domain));
    }
  }
  prepared.found = found;
  co_return prepared;
}

inline base::Task<Verdict> Evaluate(Context* c, const Authors* authors,
                                    std::span<const Identifier> identifiers) {
  base::Task<Prepared> prepare = Prepare(c, authors);
  const Prepared prepared = co_await prepare;
  base::Task<Verdict> evaluate = EvaluatePrepared(c, authors, &prepared, identifiers);
  const Verdict verdict = co_await evaluate;
  co_return verdict;
}

inline base::Task<Verdict> EvaluatePrepared(Context* c, const Authors* authors,
                                            const Prepared* prepared,
                                            std::span<const Identifier> identifiers) {
  const auto domains = prepared->domains;
  const auto from_reason = internal::FromReason(*authors, domains.size() + prepared->skipped);
  if (!from_reason.has_value()) {
    base::Task<Verdict> evaluate =
        internal::EvaluateAuthor(c, domains.front(), &prepared->found.front(), identifiers);
    const Verdict verdict = co_await evaluate;
    co_return verdict;
  }
  // RFC 9989 §11.5: such a message never passes. Each domain is evaluated, and the
  // strictest policy among those that fail is asked for.
  const std::span<Verdict> each = c->arena()->NewArray<Verdict>(domains.size());
  Verdict strictest;
  for (size_t i = 0; i < domains.size(); ++i) {
    base::Task<Verdict> evaluate =
        internal::EvaluateAuthor(c, domains[i], &prepared->found[i], identifiers);
    each[i] = co_await evaluate;
    if (i == 0 || each[i].disposition > strictest.disposition) strictest = each[i];
  }
  strictest.mode = c->options->mode;
  strictest.reason = *from_reason;
  // RFC 9989 §4.4 ¶3: nothing is aligned with such a message.
  strictest.aligned_spf.reset();
  strictest.aligned_dkim.reset();
  strictest.walks = c->last_walk;
  strictest.author_verdicts = each;
  strictest.authors_skipped = prepared->skipped;
  co_return strictest;
}

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_EVALUATE_INL_H_
