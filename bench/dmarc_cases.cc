#include "bench/dmarc_cases.h"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "base/result.h"
#include "dmarc/authors.h"
#include "dmarc/record.h"
#include "dns/name.h"

namespace postseal::bench {
namespace {

// kMaxPassed is as many identifiers as a workload has, so that none needs the heap.
constexpr size_t kMaxPassed = 3;

void Publish(std::string_view domain, std::string_view record, DmarcCase* dmarc_case) {
  dmarc_case->record = record;
  if (domain != dmarc_case->author) dmarc_case->found_at = domain;
  dmarc_case->zone.AddTxt(absl::StrCat("_dmarc.", domain), dmarc_case->record);
}

std::array<DmarcCase, 4>* MakeCases() {
  auto* const cases = new std::array<DmarcCase, 4>();
  auto& [dkim, subdomain, fail, rich] = *cases;

  dkim.name = "dkim";
  dkim.author = "example.com";
  dkim.passed = {{dmarc::Method::kSpf, "bounces.example.net"},
                 {dmarc::Method::kDkim, "mail.example.com"}};
  Publish("example.com", "v=DMARC1; p=reject", &dkim);
  dkim.outcome = DmarcOutcome::kPass;
  dkim.unauthenticated = DmarcOutcome::kReject;
  dkim.list_queries = 1;
  // Of the author and of mail.example.com: one name more.
  dkim.walk_queries = 3;

  subdomain.name = "subdomain";
  subdomain.author = "news.letters.example.co.uk";
  subdomain.passed = {{dmarc::Method::kSpf, "bounces.example.net"}};
  Publish("example.co.uk", "v=DMARC1; p=none; sp=reject", &subdomain);
  subdomain.outcome = DmarcOutcome::kReject;
  subdomain.unauthenticated = DmarcOutcome::kReject;
  subdomain.list_queries = 2;
  subdomain.walk_queries = 5;

  fail.name = "fail";
  fail.author = "example.edu";
  fail.passed = {{dmarc::Method::kSpf, "bounces.example.net"},
                 {dmarc::Method::kDkim, "lists.example.net"},
                 {dmarc::Method::kDkim, "relay.other.edu"}};
  Publish("example.edu", "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.edu", &fail);
  fail.outcome = DmarcOutcome::kQuarantine;
  fail.unauthenticated = DmarcOutcome::kQuarantine;
  fail.list_queries = 1;
  fail.walk_queries = 2;

  rich.name = "rich";
  rich.author = "example.org";
  rich.passed = {{dmarc::Method::kSpf, "example.org"}, {dmarc::Method::kDkim, "mail.example.org"}};
  Publish("example.org",
          "v=DMARC1; p=quarantine; sp=reject; adkim=s; aspf=s; pct=100; fo=1:d:s; ri=86400; "
          "rf=afrf; rua=mailto:dmarc-a@example.org,mailto:agg@reports.example.net; "
          "ruf=mailto:dmarc-f@example.org",
          &rich);
  rich.outcome = DmarcOutcome::kPass;
  rich.unauthenticated = DmarcOutcome::kQuarantine;
  rich.list_queries = 1;
  rich.walk_queries = 2;
  return cases;
}

DmarcOutcome OutcomeOf(const dmarc::Verdict& verdict) {
  if (verdict.result() == base::Result::kPass) return DmarcOutcome::kPass;
  switch (verdict.disposition) {
    case dmarc::Policy::kReject:
      return DmarcOutcome::kReject;
    case dmarc::Policy::kQuarantine:
      return DmarcOutcome::kQuarantine;
    case dmarc::Policy::kNone:
      break;
  }
  return DmarcOutcome::kNone;
}

}  // namespace

std::span<const DmarcCase> DmarcCases() {
  static const std::array<DmarcCase, 4>* const cases = MakeCases();
  return *cases;
}

DmarcOutcome CheckDmarc(const DmarcCase& dmarc_case, std::span<const AuthenticatedDomain> passed,
                        dmarc::DmarcSession* session) {
  const dns::Name author = dns::Name::Parse(dmarc_case.author).value();
  std::array<dmarc::Identifier, kMaxPassed> identifiers;
  size_t count = 0;
  for (const AuthenticatedDomain& domain : passed) {
    identifiers[count++] = dmarc::Identifier(domain.method, dns::Name::Parse(domain.domain).value(),
                                             base::Result::kPass);
  }
  session->Start(dmarc::Authors(&author), std::span(identifiers).first(count)).IgnoreError();
  AnswerAll(dmarc_case.zone, session);
  return OutcomeOf(session->verdict());
}

}  // namespace postseal::bench
