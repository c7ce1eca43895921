// FindDifferences: where RFC 7489 and RFC 9989 come to different verdicts on one
// message, and why.
#ifndef POSTSEAL_DMARC_DIFFERENCE_H_
#define POSTSEAL_DMARC_DIFFERENCE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dmarc/policy.h"
#include "dmarc/reason.h"
#include "dmarc/record.h"
#include "dmarc/verdict.h"

namespace postseal::dmarc {

// Difference is one field of two verdicts. Values are as JSON spells them, "" where
// there is none, and not escaped.
struct Difference {
  std::string_view field;
  std::string rfc9989;
  std::string rfc7489;
  std::string_view why;  // one line for a person
};

// FindDifferences compares the verdicts of the two modes on one message, in the order
// in which a person asks: the result, then what led to it.
std::vector<Difference> FindDifferences(const Verdict& rfc9989, const Verdict& rfc7489);

// Implementation.

namespace internal {

inline std::string_view NameOf(const std::optional<ChosenPolicy>& policy,
                               Policy ChosenPolicy::* which) {
  return policy.has_value() ? PolicyName((*policy).*which) : std::string_view();
}

// WhyPolicyDomain is why another record applies, or none in one of the modes.
inline std::string_view WhyPolicyDomain(const Verdict& rfc9989, const Verdict& rfc7489) {
  if (rfc7489.reason == Reason::kSeveralRecords && rfc9989.record != nullptr) {
    return "several records at one name end discovery in RFC 7489 §6.6.3, the walk of RFC 9989 "
           "§4.10 goes on";
  }
  if (rfc9989.policy_source == PolicySource::kPublicSuffix) {
    return "only RFC 9989 §4.10.1 uses the record of a public suffix domain";
  }
  return "the organizational domains differ";
}

// WhyPolicy is why one message gets another policy of the same record.
inline std::string_view WhyPolicy(const Verdict& rfc9989, const Verdict& rfc7489) {
  if (rfc9989.policy_domain != rfc7489.policy_domain) return "another record applies";
  if (rfc9989.policy.has_value() && rfc9989.policy->tag == PolicyTag::kNp) {
    return "np= is new in RFC 9989 §4.7";
  }
  if (rfc9989.record != nullptr && rfc7489.record != nullptr && rfc9989.record->p.has_value() &&
      !rfc7489.record->p.has_value()) {
    return "RFC 7489 §6.3 wants p= directly behind v=";
  }
  return "the policy is read by other rules: RFC 9989 §4.10.1, RFC 7489 §6.6.3";
}

inline std::string_view WhyEffective(const Verdict& rfc9989, const Verdict& rfc7489) {
  if (rfc9989.record != nullptr && rfc9989.record->test) return "t= is new in RFC 9989 §4.7";
  if (rfc7489.policy.has_value() && rfc7489.policy->published != rfc7489.policy->effective) {
    return "pct= is historic in RFC 9989 §9.3";
  }
  return WhyPolicy(rfc9989, rfc7489);
}

}  // namespace internal

inline std::vector<Difference> FindDifferences(const Verdict& rfc9989, const Verdict& rfc7489) {
  std::vector<Difference> differences;
  const auto compare = [&differences](std::string_view field, std::string_view now,
                                      std::string_view before, std::string_view why) {
    if (now == before) return;
    Difference& difference = differences.emplace_back();
    difference.field = field;
    difference.rfc9989 = now;
    difference.rfc7489 = before;
    difference.why = why;
  };
  const auto yes_or_no = [](bool yes) { return yes ? "true" : "false"; };
  const std::string_view why_org =
      "the tree walk of RFC 9989 §4.10 replaces the public suffix list of RFC 7489 §3.2";
  compare("result", base::ResultName(rfc9989.result()), base::ResultName(rfc7489.result()),
          "see the fields below");
  compare("disposition", PolicyName(rfc9989.disposition), PolicyName(rfc7489.disposition),
          "see the fields below");
  compare("org_domain", rfc9989.org_domain, rfc7489.org_domain, why_org);
  compare("policy_domain", rfc9989.policy_domain, rfc7489.policy_domain,
          internal::WhyPolicyDomain(rfc9989, rfc7489));
  compare("policy", internal::NameOf(rfc9989.policy, &ChosenPolicy::published),
          internal::NameOf(rfc7489.policy, &ChosenPolicy::published),
          internal::WhyPolicy(rfc9989, rfc7489));
  compare("effective_policy", internal::NameOf(rfc9989.policy, &ChosenPolicy::effective),
          internal::NameOf(rfc7489.policy, &ChosenPolicy::effective),
          internal::WhyEffective(rfc9989, rfc7489));
  compare("aligned.spf", yes_or_no(rfc9989.aligned_spf.has_value()),
          yes_or_no(rfc7489.aligned_spf.has_value()), why_org);
  compare("aligned.dkim", yes_or_no(rfc9989.aligned_dkim.has_value()),
          yes_or_no(rfc7489.aligned_dkim.has_value()), why_org);
  compare("reason", InfoOf(rfc9989.reason).name, InfoOf(rfc7489.reason).name,
          "see the fields above");
  return differences;
}

}  // namespace postseal::dmarc

#endif  // POSTSEAL_DMARC_DIFFERENCE_H_
