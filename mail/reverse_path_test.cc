#include "mail/reverse_path.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace postseal::mail {
namespace {

TEST(ReversePathTest, NullIsNothingButEmptyBrackets) {  // RFC 5321 §4.5.5
  for (const std::string_view text : {"", "<>"}) {
    const ReversePath path = ReversePath::Parse(text);
    EXPECT_TRUE(path.is_null) << text;
    EXPECT_EQ(path.fault, ReversePathFault::kNone) << text;
    EXPECT_EQ(path.mailbox, "") << text;
  }
}

TEST(ReversePathTest, AcceptsTheGrammar) {  // RFC 5321 §4.1.2
  const struct {
    std::string_view text;
    std::string_view local_part;
    std::string_view domain;
    const char* why;
  } cases[] = {
      {"<a@b>", "a", "b", "Path"},
      {"a@b", "a", "b", "the brackets were taken off"},
      {"<a.b.c@d-e.example>", "a.b.c", "d-e.example", "Dot-string, Domain"},
      {"<!#$%&'*+-/=?^_`{|}~@b>", "!#$%&'*+-/=?^_`{|}~", "b", "atext, RFC 5322 §3.2.3"},
      {"<\"a b\"@c>", "\"a b\"", "c", "Quoted-string"},
      {"<\"\"@c>", "\"\"", "c", "it may be empty"},
      {"<\"a\\\"\\\\\\ @x>,\"@c>", "\"a\\\"\\\\\\ @x>,\"", "c", "quoted-pairSMTP and specials"},
      {"<a@[192.0.2.1]>", "a", "[192.0.2.1]", "IPv4-address-literal"},
      {"<a@[IPv6:2001:db8::1]>", "a", "[IPv6:2001:db8::1]", "IPv6-address-literal"},
      {"<a@1.2>", "a", "1.2", "Let-dig"},
      {"<a@_spf.b_c>", "a", "_spf.b_c", "underscores, as the DNS has them"},
      {"<\xc3\xbc@\xc3\xa4.example>", "\xc3\xbc", "\xc3\xa4.example", "RFC 6531 §3.3"},
  };
  for (const auto& c : cases) {
    const ReversePath path = ReversePath::Parse(c.text);
    EXPECT_EQ(ReversePathFaultText(path.fault), "") << c.why << " at " << path.fault_offset;
    EXPECT_FALSE(path.is_null) << c.why;
    EXPECT_EQ(path.local_part, c.local_part) << c.why;
    EXPECT_EQ(path.domain, c.domain) << c.why;
    EXPECT_EQ(path.mailbox, absl::StrCat(c.local_part, "@", c.domain)) << c.why;
    EXPECT_FALSE(path.has_source_route) << c.why;
    EXPECT_EQ(path.is_address_literal, c.domain.starts_with('[')) << c.why;
    EXPECT_EQ(path.is_non_ascii, c.domain.find('\xa4') != std::string_view::npos) << c.why;
  }
}

TEST(ReversePathTest, ReadsAndIgnoresASourceRoute) {  // RFC 5321 appendix C
  const std::string_view cases[] = {
      "<@hosta.int:userc@d.bar.org>",
      "<@hosta.int,@jkl.org:userc@d.bar.org>",
      "@hosta.int:userc@d.bar.org",
  };
  for (const std::string_view text : cases) {
    const ReversePath path = ReversePath::Parse(text);
    EXPECT_EQ(path.fault, ReversePathFault::kNone) << text;
    EXPECT_TRUE(path.has_source_route) << text;
    EXPECT_EQ(path.mailbox, "userc@d.bar.org") << text;
  }
}

// RFC 5321 §4.1.2 has no such Local-part; the domain counts all the same.
TEST(ReversePathTest, ReadsAndFlagsStrayDots) {
  const struct {
    std::string_view text;
    std::string_view local_part;
    std::string_view domain;
    bool has_stray_dots;
  } cases[] = {
      {"<a..b@docomo.example>", "a..b", "docomo.example", true},
      {"<a.@docomo.example>", "a.", "docomo.example", true},
      {"a...b..@docomo.example", "a...b..", "docomo.example", true},
      {"<@r.example:a..b@docomo.example>", "a..b", "docomo.example", true},
      {"<a..@[192.0.2.1]>", "a..", "[192.0.2.1]", true},
      {"<a.b.c@docomo.example>", "a.b.c", "docomo.example", false},
      {"<\"a..b.\"@docomo.example>", "\"a..b.\"", "docomo.example", false},
  };
  for (const auto& c : cases) {
    const ReversePath path = ReversePath::Parse(c.text);
    EXPECT_EQ(ReversePathFaultText(path.fault), "") << c.text;
    EXPECT_EQ(path.has_stray_dots, c.has_stray_dots) << c.text;
    EXPECT_EQ(path.local_part, c.local_part) << c.text;
    EXPECT_EQ(path.domain, c.domain) << c.text;
    EXPECT_EQ(path.mailbox, absl::StrCat(c.local_part, "@", c.domain)) << c.text;
  }
  EXPECT_FALSE(ReversePath::Parse("<a..b@c").has_stray_dots) << "no path has no mailbox";
}

TEST(ReversePathTest, NamesEachFaultWithItsOffset) {
  using enum ReversePathFault;
  const struct {
    std::string_view text;
    ReversePathFault fault;
    size_t offset;
    const char* why;
  } cases[] = {
      {"<", kBadLocalPart, 1, "half of the null path"},
      {">", kBadLocalPart, 0, "the other half"},
      {" ", kBadLocalPart, 0, "a space is not nothing"},
      {"< >", kBadLocalPart, 1, "nor is it in brackets"},
      {"<>>", kBadLocalPart, 1, "nor with more behind"},
      {" <>", kBadLocalPart, 0, "nor with a space before"},
      {"<><a@b>", kBadLocalPart, 1, "nor with a path behind"},
      {"<<a@b>>", kBadLocalPart, 1, "brackets do not nest"},
      {"<a>", kMissingAt, 2, "<Postmaster> is for RCPT TO"},
      {"a", kMissingAt, 1, "a word"},
      {"<@b>", kBadSourceRoute, 3, "a domain alone is half a route"},
      {"<@b,a@c>", kBadSourceRoute, 4, "\"@\" before each domain of a route"},
      {"<@b:>", kBadLocalPart, 4, "a route alone"},
      {"<@[192.0.2.1]:a@b>", kBadDomain, 2, "At-domain = \"@\" Domain: no literal"},
      {"<a b@c>", kMissingAt, 2, "no space"},
      {"<a @b>", kMissingAt, 2, "no CFWS"},
      {"<a@ b>", kBadDomain, 3, "on neither side"},
      {"<a(c)@b>", kMissingAt, 2, "no comment"},
      {"<.a@b>", kBadLocalPart, 1, "a dot first"},
      {"<..@b>", kBadLocalPart, 1, "dots alone"},
      {"<a..>", kMissingAt, 4, "stray dots, and no domain"},
      {"<a..b @c>", kMissingAt, 5, "stray dots, and no space"},
      {"<a..\"b\"@c>", kMissingAt, 4, "stray dots, and a Quoted-string"},
      {"<a@b..c>", kBadDomain, 5, "two dots in the domain"},
      {"<a.@b@c>", kUnclosed, 5, "stray dots, and a second \"@\""},
      {"<a..@[192.0.2.1>", kBadDomain, 16, "stray dots, and no \"]\""},
      {"<\"a\"b@c>", kMissingAt, 4, "a Quoted-string is all of the Local-part"},
      {"<\"a@b>", kBadLocalPart, 6, "no DQUOTE"},
      {"<\"a\\", kBadLocalPart, 4, "a backslash at the end"},
      {"<\"\x01\"@b>", kBadLocalPart, 2, "a control is no qtextSMTP"},
      {"<\"\\\x01\"@b>", kBadLocalPart, 3, "nor quotable"},
      {"<\"\t\"@b>", kBadLocalPart, 2, "nor is TAB, unlike in RFC 5322"},
      {"<a@>", kBadDomain, 3, "no domain"},
      {"<a@b.>", kBadDomain, 5, "no dot last"},
      {"<a@.b>", kBadDomain, 3, "no dot first"},
      {"<a@-b>", kBadDomain, 3, "Let-dig first"},
      {"<a@c.b->", kBadDomain, 5, "Let-dig last"},
      {"<a@[]>", kBadDomain, 4, "an empty literal"},
      {"<a@[192.0.2.1>", kBadDomain, 14, "\"]\" is missing"},
      {"<a@[a[b]>", kBadDomain, 5, "\"[\" is no dcontent"},
      {"<a@b", kUnclosed, 4, "\">\" is missing"},
      {"<a@b@c>", kUnclosed, 4, "a second \"@\""},
      {"a@b>", kUnexpectedText, 3, "\"<\" is missing"},
      {"<a@b> SIZE=1", kUnexpectedText, 5, "parameters are the caller's"},
      {"<a@b>,<c@d>", kUnexpectedText, 5, "one path"},
      {"<a@b>\r\n", kUnexpectedText, 5, "and no line end"},
      {std::string_view("a\0@b", 4), kMissingAt, 1, "NUL"},
      {std::string_view("a@b\0.c", 6), kUnexpectedText, 3, "NUL does not end it"},
      {"<a@\xfc>", kBadUtf8, 3, "Latin-1"},
  };
  for (const auto& c : cases) {
    const ReversePath path = ReversePath::Parse(c.text);
    EXPECT_EQ(ReversePathFaultText(path.fault), ReversePathFaultText(c.fault)) << c.why;
    EXPECT_EQ(path.fault_offset, c.offset) << c.why;
    EXPECT_FALSE(path.is_null) << c.why;
    EXPECT_EQ(path.mailbox, "") << c.why;
    EXPECT_EQ(path.domain, "") << c.why;
  }
}

// A name of |octets|, in labels of at most 63 (RFC 1035 §2.3.4).
std::string DomainOf(size_t octets) {
  std::string domain(octets, 'd');
  for (size_t at = 63; at + 1 < octets; at += 64) domain[at] = '.';
  return domain;
}

TEST(ReversePathTest, BoundsLengths) {  // RFC 5321 §4.5.3.1
  using enum ReversePathFault;
  const std::string local_64(64, 'l');
  // What the three limits allow together.
  const std::string domain_189 = DomainOf(kMaxPathOctets - 2 - 64 - 1);
  const struct {
    std::string text;
    ReversePathFault fault;
    size_t offset;
    const char* why;
  } cases[] = {
      {"<" + local_64 + "@b>", kNone, 0, "a Local-part of 64 octets"},
      {"<" + local_64 + "l@b>", kLocalPartTooLong, 65, "of 65"},
      {"<" + local_64 + "@" + domain_189 + ">", kNone, 0, "a path of 256 octets"},
      {local_64 + "@" + domain_189, kNone, 0, "the same without brackets"},
      {"<" + local_64 + "@" + domain_189 + "d>", kPathTooLong, 256, "of 257"},
      {local_64 + "@" + domain_189 + "d", kPathTooLong, 254, "and without brackets"},
      {"<a@" + DomainOf(255) + ">", kPathTooLong, 256, "a Domain of 255 is too long for a path"},
      {"<a@" + DomainOf(256) + ">", kDomainTooLong, 258, "of 256, on its own"},
      {"<@" + DomainOf(250) + ":a@b>", kPathTooLong, 256, "a source route counts"},
  };
  for (const auto& c : cases) {
    const ReversePath path = ReversePath::Parse(c.text);
    EXPECT_EQ(ReversePathFaultText(path.fault), ReversePathFaultText(c.fault)) << c.why;
    EXPECT_EQ(path.fault_offset, c.offset) << c.why;
    EXPECT_NE(path.domain, "") << c.why << ": the mailbox is there for who wants it";
  }
}

TEST(ReversePathTest, AttackA2AnUnreadablePathIsNeverNull) {
  // Some read what follows "(" as a comment and find the path empty; then SPF
  // checks HELO, which the attacker controls.
  for (const std::string_view text :
       {"<(any@legit.example>", "(any@legit.example", "<(any@legit.example)>", "<()>",
        "<any@legit.example", "<\"any@legit.example>"}) {
    const ReversePath path = ReversePath::Parse(text);
    EXPECT_NE(path.fault, ReversePathFault::kNone) << text;
    EXPECT_FALSE(path.is_null) << text;
  }
}

TEST(ReversePathTest, AttacksA4ToA7NoOctetThatBreaksAResultIsInADomain) {
  // A domain goes into Authentication-Results as smtp.mailfrom: a "(" would open a
  // comment there, a quote or a route change what is the domain.
  const struct {
    std::string_view text;
    ReversePathFault fault;
    const char* why;
  } cases[] = {
      {"<any@legit.example'.attack.example>", ReversePathFault::kUnclosed, "a quote"},
      {"<any@legit.example\".attack.example>", ReversePathFault::kUnclosed, "a double quote"},
      {"<any@legit.example(.attack.example>", ReversePathFault::kUnclosed, "a comment"},
      {"<any@legit.example;.attack.example>", ReversePathFault::kUnclosed, "a semicolon"},
      {"<@legit.example,@any.example:any@'attack.example>", ReversePathFault::kBadDomain,
       "behind a route"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ReversePathFaultText(ReversePath::Parse(c.text).fault), ReversePathFaultText(c.fault))
        << c.why;
  }
  const ReversePath path = ReversePath::Parse("<@legit.example:any@attack.example>");
  EXPECT_TRUE(path.has_source_route);
  EXPECT_EQ(path.domain, "attack.example") << "the mailbox's domain, not the route's";
}

// qtextSMTP ends before DEL, dcontent begins with "!", and no octet is beyond looking at.
TEST(ReversePathTest, TheEndsOfTheSets) {
  EXPECT_EQ(ReversePath::Parse("<\"a~\"@b.example>").fault, ReversePathFault::kNone);
  EXPECT_NE(ReversePath::Parse("<\"a\x7f\"@b.example>").fault, ReversePathFault::kNone);
  EXPECT_EQ(ReversePath::Parse("<a@[x:!~]>").fault, ReversePathFault::kNone);
  EXPECT_EQ(ReversePath::Parse("\xff@b.example").fault, ReversePathFault::kBadUtf8);
  EXPECT_EQ(ReversePath::Parse("a\xff@b.example").fault, ReversePathFault::kBadUtf8);
}

}  // namespace
}  // namespace postseal::mail
