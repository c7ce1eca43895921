// The RFC 7489 mode, and where it and RFC 9989 differ.
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "dmarc/authors.h"
#include "dmarc/difference.h"
#include "dmarc/dmarc_session.h"
#include "dmarc/options.h"
#include "dmarc/record.h"
#include "dmarc/test_support.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"

namespace postseal::dmarc {
namespace {

using testing::Evaluate;
using testing::Message;
using testing::Record;
using testing::Seen;

using List = std::vector<std::string>;

const SuffixList* TwoLabels() {
  static const testing::TwoLabels suffixes;
  return &suffixes;
}

DmarcOptions OldOptions() {
  DmarcOptions options;
  options.mode = Mode::kRfc7489;
  options.suffixes = TwoLabels();
  return options;
}

TEST(Rfc7489Test, PolicyDiscovery) {  // RFC 7489 §6.6.3
  struct {
    std::string zone;
    std::string_view author;
    std::string_view outcome;
    std::string_view policy_domain;
    std::string_view why;
  } const kCases[] = {
      {Record("example.com", "v=DMARC1; p=reject"), "example.com", "fail not-authenticated",
       "example.com", "step 1"},
      {Record("example.com", "v=DMARC1; p=reject"), "a.b.example.com", "fail not-authenticated",
       "example.com", "step 3"},
      {Record("b.example.com", "v=DMARC1; p=reject"), "a.b.example.com", "none no-record", "",
       "steps 1 and 3 alone"},
      {Record("com", "v=DMARC1; p=reject; psd=y"), "example.com", "none no-record", "",
       "there are no records of public suffixes"},
      {Record("a.example.com", "v=DMARC1; p=none") + Record("a.example.com", "v=DMARC1; p=none") +
           Record("example.com", "v=DMARC1; p=reject"),
       "a.example.com", "none several-records", "", "step 5: discovery terminates"},
      {Record("a.example.com", "v=spf1 -all") + Record("example.com", "v=DMARC1; p=reject"),
       "a.example.com", "fail not-authenticated", "example.com", "step 2"},
      {Record("example.com", "v=DMARC1; sp=reject"), "example.com", "none no-usable-policy",
       "example.com", "step 6.2"},
      {Record("example.com", "v=DMARC1; rua=mailto:a@b.example"), "example.com",
       "fail not-authenticated", "example.com", "step 6.1"},
      {"$FAIL _dmarc.example.com\n", "example.com", "temperror policy-lookup-failed", "", "§6.6.3"},
      {"$FAIL _dmarc.example.com\n" + Record("a.example.com", "v=DMARC1; p=none"), "a.example.com",
       "fail not-authenticated", "a.example.com", "that one is not needed"},
  };
  for (const auto& c : kCases) {
    const Seen seen = Evaluate(c.zone, Message(c.author), OldOptions());
    EXPECT_EQ(seen.outcome(), c.outcome) << c.why << "\n" << c.zone;
    EXPECT_EQ(seen.policy_domain, c.policy_domain) << c.why;
    EXPECT_LE(seen.queries.size(), 2) << c.why;
    EXPECT_TRUE(seen.walks.empty());
  }
}

TEST(Rfc7489Test, AlignmentByTheList) {  // RFC 7489 §3.1
  const std::string zone = Record("example.com", "v=DMARC1; p=reject; sp=quarantine");
  EXPECT_EQ(Evaluate(zone, Message("a.example.com").Spf("b.example.com"), OldOptions()).outcome(),
            "pass aligned");
  EXPECT_EQ(Evaluate(zone, Message("example.com").Dkim("com"), OldOptions()).outcome(),
            "fail not-aligned");
  const Seen seen = Evaluate(zone, Message("a.example.com").Dkim("other.com"), OldOptions());
  EXPECT_EQ(seen.outcome(), "fail not-aligned");
  EXPECT_EQ(seen.policies(), "quarantine quarantine quarantine");
  EXPECT_EQ(seen.queries, List({"_dmarc.a.example.com TXT", "_dmarc.example.com TXT"}));
}

TEST(Rfc7489Test, NeedsASuffixList) {
  DmarcOptions options;
  options.mode = Mode::kRfc7489;
  DmarcSession session(options);
  const dns::Name author = testing::MakeName("example.com");
  EXPECT_EQ(session.Start(Authors(&author), {}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(session.done());
}

// Differences are those of |message| as "field: now | before".
List Differences(std::string_view zone_text, const Message& message, uint8_t sample = 0) {
  dns::ZoneResolver zone;
  EXPECT_TRUE(zone.AddText(zone_text, "zone").ok()) << zone_text;
  DmarcOptions old_options = OldOptions();
  old_options.sample = sample;
  DmarcSession now;
  DmarcSession before(old_options);
  for (DmarcSession* session : {&now, &before}) {
    EXPECT_TRUE(session->Start(Authors(message.form, message.authors), message.identifiers).ok());
    dns::RunBlocking(session, &zone, dns::Deadline::max());
  }
  List out;
  for (const Difference& d : FindDifferences(now.verdict(), before.verdict())) {
    EXPECT_FALSE(d.why.empty()) << d.field;
    out.push_back(absl::StrCat(d.field, ": ", d.rfc9989, " | ", d.rfc7489));
  }
  return out;
}

TEST(Rfc7489Test, WhereTheEditionsDiffer) {
  EXPECT_EQ(Differences(Record("example.com", "v=DMARC1; p=reject"),
                        Message("a.example.com").Dkim("example.com")),
            List());
  EXPECT_EQ(Differences(Record("example.com", "v=DMARC1; p=reject; t=y"), Message("example.com")),
            List({"disposition: quarantine | reject", "effective_policy: quarantine | reject"}));
  EXPECT_EQ(Differences(Record("example.com", "v=DMARC1; p=reject; pct=5"), Message("example.com"),
                        /*sample=*/5),
            List({"disposition: reject | quarantine", "effective_policy: reject | quarantine"}));
  EXPECT_EQ(
      Differences(Record("example.com", "v=DMARC1; p=none; np=reject"), Message("a.example.com")),
      List({"disposition: reject | none", "policy: reject | none",
            "effective_policy: reject | none"}));
  EXPECT_EQ(Differences(Record("dept.example.com", "v=DMARC1; p=reject; psd=n"),
                        Message("a.dept.example.com").Dkim("example.com")),
            List({"result: fail | none", "disposition: reject | none",
                  "org_domain: dept.example.com | example.com",
                  "policy_domain: dept.example.com | ", "policy: reject | ",
                  "effective_policy: reject | ", "reason: not-aligned | no-record"}));
}

}  // namespace
}  // namespace postseal::dmarc
