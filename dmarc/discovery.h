// Discover: finds the record that applies to an author domain. RFC 9989 §4.10.1,
// RFC 7489 §6.6.3
#ifndef POSTSEAL_DMARC_DISCOVERY_H_
#define POSTSEAL_DMARC_DISCOVERY_H_

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/task.h"
#include "dmarc/context.h"
#include "dmarc/domain_record.h"
#include "dmarc/org_domain.h"
#include "dmarc/policy.h"
#include "dmarc/reason.h"
#include "dmarc/record.h"
#include "dmarc/tree_walk.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"

namespace postseal::dmarc {

// Discovery is what was found for one author domain, in the Context's arena.
struct Discovery {
  std::string_view author;
  std::string_view org_domain;  // empty when the DNS did not say
  std::span<const DomainRecord> steps;
  // Whose record applies; nullptr with a |failure| to say why there is none.
  const DomainRecord* applies = nullptr;
  PolicySource source = PolicySource::kAuthorDomain;
  Reason failure = Reason::kNoRecord;
};

// AskDiscovery makes the queries pending that Discover will need.
void AskDiscovery(Context* c, const dns::Name& author);

// Discover finds the record for |author|, which is not the root.
base::Task<Discovery> Discover(Context* c, const dns::Name* author);

// Implementation.

namespace internal {

// SelectByWalk picks from the steps of a walk from the author domain. The walk that
// RFC 9989 §4.10.1 ¶3 has begin at the parent meets the same records.
inline void SelectByWalk(const Walk& walk, Discovery* found) {
  const DomainRecord& first = walk.steps.front();
  // The Author Domain's own record needs nothing else.
  if (first.record != nullptr) {
    found->applies = &first;
    return;
  }
  if (walk.failed) {
    found->failure = Reason::kPolicyLookupFailed;
    return;
  }
  // Of the others only the Organizational Domain's and the PSD's count, in this order.
  for (const DomainRecord& step : walk.steps) {
    if (step.finding == Finding::kSeveralRecords) found->failure = Reason::kSeveralRecords;
    if (step.record == nullptr) continue;
    const bool is_org = step.domain == walk.org_domain;
    if (!is_org && step.record->psd != Psd::kPublicSuffix) continue;
    found->applies = &step;
    found->source = is_org ? PolicySource::kOrgDomain : PolicySource::kPublicSuffix;
    return;
  }
}

// SelectFirst picks from the steps of RFC 7489 §6.6.3: the Author Domain's TXT
// records and, only if none of them is DMARC's, the Organizational Domain's.
inline void SelectFirst(std::span<const DomainRecord> steps, Discovery* found) {
  const DomainRecord& last = steps.back();
  switch (last.finding) {
    case Finding::kRecord:
      found->applies = &last;
      found->source = steps.size() == 1 ? PolicySource::kAuthorDomain : PolicySource::kOrgDomain;
      break;
    case Finding::kSeveralRecords:
      found->failure = Reason::kSeveralRecords;
      break;
    case Finding::kError:
      found->failure = Reason::kPolicyLookupFailed;
      break;
    case Finding::kNothing:
    case Finding::kNotAskable:
      break;
  }
}

// ListedDomains are the author domain and its Organizational Domain, if different.
// RFC 7489 §6.6.3, steps 1 and 3
struct ListedDomains {
  ListedDomains(std::string_view author, std::string_view org_domain)
      : domains{author, org_domain}, count(author == org_domain ? 1 : 2) {}
  std::span<const std::string_view> all() const { return {domains.data(), count}; }

  std::array<std::string_view, 2> domains;
  size_t count;
};

inline base::Task<Discovery> DiscoverByList(Context* c, const dns::Name* author) {
  Discovery found;
  found.author = c->arena()->Copy(author->text());
  const size_t org_size = ListedOrgDomain(*c, *author).size();
  found.org_domain = found.author.substr(found.author.size() - org_size);
  const ListedDomains listed(found.author, found.org_domain);
  const std::span<dns::Lookup* const> lookups = AskRecords(c, listed.all());
  const std::span<DomainRecord> steps = c->arena()->NewArray<DomainRecord>(listed.count);
  size_t count = 0;
  while (count < listed.count) {
    dns::Lookup* const lookup = lookups[count];
    DomainRecord& step = steps[count];
    step.domain = listed.domains[count++];
    if (lookup == nullptr) {
      step.finding = Finding::kNotAskable;
      continue;
    }
    const dns::Answer& answer = co_await c->exchange->Await(lookup);
    step = SelectRecord(c, step.domain, answer);
    if (step.finding != Finding::kNothing) break;
  }
  found.steps = steps.first(count);
  SelectFirst(found.steps, &found);
  co_return found;
}

}  // namespace internal

inline void AskDiscovery(Context* c, const dns::Name& author) {
  if (c->options->mode == Mode::kRfc9989) return AskWalk(c, author.text());
  AskRecords(c, internal::ListedDomains(author.text(), ListedOrgDomain(*c, author)).all());
}

inline base::Task<Discovery> Discover(Context* c, const dns::Name* author) {
  if (c->options->mode == Mode::kRfc7489) {
    base::Task<Discovery> by_list = internal::DiscoverByList(c, author);
    const Discovery listed = co_await by_list;
    co_return listed;
  }
  base::Task<const Walk*> walk_tree = WalkTree(c, author);
  const Walk* const walk = co_await walk_tree;
  Discovery found;
  found.author = walk->start;
  found.org_domain = walk->org_domain;
  found.steps = walk->steps;
  internal::SelectByWalk(*walk, &found);
  co_return found;
}

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_DISCOVERY_H_
