// DmarcReport: what a DMARC evaluation found, for whoever reads it after the session
// is gone.
#ifndef POSTSEAL_AUTH_DMARC_REPORT_H_
#define POSTSEAL_AUTH_DMARC_REPORT_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dmarc/alignment.h"
#include "dmarc/domain_record.h"
#include "dmarc/policy.h"
#include "dmarc/reason.h"
#include "dmarc/record.h"
#include "dmarc/verdict.h"
#include "dns/answer.h"

namespace postseal::auth {

// DmarcIdentifier is what SPF or a signature says, and how that stands to the author.
struct DmarcIdentifier {
  dmarc::Method method = dmarc::Method::kSpf;
  std::string domain;
  bool passed = false;
  bool temp_error = false;
  dmarc::Alignment alignment = dmarc::Alignment::kNotChecked;
};

// DmarcStep is one domain of a tree walk; in the RFC 7489 mode, one of the two
// domains that are asked.
struct DmarcStep {
  std::string domain;  // without "_dmarc."
  dns::Outcome outcome = dns::Outcome::kTempError;
  dmarc::Finding finding = dmarc::Finding::kNothing;
  std::string record;  // of Finding::kRecord
};

// DmarcWalk is the tree walk of one domain. RFC 9989 §4.10
struct DmarcWalk {
  std::string start;
  std::string org_domain;  // empty when a lookup failed
  std::vector<DmarcStep> steps;
};

struct DmarcWarning {
  std::string_view text;
  std::string tag;
  size_t offset = 0;  // in DmarcReport::record
};

// DmarcReport owns its text, which is what the sender and the DNS say and is not
// escaped. See dmarc::Verdict for what is empty or absent when.
struct DmarcReport {
  // names_no_domain says that From is missing, or that no domain at all could be taken from
  // it: there is no policy to ask for. RFC 7489 §6.6.1, RFC 9989 §11.5
  bool names_no_domain() const {
    return result == base::Result::kPermError && authors.empty() && authors_skipped == 0;
  }

  base::Result result = base::Result::kNone;
  dmarc::Reason reason = dmarc::Reason::kNoRecord;
  dmarc::Mode mode = dmarc::Mode::kRfc9989;
  std::string from_domain;
  std::string org_domain;
  std::string policy_domain;
  std::optional<dmarc::PolicySource> policy_source;
  std::string record;
  std::vector<DmarcWarning> warnings;
  dmarc::Existence existence = dmarc::Existence::kNotAsked;
  std::optional<dmarc::ChosenPolicy> policy;
  dmarc::Policy disposition = dmarc::Policy::kNone;
  bool testing = false;  // t=y
  bool aligned_spf = false;
  bool aligned_dkim = false;
  std::vector<DmarcIdentifier> identifiers;
  size_t identifiers_skipped = 0;
  // What was looked up for the author, and then for each other identifier.
  std::vector<DmarcStep> author_steps;
  std::vector<DmarcWalk> walks;
  // When From does not name one domain: see dmarc::Verdict::author_verdicts.
  std::vector<DmarcReport> authors;
  // Author domains that were not evaluated, because there are more than
  // DmarcOptions::max_author_domains: the strictest policy may be one of theirs.
  size_t authors_skipped = 0;
};

// MakeDmarcReport copies |verdict|, the outcome for |identifiers|.
DmarcReport MakeDmarcReport(const dmarc::Verdict& verdict,
                            std::span<const dmarc::Identifier> identifiers);

// Implementation.

namespace internal {

inline std::vector<DmarcStep> OwnedSteps(std::span<const dmarc::DomainRecord> steps) {
  std::vector<DmarcStep> owned;
  for (const dmarc::DomainRecord& step : steps) {
    DmarcStep& out = owned.emplace_back();
    out.domain = step.domain;
    out.outcome = step.outcome;
    out.finding = step.finding;
    if (step.record != nullptr) out.record = step.record->text;
  }
  return owned;
}

inline void CopyRecord(const dmarc::Record& record, DmarcReport* report) {
  report->record = record.text;
  report->testing = record.test;
  for (const dmarc::Warning& warning : record.warnings) {
    DmarcWarning& out = report->warnings.emplace_back();
    out.text = dmarc::WarningText(warning.code);
    out.tag = warning.tag;
    out.offset = warning.offset;
  }
}

}  // namespace internal

inline DmarcReport MakeDmarcReport(const dmarc::Verdict& verdict,
                                   std::span<const dmarc::Identifier> identifiers) {
  DmarcReport report;
  report.result = verdict.result();
  report.reason = verdict.reason;
  report.mode = verdict.mode;
  report.from_domain = verdict.author_domain;
  report.org_domain = verdict.org_domain;
  report.policy_domain = verdict.policy_domain;
  report.policy_source = verdict.policy_source;
  if (verdict.record != nullptr) internal::CopyRecord(*verdict.record, &report);
  report.existence = verdict.existence;
  report.policy = verdict.policy;
  report.disposition = verdict.disposition;
  report.aligned_spf = verdict.aligned_spf.has_value();
  report.aligned_dkim = verdict.aligned_dkim.has_value();
  for (size_t i = 0; i < identifiers.size(); ++i) {
    DmarcIdentifier& out = report.identifiers.emplace_back();
    out.method = identifiers[i].method;
    out.domain = identifiers[i].domain.text();
    out.passed = identifiers[i].passed;
    out.temp_error = identifiers[i].temp_error;
    if (i < verdict.alignments.size()) out.alignment = verdict.alignments[i];
  }
  report.identifiers_skipped = verdict.identifiers_skipped;
  report.author_steps = internal::OwnedSteps(verdict.steps);
  for (const dmarc::Walk* walk = verdict.walks; walk != nullptr; walk = walk->previous) {
    if (walk->start == verdict.author_domain) continue;
    DmarcWalk& out = report.walks.emplace_back();
    out.start = walk->start;
    out.org_domain = walk->org_domain;
    out.steps = internal::OwnedSteps(walk->steps);
  }
  for (const dmarc::Verdict& author : verdict.author_verdicts) {
    report.authors.push_back(MakeDmarcReport(author, identifiers));
  }
  report.authors_skipped = verdict.authors_skipped;
  return report;
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_DMARC_REPORT_H_
