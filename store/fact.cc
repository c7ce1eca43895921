#include "store/fact.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/escape.h"
#include "base/utf8.h"
#include "dkim/reason.h"
#include "dkim/signature_report.h"
#include "dmarc/alignment.h"
#include "dmarc/verdict.h"
#include "mail/reverse_path.h"

namespace postseal::store {
namespace {

std::string DomainText(std::string_view domain) {
  std::string text = BoundedText(domain, kMaxDomainOctets);
  for (char& c : text) c = base::ToLower(c);
  return text;
}

// PublishedBy is the configuration in |record|.
PublishedPolicy PublishedBy(const dmarc::Record& record, dmarc::Mode mode) {
  PublishedPolicy policy;
  // RFC 9989 §4.10.1: otherwise "as if a record containing p=none was retrieved".
  if (record.has_valid_policies()) {
    policy.p = *record.p;
    policy.sp = record.sp;
    policy.np = record.np;
  }
  policy.adkim = record.adkim;
  policy.aspf = record.aspf;
  policy.testing = record.test;
  policy.pct = record.pct;
  policy.fo = record.fo;
  policy.discovery = mode;
  policy.has_rua = !record.rua.empty();
  return policy;
}

// EnvelopeFrom is the domain of the reverse-path, as Fact has it.
std::optional<std::string> EnvelopeFrom(const auth::Report& report,
                                        const auth::Envelope& envelope) {
  if (!envelope.rfc5321_mail_from.has_value()) return std::nullopt;
  const auto path = mail::ReversePath::Parse(*envelope.rfc5321_mail_from);
  if (path.is_null) return "";
  // SPF's has A-labels.
  if (report.spf.has_value() && !report.spf->domain.empty()) return DomainText(report.spf->domain);
  if (path.domain.empty()) return std::nullopt;
  return DomainText(path.domain);
}

// RankOf is the place of |signature| where there are too many. RFC 9990 has
// those that pass and are aligned strictly, aligned otherwise, that pass, the rest.
int RankOf(const dkim::SignatureReport& signature, const auth::DmarcReport& dmarc) {
  if (signature.result != base::Result::kPass) return 3;
  int rank = 2;
  for (const auth::DmarcIdentifier& identifier : dmarc.identifiers) {
    if (identifier.method != dmarc::Method::kDkim || identifier.domain != signature.identifier) {
      continue;
    }
    if (identifier.alignment == dmarc::Alignment::kStrict) return 0;
    if (identifier.alignment == dmarc::Alignment::kRelaxed) rank = 1;
  }
  return rank;
}

std::vector<DkimFact> DkimFacts(const auth::Report& report) {
  std::vector<std::pair<int, DkimFact>> ranked;
  for (const dkim::SignatureReport& signature : report.dkim) {
    // A report must name both: what has neither cannot be in it.
    if (signature.domain.empty() || signature.selector.empty()) continue;
    DkimFact fact;
    fact.domain =
        DomainText(signature.identifier.empty() ? signature.domain : signature.identifier);
    fact.selector = BoundedText(signature.selector, kMaxSelectorOctets);
    fact.result = signature.result;
    fact.human = BoundedText(dkim::InfoOf(signature.reason).name, kMaxHumanOctets);
    ranked.emplace_back(RankOf(signature, *report.dmarc), std::move(fact));
  }
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    const auto key = [](const auto& entry) {
      const DkimFact& fact = entry.second;
      return std::tie(entry.first, fact.domain, fact.selector, fact.result, fact.human);
    };
    return key(a) < key(b);
  });
  if (ranked.size() > kMaxDkimFacts) ranked.resize(kMaxDkimFacts);
  std::vector<DkimFact> facts;
  facts.reserve(ranked.size());
  for (auto& entry : ranked) facts.push_back(std::move(entry.second));
  return facts;
}

Disposition DispositionOf(const auth::DmarcReport& dmarc, dmarc::Policy applied) {
  switch (applied) {
    case dmarc::Policy::kReject:
      return Disposition::kReject;
    case dmarc::Policy::kQuarantine:
      return Disposition::kQuarantine;
    case dmarc::Policy::kNone:
      break;
  }
  const bool enforcing =
      dmarc.policy.has_value() && dmarc.policy->effective != dmarc::Policy::kNone;
  return enforcing && dmarc.result == base::Result::kPass ? Disposition::kPass : Disposition::kNone;
}

