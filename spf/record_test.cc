#include "spf/record.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "base/arena.h"
#include "gtest/gtest.h"
#include "spf/macro.h"
#include "spf/reason.h"

namespace postseal::spf {
namespace {

std::string Show(std::string_view text) {
  base::Arena arena;
  const auto parsed = ParseRecord(text, &arena);
  if (std::holds_alternative<NotSpf>(parsed)) return "not SPF";
  if (const auto* fault = std::get_if<Fault>(&parsed)) {
    return std::string(InfoOf(fault->reason).name) + " " + std::to_string(fault->offset);
  }
  return Dump(std::get<Record>(parsed));
}

struct Case {
  std::string_view text;
  std::string_view want;
  std::string_view why;
};

TEST(RecordTest, VersionSection) {  // RFC 7208 §4.5
  const Case cases[] = {
      {"v=spf1", "", "terminated by the end of the record"},
      {"v=spf1 ", "", "terminated by SP; record = version terms *SP"},
      {"V=SPF1 all", "all", "literals are case-insensitive (§12)"},
      {"v=spf10 all", "not SPF", "the example of §4.5"},
      {"v=spf1\tall", "not SPF", "only SP terminates it"},
      {" v=spf1 all", "not SPF", ""},
      {"v=spf", "not SPF", ""},
      {"", "not SPF", ""},
      {"v=spf2.0/pra all", "not SPF", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(Show(c.text), c.want) << c.text << ": " << c.why;
}

TEST(RecordTest, Terms) {
  const Case cases[] = {
      {"v=spf1 +all", "all", "+ is the default"},
      {"v=spf1 -all ~a ?mx", "-all ~a ?mx", "§4.6.2"},
      {"v=spf1   a    mx   ", "a mx", "1*SP between, *SP at the end"},
      {"v=spf1 INCLUDE:A.example", "include(A.example)", ""},
      {"v=spf1 a:b.example/24//64", "a(b.example)/24//64", "dual-cidr-length"},
      {"v=spf1 a/24 mx//64 a/0//0", "a/24 mx//64 a/0//0", "without a domain"},
      {"v=spf1 a/32//128", "a", "the default lengths"},
      {"v=spf1 a:b/c.example/8", "a(b/c.example)/8", "a domain-spec may hold \"/\""},
      {"v=spf1 mx:%{d2r.-/}/8", "mx(<d 2 r .-/>)/8", ""},
      {"v=spf1 ptr ptr:c.example", "ptr ptr(c.example)", ""},
      {"v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.1", "ip4(192.0.2.0)/24 ip4(192.0.2.1)", ""},
      {"v=spf1 ip4:192.0.2.1/0", "ip4(192.0.2.1)/0", "range 0-32"},
      {"v=spf1 ip6:2001:DB8::1/32 ip6:::1", "ip6(2001:db8::1)/32 ip6(::1)", ""},
      {"v=spf1 ip6:::ffff:192.0.2.1/128", "ip6(::ffff:192.0.2.1)", ""},
      {"v=spf1 exists:%{ir}.%{L1r+-}.a.b", "exists(<i r>.<l escaped 1 r +->.a.b)", ""},
      {"v=spf1 a:a%%b%_c%-", "a(a<%>b<_>c<->)", ""},
      {"v=spf1 exp=e.example redirect=r.example", "exp=(e.example) redirect=(r.example)", ""},
      {"v=spf1 redirect=r.example -all", "-all redirect=(r.example)", "order is free (§6)"},
      {"v=spf1 x.y-z_1=%{d}/:= all", "all x.y-z_1=(<d>/:=)", "unknown-modifier"},
      {"v=spf1 x= x= x=", "x=() x=() x=()", "§6: no matter how often"},
      {"v=spf1 a=b all=c", "a=(b) all=(c)", "\"=\" makes a modifier of any name"},
      {"v=spf1 include:a.b=c.example", "include(a.b=c.example)", "\":\" before \"=\""},
  };
  for (const Case& c : cases) EXPECT_EQ(Show(c.text), c.want) << c.text << ": " << c.why;
}

TEST(RecordTest, Faults) {
  const Case cases[] = {
      {"v=spf1 !", "bad-term 7", ""},
      {"v=spf1 -", "bad-term 8", "a qualifier alone"},
      {"v=spf1 --all", "bad-term 8", ""},
      {"v=spf1 =x", "bad-term 7", ""},
      {"v=spf1 1x=y", "bad-term 7", "a name begins with ALPHA"},
      {"v=spf1 +exp=a.b", "bad-term 7", "modifiers have no qualifier"},
      {"v=spf1 al", "unknown-mechanism 7", ""},
      {"v=spf1 a mx -moo:x.y", "unknown-mechanism 13", ""},
      {"v=spf1 ip:192.0.2.1", "unknown-mechanism 7", ""},
      {"v=spf1 a\tmx", "unexpected-argument 8", "only SP separates"},
      {"v=spf1 a\x01", "unexpected-argument 8", ""},
      {"v=spf1 all:x.y", "unexpected-argument 10", ""},
      {"v=spf1 all/8", "unexpected-argument 10", ""},
      {"v=spf1 include", "missing-argument 14", ""},
      {"v=spf1 include:", "missing-argument 15", ""},
      {"v=spf1 exists a", "missing-argument 13", ""},
      {"v=spf1 a:", "missing-argument 9", ""},
      {"v=spf1 a:/24", "missing-argument 9", ""},
      {"v=spf1 ptr:", "missing-argument 11", ""},
      {"v=spf1 ip4", "missing-argument 10", ""},
      {"v=spf1 redirect=", "missing-argument 16", ""},
      {"v=spf1 include:a.b/24", "bad-domain-spec 17", "no CIDR on include"},
      {"v=spf1 exists:a.b/24", "bad-domain-spec 16", "no CIDR on exists"},
      {"v=spf1 ptr:a.b/24", "bad-domain-spec 13", "no CIDR on ptr"},
      {"v=spf1 ptr/0", "unexpected-argument 10", "no CIDR on ptr"},
      {"v=spf1 include/8", "unexpected-argument 14", ""},
      {"v=spf1 a/33", "bad-prefix-length 9", "n + 1"},
      {"v=spf1 a//129", "bad-prefix-length 10", "n + 1"},
      {"v=spf1 a/", "bad-prefix-length 9", ""},
      {"v=spf1 a//", "bad-prefix-length 10", ""},
      {"v=spf1 a/24//", "bad-prefix-length 13", ""},
      {"v=spf1 a/024", "bad-prefix-length 9", "no leading zeros"},
      {"v=spf1 a/24/64", "bad-prefix-length 12", "the second needs \"//\""},
      {"v=spf1 a/4294967296", "bad-prefix-length 9", "no overflow"},
      {"v=spf1 ip4:192.0.2.1/33", "bad-prefix-length 21", ""},
      {"v=spf1 ip4:192.0.2.1/032", "bad-prefix-length 21", "suite: cidr4-032"},
      {"v=spf1 ip4:192.0.2.1//32", "bad-prefix-length 21", ""},
      {"v=spf1 ip6:::1/129", "bad-prefix-length 15", ""},
      {"v=spf1 ip4:192.0.2", "bad-address 11", ""},
      {"v=spf1 ip4:192.0.2.256", "bad-address 11", ""},
      {"v=spf1 ip4:192.0.02.1", "bad-address 11", "qnum has no leading zeros"},
      {"v=spf1 ip4:::1", "bad-address 11", ""},
      {"v=spf1 ip6:192.0.2.1", "bad-address 11", ""},
      {"v=spf1 ip6:1::2::3", "bad-address 11", ""},
      {"v=spf1 a:%{d", "bad-macro 12", ""},
      {"v=spf1 a:foo.%{c}", "explanation-macro 15", ""},
      {"v=spf1 x=%{t}", "explanation-macro 11", "only in exp text"},
      {"v=spf1 x=a%b", "bad-macro 10", "unknown modifiers are validated"},
      {"v=spf1 x=\xc3\xa9", "bad-character 9", ""},
      {"v=spf1 exp=a.b exp=a.b", "duplicate-modifier 15", "§6 ¶2"},
      {"v=spf1 redirect=a.b Redirect=c.d", "duplicate-modifier 20", "§6 ¶2"},
      {"v=spf1 exp=a", "bad-domain-spec 11", ""},
      {"v=spf1 all moo", "unknown-mechanism 11", "§4.6: anywhere in the record"},
  };
  for (const Case& c : cases) EXPECT_EQ(Show(c.text), c.want) << c.text << ": " << c.why;
}

TEST(RecordTest, PrintsOneSpelling) {
  base::Arena arena;
  const auto parsed =
      ParseRecord("V=SPF1  exp=E.example +A:%{D02R}/32//64 -IP6:0:0::1/128 ~All", &arena);
  const auto& record = std::get<Record>(parsed);
  EXPECT_EQ(Print(record), "v=spf1 a:%{D2r}//64 -ip6:::1 ~all exp=E.example");
  const std::string printed = Print(record);
  EXPECT_EQ(Show(printed), Dump(record));
}

// Terms and macros of any number are all there, in their order.
TEST(RecordTest, AnyNumberOfTerms) {
  for (const size_t count : {1, 2, 3, 15, 16, 17, 31, 32, 33, 255, 1000}) {
    std::string text = "v=spf1";
    for (size_t i = 0; i < count; ++i) {
      text += " a:h" + std::to_string(i) + ".example n" + std::to_string(i) + "=";
      for (size_t k = 0; k < i % 10; ++k) text += "%%";
    }
    base::Arena arena;
    const auto parsed = ParseRecord(text, &arena);
    const auto& record = std::get<Record>(parsed);
    ASSERT_EQ(record.directives.size(), count);
    ASSERT_EQ(record.modifiers.size(), count);
    for (size_t i = 0; i < count; ++i) {
      EXPECT_EQ(record.directives[i].text, "a:h" + std::to_string(i) + ".example");
      EXPECT_EQ(Print(record.directives[i].domain_spec), "h" + std::to_string(i) + ".example");
      EXPECT_EQ(record.modifiers[i].name, "n" + std::to_string(i));
      EXPECT_EQ(record.modifiers[i].value.segments.size(), i % 10);
    }
  }
}

// The shortest terms are an octet and an SP: the tree takes a bounded multiple of
// the record's size.
TEST(RecordTest, ALongRecordIsHeldOnce) {
  std::string text = "v=spf1";
  constexpr size_t kCount = 32000;
  for (size_t i = 0; i < kCount; ++i) text += " a";
  base::Arena arena;
  const auto parsed = ParseRecord(text, &arena);
  EXPECT_EQ(std::get<Record>(parsed).directives.size(), kCount);
  EXPECT_LT(arena.reserved(), kCount * sizeof(Directive) + 2 * base::Arena::kMaxBlockBytes);
}

TEST(RecordTest, TermsKnowWhereTheyStand) {
  base::Arena arena;
  const std::string_view text = "v=spf1  -include:a.example exp=e.example";
  const auto parsed = ParseRecord(text, &arena);
  const auto& record = std::get<Record>(parsed);
  ASSERT_EQ(record.directives.size(), 1u);
  EXPECT_EQ(record.directives[0].text, "-include:a.example");
  EXPECT_EQ(record.OffsetOf(record.directives[0].text), 8u);
  EXPECT_EQ(record.Find(Modifier::Kind::kExplanation)->text, "exp=e.example");
  EXPECT_EQ(record.Find(Modifier::Kind::kRedirect), nullptr);
  EXPECT_FALSE(record.HasAll());
}

}  // namespace
}  // namespace postseal::spf
