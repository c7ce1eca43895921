#include "dmarc/tree_walk.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "dmarc/test_support.h"
#include "gtest/gtest.h"

namespace postseal::dmarc {
namespace {

using testing::Evaluate;
using testing::Message;
using testing::Record;
using testing::Seen;

using List = std::vector<std::string>;

// TxtQueries are the queries for the records of |domains|.
List TxtQueries(const List& domains) {
  List queries;
  for (const std::string& domain : domains)
    queries.push_back(absl::StrCat("_dmarc.", domain, " TXT"));
  return queries;
}

std::string Walked(std::string_view start) {
  const WalkDomains domains(start);
  return absl::StrJoin(domains.all(), " ");
}

TEST(TreeWalkTest, DomainsOfAWalk) {
  struct {
    std::string_view start;
    std::string_view domains;
    std::string_view why;
  } const kCases[] = {
      {"com", "com", "one label"},
      {"example.com", "example.com com", "§4.10, step 7"},
      {"a.mail.example.com", "a.mail.example.com mail.example.com example.com com", "§4.10.2"},
      {"a.b.c.d.e.f.g.h.i.j.mail.example.com",
       "a.b.c.d.e.f.g.h.i.j.mail.example.com g.h.i.j.mail.example.com h.i.j.mail.example.com "
       "i.j.mail.example.com j.mail.example.com mail.example.com example.com com",
       "§4.10, the example"},
      {"a.b.c.d.e.f.g.h.i.j.k.example.com",
       "a.b.c.d.e.f.g.h.i.j.k.example.com g.h.i.j.k.example.com h.i.j.k.example.com "
       "i.j.k.example.com j.k.example.com k.example.com example.com com",
       "§B.4.2"},
      {"mail.a.b.c.d.e.f.g.example.com",
       "mail.a.b.c.d.e.f.g.example.com c.d.e.f.g.example.com d.e.f.g.example.com "
       "e.f.g.example.com f.g.example.com g.example.com example.com com",
       "§5.1.8: b.c.d.e.f.g.example.com is never met"},
      {"a.b.c.d.e.f.com", "a.b.c.d.e.f.com b.c.d.e.f.com c.d.e.f.com d.e.f.com e.f.com f.com com",
       "7 labels: one goes"},
      {"a.b.c.d.e.f.g.com",
       "a.b.c.d.e.f.g.com b.c.d.e.f.g.com c.d.e.f.g.com d.e.f.g.com e.f.g.com f.g.com g.com com",
       "8 labels: until 7 remain"},
      {"a.b.c.d.e.f.g.h.com",
       "a.b.c.d.e.f.g.h.com c.d.e.f.g.h.com d.e.f.g.h.com e.f.g.h.com f.g.h.com g.h.com h.com com",
       "9 labels: until 7 remain"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Walked(c.start), c.domains) << c.why;
    const List domains = absl::StrSplit(c.domains, ' ');
    EXPECT_LE(domains.size(), kMaxWalkQueries);
    const Seen seen = Evaluate("", Message(c.start));
    EXPECT_EQ(seen.queries, TxtQueries(domains)) << "all of them, in this order";
  }
}

TEST(TreeWalkTest, NeverMoreThanEightQueries) {
  std::string name = "com";
  for (size_t labels = 1; labels <= 120; ++labels) {
    const WalkDomains domains(name);
    EXPECT_EQ(domains.count, labels < kMaxWalkQueries ? labels : kMaxWalkQueries) << labels;
    name = "a." + name;
  }
}

// OrgDomain is that of |start| where |records| are "domain=record" with a newline
// between.
std::string OrgDomain(std::string_view start, std::string_view records) {
  std::string zone;
  for (const std::string_view line : absl::StrSplit(records, '\n', absl::SkipEmpty())) {
    const std::vector<std::string_view> parts = absl::StrSplit(line, absl::MaxSplits('=', 1));
    zone += Record(parts[0], parts[1]);
  }
  return Evaluate(zone, Message(start)).org_domain;
}

TEST(TreeWalkTest, OrganizationalDomain) {
  struct {
    std::string_view start;
    std::string_view records;
    std::string_view org_domain;
    std::string_view why;
  } const kCases[] = {
      {"a.mail.example.com", "mail.example.com=v=DMARC1; p=none\nexample.com=v=DMARC1; p=none",
       "example.com", "§4.10.2, the first example: the fewest labels"},
      {"a.mail.example.com",
       "mail.example.com=v=DMARC1; p=none; psd=n\nexample.com=v=DMARC1; p=none", "mail.example.com",
       "§4.10.2, the second example: psd=n"},
      {"a.mail.example.com", "com=v=DMARC1; p=none; psd=y", "example.com",
       "§4.10.2, the last example: one label below psd=y"},
      {"mail.example.com", "example.com=v=DMARC1; p=none; psd=y", "mail.example.com",
       "§4.10.2, step 2, its example"},
      {"example.com", "", "example.com", "§4.10.2: the initial target when there is none"},
      {"a.b.example.com", "", "a.b.example.com", "§4.10.2: the initial target"},
      {"example.com", "example.com=v=DMARC1; p=none; psd=y\ncom=v=DMARC1; p=none", "example.com",
       "step 2 is for other names than the start's, where the walk stops"},
      {"a.example.com",
       "a.example.com=v=DMARC1; p=none\nexample.com=v=DMARC1; p=none; psd=n\n"
       "com=v=DMARC1; p=none",
       "example.com", "psd=n stops the walk below com"},
      {"a.b.c.d.e.f.g.h.example.com", "d.e.f.g.h.example.com=v=DMARC1; p=none; psd=y",
       "c.d.e.f.g.h.example.com", "the walk skips the name one label below"},
      {"giant.bank.example",
       "bank.example=v=DMARC1; p=reject; psd=y\ngiant.bank.example=v=DMARC1; p=reject",
       "giant.bank.example", "§B.4.3"},
      {"mail.mega.bank.example", "bank.example=v=DMARC1; p=reject; psd=y", "mega.bank.example",
       "§B.4.3"},
      {"a.example.com", "example.com=v=DMARC1; p=none; psd=x\ncom=v=DMARC1; p=none", "com",
       "§4.8: a malformed psd= is psd=u, which does not stop"},
      {"a.example.com", "example.com=v=DMARC1", "example.com", "a record needs no p="},
      {"a.example.com", "example.com=v=dmarc1; p=none", "a.example.com", "this is no record"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(OrgDomain(c.start, c.records), c.org_domain) << c.start << ": " << c.why;
  }
}

TEST(TreeWalkTest, SeveralRecordsAreDiscardedAtTheirNameAlone) {  // RFC 9989 §4.10, steps 2, 6
  const std::string zone = absl::StrCat(Record("mail.example.com", "v=DMARC1; p=reject; psd=n"),
                                        Record("mail.example.com", "v=DMARC1; p=none"),
                                        Record("example.com", "v=DMARC1; p=none"));
  const Seen seen = Evaluate(zone, Message("mail.example.com"));
  EXPECT_EQ(seen.steps,
            List({"mail.example.com several-records", "example.com record", "com no-record"}));
  EXPECT_EQ(seen.org_domain, "example.com");
}

TEST(TreeWalkTest, OtherTextRecordsDoNotMatter) {  // RFC 9989 §4.10, step 2
  const std::string zone =
      absl::StrCat(Record("example.com", "v=spf1 -all"), Record("example.com", "v=DMARC1; p=none"),
                   Record("example.com", "v=DMARC2; p=none"));
  EXPECT_EQ(Evaluate(zone, Message("example.com")).steps,
            List({"example.com record", "com no-record"}));
}

TEST(TreeWalkTest, TheStringsOfARecordAreJoined) {  // RFC 9989 §4.5
  const Seen seen = Evaluate("_dmarc.example.com. TXT \"v=DM\" \"ARC1; p=re\" \"ject\"\n",
                             Message("example.com"));
  EXPECT_EQ(seen.record, "v=DMARC1; p=reject");
}

TEST(TreeWalkTest, AFailedStepLeavesTheOrganizationalDomainOpen) {  // RFC 9989 §5.3.6
  const Seen seen = Evaluate(
      absl::StrCat(Record("mail.example.com", "v=DMARC1; p=none"), "$FAIL _dmarc.example.com\n"),
      Message("mail.example.com"));
  EXPECT_EQ(seen.steps,
            List({"mail.example.com record", "example.com temperror", "com no-record"}));
  EXPECT_EQ(seen.org_domain, "");
}

TEST(TreeWalkTest, AFailureBeyondTheStopDoesNotMatter) {  // RFC 9989 §4.10, step 6
  const Seen seen =
      Evaluate(absl::StrCat(Record("example.com", "v=DMARC1; p=none; psd=n"), "$FAIL _dmarc.com\n"),
               Message("example.com"));
  EXPECT_EQ(seen.org_domain, "example.com");
  EXPECT_EQ(seen.steps, List({"example.com record"}));
}

TEST(TreeWalkTest, ANameTooLongForARecordHasNone) {
  std::string name = "example.com";
  while (name.size() < 240) name.insert(0, "aaaaaaaaa.");
  name.insert(0, std::string(252 - name.size(), 'b') + ".");
  ASSERT_EQ(name.size(), dns::Name::kMaxOctets);
  const Seen seen = Evaluate(Record("example.com", "v=DMARC1; p=reject"), Message(name));
  EXPECT_EQ(seen.steps.front(), name + " name-too-long");
  EXPECT_EQ(seen.queries.size(), 7);
  EXPECT_EQ(seen.policy_domain, "example.com");
}

}  // namespace
}  // namespace postseal::dmarc
