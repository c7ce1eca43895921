// ExplainSpf: an SpfReport as a tree that a person reads: which term decided, which
// did not match before, the DNS answers used and what of the limits is spent.
#ifndef POSTSEAL_AUTH_SPF_EXPLANATION_H_
#define POSTSEAL_AUTH_SPF_EXPLANATION_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "auth/explanation_node.h"
#include "auth/lookup_report.h"
#include "auth/spf_report.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "base/escape.h"
#include "base/result.h"
#include "dns/answer.h"
#include "spf/budget.h"
#include "spf/reason.h"

namespace postseal::auth {

// kMaxExplainedTerms bounds the terms of one record that are shown one by one: a
// record of 64 KiB has thousands.
inline constexpr size_t kMaxExplainedTerms = 40;

// SpfSummary is |report| on one line, escaped, that begins with the result word:
// "pass example.com (mfrom): the record authorises the client, by include:a.example
// (there ip4:192.0.2.0/24 of a.example)".
std::string SpfSummary(const SpfReport& report);

// ExplainLookups adds |lookups| to |root|, each with its records.
void ExplainLookups(std::span<const LookupReport> lookups, ExplanationNode* root);

// ExplainSpf builds the tree of |report| and its |lookups|, which may be left out.
ExplanationNode ExplainSpf(const SpfReport& report, std::span<const LookupReport> lookups);

// Implementation.

namespace internal {

inline bool SamePlace(const SpfPlace& a, const SpfPlace& b) {
  return a.domain == b.domain && a.offset == b.offset && a.size == b.size;
}

// ExplainTerms shows the directives of |place|'s record that were evaluated: all
// before it, from left to right, did not match (RFC 7208 §4.6.2). Modifiers are no
// steps.
inline void ExplainTerms(const SpfPlace& place, ExplanationNode* node) {
  base::Cursor cursor(std::string_view(place.record).substr(0, place.offset));
  cursor.TakeUntil(' ');  // the version
  size_t shown = 0;
  size_t more = 0;
  for (;;) {
    cursor.TakeWhile(base::CharSet(" "));
    if (cursor.at_end()) break;
    const std::string_view term = cursor.TakeUntil(' ');
    if (IsModifier(term)) continue;
    if (shown == kMaxExplainedTerms) {
      ++more;
      continue;
    }
    ++shown;
    node->Add(absl::StrCat(Quote(term), ": does not match"));
  }
  if (more > 0) node->Add(absl::StrCat(more, " more terms that do not match"));
}

// ExplainPlace shows the way to |place| and returns the node of the place itself.
inline ExplanationNode* ExplainPlace(const SpfPlace& place, std::string_view what,
                                     ExplanationNode* node) {
  ExplanationNode& record = node->Add(absl::StrCat("record of ", Quote(place.domain)));
  if (place.record.empty()) return &record;
  if (place.size == 0) {
    return &record.Add(absl::StrCat("octet ", place.offset, ": ", what));
  }
  ExplainTerms(place, &record);
  return &record.Add(absl::StrCat(Quote(place.text()), ": ", what));
}

// ExplainDecision shows the records that decided: the one with the term, and the
// included one it is due to.
inline void ExplainDecision(const SpfReport& report, ExplanationNode* root) {
  const std::string_view result = base::ResultName(report.result);
  const std::string& decider = report.term.empty() ? report.origin.domain : report.term.domain;
  // Only redirect= gets from one record to another without an include.
  if (!decider.empty() && decider != report.domain) {
    root->Add(
        absl::StrCat(Quote(report.domain), " redirects to ", Quote(decider), "   [RFC 7208 §6.1]"));
  }
  if (report.reason == spf::Reason::kNothingMatched) {
    SpfPlace end = report.origin;
    end.offset = end.record.size();
    end.size = 0;
    ExplainTerms(end, &root->Add(absl::StrCat("record of ", Quote(end.domain))));
    return;
  }
  ExplanationNode* node = root;
  if (!report.term.empty()) {
    node = ExplainPlace(report.term, result, node);
    if (SamePlace(report.term, report.origin)) return;
  }
  if (report.origin.empty()) return;
  const bool malformed = report.origin.size == 0;
  ExplainPlace(report.origin, malformed ? spf::InfoOf(report.reason).text : "decides", node);
}

inline void ExplainLookup(const LookupReport& lookup, ExplanationNode* root) {
  ExplanationNode& node = root->Add(
      absl::StrCat(Quote(lookup.name), " ", dns::TypeName(lookup.type), ": ", OutcomeName(lookup),
                   lookup.secure ? ", validated by DNSSEC" : "",
                   lookup.refused ? ", not asked: the limit or the deadline was reached" : "",
                   lookup.oversized ? ", answer too large" : ""));
  for (const std::string& text : RecordTexts(lookup)) node.Add(Quote(text));
}

}  // namespace internal

inline std::string SpfSummary(const SpfReport& report) {
  std::string text(base::ResultName(report.result));
  if (!report.domain.empty()) absl::StrAppend(&text, " ", internal::Quote(report.domain));
  absl::StrAppend(&text, " (", SpfScopeName(report.scope), "): ", spf::InfoOf(report.reason).text);
  const SpfPlace& origin = report.origin;
  if (!report.term.empty()) {
    absl::StrAppend(&text, ", by ", internal::Quote(report.term.text()));
    if (report.term.domain != report.domain) {
      absl::StrAppend(&text, " of ", internal::Quote(report.term.domain));
    }
    if (origin.size > 0 && !internal::SamePlace(report.term, origin)) {
      absl::StrAppend(&text, " (there ", internal::Quote(origin.text()), " of ",
                      internal::Quote(origin.domain), ")");
    }
  }
  if (origin.size == 0 && !origin.record.empty()) {
    absl::StrAppend(&text, ", at octet ", origin.offset, " of the record of ",
                    internal::Quote(origin.domain));
  }
  return text;
}

inline void ExplainLookups(std::span<const LookupReport> lookups, ExplanationNode* root) {
  for (const LookupReport& lookup : lookups) internal::ExplainLookup(lookup, root);
}

inline ExplanationNode ExplainSpf(const SpfReport& report, std::span<const LookupReport> lookups) {
  const spf::ReasonInfo& reason = spf::InfoOf(report.reason);
  ExplanationNode root;
  root.text = absl::StrCat("spf=", base::ResultName(report.result), ", ", reason.text, "   [",
                           reason.clause, "]");
  internal::ExplainDecision(report, &root);
  if (!report.explanation.empty()) {
    root.Add(absl::StrCat("the domain says: ", internal::Quote(report.explanation),
                          "   [RFC 7208 §6.2]"));
  }
  if (!lookups.empty()) {
    ExplainLookups(lookups, &root.Add(absl::StrCat("lookups: ", lookups.size())));
  }
  root.Add(absl::StrCat("limits: ", report.spent.terms, " of ", spf::kMaxTerms, " terms, ",
                        report.spent.void_lookups, " of ", spf::kMaxVoidLookups, " void lookups, ",
                        report.spent.queries, " of ", spf::kMaxQueries,
                        " queries   [RFC 7208 §4.6.4]"));
  return root;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_SPF_EXPLANATION_H_
