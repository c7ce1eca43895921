#include "spf/macro_expansion.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "dns/address.h"
#include "dns/name.h"
#include "gtest/gtest.h"
#include "spf/macro.h"

namespace postseal::spf {
namespace {

// The facts of RFC 7208 §7.4.
MacroFacts Facts(std::string_view client = "192.0.2.3") {
  MacroFacts facts;
  facts.local_part = "strong-bad";
  facts.sender_domain = "email.example.com";
  facts.domain = "email.example.com";
  facts.client = *dns::IpAddress::Parse(client);
  facts.validated_name = "mx.example.org";
  facts.helo = "helo.example.net";
  facts.receiver = "receiver.example";
  facts.now = 1700000000;
  return facts;
}

std::string Expand(std::string_view text, const MacroFacts& facts, size_t max_octets = 1000) {
  base::Arena arena;
  const auto parsed = ParseMacroString(text, MacroContext::kExplanation, &arena);
  const auto* macros = std::get_if<MacroString>(&parsed);
  if (macros == nullptr) return "syntax error";
  const auto expanded = ExpandText(*macros, facts, max_octets, &arena);
  return expanded.has_value() ? std::string(*expanded) : "too long";
}

std::string Name(std::string_view text, const MacroFacts& facts) {
  base::Arena arena;
  const auto parsed = ParseDomainSpec(text, &arena);
  const auto* macros = std::get_if<MacroString>(&parsed);
  if (macros == nullptr) return "syntax error";
  const auto name = ExpandName(*macros, facts);
  return name.has_value() ? std::string(name->text()) : "no name";
}

TEST(MacroExpansionTest, ExamplesOfTheRfc) {  // RFC 7208 §7.4
  const struct {
    std::string_view text;
    std::string_view want;
  } cases[] = {
      {"%{s}", "strong-bad@email.example.com"},
      {"%{o}", "email.example.com"},
      {"%{d}", "email.example.com"},
      {"%{d4}", "email.example.com"},
      {"%{d3}", "email.example.com"},
      {"%{d2}", "example.com"},
      {"%{d1}", "com"},
      {"%{dr}", "com.example.email"},
      {"%{d2r}", "example.email"},
      {"%{l}", "strong-bad"},
      {"%{l-}", "strong.bad"},
      {"%{lr}", "strong-bad"},
      {"%{lr-}", "bad.strong"},
      {"%{l1r-}", "strong"},
      {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
      {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
      {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
      {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
      {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Expand(c.text, Facts()), c.want) << c.text;
  }
  EXPECT_EQ(Expand("%{ir}.%{v}._spf.%{d2}", Facts("2001:db8::cb01")),
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6."
            "_spf.example.com");
}

TEST(MacroExpansionTest, LettersAndTransformers) {
  MacroFacts odd = Facts();
  odd.local_part = "a.b..c-d+e,f/g_h=i";
  odd.helo = ".x..y.";
  const struct {
    std::string_view text;
    std::string_view want;
    std::string_view why;
  } cases[] = {
      {"%%%_%-", "% %20", "§7.1"},
      {"%{p} %{h} %{r} %{t}", "mx.example.org .x..y. receiver.example 1700000000", "§7.2"},
      {"%{i} %{c} %{v}", "192.0.2.3 192.0.2.3 in-addr", "§7.3"},
      {"%{l.-+,/_=}", "a.b..c.d.e.f.g.h.i", "every delimiter; rejoined with dots"},
      {"%{l2-}", "a.b..c.d+e,f/g_h=i", "two parts, the dots inside stay"},
      {"%{l1-+}", "e,f/g_h=i", "the last part"},
      {"%{l3r}", ".b.a", "reversed first, then three from the right"},
      {"%{h}", ".x..y.", "no transformer: as it is"},
      {"%{hr}", ".y..x.", "§7.3: parts may be empty"},
      {"%{h1}", "", "the last part is empty"},
      {"%{h2r}", "x.", "the first two, reversed"},
      {"%{h127}", ".x..y.", "§7.3: at least 127"},
      {"%{s1@}", "syntax error", "\"@\" is no delimiter"},
      {"%{S}", "a.b..c-d%2Be%2Cf%2Fg_h%3Di%40email.example.com", "RFC 3986 §2.3: unreserved"},
      {"%{L1r-}", "a.b..c", "escaped after the transformation"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Expand(c.text, odd), c.want) << c.text << ": " << c.why;
  }
  EXPECT_EQ(Expand("%{c}", Facts("2001:DB8::CB01")), "2001:db8::cb01");
  EXPECT_EQ(Expand("%{v}", Facts("2001:db8::cb01")), "ip6");
}

TEST(MacroExpansionTest, TheSenderIsSplitAcrossItsAt) {
  const MacroFacts facts = Facts();
  EXPECT_EQ(Expand("%{s1}", facts), "com");
  EXPECT_EQ(Expand("%{s3}", facts), "strong-bad@email.example.com") << "three parts";
  EXPECT_EQ(Expand("%{s2r-}", facts), "bad@email.example.com.strong");
  EXPECT_EQ(Expand("%{s1-}", facts), "bad@email.example.com");
  EXPECT_EQ(Expand("%{sr}", facts), "com.example.strong-bad@email");
}

TEST(MacroExpansionTest, TextIsBounded) {
  EXPECT_EQ(Expand("%{d}x", Facts(), 18), "email.example.comx") << "n";
  EXPECT_EQ(Expand("%{d}xx", Facts(), 18), "too long") << "n + 1";
  EXPECT_EQ(Expand("%{D}", Facts(), 3), "too long");
}

TEST(MacroExpansionTest, NamesAreTruncatedFromTheLeft) {  // RFC 7208 §7.3 ¶17
  const auto labels = [](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += "1234567890.";
    return text;  // 11 octets each
  };
  MacroFacts facts = Facts();
  // 22 labels and "example.com" are 253 octets.
  const std::string full = labels(22) + "example.com";
  ASSERT_EQ(full.size(), dns::Name::kMaxOctets);
  EXPECT_EQ(Name(full, facts), full) << "n";
  EXPECT_EQ(Name(full + ".", facts), full) << "a final dot does not count";
  EXPECT_EQ(Name("a." + full, facts), full) << "n + 2";
  EXPECT_EQ(Name("." + full, facts), full) << "the empty label goes as well";
  EXPECT_EQ(Name("x" + full, facts), full.substr(11)) << "n + 1: a whole label goes";
  EXPECT_EQ(Name(labels(200) + full, facts), full);
  const std::string long_helo(2000, 'x');
  facts.helo = long_helo;
  EXPECT_EQ(Name("%{h}." + full, facts), full) << "what is cut need not be a label";
  EXPECT_EQ(Name("%{h}", facts), "no name") << "nothing is left";
}

TEST(MacroExpansionTest, WhatIsNoName) {  // RFC 7208 §4.8
  MacroFacts facts = Facts();
  const std::string label(63, 'x');
  facts.local_part = label;
  EXPECT_EQ(Name("%{l}.example.com", facts), label + ".example.com") << "n";
  const std::string longer(64, 'x');
  facts.local_part = longer;
  EXPECT_EQ(Name("%{l}.example.com", facts), "no name") << "n + 1";
  EXPECT_EQ(Name("foo..example.com", facts), "no name");
  EXPECT_EQ(Name(".com", facts), "no name");
  facts.helo = "example..";
  EXPECT_EQ(Name("%{h}", facts), "no name") << "one final dot only";
  facts.helo = ".";
  EXPECT_EQ(Name("%{h}", facts), "no name");
}

}  // namespace
}  // namespace postseal::spf
