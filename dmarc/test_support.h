// What the tests of this folder share: an evaluation against zone text, through
// the blocking face and through the asynchronous one.
#ifndef POSTSEAL_DMARC_TEST_SUPPORT_H_
#define POSTSEAL_DMARC_TEST_SUPPORT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/check.h"
#include "base/result.h"
#include "dmarc/alignment.h"
#include "dmarc/authors.h"
#include "dmarc/dmarc_session.h"
#include "dmarc/options.h"
#include "dmarc/policy.h"
#include "dmarc/reason.h"
#include "dmarc/record.h"
#include "dmarc/suffix_list.h"
#include "dmarc/verdict.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"

namespace postseal::dmarc::testing {

inline dns::Name MakeName(std::string_view text) {
  const auto name = dns::Name::Parse(text);
  POSTSEAL_CHECK(name.has_value());
  return *name;
}

// Message is what a test says of one message.
struct Message {
  Message() = default;
  // |from| is an author domain, or several with a space between.
  explicit Message(std::string_view from) {
    for (const std::string_view domain : absl::StrSplit(from, ' ', absl::SkipEmpty())) {
      authors.push_back(MakeName(domain));
    }
  }
  Message& Spf(std::string_view domain, base::Result result = base::Result::kPass) {
    identifiers.emplace_back(Method::kSpf, MakeName(domain), result);
    return *this;
  }
  Message& Dkim(std::string_view domain, base::Result result = base::Result::kPass) {
    identifiers.emplace_back(Method::kDkim, MakeName(domain), result);
    return *this;
  }
  Message& Form(FromForm from_form) {
    form = from_form;
    return *this;
  }

  FromForm form = FromForm::kOneField;
  std::vector<dns::Name> authors;
  std::vector<Identifier> identifiers;
};

// Seen is a verdict that outlives its session.
struct Seen {
  explicit Seen(const DmarcSession& session) : Seen(session.verdict()) {
    for (const dns::Lookup* lookup : session.lookups()) {
      queries.push_back(
          absl::StrCat(lookup->query().name.text(), " ", dns::TypeName(lookup->query().type)));
    }
  }
  explicit Seen(const Verdict& verdict) {
    result = verdict.result();
    reason = InfoOf(verdict.reason).name;
    author_domain = verdict.author_domain;
    org_domain = verdict.org_domain;
    policy_domain = verdict.policy_domain;
    if (verdict.policy_source.has_value()) policy_source = PolicySourceName(*verdict.policy_source);
    if (verdict.record != nullptr) record = Print(*verdict.record);
    existence = ExistenceName(verdict.existence);
    if (verdict.policy.has_value()) {
      published = PolicyName(verdict.policy->published);
      effective = PolicyName(verdict.policy->effective);
      tag = PolicyTagName(verdict.policy->tag);
    }
    disposition = PolicyName(verdict.disposition);
    for (const Alignment alignment : verdict.alignments) {
      alignments.push_back(std::string(AlignmentName(alignment)));
    }
    aligned_spf = verdict.aligned_spf.has_value();
    aligned_dkim = verdict.aligned_dkim.has_value();
    identifiers_skipped = verdict.identifiers_skipped;
    authors_skipped = verdict.authors_skipped;
    for (const DomainRecord& step : verdict.steps) {
      steps.push_back(absl::StrCat(step.domain, " ", FindingName(step.finding)));
    }
    for (const Walk* walk = verdict.walks; walk != nullptr; walk = walk->previous) {
      walks.insert(walks.begin(), std::string(walk->start));
    }
    for (const Verdict& author : verdict.author_verdicts) authors.emplace_back(author);
  }
  std::string outcome() const { return absl::StrCat(base::ResultName(result), " ", reason); }
  // policies is "published effective disposition".
  std::string policies() const { return absl::StrCat(published, " ", effective, " ", disposition); }
  // Text is everything but the queries.
  std::string Text() const {
    return absl::StrCat(outcome(), "|", author_domain, "|", org_domain, "|", policy_domain, "|",
                        record, "|", policies(), " ", tag, "|", absl::StrJoin(alignments, " "), "|",
                        absl::StrJoin(steps, ","), "|", absl::StrJoin(walks, ","));
  }

  base::Result result;
  std::string reason;
  std::string author_domain;
  std::string org_domain;
  std::string policy_domain;
  std::string policy_source;
  std::string record;
  std::string existence;
  std::string published;
  std::string effective;
  std::string tag;
  std::string disposition;
  std::vector<std::string> alignments;
  bool aligned_spf;
  bool aligned_dkim;
  size_t identifiers_skipped;
  size_t authors_skipped;
  std::vector<std::string> steps;
  std::vector<std::string> walks;
  std::vector<Seen> authors;
  std::vector<std::string> queries;
};

// TwoLabels is a suffix list in which each top-level domain is a public suffix.
class TwoLabels : public SuffixList {
 public:
  std::string_view OrgDomain(const dns::Name& domain) const override {
    const std::string_view text = domain.text();
    const size_t last = text.rfind('.');
    if (last == std::string_view::npos) return text;
    return text.substr(text.rfind('.', last - 1) + 1);
  }
};

// Host evaluates messages against zone text.
class Host {
 public:
  explicit Host(std::string_view zone) {
    const absl::Status added = zone_.AddText(zone, "zone");
    EXPECT_TRUE(added.ok()) << added << "\n" << zone;
  }

  Seen Evaluate(const Message& message, const DmarcOptions& options = DmarcOptions()) {
    DmarcSession session(options);
    const Authors authors(message.form, message.authors);
    EXPECT_TRUE(session.Start(authors, message.identifiers).ok());
    dns::RunBlocking(&session, &zone_, dns::Deadline::max());
    return Seen(session);
  }

  // Shuffled answers late and in an order that |seed| gives.
  Seen Shuffled(const Message& message, uint32_t seed,
                const DmarcOptions& options = DmarcOptions()) {
    DmarcSession session(options);
    const Authors authors(message.form, message.authors);
    EXPECT_TRUE(session.Start(authors, message.identifiers).ok());
    std::vector<dns::PendingQuery> open;
    for (;;) {
      while (const auto query = session.NextQuery()) open.push_back(*query);
      if (open.empty()) break;
      // A linear congruential generator: a seed gives the same order for ever.
      seed = seed * 1664525 + 1013904223;
      std::swap(open[(seed >> 16) % open.size()], open.back());
      const dns::PendingQuery query = open.back();
      open.pop_back();
      const dns::Answer answer =
          zone_.Lookup(query.query).value_or(dns::Answer(dns::Outcome::kTempError));
      EXPECT_TRUE(session.Provide(query.id, answer).ok());
    }
    return Seen(session);
  }

 private:
  dns::ZoneResolver zone_;
};

inline Seen Evaluate(std::string_view zone, const Message& message,
                     const DmarcOptions& options = DmarcOptions()) {
  Host host(zone);
  Seen seen = host.Evaluate(message, options);
  for (const uint32_t seed : {1u, 2u}) {
    EXPECT_EQ(host.Shuffled(message, seed, options).Text(), seen.Text()) << "in another order";
  }
  return seen;
}

// Record is a line of a zone: |text| as the DMARC record of |domain|.
inline std::string Record(std::string_view domain, std::string_view text) {
  return absl::StrCat("_dmarc.", domain, ". TXT \"", text, "\"\n");
}

}  // namespace postseal::dmarc::testing

#endif  // POSTSEAL_DMARC_TEST_SUPPORT_H_
