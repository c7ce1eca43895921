// Explanation: a Report as a tree that a person reads: each step, its RFC
// clause, the DNS answers used and why it ended so.
#ifndef POSTSEAL_AUTH_EXPLANATION_H_
#define POSTSEAL_AUTH_EXPLANATION_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "auth/dmarc_explanation.h"
#include "auth/explanation_node.h"
#include "auth/lookup_report.h"
#include "auth/oddities.h"
#include "auth/report.h"
#include "auth/spf_explanation.h"
#include "base/result.h"
#include "dkim/reason.h"
#include "dkim/signature.h"
#include "dkim/signature_report.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "mail/message_reader.h"

namespace postseal::auth {

// Explain builds the tree of |report|.
ExplanationNode Explain(const Report& report);

// Implementation.

namespace internal {

inline void ExplainKey(const Report& report, const dkim::SignatureReport& signature,
                       ExplanationNode* node) {
  // The name in A-labels, as it was asked for. RFC 8616 §3
  const std::optional<dns::Name> selector = dkim::ParseDomain(signature.selector);
  if (!selector.has_value()) return;
  const std::string name = absl::StrCat(selector->text(), "._domainkey.", signature.identifier);
  for (const LookupReport& lookup : report.dns) {
    if (lookup.name != name) continue;
    ExplanationNode& key = node->Add(
        absl::StrCat("key ", Quote(lookup.name), " TXT: ", OutcomeName(lookup),
                     lookup.secure ? ", validated by DNSSEC" : "",
                     lookup.refused ? ", not asked: the limit or the deadline was reached" : "",
                     lookup.oversized ? ", answer too large" : "", "   [RFC 6376 §3.6.2]"));
    for (const std::string& text : RecordTexts(lookup)) key.Add(Quote(text));
    if (signature.key_bits > 0) key.Add(absl::StrCat(signature.key_bits, " bits"));
    if (signature.testing) key.Add("t=y: the domain is testing; the result stays the same");
    return;
  }
}

inline void ExplainBody(const dkim::SignatureReport& signature, ExplanationNode* node) {
  if (!signature.canonical_body_octets.has_value()) return;
  std::string text =
      absl::StrCat("body: ", *signature.canonical_body_octets, " octets in canonical form");
  if (signature.body_length.has_value()) {
    absl::StrAppend(&text, ", of which l= covers ", *signature.body_length);
  }
  node->Add(absl::StrCat(text, "   [RFC 6376 §3.4]"));
}

inline void ExplainSignature(const Report& report, const dkim::SignatureReport& signature,
                             ExplanationNode* root) {
  const dkim::ReasonInfo& reason = dkim::InfoOf(signature.reason);
  ExplanationNode& node = root->Add(absl::StrCat("signature ", signature.position + 1, ": ",
                                                 base::ResultName(signature.result), ", ",
                                                 reason.text, "   [", reason.clause, "]"));
  if (!signature.detail.empty()) node.Add(Quote(signature.detail));
  node.Add(absl::StrCat("d=", Quote(signature.domain), " s=", Quote(signature.selector),
                        " a=", Quote(signature.algorithm), " c=", signature.canonicalization,
                        signature.identity.empty() ? "" : " i=", Quote(signature.identity)));
  ExplainKey(report, signature, &node);
  ExplainBody(signature, &node);
  if (!signature.uncovered_fields.empty()) {
    node.Add(
        absl::StrCat("warning: the signature does not cover all of these fields, which "
                     "anybody may have added: ",
                     absl::StrJoin(signature.uncovered_fields, ", "), "   [RFC 6376 §5.4.1]"));
  }
  for (const dkim::Hint& hint : signature.hints) {
    node.Add(absl::StrCat("hint (", hint.code, "): ", Quote(hint.text)));
  }
}

inline void ExplainOddities(const Report& report, ExplanationNode* root) {
  for (const Oddity& oddity : OdditiesOf(report)) {
    root->Add(absl::StrCat("note: ", oddity.text, "   [", oddity.clause, "]"));
  }
}

}  // namespace internal

inline ExplanationNode Explain(const Report& report) {
  ExplanationNode root;
  if (report.spf.has_value()) root.children.push_back(ExplainSpf(*report.spf, {}));
  if (report.spf_helo.has_value()) {
    ExplanationNode& helo = root.children.emplace_back(ExplainSpf(*report.spf_helo, {}));
    helo.text = absl::StrCat("of the HELO name: ", helo.text);
  }
  if (report.iprev.has_value()) {
    root.Add(absl::StrCat("iprev=", base::ResultName(report.iprev->result), " ",
                          internal::Quote(report.iprev->name), "   [RFC 8601 §3]"));
  }
  ExplanationNode& dkim = root.Add(absl::StrCat("dkim=", base::ResultName(report.DkimResult())));
  if (report.header_fault != mail::HeaderFault::kNone) {
    dkim.Add(absl::StrCat("a limit kept part of the header from being seen: ",
                          mail::HeaderFaultName(report.header_fault)));
  } else if (report.dkim.empty()) {
    dkim.Add("the message has no DKIM-Signature field");
  }
  for (const dkim::SignatureReport& signature : report.dkim) {
    internal::ExplainSignature(report, signature, &dkim);
  }
  if (report.dmarc.has_value()) root.children.push_back(ExplainDmarc(*report.dmarc));
  if (report.dmarc_rfc7489.has_value()) {
    root.children.push_back(ExplainDmarc(*report.dmarc_rfc7489));
    root.children.push_back(ExplainDifferences(report.dmarc_differences));
  }
  internal::ExplainOddities(report, &root);
  root.text =
      absl::StrCat("message: header ", report.spent.header_octets, " octets, body ",
                   report.spent.body_octets, " octets, ", report.spent.dns_queries,
                   " DNS queries, ", report.spent.public_key_operations, " public-key operations");
  return root;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_EXPLANATION_H_
