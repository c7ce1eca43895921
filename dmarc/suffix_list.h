// SuffixList: what the RFC 7489 mode asks of a public suffix list, so that only
// who wants one links a library for it.
#ifndef POSTSEAL_DMARC_SUFFIX_LIST_H_
#define POSTSEAL_DMARC_SUFFIX_LIST_H_

#include <string_view>

#include "dns/name.h"

namespace postseal::dmarc {

// SuffixList knows below which names anyone may register. dmarc/public_suffix.h
// has the usual one.
class SuffixList {
 public:
  virtual ~SuffixList() = default;

  // OrgDomain is the Organizational Domain of |domain| by RFC 7489 §3.2: the public
  // suffix and one label more. It is a view into |domain|. A public suffix itself
  // has none and is returned as it is [choice]: it equals the domain of nobody else.
  virtual std::string_view OrgDomain(const dns::Name& domain) const = 0;
};

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_SUFFIX_LIST_H_
