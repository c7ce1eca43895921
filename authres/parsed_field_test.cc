#include "authres/parsed_field.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authres/authentication_results.h"
#include "authres/parse_fault.h"
#include "gtest/gtest.h"

namespace postseal::authres {
namespace {

using std::string_view_literals::operator""sv;

std::string Describe(const ParsedField& field) {
  std::string out = field.authserv_id.value_or("(no id)");
  for (const Result& result : field.results) {
    out += "; " + result.method + "=" + result.result;
    if (!result.comment.empty()) out += " (" + result.comment + ")";
    if (!result.reason.empty()) out += " reason=[" + result.reason + "]";
    for (const Property& property : result.properties) {
      out += " " + property.ptype + "." + property.property + "=[" + property.value + "]";
    }
  }
  return field.fault.has_value() ? out + " !" + field.fault->Text() : out;
}

// RFC 8601 appendix B.7.
TEST(ParsedFieldTest, CommentHeavyExample) {
  const ParsedField field = Parse(
      " foo.example.net (foobar) 1 (baz);\r\n"
      "    dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
      "      policy (A dot can go here) . (like that) expired\r\n"
      "      (this surprised me) = (as I wasn't expecting it) 1362471462");
  EXPECT_TRUE(field.IsValid()) << Describe(field);
  EXPECT_EQ(field.authserv_id, "foo.example.net");
  EXPECT_EQ(field.version, 1u);
  const std::vector<Result> want = {{.method = "dkim",
                                     .result = "fail",
                                     .properties = {{"policy", "expired", "1362471462"}},
                                     .method_version = 1}};
  EXPECT_EQ(field.results, want);
}

TEST(ParsedFieldTest, ValidFields) {
  struct Case {
    std::string_view value;
    std::string_view want;
    const char* why;
  };
  constexpr Case kCases[] = {
      {" example.org; none", "example.org", "no-result"},
      {"example.org;none", "example.org", "no white space at all"},
      {" (a)example.org(b);(c)NONE(d)", "example.org", "CFWS everywhere; case"},
      {" \"my \\\"own\\\" host\"; none", "my \"own\" host", "a quoted authserv-id"},
      {" \"ex\r\n ample\"; none", "ex ample", "unfolded, RFC 5322 §2.2.3"},
      {" a; none=pass", "a; none=pass", "a method that is called none"},
      {" a; dkim=pass (x \\) (y) z) (second)", "a; dkim=pass (x ) (y) z)", "the first comment"},
      {" a; DKIM=Pass Header.D=Example.NET", "a; dkim=pass header.d=[Example.NET]",
       "keywords are of no case, values are"},
      {" a; spf=fail reason = tok", "a; spf=fail reason=[tok]", "reason, a token"},
      {" a; spf=fail reason=\"x;y\" smtp.mailfrom=b.example",
       "a; spf=fail reason=[x;y] smtp.mailfrom=[b.example]", "reason, a quoted-string"},
      {" a; m=pass x.a=@b.example x.b=c+d=e/f@b.example",
       "a; m=pass x.a=[@b.example] x.b=[c+d=e/f@b.example]", "identities, RFC 8601 §2.2"},
      {" a; m=pass x.a=\"a b\"@b.example", "a; m=pass x.a=[\"a b\"@b.example]",
       "a quoted local-part stays one"},
      {" a; m=pass x.a=\"a@b\" x.b=\"\"", "a; m=pass x.a=[a@b] x.b=[]", "quoted-strings"},
      {" a; m=pass x.a=\"b\"x.b=c", "a; m=pass x.a=[b] x.b=[c]", "pvalues need no CFWS between"},
      {" a; m=pass x\r\n .\r\n a\r\n =\r\n b", "a; m=pass x.a=[b]", "folds around dot and sign"},
      {" a; m=pass x.a=\"(\" x.b=\")\"", "a; m=pass x.a=[(] x.b=[)]", "no comments in quotes"},
      {" a; m=pass (\") x.a=b", "a; m=pass (\") x.a=[b]", "no quotes in comments"},
      {" a; m=pass x.a=\"\\a\\\\\r\n \"", "a; m=pass x.a=[a\\ ]", "quoted-pairs, then a fold"},
      {" a; m=pass x.a=b\u00fc@b\u00fccher.example", "a; m=pass x.a=[b\u00fc@b\u00fccher.example]",
       "RFC 6531 §3.3"},
      {" a; m=pass (\u00fc) reason=\"\u00e9\"", "a; m=pass (\u00fc) reason=[\u00e9]", "RFC 6532"},
      {" \"\u00fc.example\"; none", "\u00fc.example", "a U-label in quotes"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Describe(Parse(c.value)), c.want) << c.why << ": " << c.value;
  }
}

TEST(ParsedFieldTest, MethodVersions) {
  const ParsedField field =
      Parse("a; dkim/1=pass; dkim / 20 = pass; dkim=pass; dkim/99999999999=pass");
  ASSERT_EQ(field.results.size(), 4u) << Describe(field);
  EXPECT_EQ(field.results[0].method_version, 1u);
  EXPECT_EQ(field.results[1].method_version, 20u);
  EXPECT_EQ(field.results[2].method_version, std::nullopt);
  EXPECT_EQ(field.results[3].method_version, UINT32_MAX) << "none that anyone knows";
}

TEST(ParsedFieldTest, AnotherVersionEndsTheReading) {
  for (const std::string_view version : {"2", "0", "4294967297", "99999999999999999999"}) {
    const ParsedField field = Parse("mx.example " + std::string(version) + "; dkim=pass");
    EXPECT_EQ(field.authserv_id, "mx.example");
    EXPECT_TRUE(field.version.has_value() && field.version != 1u);
    EXPECT_TRUE(field.results.empty());
    EXPECT_EQ(field.fault, (ParseFault{Fault::kUnsupportedVersion, 11})) << version;
  }
  EXPECT_EQ(Parse("mx.example 1; none").version, 1u);
  EXPECT_EQ(Parse("mx.example 01; none").version, 1u) << "1*DIGIT";
}

// What is read although RFC 8601 §2.2 has it otherwise.
TEST(ParsedFieldTest, Departures) {
  struct Case {
    std::string_view value;
    std::string_view want;
    ParseFault fault;
    const char* why;
  };
  constexpr Case kCases[] = {
      {" spf=pass smtp.mailfrom=a.example; dkim=none",
       "(no id); spf=pass smtp.mailfrom=[a.example]; dkim=none",
       {Fault::kNoAuthservId, 1},
       "Exchange Online"},
      {" dkim/1=pass", "(no id); dkim=pass", {Fault::kNoAuthservId, 1}, "a method-version"},
      {" ; dkim=pass", "(no id); dkim=pass", {Fault::kNoAuthservId, 1}, "the semicolon is there"},
      {" a; spf=pass;", "a; spf=pass", {Fault::kEmptyResult, 13}, "the last semicolon"},
      {" a;; spf=pass", "a; spf=pass", {Fault::kEmptyResult, 3}, "a semicolon between"},
      {" a;", "a", {Fault::kEmptyResult, 3}, "neither none nor a result"},
      {" a; none;", "a", {Fault::kEmptyResult, 9}, "a semicolon after none"},
      {" a; dkim=pass header.b=gfT/i2HB",
       "a; dkim=pass header.b=[gfT/i2HB]",
       {Fault::kBareValue, 23},
       "base64"},
      {" a; iprev=pass policy.iprev=2001:db8::1",
       "a; iprev=pass policy.iprev=[2001:db8::1]",
       {Fault::kBareValue, 28},
       "an IPv6 address"},
      {" a; m=pass x.u=https://b.example/?c=d;n=fail",
       "a; m=pass x.u=[https://b.example/?c=d]; n=fail",
       {Fault::kBareValue, 15},
       "a URL"},
      {" a; spf=none smtp.mailfrom=",
       "a; spf=none smtp.mailfrom=[]",
       {Fault::kBareValue, 27},
       "an empty value"},
      {" a; spf=none smtp.mailfrom=a=b@c_d.example",
       "a; spf=none smtp.mailfrom=[a=b@c_d.example]",
       {Fault::kBareValue, 27},
       "an underscore is of no domain-name"},
      {" a; spf=none smtp.mailfrom=a@localhost",
       "a; spf=none smtp.mailfrom=[a@localhost]",
       {Fault::kBareValue, 27},
       "domain-name has a dot, RFC 6376 §3.5"},
      {" a; dmarc=pass action=none header.from=b.example",
       "a; dmarc=pass header.from=[b.example]",
       {Fault::kUntypedProperty, 15},
       "Exchange Online"},
      {" a; m=fail x.a=b reason=c",
       "a; m=fail reason=[c] x.a=[b]",
       {Fault::kUntypedProperty, 17},
       "a reason after a property"},
      {" a; m=fail reason=b reason=c",
       "a; m=fail reason=[b]",
       {Fault::kUntypedProperty, 20},
       "two reasons"},
      {" spf=pass x=y;", "(no id); spf=pass", {Fault::kNoAuthservId, 1}, "the first of three"},
      {" mx.example/4ABC; dkim=pass",
       "mx.example/4ABC; dkim=pass",
       {Fault::kBareValue, 1},
       "OpenDKIM, AuthservIDWithJobID"},
      {" a/b; dkim=pass", "a/b; dkim=pass", {Fault::kBareValue, 1}, "a queue id"},
      {" \u00fc.example; none",
       "\u00fc.example",
       {Fault::kBareValue, 1},
       "no token, RFC 2045 §5.1"},
      {" a; gateway.spf=pass smtp.mailfrom=b.example",
       "a; gateway.spf=pass smtp.mailfrom=[b.example]",
       {Fault::kOddKeyword, 4},
       "a dot in a method"},
      {" a.b=c", "(no id); a.b=c", {Fault::kNoAuthservId, 1}, "a dot in the first method"},
      {" a; dkim=perm_fail x_y.z_1=b",
       "a; dkim=perm_fail x_y.z_1=[b]",
       {Fault::kOddKeyword, 9},
       "underscores, as Yahoo wrote them"},
      {"i=1; mx.google.com; dkim=pass header.i=@b.example",
       "mx.google.com; dkim=pass header.i=[@b.example]",
       {Fault::kArcInstance, 0},
       "RFC 8617 §4.1.1"},
      {" I = 12 ;\r\n\tmx.example 1; none",
       "mx.example",
       {Fault::kArcInstance, 1},
       "RFC 8617 §4.1.1"},
  };
  for (const Case& c : kCases) {
    const ParsedField field = Parse(c.value);
    EXPECT_EQ(field.fault, c.fault) << c.why << ": " << Describe(field);
    EXPECT_TRUE(field.IsReadable() && !field.IsValid()) << c.why;
    ParsedField without = field;
    without.fault.reset();
    EXPECT_EQ(field.faults.front(), c.fault) << c.why;
    EXPECT_EQ(Describe(without), c.want) << c.why;
  }
}

// What could be read of a field with faults, which is for people: it is not readable.
TEST(ParsedFieldTest, Faults) {
  struct Case {
    std::string_view value;
    ParseFault fault;
    std::string_view want;
    const char* why;
  };
  constexpr Case kCases[] = {
      {"", {Fault::kBadAuthservId, 0}, "(no id)", "nothing"},
      {" (x)", {Fault::kBadAuthservId, 4}, "(no id)", "CFWS"},
      {" @; none", {Fault::kBadAuthservId, 1}, "(no id)", "a tspecial"},
      {" @; dkim=pass", {Fault::kBadAuthservId, 1}, "(no id); dkim=pass", "a tspecial"},
      {" a", {Fault::kNoSemicolon, 2}, "a", "an id alone"},
      {" a none", {Fault::kNoSemicolon, 3}, "a", "no semicolon"},
      {" a dkim=pass", {Fault::kNoSemicolon, 3}, "a; dkim=pass", "no semicolon"},
      {" a b; none", {Fault::kNoSemicolon, 3}, "a", "two ids"},
      {" a  from=b.example; domainkeys=neutral (no sig); dkim=pass (ok)",
       {Fault::kNoSemicolon, 4},
       "a; from=b; domainkeys=neutral (no sig); dkim=pass (ok)",
       "as Yahoo wrote it"},
      {" a@b.example; none", {Fault::kNoSemicolon, 2}, "a", "an address"},
      {" a 1 2; none", {Fault::kNoSemicolon, 5}, "a", "two versions"},
      {" \"a\"1; none", {Fault::kNoSemicolon, 4}, "a", "CFWS before the version"},
      {" a; dkim", {Fault::kBadMethod, 8}, "a", "no result"},
      {" a; dkim-=pass", {Fault::kBadMethod, 4}, "a", "Let-dig last"},
      {" a; =pass", {Fault::kBadMethod, 4}, "a", "no method"},
      {" a; dkim=; spf=pass", {Fault::kBadResult, 9}, "a; spf=pass", "no result"},
      {" a; dkim=\"pass\"", {Fault::kBadResult, 9}, "a", "a Keyword has no quotes"},
      {" a; dkim=pa.ss", {Fault::kBadResult, 11}, "a; dkim=pa", "a dot in a result"},
      {" a; dkim=pass header", {Fault::kBadProperty, 20}, "a; dkim=pass", "no property"},
      {" a; dkim=pass header.", {Fault::kBadProperty, 21}, "a; dkim=pass", "no property"},
      {" a; dkim=pass header.d", {Fault::kBadProperty, 22}, "a; dkim=pass", "no value"},
      {" a; dkim=pass .d=b; m=f", {Fault::kBadProperty, 14}, "a; dkim=pass; m=f", "no ptype"},
      {" a; m=f reason=\"x\"y.z=b",
       {Fault::kBadProperty, 18},
       "a; m=f reason=[x]",
       "CFWS before propspecs"},
      {" a; m=f x.y=b\"c;d\"; n=f",
       {Fault::kBadProperty, 13},
       "a; m=f x.y=[b]; n=f",
       "a quote in a value"},
      {" a; spf=pass smtp.mailfrom= smtp.helo=b",
       {Fault::kBadValue, 28},
       "a; spf=pass",
       "an empty value, then a property"},
      {" a; m=pass x.a=\"b\"@c; n=f",
       {Fault::kBadValue, 15},
       "a; m=pass; n=f",
       "a quoted local-part of no domain"},
      {" a; none; dkim=pass",
       {Fault::kResultBesideNone, 10},
       "a; dkim=pass",
       "none, then a result"},
      {" a; dkim=pass; none",
       {Fault::kResultBesideNone, 15},
       "a; dkim=pass",
       "a result, then none"},
      {" a; dkim=pass (x", {Fault::kUnclosedComment, 14}, "a; dkim=pass", "lieser: ((good ..."},
      {" a; dkim=pass (x\\)",
       {Fault::kUnclosedComment, 14},
       "a; dkim=pass",
       "a quoted parenthesis"},
      {" a; dkim=pass (x)) header.d=b (; n=f); m=f",
       {Fault::kBadProperty, 17},
       "a; dkim=pass (x); m=f",
       "a parenthesis too many"},
      {" a; m=pass x.y=\"b", {Fault::kUnclosedQuote, 15}, "a; m=pass", "an open quote"},
      {" a; m=pass x.y=\"b\\\"", {Fault::kUnclosedQuote, 15}, "a; m=pass", "a quoted quote"},
      {" a; m=pass x.y=\"b\\", {Fault::kUnclosedQuote, 15}, "a; m=pass", "a final backslash"},
      {" a; m=pass \\; n=f",
       {Fault::kBadProperty, 11},
       "a; m=pass; n=f",
       "a backslash outside quotes"},
      // A departure does not hide a fault behind it.
      {" spf=pass; dkim=", {Fault::kBadResult, 16}, "(no id); spf=pass", "no result"},
  };
  for (const Case& c : kCases) {
    ParsedField field = Parse(c.value);
    EXPECT_EQ(field.fault, c.fault) << c.why << ": " << Describe(field);
    EXPECT_FALSE(field.IsReadable()) << c.why;
    EXPECT_NE(std::find(field.faults.begin(), field.faults.end(), c.fault), field.faults.end());
    field.fault.reset();
    EXPECT_EQ(Describe(field), c.want) << c.why << ": " << c.value;
  }
}

TEST(ParsedFieldTest, ObstaclesLeaveNoResult) {
  struct Case {
    std::string_view value;
    size_t offset;
    const char* why;
  };
  constexpr Case kCases[] = {
      {" a; m=pass (\0)"sv, 12, "NUL"},
      {" a;\n none", 3, "LF"},
      {" a;\r none", 3, "CR"},
      {" a;\r\nnone", 3, "no fold"},
      {" a; none\r\n", 8, "the field's CRLF is none of the value"},
      {" a; m=p x.y=\"\\\r\n \"", 14, "a quoted CR"},
      {" a; none (\xfc)", 10, "ISO 8859-1"},
      {" a; none (\xed\xa0\x80)", 10, "a surrogate"},
  };
  for (const Case& c : kCases) {
    const ParsedField field = Parse(c.value);
    EXPECT_EQ(field.fault, (ParseFault{Fault::kBadOctet, c.offset})) << c.why;
    EXPECT_EQ(field.faults.size(), 1u) << c.why;
    EXPECT_EQ(field.authserv_id, std::nullopt) << c.why;
    EXPECT_TRUE(field.results.empty()) << c.why;
    EXPECT_FALSE(field.IsReadable()) << c.why;
  }
}

// Every fault is told, each where it is, up to kMaxFaults.
TEST(ParsedFieldTest, ListsFaultsUpToALimit) {
  const std::vector<ParseFault> want = {{Fault::kNoAuthservId, 1},
                                        {Fault::kOddKeyword, 1},
                                        {Fault::kBadResult, 28},
                                        {Fault::kEmptyResult, 35}};
  const ParsedField field = Parse(" gateway.spf=pass; dkim=pass+; m=f;");
  EXPECT_EQ(field.faults, want) << Describe(field);
  std::string empty = "a";
  for (size_t i = 0; i < kMaxFaults; ++i) empty += ";";
  EXPECT_EQ(Parse(empty).faults.size(), kMaxFaults);
  EXPECT_EQ(Parse(empty + ";").faults.size(), kMaxFaults);
  // One that is not listed counts all the same.
  EXPECT_FALSE(Parse(empty + "; =").IsReadable());
}

std::string Repeat(std::string_view text, size_t times) {
  std::string out;
  while (times-- > 0) out += text;
  return out;
}

TEST(ParsedFieldTest, Limits) {
  const std::string full = "a; none" + std::string(kMaxFieldOctets - 7, ' ');
  EXPECT_TRUE(Parse(full).IsValid());
  EXPECT_EQ(Parse(full + " ").fault, (ParseFault{Fault::kFieldTooLong, kMaxFieldOctets}));

  const std::string results = "a" + Repeat("; dkim=pass", kMaxResults);
  EXPECT_EQ(Parse(results).results.size(), kMaxResults);
  const ParsedField more_results = Parse(results + "; dkim=pass");
  EXPECT_EQ(more_results.fault, (ParseFault{Fault::kTooManyResults, results.size() + 2}));
  EXPECT_TRUE(more_results.results.empty());

  const std::string properties = "a; m=pass" + Repeat(" x.y=z", kMaxProperties);
  const ParsedField at_limit = Parse(properties + "; n=fail" + Repeat(" x.y=z", kMaxProperties));
  ASSERT_EQ(at_limit.results.size(), 2u);
  EXPECT_EQ(at_limit.results[0].properties.size(), kMaxProperties);
  EXPECT_EQ(at_limit.results[1].properties.size(), kMaxProperties) << "the limit is of each result";
  const ParsedField more_properties = Parse(properties + " x.y=z");
  EXPECT_EQ(more_properties.fault, (ParseFault{Fault::kTooManyProperties, properties.size() + 1}));
  EXPECT_TRUE(more_properties.results.empty());
}

// OpenDMARC issue 441: there was room for 16 results.
TEST(ParsedFieldTest, Regression13MoreThanSixteenResults) {
  for (const int count : {16, 17}) {
    const ParsedField field = Parse("a" + Repeat("; dkim=pass", count - 1) + "; spf=fail");
    EXPECT_TRUE(field.IsValid()) << Describe(field);
    ASSERT_EQ(field.results.size(), static_cast<size_t>(count));
    EXPECT_EQ(field.results.back().method, "spf") << "the last as the others";
    EXPECT_EQ(field.results.back().result, "fail");
  }
}

// Comments nest as deep as the sender likes; whoever recursed would fall here.
TEST(ParsedFieldTest, DeepComments) {
  const size_t depth = (kMaxFieldOctets - 7) / 2;
  EXPECT_TRUE(Parse("a; none" + Repeat("(", depth) + Repeat(")", depth)).IsValid());
  EXPECT_EQ(Parse("a; none" + Repeat("(", depth) + Repeat(")", depth - 1)).fault,
            (ParseFault{Fault::kUnclosedComment, 7}));
}

}  // namespace
}  // namespace postseal::authres
