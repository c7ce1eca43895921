// WalkTree: the DNS Tree Walk. RFC 9989 §4.10, §4.10.2
#ifndef POSTSEAL_DMARC_TREE_WALK_H_
#define POSTSEAL_DMARC_TREE_WALK_H_

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/task.h"
#include "dmarc/context.h"
#include "dmarc/domain_record.h"
#include "dmarc/record.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"

namespace postseal::dmarc {

// kMaxWalkQueries is the most DNS queries of one walk. RFC 9989 §4.10 ¶5, step 4
inline constexpr size_t kMaxWalkQueries = 8;

// Walk is a finished walk. All of it lives in the Context's arena.
struct Walk {
  std::string_view start;
  // What was found, from |start| up to where the walk ended.
  std::span<const DomainRecord> steps;
  // A step's lookup failed, so that neither the Organizational Domain nor whether
  // there are further records is known. RFC 9989 §5.3.6
  bool failed = false;
  // The Organizational Domain of |start|, a view into it; empty when |failed|.
  std::string_view org_domain;
  // The walk made before this one.
  const Walk* previous = nullptr;
};

// WalkDomains are the domains of a walk from |start|, whose "_dmarc." names are
// asked for, in this order. RFC 9989 §4.10, steps 1, 4 and 7
struct WalkDomains {
  explicit WalkDomains(std::string_view start);
  std::span<const std::string_view> all() const { return {domains.data(), count}; }

  std::array<std::string_view, kMaxWalkQueries> domains;
  size_t count = 0;
};

// AskWalk makes all queries of a walk from |start| pending at once, which costs a
// query or two where psd= would stop it earlier, and saves their round trips.
void AskWalk(Context* c, std::string_view start);

// WalkTree walks from |start|, or returns the walk that did. |start| is not the root.
base::Task<const Walk*> WalkTree(Context* c, const dns::Name* start);

// SelectOrgDomain is the Organizational Domain of |start| by the records of
// |steps|, none of which failed. RFC 9989 §4.10.2, steps 1 to 3
std::string_view SelectOrgDomain(std::string_view start, std::span<const DomainRecord> steps);

// Implementation.

namespace internal {

inline std::string_view WithoutFirstLabel(std::string_view name) {
  const size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

inline size_t CountLabels(std::string_view name) {
  size_t count = name.empty() ? 0 : 1;
  for (const char c : name) count += c == '.' ? 1 : 0;
  return count;
}

inline const Walk* FindWalk(const Context& c, std::string_view start) {
  const Walk* walk = c.last_walk;
  while (walk != nullptr && walk->start != start) walk = walk->previous;
  return walk;
}

}  // namespace internal

inline WalkDomains::WalkDomains(std::string_view start) {
  domains[count++] = start;
  size_t labels = internal::CountLabels(start);
  std::string_view target = start;
  // RFC 9989 §4.10, step 4: with 8 labels or more, 7 remain; else one goes.
  do {
    target = internal::WithoutFirstLabel(target);
    --labels;
  } while (labels >= kMaxWalkQueries);
  for (; !target.empty(); target = internal::WithoutFirstLabel(target)) {
    domains[count++] = target;
  }
}

inline void AskWalk(Context* c, std::string_view start) { AskRecords(c, WalkDomains(start).all()); }

inline std::string_view SelectOrgDomain(std::string_view start,
                                        std::span<const DomainRecord> steps) {
  std::string_view shortest = start;
  for (const DomainRecord& step : steps) {
    if (step.record == nullptr) continue;
    // Step 1.
    if (step.record->psd == Psd::kOrganization) return step.domain;
    // Step 2. The label below comes from |start|: the shortcut may have skipped
    // the name in between.
    if (step.record->psd == Psd::kPublicSuffix && step.domain != start) {
      const std::string_view below = start.substr(0, start.size() - step.domain.size() - 1);
      const size_t dot = below.rfind('.');
      return dot == std::string_view::npos ? start : start.substr(dot + 1);
    }
    // Step 3, or |start| when there is none.
    shortest = step.domain;
  }
  return shortest;
}

inline base::Task<const Walk*> WalkTree(Context* c, const dns::Name* start) {
  if (const Walk* const walked = internal::FindWalk(*c, start->text())) co_return walked;
  Walk* const walk = c->arena()->New<Walk>();
  walk->start = c->arena()->Copy(start->text());
  const WalkDomains domains(walk->start);
  const std::span<dns::Lookup* const> lookups = AskRecords(c, domains.all());
  const std::span<DomainRecord> steps = c->arena()->NewArray<DomainRecord>(domains.count);
  size_t count = 0;
  for (const std::string_view domain : domains.all()) {
    dns::Lookup* const lookup = lookups[count];
    DomainRecord& step = steps[count++];
    if (lookup == nullptr) {
      step.domain = domain;
      step.finding = Finding::kNotAskable;
      continue;
    }
    const dns::Answer& answer = co_await c->exchange->Await(lookup);
    step = SelectRecord(c, domain, answer);
    if (step.finding == Finding::kError) walk->failed = true;
    // RFC 9989 §4.10, steps 2 and 6.
    if (step.record != nullptr && step.record->psd != Psd::kUnknown) break;
  }
  walk->steps = steps.first(count);
  if (!walk->failed) walk->org_domain = SelectOrgDomain(walk->start, walk->steps);
  walk->previous = c->last_walk;
  c->last_walk = walk;
  co_return walk;
}

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_TREE_WALK_H_
