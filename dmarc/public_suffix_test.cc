#include "dmarc/public_suffix.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "dmarc/test_support.h"
#include "dns/name.h"
#include "gtest/gtest.h"

namespace postseal::dmarc {
namespace {

using testing::MakeName;

constexpr std::string_view kRules =
    "// a comment\n"
    "com\n"
    "uk\n"
    "co.uk\n"
    "*.ck\n"
    "!www.ck\n";

TEST(PublicSuffixTest, OrganizationalDomain) {  // RFC 7489 §3.2
  const auto list = PublicSuffixList::Load(kRules);
  ASSERT_TRUE(list.ok()) << list.status();
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
      {"a.b.c.ck", "b.c.ck", false, "a wildcard"},
      {"a.www.ck", "www.ck", false, "an exception"},
      {"a.b.unlisted", "b.unlisted", false, "the rule \"*\" of the list's algorithm"},
      {"unlisted", "unlisted", true, "the rule \"*\" of the list's algorithm"},
      {"_spf.a.example.com", "example.com", false, "labels are any octets"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ((*list)->OrgDomain(MakeName(c.domain)), c.org_domain) << c.domain << ": " << c.why;
    EXPECT_EQ((*list)->IsSuffix(MakeName(c.domain)), c.is_suffix) << c.domain << ": " << c.why;
  }
}

TEST(PublicSuffixTest, AViewIntoTheDomain) {
  const auto list = PublicSuffixList::Load(kRules);
  ASSERT_TRUE(list.ok());
  const dns::Name domain = MakeName("a.example.com");
  EXPECT_EQ((*list)->OrgDomain(domain).data(), domain.text().data() + 2);
}

TEST(PublicSuffixTest, ANulEndsNoName) {
  const auto list = PublicSuffixList::Load(kRules);
  ASSERT_TRUE(list.ok());
  const std::string_view text("example.com\0.evil.com", 21);
  EXPECT_EQ((*list)->OrgDomain(MakeName(text)), text);
  EXPECT_FALSE((*list)->IsSuffix(MakeName(std::string_view("com\0.evil.com", 13))));
}

TEST(PublicSuffixTest, TextWithoutRulesIsRefused) {
  EXPECT_EQ(PublicSuffixList::Load("").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PublicSuffixList::Load("// nothing\n").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(PublicSuffixTest, TheListOfTheLibrary) {
  const auto list = PublicSuffixList::Builtin();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ((*list)->OrgDomain(MakeName("a.b.example.co.uk")), "example.co.uk");
}

}  // namespace
}  // namespace postseal::dmarc
