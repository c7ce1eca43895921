#include "dmarc/suffix_table.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "dmarc/public_suffix.h"
#include "dmarc/test_support.h"
#include "dns/name.h"
#include "gtest/gtest.h"

namespace postseal::dmarc {
namespace {

using testing::MakeName;

constexpr std::string_view kRules =
    "// a comment\n"
    "com\r\n"
    "  uk  // what follows white space does not count\n"
    "\n"
    "co.uk\tco.com\n"
    "*.ck\n"
    "!www.ck\n"
    "*.compute.example.com\n"
    "compute.example.com\n"
    "公司.cn\n"
    "two..dots\n";

TEST(SuffixTableTest, OrganizationalDomain) {  // RFC 7489 §3.2
  const auto table = SuffixTable::Load(kRules);
  ASSERT_TRUE(table.ok()) << table.status();
  struct {
    std::string_view domain;
    std::string_view org_domain;
    bool is_suffix;
    std::string_view why;
  } const kCases[] = {
      {"a.b.c.d.example.com", "example.com", false, "RFC 7489 §3.2, the example"},
      {"example.com", "example.com", false, ""},
      {"com", "com", true, "a suffix has none above it"},
      {"a.example.co.uk", "example.co.uk", false, "the longest rule counts"},
      {"example.uk", "example.uk", false, ""},
      {"co.uk", "co.uk", true, ""},
      {"co.com", "co.com", false, "a rule ends at white space"},
      {"a.b.c.ck", "b.c.ck", false, "a wildcard"},
      {"c.ck", "c.ck", true, "a wildcard"},
      {"ck", "ck", true, "the rule \"*\" of the list's algorithm"},
      {"a.www.ck", "www.ck", false, "an exception"},
      {"www.ck", "www.ck", false, "an exception"},
      {"a.b.c.compute.example.com", "b.c.compute.example.com", false, "as many labels as a rule"},
      {"compute.example.com", "compute.example.com", true, "a name of two rules"},
      {"a.b.unlisted", "b.unlisted", false, "the rule \"*\" of the list's algorithm"},
      {"unlisted", "unlisted", true, "the rule \"*\" of the list's algorithm"},
      {"a.b.xn--55qx5d.cn", "b.xn--55qx5d.cn", false, "rules are U-labels, names A-labels"},
      {"_spf.a.example.com", "example.com", false, "labels are any octets"},
      {std::string_view("com\0.evil.com", 13), "evil.com", false, "labels are any octets"},
      {"a.two.dots", "two.dots", false, "what is no domain is no rule"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ((*table)->OrgDomain(MakeName(c.domain)), c.org_domain) << c.domain << ": " << c.why;
    EXPECT_EQ((*table)->IsSuffix(MakeName(c.domain)), c.is_suffix) << c.domain << ": " << c.why;
  }
  EXPECT_EQ((*table)->OrgDomain(dns::Name()), "");
}

TEST(SuffixTableTest, AViewIntoTheDomain) {
  const auto table = SuffixTable::Load(kRules);
  ASSERT_TRUE(table.ok());
  const dns::Name domain = MakeName("a.example.com");
  EXPECT_EQ((*table)->OrgDomain(domain).data(), domain.text().data() + 2);
}

TEST(SuffixTableTest, TextWithoutRulesIsRefused) {
  for (const std::string_view text : {"", "// nothing\n", "\n\n", "*.\n", "!\n", "..\n"}) {
    EXPECT_EQ(SuffixTable::Load(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

// libpsl is the oracle: each name of up to four labels out of those of the rules.
TEST(SuffixTableTest, AgreesWithLibpsl) {
  const auto table = SuffixTable::Load(kRules);
  const auto oracle = PublicSuffixList::Load(kRules);
  ASSERT_TRUE(table.ok() && oracle.ok());
  constexpr std::string_view kLabels[] = {"com", "uk", "co", "ck", "www", "compute", "example"};
  size_t count = 0;
  const auto check = [&](const std::string& text) {
    const dns::Name name = MakeName(text);
    EXPECT_EQ((*table)->OrgDomain(name), (*oracle)->OrgDomain(name)) << text;
    EXPECT_EQ((*table)->IsSuffix(name), (*oracle)->IsSuffix(name)) << text;
    ++count;
  };
  for (const std::string_view a : kLabels) {
    check(std::string(a));
    for (const std::string_view b : kLabels) {
      check(absl::StrCat(b, ".", a));
      for (const std::string_view c : kLabels) {
        check(absl::StrCat(c, ".", b, ".", a));
        for (const std::string_view d : kLabels) check(absl::StrCat(d, ".", c, ".", b, ".", a));
      }
    }
  }
  EXPECT_EQ(count, 7u + 49 + 343 + 2401);
}

}  // namespace
}  // namespace postseal::dmarc
