// Authors: what the From field of a message names. RFC 9989 §4.2, §5.3.1
#ifndef POSTSEAL_DMARC_AUTHORS_H_
#define POSTSEAL_DMARC_AUTHORS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "dns/name.h"

namespace postseal::dmarc {

// FromForm is what is wrong with the From field, apart from how many domains it names.
enum class FromForm : uint8_t {
  kOneField,       // one well-formed field
  kMissing,        // none
  kSeveralFields,  // more than one
  kMalformed,      // one that is no mailbox list, or names no domain
  kNotAllSeen,     // the header is above a limit, so that there may be others
};

// Authors are the domains of all mailboxes in From, in A-labels and the order they
// have; equal ones may repeat. None is the root. The names must outlive this.
//
// With any form other than kOneField they are all domains that a reader may take for an
// author's: their policies are looked up, and the message never passes.
struct Authors {
  // |further| counts domains that are not among |from_domains|, because there were too many.
  Authors(FromForm from_form, std::span<const dns::Name> from_domains, size_t further = 0)
      : form(from_form), domains(from_domains), skipped(further) {}
  // The usual message, by one author.
  explicit Authors(const dns::Name* domain) : form(FromForm::kOneField), domains(domain, 1) {}

  FromForm form;
  std::span<const dns::Name> domains;
  size_t skipped = 0;
};

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_AUTHORS_H_
