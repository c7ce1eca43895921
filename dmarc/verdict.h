// Verdict: what DMARC says of one message, and everything that led to it.
#ifndef POSTSEAL_DMARC_VERDICT_H_
#define POSTSEAL_DMARC_VERDICT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "dmarc/alignment.h"
#include "dmarc/policy.h"
#include "dmarc/reason.h"
#include "dmarc/record.h"
#include "dmarc/tree_walk.h"
#include "dns/name.h"

namespace postseal::dmarc {

enum class Method : uint8_t { kSpf, kDkim };

// Identifier is one thing that SPF or DKIM says of the message. RFC 9989 §4.4
struct Identifier {
  Identifier() = default;
  Identifier(Method identifier_method, const dns::Name& identifier_domain, base::Result result)
      : method(identifier_method),
        domain(identifier_domain),
        passed(result == base::Result::kPass),
        temp_error(result == base::Result::kTempError) {}

  Method method = Method::kSpf;
  // The domain of the MAIL FROM identity, postmaster's at the HELO name for a null
  // reverse-path; or d=. The HELO identity as such is none (RFC 9989 §4.4.2).
  dns::Name domain;
  bool passed = false;
  bool temp_error = false;
};

// Verdict has its text, records and walks in the arena of its Context. Text is what
// sender and DNS say, and is not escaped.
struct Verdict {
  base::Result result() const { return InfoOf(reason).result; }

  Reason reason = Reason::kNoRecord;
  Mode mode = Mode::kRfc9989;  // also the discovery method: tree walk or suffix list
  // The Author Domain. Empty when there is none.
  std::string_view author_domain;
  // Its Organizational Domain. Empty when the DNS did not say.
  std::string_view org_domain;
  // The domain whose record applies, whose it is, and the record. Empty, absent and
  // nullptr when none does; a record without usable policy is there all the same.
  std::string_view policy_domain;
  std::optional<PolicySource> policy_source;
  const Record* record = nullptr;
  Existence existence = Existence::kNotAsked;
  // The policy for this message, as published and under t= or pct=. Absent without
  // a usable record, and when np= decides and the DNS did not say.
  std::optional<ChosenPolicy> policy;
  // What is asked for this message: the effective policy if it fails, else none.
  // RFC 9989 §5.4: the receiver decides, and MUST NOT reject for p=reject alone.
  Policy disposition = Policy::kNone;
  // Of each identifier, in the order given.
  std::span<const Alignment> alignments;
  // The aligned identifier that passed, by its place in that order; the one of strict
  // alignment first.
  std::optional<size_t> aligned_spf;
  std::optional<size_t> aligned_dkim;
  // Identifiers that were not looked at because of DmarcOptions::max_identifiers.
  size_t identifiers_skipped = 0;
  // The walk of the Author Domain, or in the RFC 7489 mode its lookups alone.
  std::span<const DomainRecord> steps;
  // All walks of the message, the last first: see Walk::previous. nullptr in the
  // RFC 7489 mode.
  const Walk* walks = nullptr;
  // When From does not name one domain: the verdict on each that it names, and how
  // many DmarcOptions::max_author_domains left out, which makes this incomplete.
  std::span<const Verdict> author_verdicts;
  size_t authors_skipped = 0;
};

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_VERDICT_H_