// MissingReason is the reason for |applied| that RFC 9990 asks for and that
// |given| does not have.
std::optional<OverrideReason> MissingReason(const auth::DmarcReport& dmarc, dmarc::Policy applied,
                                            const std::vector<OverrideReason>& given) {
  const bool passed = dmarc.result == base::Result::kPass;
  const dmarc::Policy published =
      dmarc.policy.has_value() ? dmarc.policy->published : dmarc::Policy::kNone;
  const dmarc::Policy asked = passed ? dmarc::Policy::kNone : published;
  if (applied == asked) return std::nullopt;
  const bool weakened = !passed && dmarc.policy.has_value() && applied == dmarc.policy->effective;
  if (weakened && dmarc.testing) {
    for (const OverrideReason& reason : given) {
      if (reason.type == OverrideType::kPolicyTestMode) return std::nullopt;
    }
    return OverrideReason{OverrideType::kPolicyTestMode, ""};
  }
  if (!given.empty()) return std::nullopt;
  // RFC 7489 had "sampled_out" for it.
  if (weakened) return OverrideReason{OverrideType::kOther, "left out by pct="};
  if (dmarc.result == base::Result::kTempError) {
    return OverrideReason{OverrideType::kLocalPolicy, "temporary error"};
  }
  return OverrideReason{OverrideType::kLocalPolicy, ""};
}

std::vector<OverrideReason> ReasonsOf(const auth::DmarcReport& dmarc, const Handling& handling) {
  std::vector<OverrideReason> reasons;
  if (auto missing = MissingReason(dmarc, handling.applied, handling.reasons)) {
    reasons.push_back(*std::move(missing));
  }
  for (const OverrideReason& given : handling.reasons) {
    if (reasons.size() == kMaxOverrideReasons) break;
    reasons.push_back({given.type, BoundedText(given.comment, kMaxCommentOctets)});
  }
  return reasons;
}

// HasRow says whether a report tells of a message with this outcome.
bool HasRow(const auth::DmarcReport& dmarc) {
  switch (dmarc.result) {
    case base::Result::kPass:
    case base::Result::kFail:
    case base::Result::kTempError:
      return !dmarc.from_domain.empty() && !dmarc.policy_domain.empty() && !dmarc.record.empty();
    default:
      return false;  // no policy, or no one author
  }
}

}  // namespace

std::string BoundedText(std::string_view text, size_t max_octets) {
  std::string out;
  std::string piece;
  while (!text.empty()) {
    const size_t octets = std::max<size_t>(base::FirstUtf8Char(text).octets, 1);
    piece.clear();
    base::AppendEscaped(text.substr(0, octets), base::NonAscii::kPassGraphic, &piece);
    if (out.size() + piece.size() > max_octets) break;
    out += piece;
    text.remove_prefix(octets);
  }
  return out;
}

std::optional<Fact> MakeFact(const auth::Report& report, const auth::Envelope& envelope,
                             const Handling& handling, int64_t now) {
  if (!report.dmarc.has_value() || !HasRow(*report.dmarc) || !envelope.client_ip.has_value()) {
    return std::nullopt;
  }
  const auth::DmarcReport& dmarc = *report.dmarc;
  base::Arena arena;
  const auto record = dmarc::ParseRecord(dmarc.record, dmarc.mode, &arena);
  if (!record.has_value()) return std::nullopt;
  Fact fact;
  fact.time = std::clamp<int64_t>(now, 0, kMaxFactTime);
  fact.source_ip = envelope.client_ip->Unmapped();
  fact.header_from = DomainText(dmarc.from_domain);
  fact.envelope_from = EnvelopeFrom(report, envelope);
  if (handling.envelope_to.has_value()) fact.envelope_to = DomainText(*handling.envelope_to);
  fact.policy_domain = DomainText(dmarc.policy_domain);
  fact.policy = PublishedBy(*record, dmarc.mode);
  fact.disposition = DispositionOf(dmarc, handling.applied);
  fact.reasons = ReasonsOf(dmarc, handling);
  fact.aligned_dkim = dmarc.aligned_dkim;
  fact.aligned_spf = dmarc.aligned_spf;
  fact.dkim = DkimFacts(report);
  if (report.spf.has_value() && !report.spf->domain.empty()) {
    fact.spf = SpfFact{DomainText(report.spf->domain), report.spf->result};
  }
  return fact;
}

}  // namespace postseal::store
