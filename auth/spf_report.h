// SpfReport: what an SPF evaluation found, for whoever reads it after the session
// is gone.
#ifndef POSTSEAL_AUTH_SPF_REPORT_H_
#define POSTSEAL_AUTH_SPF_REPORT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "spf/budget.h"
#include "spf/evaluation.h"
#include "spf/reason.h"
#include "spf/verdict.h"

namespace postseal::auth {

// SpfPlace is a spf::Place that owns its text: a piece of a domain's record, or,
// with |size| 0, the octet at which the record goes wrong. |domain| is empty when
// there is no place, |record| when the domain has no one record.
struct SpfPlace {
  bool empty() const { return domain.empty(); }
  std::string_view text() const { return std::string_view(record).substr(offset, size); }

  std::string domain;
  std::string record;
  size_t offset = 0;
  size_t size = 0;
};

// SpfReport owns its text, which is what the sender and the DNS say and is not
// escaped.
struct SpfReport {
  base::Result result = base::Result::kNone;
  spf::Reason reason = spf::Reason::kNoRecord;
  // Which identity was checked: of a null reverse-path, kMailFrom (RFC 7208 §2.4 ¶3).
  spf::Identity scope = spf::Identity::kMailFrom;
  // The domain that was checked, in lower case and A-labels; empty when the
  // identity has none.
  std::string domain;
  // The mechanism that decided, as spelled but without its qualifier, for
  // "mechanism=" of Received-SPF (RFC 7208 §9.1); empty when none did.
  std::string mechanism;
  // The term that decided, and what it is due to: see spf::Outcome.
  SpfPlace term;
  SpfPlace origin;
  // What the domain has to say about a fail, printable ASCII; empty without.
  // RFC 7208 §6.2
  std::string explanation;
  spf::Spent spent;
};

// SpfScopeName is |scope| as JSON names it.
constexpr std::string_view SpfScopeName(spf::Identity scope) {
  return scope == spf::Identity::kHelo ? "helo" : "mfrom";
}

// MakeSpfReport copies |verdict|, the outcome of a check of |scope|.
SpfReport MakeSpfReport(const spf::Verdict& verdict, spf::Identity scope);

// Implementation.

namespace internal {

inline SpfPlace OwnedPlace(const spf::Place& place) {
  SpfPlace owned;
  owned.domain = place.domain;
  owned.record = place.record;
  owned.offset = place.offset;
  owned.size = place.size;
  return owned;
}

// MechanismOf is the mechanism of |term|; empty for a modifier, whose name ends
// in "=". RFC 7208 §4.6.1
inline std::string_view MechanismOf(std::string_view term) {
  const size_t name_end = term.find_first_of(":/=");
  if (name_end != std::string_view::npos && term[name_end] == '=') return {};
  const bool qualified =
      !term.empty() && std::string_view("+-?~").find(term.front()) != std::string_view::npos;
  return term.substr(qualified ? 1 : 0);
}

}  // namespace internal

inline SpfReport MakeSpfReport(const spf::Verdict& verdict, spf::Identity scope) {
  SpfReport report;
  report.result = verdict.result();
  report.reason = verdict.reason;
  report.scope = scope;
  report.domain = verdict.domain;
  report.mechanism = internal::MechanismOf(verdict.term.text());
  report.term = internal::OwnedPlace(verdict.term);
  report.origin = internal::OwnedPlace(verdict.origin);
  report.explanation = verdict.explanation;
  report.spent = verdict.spent;
  return report;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_SPF_REPORT_H_
