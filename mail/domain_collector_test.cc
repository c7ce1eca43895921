#include "mail/domain_collector.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/arena.h"
#include "gtest/gtest.h"

namespace postseal::mail {
namespace {

std::string Collected(std::string_view value) {
  base::Arena arena;
  DomainCollector collector(&arena);
  collector.Add(value);
  EXPECT_EQ(collector.skipped(), 0u) << value;
  return absl::StrJoin(collector.domains(), " ");
}

struct Case {
  std::string_view value;
  std::string_view domains;
  const char* why;
};

TEST(DomainCollectorTest, LooksBehindEveryAt) {
  const Case cases[] = {
      {"", "", "nothing"},
      {"a", "", "no @"},
      {"@", "", "nothing behind it"},
      {"a@b.example", "b.example", "an address"},
      {"<a@b.example>", "b.example", "in angles"},
      {"<a@b.example", "b.example", "in open ones"},
      {"\"a@b.example\",c@d.example", "b.example d.example", "in a quoted string"},
      {"\"a@b.example", "b.example", "in an open one"},
      {"(a@b.example) c@d.example", "b.example d.example", "in a comment"},
      {"(a@b.example", "b.example", "in an open one"},
      {"<@a.example,@b.example:c@d.example>", "a.example b.example d.example", "a route"},
      {"a@b.example,a@B.EXAMPLE", "b.example", "equal ones once"},
      {"a@b@c.example", "b c.example", "two in one"},
      {"@@b.example", "b.example", "doubled"},
      {"a@..b.example..", "b.example", "dots at the ends"},
      {"a@[192.0.2.1] a@[IPv6:2001:db8::1]", "", "domain-literals"},
      {"a@_x-1.example", "_x-1.example", "a hyphen and an underscore"},
      {"a@b.example,c@d.example;e@f.example:80/?g@h.example'",
       "b.example d.example f.example h.example", "what ends a domain"},
  };
  for (const Case& c : cases) EXPECT_EQ(Collected(c.value), c.domains) << c.why;
}

TEST(DomainCollectorTest, ReadsAsForgivingReadersDo) {
  using std::string_view_literals::operator""sv;
  const Case cases[] = {
      {"a@ b.example", "b.example", "white space behind @"},
      {"a@b . example,c", "b b.example", "white space beside a dot"},
      {"a@b.\r\n example,c", "b b.example", "a fold"},
      {"a@b.>example", "b b.example", "an angle beside a dot (Mail::Address)"},
      {"<a@b.example> c", "b.example", "and not elsewhere"},
      {"a@b.\nexample", "b b.example", "a bare LF"},
      {"a@b.exa mple", "b.exa b.example", "white space anywhere (Python's parseaddr)"},
      {"a@b . example c", "b b.example b.examplec", "or only beside a dot"},
      {"a@b.example c@d.example", "b.example d.example", "the next address is another one"},
      {"a@b.exa\0mple"sv, "b.exa b.example", "NUL"},
      {"a@b.exa\\mple", "b.exa b.example", "a backslash"},
      {"a@\"b\".example", "b.example", "quotes"},
      {"a@b(x).example", "b b.example", "a comment within"},
      {"a@(x(y)\\) @z)b.example", "z b.example", "nested, with a quoted-pair"},
      {"\"(\" a@b(x).example", "b b.example", "a parenthesis in a quoted string is none"},
      {"a@b\u00fc.example", "b\u00fc.example", "a U-label"},
      {"a@x.b\u00fc.example", "x.b\u00fc.example x.b", "a reader of ASCII stops"},
      {"a@b.example\u2014c", "b.example\u2014c b.example", "at a dash"},
      {"a@b.exam\xe9ple", "b.exam\xe9ple b.exam b.example", "an octet of Latin-1"},
      {"a@b.exam\u200bple", "b.exam\u200bple b.exam b.example", "a zero-width space"},
      {"a@b\u3002example", "b\u3002example b.example", "an ideographic full stop"},
  };
  for (const Case& c : cases) EXPECT_EQ(Collected(c.value), c.domains) << c.why;
}

TEST(DomainCollectorTest, DecodesEncodedWords) {
  const Case cases[] = {
      {"=?utf-8?q?a=40b.example?=", "b.example", "Q"},
      {"=?utf-8?B?YUBiLmV4YW1wbGU=?=", "b.example", "B"},
      {"=?utf-8?q?a=40b.?= \t=?utf-8?q?example?=", "b.example b", "two: RFC 2047 §6.2"},
      {"a@=?utf-8?q?b.example?=", "b.example", "within an address"},
      {"=?a?q?x =?utf-8?q?a=40b.example?=", "b.example", "behind one that does not end"},
      {"=?x?x?a=40b.example?=", "", "an unknown encoding"},
      {"=?utf-8?q?a=40b.example", "", "no end"},
      {"=?=?=??q?=? a@b.example", "b.example", "no encoded-words"},
      {"=?utf-8?q?=28?= a@b(x).example", "b b.example", "a parenthesis comes out of one"},
  };
  for (const Case& c : cases) EXPECT_EQ(Collected(c.value), c.domains) << c.value << c.why;
}

TEST(DomainCollectorTest, KeepsSixteenAndCountsTheOthers) {
  for (const size_t count : {kMaxCollectedDomains, kMaxCollectedDomains + 1}) {
    base::Arena arena;
    DomainCollector collector(&arena);
    std::string text;
    for (size_t i = 0; i < count; ++i) absl::StrAppend(&text, "a@d", i, ".example,");
    collector.Add(text);
    EXPECT_EQ(collector.domains().size(), kMaxCollectedDomains);
    EXPECT_EQ(collector.skipped(), count - kMaxCollectedDomains);
  }
}

TEST(DomainCollectorTest, KeepsDomainsUpToALength) {
  EXPECT_EQ(Collected(absl::StrCat("a@", std::string(kMaxCollectedOctets, 'b'))).size(),
            kMaxCollectedOctets);
  EXPECT_EQ(Collected(absl::StrCat("a@", std::string(kMaxCollectedOctets + 1, 'b'))), "");
}

// Were one of these quadratic, the test would take minutes.
TEST(DomainCollectorTest, IsLinear) {
  for (const std::string_view piece :
       {"@",        "@a",       "@ ",           "@a ",   "@(",  "(",    ")",
        "\"",       "\\",       "@a.",          "@a .",  "=?",  "?=",   "=?a?q?",
        "=?a?q?x ", "=?a?b?QA", "=?a?q?=40?= ", "@\xe9", " \t", "@\"\\"}) {
    std::string text;
    while (text.size() < size_t{1} << 20) text += piece;
    base::Arena arena;
    DomainCollector collector(&arena);
    collector.Add(text);
    EXPECT_LE(collector.domains().size(), 1u) << piece;
  }
}

}  // namespace
}  // namespace postseal::mail
