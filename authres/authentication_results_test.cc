#include "authres/authentication_results.h"

#include <cstddef>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "mail/message_reader.h"

namespace postseal::authres {
namespace {

using std::string_view_literals::operator""sv;

// The examples of RFC 8601 appendix B, in our folds.
TEST(AuthenticationResultsTest, RfcExamples) {
  EXPECT_EQ(Print("example.org", {}).value(), "Authentication-Results: example.org; none\r\n")
      << "B.2";
  const std::vector<Result> b3 = {
      {.method = "spf", .result = "pass", .properties = {{"smtp", "mailfrom", "example.net"}}}};
  EXPECT_EQ(Print("example.com", b3).value(),
            "Authentication-Results: example.com;\r\n\tspf=pass smtp.mailfrom=example.net\r\n")
      << "B.3";
  const std::vector<Result> b4 = {
      {.method = "auth",
       .result = "pass",
       .comment = "cram-md5",
       .properties = {{"smtp", "auth", "sender@example.net"}}},
      {.method = "spf", .result = "pass", .properties = {{"smtp", "mailfrom", "example.net"}}}};
  EXPECT_EQ(Print("example.com", b4).value(),
            "Authentication-Results: example.com;\r\n"
            "\tauth=pass (cram-md5) smtp.auth=sender@example.net;\r\n"
            "\tspf=pass smtp.mailfrom=example.net\r\n")
      << "B.4";
  const std::vector<Result> b6 = {{.method = "dkim",
                                   .result = "pass",
                                   .reason = "good signature",
                                   .properties = {{"header", "i", "@mail-router.example.net"}}},
                                  {.method = "dkim",
                                   .result = "fail",
                                   .reason = "bad signature",
                                   .properties = {{"header", "i", "@newyork.example.com"}}}};
  EXPECT_EQ(Print("example.com", b6).value(),
            "Authentication-Results: example.com;\r\n"
            "\tdkim=pass reason=\"good signature\" header.i=@mail-router.example.net;\r\n"
            "\tdkim=fail reason=\"bad signature\" header.i=@newyork.example.com\r\n")
      << "B.6";
}

// PrintValue prints one property and returns what stands after its "=", or
// "omitted".
std::string PrintValue(std::string_view value, Charset charset = Charset::kAscii) {
  const std::vector<Result> results = {
      {.method = "m", .result = "pass", .properties = {{"header", "x", std::string(value)}}}};
  std::string field = Print("a", results, charset).value();
  const std::string_view before = "Authentication-Results: a;\r\n\tm=pass";
  EXPECT_TRUE(field.starts_with(before) && field.ends_with("\r\n")) << field;
  field = field.substr(before.size(), field.size() - before.size() - 2);
  if (field.empty()) return "omitted";
  const size_t name = field.find("header.x=");
  EXPECT_TRUE(field.substr(0, name) == " " || field.substr(0, name) == "\r\n\t") << field;
  return field.substr(name + 9);
}

TEST(AuthenticationResultsTest, Values) {
  const std::string full(kMaxValueOctets, 'x');
  const std::string too_long = full + "x";
  struct Case {
    std::string_view value;
    std::string_view ascii;
    std::string_view utf8;
    const char* why;
  };
  const Case kCases[] = {
      {"example.net", "example.net", "example.net", "domain-name"},
      {"a@example.net", "a@example.net", "a@example.net", "local-part@domain-name"},
      {"@example.net", "@example.net", "@example.net", "@domain-name, as of i="},
      {"a+b=c/d@example.net", "a+b=c/d@example.net", "a+b=c/d@example.net", "atext"},
      {"\"a b\"@example.net", "\"a b\"@example.net", "\"a b\"@example.net", "quoted local-part"},
      {"\"a\\\"b\"@example.net", "\"a\\\"b\"@example.net", "\"a\\\"b\"@example.net", "quoted-pair"},
      {"rsa-sha256", "rsa-sha256", "rsa-sha256", "token, RFC 2045 §5.1"},
      {"_dmarc.example.net", "_dmarc.example.net", "_dmarc.example.net", "token"},
      {"192.0.2.1", "192.0.2.1", "192.0.2.1", "token"},
      {"2001:db8::1", "\"2001:db8::1\"", "\"2001:db8::1\"", "a colon is a tspecial"},
      {"a/b+c=", "\"a/b+c=\"", "\"a/b+c=\"", "base64: tspecials"},
      {"", "\"\"", "\"\"", "an empty value is a value"},
      {"a b", "\"a b\"", "\"a b\"", "space"},
      {"a@localhost", "\"a@localhost\"", "\"a@localhost\"", "domain-name has a dot, RFC 6376 §3.5"},
      {"a@[192.0.2.1]", "\"a@[192.0.2.1]\"", "\"a@[192.0.2.1]\"", "a literal is no domain-name"},
      {"a@-x.example", "\"a@-x.example\"", "\"a@-x.example\"", "no Let-dig first"},
      {"a@x-.example", "\"a@x-.example\"", "\"a@x-.example\"", "no Let-dig last"},
      {"a@x..example", "\"a@x..example\"", "\"a@x..example\"", "an empty label"},
      {"a@example.net.", "\"a@example.net.\"", "\"a@example.net.\"", "an empty label"},
      {".a@example.net", "\".a@example.net\"", "\".a@example.net\"", "no dot-atom"},
      {"a@b@example.net", "\"a@b@example.net\"", "\"a@b@example.net\"", "two at signs"},
      {"\"a@example.net", "\"\\\"a@example.net\"", "\"\\\"a@example.net\"", "a quote not closed"},
      {"\"a\\\"@example.net", "\"\\\"a\\\\\\\"@example.net\"", "\"\\\"a\\\\\\\"@example.net\"",
       "a quote not closed"},
      {"\"a\"b@example.net", "\"\\\"a\\\"b@example.net\"", "\"\\\"a\\\"b@example.net\"",
       "text after the quote"},
      // Attacks on whoever reads the field: CVE-2020-12272 and its kin.
      {"example.net(.evil.example", "\"example.net(.evil.example\"",
       "\"example.net(.evil.example\"", "a comment begun in a domain"},
      {"x; dkim=pass header.d=bank.example", "\"x; dkim=pass header.d=bank.example\"",
       "\"x; dkim=pass header.d=bank.example\"", "another result"},
      {"x\" ; dkim=pass", "\"x\\\" ; dkim=pass\"", "\"x\\\" ; dkim=pass\"", "out of the quotes"},
      {"x\\\" ; dkim=pass", "\"x\\\\\\\" ; dkim=pass\"", "\"x\\\\\\\" ; dkim=pass\"",
       "an escape that escapes ours"},
      {"@evil.example:a@bank.example", "\"@evil.example:a@bank.example\"",
       "\"@evil.example:a@bank.example\"", "a source route"},
      {"a\r\nFrom: b", "omitted", "omitted", "another field"},
      {"a\nb", "omitted", "omitted", "LF"},
      {"a\rb", "omitted", "omitted", "CR"},
      {"bank.example\0.evil.example"sv, "omitted", "omitted", "NUL"},
      {"a\tb", "omitted", "omitted", "TAB"},
      {"a\x7f", "omitted", "omitted", "DEL"},
      {"\"a\\\n\"@example.net", "omitted", "omitted", "LF in a quoted-pair"},
      {"b\xc3\xbc"
       "cher.example",
       "omitted",
       "b\xc3\xbc"
       "cher.example",
       "U-label"},
      {"\xc3\xbc@b\xc3\xbc"
       "cher.example",
       "omitted",
       "\xc3\xbc@b\xc3\xbc"
       "cher.example",
       "RFC 6531 §3.3"},
      {"\xc3\xbc", "omitted", "\"\xc3\xbc\"", "a token is ASCII"},
      {"b\xfc"
       "cher.example",
       "omitted", "omitted", "not UTF-8"},
      {"a\xc2\x85", "omitted", "omitted", "C1 control"},
      {"a\xe2\x80\xae", "omitted", "omitted", "U+202E turns the direction"},
      {full, full, full, "kMaxValueOctets"},
      {too_long, "omitted", "omitted", "kMaxValueOctets + 1"},
  };
  for (const Case& test : kCases) {
    EXPECT_EQ(PrintValue(test.value), test.ascii) << test.why;
    EXPECT_EQ(PrintValue(test.value, Charset::kUtf8), test.utf8) << test.why;
  }
}

TEST(AuthenticationResultsTest, AnOmittedPropertyLeavesTheOthers) {
  const std::vector<Result> results = {
      {.method = "dkim",
       .result = "fail",
       .properties = {{"header", "d", "a.example"}, {"header", "i", "\n"}, {"header", "s", "b"}}}};
  EXPECT_EQ(Print("a", results).value(),
            "Authentication-Results: a;\r\n\tdkim=fail header.d=a.example header.s=b\r\n");
}

TEST(AuthenticationResultsTest, ReasonsAndComments) {
  struct Case {
    std::string_view text;
    std::string_view printed;
    const char* why;
  };
  constexpr Case kCases[] = {
      {"ok", "(ok) reason=ok", "a token needs no quotes"},
      {"two words", "(two words) reason=\"two words\"", "spaces do"},
      {"a) dkim=pass (", "(a\\) dkim=pass \\() reason=\"a) dkim=pass (\"", "out of the comment"},
      {"a\" x=y \\", "(a\" x=y \\\\) reason=\"a\\\" x=y \\\\\"", "out of the quotes"},
      {"a\r\nFrom: b\0"sv, "(aFrom: b) reason=\"aFrom: b\"", "controls are dropped"},
      {"\xc3\xbc", "() reason=\"\"", "8 bit is dropped"},
  };
  for (const Case& test : kCases) {
    const std::vector<Result> results = {{.method = "m",
                                          .result = "fail",
                                          .reason = std::string(test.text),
                                          .comment = std::string(test.text)}};
    EXPECT_EQ(Print("a", results).value(),
              "Authentication-Results: a;\r\n\tm=fail " + std::string(test.printed) + "\r\n")
        << test.why;
  }
}

TEST(AuthenticationResultsTest, TextEndsAtItsLimit) {
  for (const size_t octets : {kMaxTextOctets, kMaxTextOctets + 1}) {
    const std::vector<Result> results = {
        {.method = "m", .result = "fail", .comment = std::string(octets, 'x')}};
    EXPECT_EQ(Print("a", results).value(), "Authentication-Results: a;\r\n\tm=fail\r\n\t(" +
                                               std::string(kMaxTextOctets, 'x') + ")\r\n");
  }
}

TEST(AuthenticationResultsTest, AuthservId) {
  struct Case {
    std::string_view id;
    std::string_view printed;
    const char* why;
  };
  const std::string full(kMaxValueOctets, 'x');
  const std::string too_long = full + "x";
  const Case kCases[] = {
      {"mx.example.com", "mx.example.com", "token"},
      {"mx 1", "\"mx 1\"", "value = token / quoted-string, RFC 8601 §2.2"},
      {"mx;1", "\"mx;1\"", "a tspecial"},
      {full, full, "kMaxValueOctets"},
      {too_long, "", "kMaxValueOctets + 1"},
      {"", "", "empty"},
      {"mx\r\nFrom: a", "", "controls"},
      {"mx\t", "", "controls"},
      {"mx\0"sv, "", "controls"},
      {"b\xc3\xbc", "", "8 bit"},
  };
  for (const Case& test : kCases) {
    const absl::StatusOr<std::string> field = Print(test.id, {});
    if (test.printed.empty()) {
      EXPECT_EQ(field.status().code(), absl::StatusCode::kInvalidArgument) << test.why;
      continue;
    }
    ASSERT_TRUE(field.ok()) << test.why;
    std::string unfolded = *field;
    if (const size_t fold = unfolded.find("\r\n\t"); fold != std::string::npos) {
      unfolded.replace(fold, 3, " ");
    }
    EXPECT_EQ(unfolded, "Authentication-Results: " + std::string(test.printed) + "; none\r\n");
  }
  EXPECT_EQ(Print("b\xc3\xbc", {}, Charset::kUtf8).value(),
            "Authentication-Results: \"b\xc3\xbc\"; none\r\n");
}

TEST(AuthenticationResultsTest, MethodVersion) {  // RFC 8601 §2.2
  const std::vector<Result> results = {
      {.method = "dkim", .result = "pass", .properties = {}, .method_version = 1}};
  EXPECT_EQ(Print("a", results).value(), "Authentication-Results: a;\r\n\tdkim/1=pass\r\n");
}

TEST(AuthenticationResultsTest, OurOwnWordsAreKeywords) {
  struct Case {
    const char* method;
    const char* result;
    const char* ptype;
    const char* property;
    bool ok;
    const char* why;
  };
  constexpr Case kCases[] = {
      {"dkim", "pass", "header", "d", true, "RFC 8601 §2.7.1"},
      {"x-a1", "temperror", "smtp", "remote-ip", true, "hyphens and digits"},
      {"", "pass", "header", "d", false, "empty method"},
      {"dkim/1", "pass", "header", "d", false, "the version is a member of its own"},
      {"dkim=pass;spf", "pass", "header", "d", false, "two methods"},
      {"dkim", "", "header", "d", false, "empty result"},
      {"dkim", "pass (x)", "header", "d", false, "a comment"},
      {"dkim", "pass", "", "d", false, "empty ptype"},
      {"dkim", "pass", "header.b", "d", false, "a dot"},
      {"dkim", "pass", "header", "d-", false, "Ldh-str ends with Let-dig, RFC 5321 §4.1.2"},
      {"dkim", "pass", "header", "d\n", false, "a control"},
  };
  for (const Case& test : kCases) {
    const std::vector<Result> results = {{.method = test.method,
                                          .result = test.result,
                                          .properties = {{test.ptype, test.property, "x"}}}};
    const absl::StatusOr<std::string> field = Print("a", results);
    const absl::StatusCode code =
        test.ok ? absl::StatusCode::kOk : absl::StatusCode::kInvalidArgument;
    EXPECT_EQ(field.status().code(), code) << test.why;
  }
}

// CountResults counts the semicolons outside quoted-strings and comments, with
// the lexical rules of RFC 5322 §3.2: what a careful reader sees.
size_t CountResults(std::string_view value) {
  size_t count = 0;
  size_t depth = 0;
  bool is_quoted = false;
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if ((is_quoted || depth > 0) && c == '\\') {
      ++i;
    } else if (depth == 0 && c == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && c == '(') {
      ++depth;
    } else if (!is_quoted && c == ')' && depth > 0) {
      --depth;
    } else if (!is_quoted && depth == 0 && c == ';') {
      ++count;
    }
  }
  EXPECT_FALSE(is_quoted) << value;
  EXPECT_EQ(depth, 0u) << value;
  return count;
}

TEST(AuthenticationResultsTest, HostileTextAddsNoResult) {
  static constexpr std::string_view kPieces[] = {
      "\"", "\\",           "(",       ")",  ";",    "=",         " ",       "a",        "@",
      ".",  "b.example",    "\r\n",    "\n", "\0"sv, "dkim=pass", "From: x", "\xc3\xbc", "\xfc",
      "\t", "\xe2\x80\xae", "\"a b\"@"};
  std::mt19937 random(8601);
  const auto text = [&random] {
    std::string result;
    for (size_t i = random() % 30; i > 0; --i) result += kPieces[random() % std::size(kPieces)];
    return result;
  };
  for (int round = 0; round < 5000; ++round) {
    std::vector<Result> results(random() % 4);
    for (Result& result : results) {
      result = {.method = "dkim", .result = "fail", .reason = text(), .comment = text()};
      for (size_t i = random() % 4; i > 0; --i) {
        result.properties.push_back({"header", "d", text()});
      }
    }
    const bool is_utf8 = round % 2 == 0;
    const std::string field =
        Print("mx.example", results, is_utf8 ? Charset::kUtf8 : Charset::kAscii).value();
    mail::MessageReader reader;
    ASSERT_EQ(reader.Feed(field + "\r\nbody"), "body") << round;
    ASSERT_EQ(reader.fields().size(), 1u) << round;
    ASSERT_TRUE(reader.fields()[0].NameIs(kFieldName)) << round;
    mail::HeaderFlags allowed;
    allowed.non_ascii = is_utf8 && reader.flags().non_ascii;
    ASSERT_EQ(reader.flags(), allowed) << round << field;
    ASSERT_EQ(CountResults(reader.fields()[0].value), results.empty() ? 1 : results.size())
        << field;
  }
}

}  // namespace
}  // namespace postseal::authres
