// FindOrgDomain: the Organizational Domain of a domain, from either source.
// RFC 9989 §4.10.2, RFC 7489 §3.2
#ifndef POSTSEAL_DMARC_ORG_DOMAIN_H_
#define POSTSEAL_DMARC_ORG_DOMAIN_H_

#include <string_view>

#include "base/check.h"
#include "base/task.h"
#include "dmarc/context.h"
#include "dmarc/record.h"
#include "dmarc/tree_walk.h"
#include "dns/name.h"

namespace postseal::dmarc {

// AskOrgDomain makes the queries pending that FindOrgDomain will need.
inline void AskOrgDomain(Context* c, const dns::Name& domain) {
  if (c->options->mode == Mode::kRfc9989) AskWalk(c, domain.text());
}

// ListedOrgDomain is the Organizational Domain of |domain| by the suffix list, which
// |c|'s options must have. It is a view into |domain|. RFC 7489 §3.2
inline std::string_view ListedOrgDomain(const Context& c, const dns::Name& domain) {
  POSTSEAL_CHECK(c.options->suffixes != nullptr);
  return c.options->suffixes->OrgDomain(domain);
}

// FindOrgDomain is the Organizational Domain of |domain| by the tree walk, or by the
// suffix list in the RFC 7489 mode; empty when a lookup failed. It lives as long
// as |domain| and |c|'s arena.
inline base::Task<std::string_view> FindOrgDomain(Context* c, const dns::Name* domain) {
  if (c->options->mode == Mode::kRfc7489) co_return ListedOrgDomain(*c, *domain);
  base::Task<const Walk*> walk_tree = WalkTree(c, domain);
  const Walk* const walk = co_await walk_tree;
  co_return walk->org_domain;
}

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_ORG_DOMAIN_H_
