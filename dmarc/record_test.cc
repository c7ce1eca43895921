#include "dmarc/record.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "dmarc/report_uri.h"
#include "gtest/gtest.h"

namespace postseal::dmarc {
namespace {

// Read is |text| printed again, or "not DMARC".
std::string Read(std::string_view text, Mode mode = Mode::kRfc9989) {
  base::Arena arena;
  const auto record = ParseRecord(text, mode, &arena);
  EXPECT_EQ(record.has_value(), IsDmarc(text)) << text;
  return record.has_value() ? Print(*record) : "not DMARC";
}

std::string_view CodeName(WarningCode code) {
  switch (code) {
    case WarningCode::kUnknownTag:
      return "unknown-tag";
    case WarningCode::kUpperCaseName:
      return "upper-case-name";
    case WarningCode::kHistoricTag:
      return "historic-tag";
    case WarningCode::kDuplicateTag:
      return "duplicate-tag";
    case WarningCode::kBadTag:
      return "bad-tag";
    case WarningCode::kBadValue:
      return "bad-value";
    case WarningCode::kBadUri:
      return "bad-uri";
    case WarningCode::kObsoleteSize:
      return "obsolete-size";
    case WarningCode::kTooManyUris:
      return "too-many-uris";
    case WarningCode::kMissingPolicy:
      return "missing-policy";
    case WarningCode::kPolicyNotSecond:
      return "policy-not-second";
    case WarningCode::kFailureOptionsUnused:
      return "failure-options-unused";
  }
  return "";
}

// Warnings are those of |text|, as "code tag@offset".
std::vector<std::string> Warnings(std::string_view text, Mode mode = Mode::kRfc9989) {
  base::Arena arena;
  const auto record = ParseRecord(text, mode, &arena);
  std::vector<std::string> out;
  if (!record.has_value()) return {"not DMARC"};
  for (const Warning& warning : record->warnings) {
    EXPECT_FALSE(WarningText(warning.code).empty());
    EXPECT_LE(warning.offset, text.size());
    out.push_back(absl::StrCat(CodeName(warning.code), " ", warning.tag, "@", warning.offset));
  }
  return out;
}

struct Case {
  std::string_view text;
  std::string_view printed;
  std::string_view why;
};

TEST(DmarcRecordTest, Version) {
  constexpr Case kCases[] = {
      {"v=DMARC1", "v=DMARC1", "§4.8: nothing else is required"},
      {"v=DMARC1;", "v=DMARC1", "§4.8: [dmarc-sep]"},
      {"v = DMARC1 ; p=none", "v=DMARC1; p=none", "equals = *WSP \"=\" *WSP"},
      {"v=DMARC1\t;\tp\t=\treject", "v=DMARC1; p=reject", "WSP is SP or HTAB"},
      {"v=dmarc1; p=none", "not DMARC", "§4.7, v: the value is case-sensitive"},
      {"v=DMARC1x; p=none", "not DMARC", "§4.7, v: the only value is DMARC1"},
      {"v=DMARC2; p=none", "not DMARC", "§4.7, v: the only value is DMARC1"},
      {"v=DMARC1 p=none", "not DMARC", "the value is \"DMARC1 p=none\""},
      {"p=none; v=DMARC1", "not DMARC", "§4.7, v: MUST be the first tag"},
      {"; v=DMARC1", "not DMARC", "§4.7, v: MUST be the first tag"},
      {" v=DMARC1; p=none", "not DMARC", "§4.8: nothing stands before the version"},
      {"p=none", "not DMARC", "§4.7, v: it is absent"},
      {"V=DMARC1; p=none", "not DMARC", "tag names are case-sensitive [choice]"},
      {"", "not DMARC", "no tag at all"},
      {"v=", "not DMARC", "no value"},
      {"v=spf1 -all", "not DMARC", "another protocol's record"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Read(c.text), c.printed) << c.text << ": " << c.why;
}

TEST(DmarcRecordTest, TagsAndDefaults) {
  constexpr Case kCases[] = {
      {"v=DMARC1; p=none", "v=DMARC1; p=none", ""},
      {"v=DMARC1;p=Quarantine;sp=REJECT;np=None", "v=DMARC1; p=quarantine; sp=reject; np=none",
       "RFC 5234 §2.3: literals in any case"},
      {"v=DMARC1; adkim=s; p=reject", "v=DMARC1; p=reject; adkim=s", "§4.8: any order"},
      {"v=DMARC1; psd=y; t=y; adkim=s; aspf=s", "v=DMARC1; psd=y; t=y; adkim=s; aspf=s", ""},
      {"v=DMARC1; psd=n", "v=DMARC1; psd=n", ""},
      {"v=DMARC1; psd=u; t=n; adkim=r; aspf=r", "v=DMARC1", "§4.7: these are the defaults"},
      {"v=DMARC1; p=none; ruf=mailto:a@b.example; fo=1:d:s",
       "v=DMARC1; p=none; fo=1:d:s; ruf=mailto:a@b.example", ""},
      {"v=DMARC1; ruf=mailto:a@b.example; fo=s:0:d", "v=DMARC1; fo=0:d:s; ruf=mailto:a@b.example",
       "§4.7, fo: in any order"},
      {"v=DMARC1; ruf=mailto:a@b.example; fo=d", "v=DMARC1; fo=d; ruf=mailto:a@b.example",
       "§4.8: dmarc-afrf alone"},
      {"v=DMARC1; p=none; fo=1", "v=DMARC1; p=none", "§4.7, fo: MUST be ignored without ruf"},
      {"v=DMARC1; p=none; pct=50; rf=afrf; ri=3600", "v=DMARC1; p=none", "§9.3: historic"},
      {"v=DMARC1; p=none; x=y; dkim=strict", "v=DMARC1; p=none",
       "§4.7: unknown tags MUST be ignored"},
      // §4.8 ¶1: errors cost the tag. This is item 20 of the regressions of others: one
      // bad tag must not discard the record.
      {"v=DMARC1; p=reject; adkim=x", "v=DMARC1; p=reject", "the default"},
      {"v=DMARC1; p=reject; adkim=; aspf=s", "v=DMARC1; p=reject; aspf=s", "1*dmarc-value"},
      {"v=DMARC1; p=reject; aspf=strict", "v=DMARC1; p=reject", "the default"},
      {"v=DMARC1; p=reject; psd=yes", "v=DMARC1; p=reject", "the default"},
      {"v=DMARC1; p=reject; t=1", "v=DMARC1; p=reject", "the default"},
      {"v=DMARC1; p=reject; bogus", "v=DMARC1; p=reject", "ignored outright"},
      {"v=DMARC1; =x; p=reject", "v=DMARC1; p=reject", "ignored outright"},
      {"v=DMARC1;; p=reject;;", "v=DMARC1; p=reject", "ignored outright"},
      {"v=DMARC1; p=re ject", "v=DMARC1", "no such policy"},
      {"v=DMARC1; p=rejec\xC3\xBC", "v=DMARC1", "dmarc-value is printing ASCII"},
      {"v=DMARC1; sp=no; p=reject", "v=DMARC1; p=reject", "sp= falls to its default"},
      {"v=DMARC1; P=reject", "v=DMARC1", "tag names are case-sensitive [choice]"},
      {"v=DMARC1; p=none; v=DMARC1", "v=DMARC1; p=none", "v is known in the first place only"},
      // RFC 6376 §3.2 ¶8, tag by tag: neither value is the first or last by right.
      {"v=DMARC1; p=none; p=reject", "v=DMARC1", "duplicate [choice]"},
      {"v=DMARC1; p=none; adkim=s; adkim=s", "v=DMARC1; p=none", "duplicate [choice]"},
      {"v=DMARC1; ruf=mailto:a@b.example; fo=0:1", "v=DMARC1; ruf=mailto:a@b.example",
       "§4.7, fo: 0 and 1 exclude each other"},
      {"v=DMARC1; ruf=mailto:a@b.example; fo=d:d", "v=DMARC1; ruf=mailto:a@b.example",
       "§4.8: each at most once"},
      {"v=DMARC1; ruf=mailto:a@b.example; fo=01", "v=DMARC1; ruf=mailto:a@b.example",
       "values are separated by colons"},
      {"v=DMARC1; ruf=mailto:a@b.example; fo=1:", "v=DMARC1; ruf=mailto:a@b.example",
       "no empty value"},
  };
  for (const Case& c : kCases) EXPECT_EQ(Read(c.text), c.printed) << c.text << ": " << c.why;
}

TEST(DmarcRecordTest, ReportUris) {
  constexpr Case kCases[] = {
      {"mailto:a@b.example", "mailto:a@b.example", ""},
      {"mailto:a@b.example , mailto:c@d.example", "mailto:a@b.example,mailto:c@d.example",
       "§4.8: *WSP \",\" *WSP"},
      {"mailto:a@b.example!10m", "mailto:a@b.example", "§4.8: the size is ignored"},
      {"mailto:a@b.example!10", "mailto:a@b.example", "the unit is optional"},
      {"mailto:a@b.example!", "", "1*DIGIT"},
      {"mailto:a@b.example!10p", "", "k, m, g or t"},
      {"mailto:a@b.example!10m!10m", "", "one size"},
      {"mailto:a%21b@c.example", "mailto:a%21b@c.example", "\"!\" MUST be encoded"},
      {"https://r.example/dmarc?a=b", "https://r.example/dmarc?a=b", "any URI may be given"},
      {"ftp://abuse.com", "ftp://abuse.com", "any scheme may be given"},
      {"MAILTO:a@b.example", "MAILTO:a@b.example", "RFC 3986 §3.1: schemes in any case"},
      {"mailto:a@b.example?subject=x", "mailto:a@b.example?subject=x", "RFC 6068 §2"},
      {"bogus", "", "a URI has a scheme"},
      {"a@b.example", "", "an address is no URI"},
      {"1x:y", "", "RFC 3986 §3.1: a scheme begins with a letter"},
      {"mailto:", "", "no mailbox"},
      {"mailto:a", "", "no domain"},
      {"mailto:@b.example", "", "no local-part"},
      {"mailto://abuse.com", "", "RFC 6068 §2: no authority, so no mailbox"},
      {"mailto:a@b..example", "", "no domain name"},
      {"mailto:a@[192.0.2.1]", "", "no domain name"},
      {"mailto:a b@c.example", "", "RFC 3986 §2: no spaces"},
      {"mailto:a%2@c.example", "", "RFC 3986 §2.1: two digits"},
      {"mailto:a<b@c.example", "", "RFC 3986 §2: no such character"},
      {",mailto:a@b.example,", "mailto:a@b.example", "the empty ones are ignored"},
      {"bogus,mailto:a@b.example", "mailto:a@b.example", "§4.8: only the error is discarded"},
  };
  for (const Case& c : kCases) {
    const std::string text = absl::StrCat("v=DMARC1; p=none; rua=", c.text);
    const std::string wanted =
        absl::StrCat("v=DMARC1; p=none", c.printed.empty() ? "" : "; rua=", c.printed);
    EXPECT_EQ(Read(text), wanted) << c.text << ": " << c.why;
  }
}

TEST(DmarcRecordTest, PartsOfAMailtoUri) {
  const auto uri = ParseReportUri("mailto:dmarc%2Brua@Reports.example?subject=a@b");
  ASSERT_TRUE(uri.has_value());
  EXPECT_EQ(uri->scheme, "mailto");
  EXPECT_EQ(uri->address, "dmarc%2Brua@Reports.example");
  EXPECT_EQ(uri->host, "Reports.example");
  EXPECT_TRUE(uri->is_mailto());
  const auto https = ParseReportUri("https://r.example/");
  ASSERT_TRUE(https.has_value());
  EXPECT_FALSE(https->is_mailto());
}

TEST(DmarcRecordTest, WhatIsWrongIsSaid) {
  using List = std::vector<std::string>;
  EXPECT_EQ(Warnings("v=DMARC1; p=none"), List());
  EXPECT_EQ(Warnings("v=DMARC1; rau=mailto:a@b.example; p=none"), List({"unknown-tag rau@10"}));
  EXPECT_EQ(Warnings("v=DMARC1; p=none; pct=100"), List({"historic-tag pct@18"}));
  EXPECT_EQ(Warnings("v=DMARC1; p=none; P=reject"), List({"upper-case-name P@18"}));
  EXPECT_EQ(Warnings("v=DMARC1; p=none; p=none"), List({"duplicate-tag p@18"}));
  EXPECT_EQ(Warnings("v=DMARC1; p=none; bogus"), List({"bad-tag bogus@18"}));
  EXPECT_EQ(Warnings("v=DMARC1; p=none;; t=y"), List({"bad-tag @17"}));
  EXPECT_EQ(Warnings("v=DMARC1; p=none; t = maybe"), List({"bad-value t@22"}));
  EXPECT_EQ(Warnings("v=DMARC1; p=none; rua=mailto:a@b.example, x"), List({"bad-uri rua@42"}));
  EXPECT_EQ(Warnings("v=DMARC1; p=none; rua=mailto:a@b.example!1k"),
            List({"obsolete-size rua@22"}));
  EXPECT_EQ(Warnings("v=DMARC1; p=none; fo=1"), List({"failure-options-unused fo@18"}));
  EXPECT_EQ(Warnings("v=DMARC1; t=y"), List({"missing-policy @0"}));
}

TEST(DmarcRecordTest, AtMostSoManyUris) {
  const auto count = [](size_t n) {
    std::string text = "v=DMARC1; p=none; rua=mailto:a0@b.example";
    for (size_t i = 1; i < n; ++i) absl::StrAppend(&text, ",mailto:a", i, "@b.example");
    base::Arena arena;
    const auto record = ParseRecord(text, Mode::kRfc9989, &arena);
    EXPECT_EQ(record->warnings.size(), n > kMaxReportUris ? 1 : 0);
    return record->rua.size();
  };
  EXPECT_EQ(count(kMaxReportUris), kMaxReportUris);
  EXPECT_EQ(count(kMaxReportUris + 1), kMaxReportUris);
}

TEST(DmarcRecordTest, AtMostSoManyWarnings) {
  const auto count = [](size_t n) {
    std::string text = "v=DMARC1; p=none";
    for (size_t i = 0; i < n; ++i) text += "; x=1";
    return Warnings(text).size();
  };
  EXPECT_EQ(count(kMaxWarnings), kMaxWarnings);
  EXPECT_EQ(count(kMaxWarnings + 1), kMaxWarnings);
}

TEST(DmarcRecordTest, ByTheRulesOfRfc7489) {
  constexpr Case kCases[] = {
      {"v=DMARC1; p=none; pct=0; ri=3600; rf=afrf", "v=DMARC1; p=none; pct=0; ri=3600", "§6.3"},
      {"v=DMARC1; sp=none; p=reject", "v=DMARC1; sp=none", "§6.3: v and p in that order"},
      {"v=DMARC1; p=none; pct=100", "v=DMARC1; p=none; pct=100", ""},
      {"v=DMARC1; p=none; pct=101", "v=DMARC1; p=none", "between 0 and 100"},
      {"v=DMARC1; p=none; pct=0100", "v=DMARC1; p=none", "§6.4: 1*3DIGIT"},
      {"v=DMARC1; p=none; pct=-1", "v=DMARC1; p=none", "§6.4: 1*3DIGIT"},
      {"v=DMARC1; p=none; ri=4294967295", "v=DMARC1; p=none; ri=4294967295", "32 bits"},
      {"v=DMARC1; p=none; ri=4294967296", "v=DMARC1; p=none", "32 bits"},
      {"v=DMARC1; p=none; ri=99999999999999999999999", "v=DMARC1; p=none", "32 bits"},
      {"v=DMARC1; p=none; np=reject; psd=y; t=y", "v=DMARC1; p=none", "all unknown then"},
      {"v=DMARC1; p=none; ruf=mailto:a@b.example; fo=0 : 1 : d",
       "v=DMARC1; p=none; fo=0:1:d; ruf=mailto:a@b.example", "§6.4: any list"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Read(c.text, Mode::kRfc7489), c.printed) << c.text << ": " << c.why;
    EXPECT_EQ(Read(c.printed, Mode::kRfc7489), c.printed) << "printed and read again";
  }
  EXPECT_EQ(Warnings("v=DMARC1; sp=none; p=reject", Mode::kRfc7489),
            std::vector<std::string>({"policy-not-second p@19"}));
  EXPECT_EQ(Warnings("v=DMARC1; p=none; rf=iodef", Mode::kRfc7489),
            std::vector<std::string>({"bad-value rf@21"}));
}

TEST(DmarcRecordTest, ValidPolicies) {  // RFC 9989 §4.10.1
  const auto valid = [](std::string_view text) {
    base::Arena arena;
    return ParseRecord(text, Mode::kRfc9989, &arena)->has_valid_policies();
  };
  EXPECT_TRUE(valid("v=DMARC1; p=none"));
  EXPECT_TRUE(valid("v=DMARC1; p=none; sp=none; np=reject"));
  EXPECT_FALSE(valid("v=DMARC1; sp=none"));
  EXPECT_FALSE(valid("v=DMARC1; p=x"));
  EXPECT_FALSE(valid("v=DMARC1; p=none; p=none"));
  EXPECT_FALSE(valid("v=DMARC1; p=none; sp=x"));
  EXPECT_FALSE(valid("v=DMARC1; p=none; np=x"));
  EXPECT_FALSE(valid("v=DMARC1; p=none; sp=none; sp=none"));
}

TEST(DmarcRecordTest, WhatIsATagList) {  // RFC 9990 §4, step 6: of a record that authorizes reports
  const auto is_list = [](std::string_view text) {
    base::Arena arena;
    return ParseRecord(text, Mode::kRfc9989, &arena)->is_tag_list;
  };
  EXPECT_TRUE(is_list("v=DMARC1; p=none; x=1"));
  EXPECT_TRUE(is_list("v=DMARC1;"));
  EXPECT_FALSE(is_list("v=DMARC1; p"));
  EXPECT_FALSE(is_list("v=DMARC1; =none"));
}

}  // namespace
}  // namespace postseal::dmarc
