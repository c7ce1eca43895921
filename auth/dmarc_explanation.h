// ExplainDmarc: a DmarcReport as a tree that a person reads: whose record applies and
// how it was found, and how each identifier stands to the author.
#ifndef POSTSEAL_AUTH_DMARC_EXPLANATION_H_
#define POSTSEAL_AUTH_DMARC_EXPLANATION_H_

#include <span>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "auth/dmarc_report.h"
#include "auth/explanation_node.h"
#include "base/result.h"
#include "dmarc/alignment.h"
#include "dmarc/difference.h"
#include "dmarc/domain_record.h"
#include "dmarc/policy.h"
#include "dmarc/reason.h"
#include "dmarc/record.h"
#include "dmarc/verdict.h"
#include "dns/answer.h"

namespace postseal::auth {

// ExplainDmarc builds the tree of |report|.
ExplanationNode ExplainDmarc(const DmarcReport& report);

// ExplainDifferences builds the tree of what the two editions disagree in.
ExplanationNode ExplainDifferences(std::span<const dmarc::Difference> differences);

// Implementation.

namespace internal {

inline void ExplainSteps(std::span<const DmarcStep> steps, ExplanationNode* node) {
  for (const DmarcStep& step : steps) {
    ExplanationNode& child = node->Add(absl::StrCat("_dmarc.", Quote(step.domain),
                                                    " TXT: ", dns::OutcomeName(step.outcome), ", ",
                                                    dmarc::FindingName(step.finding)));
    if (!step.record.empty()) child.Add(Quote(step.record));
  }
}

inline void ExplainPolicy(const DmarcReport& report, ExplanationNode* root) {
  const bool walked = report.mode == dmarc::Mode::kRfc9989;
  ExplanationNode& discovery = root->Add(
      walked ? absl::StrCat("tree walk from ", Quote(report.from_domain), "   [RFC 9989 §4.10]")
             : absl::StrCat("lookups by the public suffix list for ", Quote(report.from_domain),
                            "   [RFC 7489 §6.6.3]"));
  ExplainSteps(report.author_steps, &discovery);
  if (!report.org_domain.empty()) {
    discovery.Add(absl::StrCat("organizational domain ", Quote(report.org_domain)));
  }
  if (!report.policy_domain.empty()) {
    ExplanationNode& record =
        root->Add(absl::StrCat("record of ", Quote(report.policy_domain), " applies"));
    for (const DmarcWarning& warning : report.warnings) {
      record.Add(absl::StrCat("warning: ", warning.tag.empty() ? "" : Quote(warning.tag) + ": ",
                              warning.text, " (octet ", warning.offset, ")"));
    }
  }
  if (!report.policy.has_value()) return;
  const std::string_view tag = dmarc::PolicyTagName(report.policy->tag);
  std::string text = absl::StrCat("policy ", dmarc::PolicyName(report.policy->published),
                                  tag.empty() ? ", assumed" : absl::StrCat(", from ", tag, "="));
  if (report.policy->effective != report.policy->published) {
    absl::StrAppend(&text, ", in effect ", dmarc::PolicyName(report.policy->effective),
                    report.testing ? " (t=y: testing)" : " (pct=)");
  }
  root->Add(absl::StrCat(text, "; asked for this message: ", dmarc::PolicyName(report.disposition),
                         "   [RFC 9989 §4.7]"));
}

inline void ExplainIdentifiers(const DmarcReport& report, ExplanationNode* root) {
  for (const DmarcIdentifier& identifier : report.identifiers) {
    const std::string_view state = identifier.passed       ? "pass"
                                   : identifier.temp_error ? "temperror"
                                                           : "not authenticated";
    root->Add(absl::StrCat(identifier.method == dmarc::Method::kSpf ? "spf " : "dkim ",
                           Quote(identifier.domain), ": ", state, ", alignment ",
                           dmarc::AlignmentName(identifier.alignment), "   [RFC 9989 §4.4]"));
  }
  if (report.identifiers_skipped > 0) {
    root->Add(absl::StrCat(report.identifiers_skipped, " more were not looked at: the limit"));
  }
  for (const DmarcWalk& walk : report.walks) {
    ExplainSteps(walk.steps,
                 &root->Add(absl::StrCat("tree walk from ", Quote(walk.start), ": ",
                                         walk.org_domain.empty()
                                             ? "failed"
                                             : "organizational domain " + Quote(walk.org_domain))));
  }
}

}  // namespace internal

inline ExplanationNode ExplainDmarc(const DmarcReport& report) {
  const dmarc::ReasonInfo& reason = dmarc::InfoOf(report.reason);
  ExplanationNode root;
  root.text = absl::StrCat("dmarc=", base::ResultName(report.result), ": ", reason.text, "   [",
                           reason.clause, "]");
  if (!report.from_domain.empty()) {
    internal::ExplainPolicy(report, &root);
    internal::ExplainIdentifiers(report, &root);
  }
  for (const DmarcReport& author : report.authors) {
    ExplanationNode& node = root.children.emplace_back(ExplainDmarc(author));
    node.text =
        absl::StrCat("author domain ", internal::Quote(author.from_domain), ": ", node.text);
  }
  if (report.authors_skipped > 0) {
    root.Add(absl::StrCat(report.authors_skipped, " more author domains: over the limit"));
  }
  return root;
}

inline ExplanationNode ExplainDifferences(std::span<const dmarc::Difference> differences) {
  ExplanationNode root;
  root.text = differences.empty() ? "RFC 9989 and RFC 7489 agree" : "RFC 9989 and RFC 7489 differ";
  for (const dmarc::Difference& difference : differences) {
    root.Add(absl::StrCat(difference.field, ": ", internal::Quote(difference.rfc9989), " and ",
                          internal::Quote(difference.rfc7489), ": ", difference.why));
  }
  return root;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_DMARC_EXPLANATION_H_
