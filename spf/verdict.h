// Verdict: what an SPF evaluation found, and where in which record.
#ifndef POSTSEAL_SPF_VERDICT_H_
#define POSTSEAL_SPF_VERDICT_H_

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "spf/budget.h"
#include "spf/reason.h"

namespace postseal::spf {

// Place is a piece of a domain's SPF record: a term, or, with |size| 0, the octet
// at which the record goes wrong. |record| is empty when there is none.
struct Place {
  Place() = default;
  Place(std::string_view place_domain, std::string_view place_record, size_t place_offset,
        size_t place_size)
      : domain(place_domain), record(place_record), offset(place_offset), size(place_size) {}

  bool empty() const { return domain.empty(); }
  std::string_view text() const { return record.substr(offset, size); }

  std::string_view domain;
  std::string_view record;
  size_t offset = 0;
  size_t size = 0;
};

// Outcome is what one record, with its includes, came to.
struct Outcome {
  Outcome() = default;
  Outcome(Reason outcome_reason, const Place& outcome_term, const Place& outcome_origin)
      : reason(outcome_reason), term(outcome_term), origin(outcome_origin) {}

  base::Result result() const { return InfoOf(reason).result; }

  Reason reason = Reason::kNoRecord;
  // The term that decided, in the record of the checked domain or in the one it
  // redirects to; empty when no term did.
  Place term;
  // The same where that term is no include; else the term or the error in the
  // included record, however deep.
  Place origin;
};

// Verdict is the outcome of check_host(). Its text lives as long as the arena of
// the evaluation, is what the sender and the DNS say, and is not escaped.
struct Verdict : Outcome {
  // The domain that was checked, in lower case and A-labels; empty when the
  // identity has none.
  std::string_view domain;
  // What the domain has to say about a fail, from exp=; printable ASCII. Empty
  // when there is none. RFC 7208 §6.2
  std::string_view explanation;
  Spent spent;
};

}  // namespace postseal::spf

#endif  // POSTSEAL_SPF_VERDICT_H_
