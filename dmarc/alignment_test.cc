#include "dmarc/alignment.h"

#include <string_view>

#include "gtest/gtest.h"

namespace postseal::dmarc {
namespace {

TEST(AlignmentTest, OfTwoDomains) {
  struct {
    AlignmentMode mode;
    std::string_view author, author_org, identifier, identifier_org;
    std::string_view alignment;
    bool needs;
    std::string_view why;
  } const kCases[] = {
      {AlignmentMode::kRelaxed, "news.example.com", "example.com", "foo.example.com", "example.com",
       "relaxed", true, "RFC 9989 §4.4, table 1"},
      {AlignmentMode::kStrict, "news.example.com", "", "news.example.com", "", "strict", false,
       "RFC 9989 §4.4, table 1"},
      {AlignmentMode::kRelaxed, "news.example.com", "example.com", "foo.example.net", "example.net",
       "none", false, "RFC 9989 §4.4, table 1"},
      {AlignmentMode::kStrict, "news.example.com", "example.com", "foo.example.com", "example.com",
       "none", false, "strict is equality"},
      {AlignmentMode::kRelaxed, "example.com", "example.com", "a.b.example.com", "b.example.com",
       "none", true, "psd=n between them"},
      {AlignmentMode::kRelaxed, "example.com", "example.com", "notexample.com", "example.com",
       "none", false, "not on a label's border"},
      {AlignmentMode::kRelaxed, "example.com", "example.com", "com", "com", "none", false,
       "above the Organizational Domain"},
      {AlignmentMode::kRelaxed, "example.com", "", "a.example.com", "example.com", "unknown", true,
       "the author's is not known"},
      {AlignmentMode::kRelaxed, "example.com", "example.com", "a.example.com", "", "unknown", true,
       "the identifier's is not known"},
      {AlignmentMode::kRelaxed, "example.com", "", "example.net", "", "none", false,
       "no domain is above both"},
      {AlignmentMode::kRelaxed, "example.com", "", "other.com", "", "unknown", true,
       "com may be above both"},
      {AlignmentMode::kRelaxed, "example.com", "", "example.com", "", "strict", false,
       "equal domains need nothing"},
      {AlignmentMode::kRelaxed, "a.com", "com", "b.com", "com", "relaxed", true,
       "com has a record without psd="},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(NeedsOrgDomains(c.mode, c.author, c.author_org, c.identifier), c.needs) << c.why;
    EXPECT_EQ(AlignmentName(Align(c.mode, c.author, c.author_org, c.identifier, c.identifier_org)),
              c.alignment)
        << c.why;
  }
}

}  // namespace
}  // namespace postseal::dmarc
