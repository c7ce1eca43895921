// What scenario files may hold, and what is an error: testdata/scenarios/README.md.
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "dmarc/record.h"
#include "dns/answer.h"
#include "gtest/gtest.h"
#include "testing/scenario.h"

namespace postseal::testing {
namespace {

// Every section, and what belongs there.
constexpr std::string_view kFull = R"(# Why:
# RFC 6376 §1.

# not this
[zone]
# . TXT not a comment
[envelope]
client_ip: 2001:db8::1
helo:mail.example
mail_from: bob@example.com
receiver: mx
smtputf8: true

[options]
now: 1
authserv_id: "mx"
suffixes: true
scan_body: true
dmarc_sample: 7
dmarc_mode: 1
[expect]
# a comment
dkim.length = 0
x = "a = b"
[queries]
99 TXT b.example
1 AAAA a.example
[message]
# a

b)";

Scenario Parse(std::string_view text) {
  const auto scenario = ParseScenario(text, "x.case");
  EXPECT_TRUE(scenario.ok()) << scenario.status() << "\n" << text;
  return scenario.ok() ? *scenario : Scenario();
}

// Full is kFull with a piece replaced; its zone text is an error of its own.
std::string Full(std::string_view old_text = "", std::string_view new_text = "") {
  const std::string text = absl::StrReplaceAll(kFull, {{"# . TXT not", "; . TXT not"}});
  return old_text.empty() ? text : absl::StrReplaceAll(text, {{old_text, new_text}});
}

TEST(ScenarioFormatTest, EverySection) {
  const Scenario scenario = Parse(Full());
  EXPECT_EQ(scenario.file_name, "x.case");
  EXPECT_EQ(scenario.why, "Why: RFC 6376 §1.");
  EXPECT_EQ(scenario.zone, "\n\n\n\n\n; . TXT not a comment\n");
  EXPECT_EQ(scenario.envelope.client_ip->Print(), "2001:db8::1");
  EXPECT_EQ(scenario.envelope.helo, "mail.example");
  EXPECT_EQ(scenario.envelope.rfc5321_mail_from, "bob@example.com");
  EXPECT_EQ(scenario.envelope.receiver, "mx");
  EXPECT_TRUE(scenario.envelope.smtputf8);
  EXPECT_EQ(scenario.now, 1);
  EXPECT_EQ(scenario.authserv_id, "mx");
  EXPECT_TRUE(scenario.needs_suffixes);
  EXPECT_TRUE(scenario.options.scan_body);
  EXPECT_EQ(scenario.options.dmarc.sample, 7);
  EXPECT_EQ(scenario.options.dmarc.mode, dmarc::Mode::kRfc7489);
  ASSERT_EQ(scenario.expectations.size(), 2u);
  EXPECT_EQ(scenario.expectations[0].line, 23u);
  EXPECT_EQ(scenario.expectations[1].path, "x");
  EXPECT_EQ(scenario.expectations[1].json, "\"a = b\"");
  ASSERT_EQ(scenario.queries.size(), 2u);
  EXPECT_EQ(scenario.queries[0].round, 99u);
  EXPECT_EQ(scenario.queries[1].query.type, dns::Type::kAaaa);
  EXPECT_EQ(scenario.queries[1].query.name.text(), "a.example");
  EXPECT_EQ(scenario.message, "# a\r\n\r\nb");
}

TEST(ScenarioFormatTest, Defaults) {
  const Scenario scenario = Parse("#\n[expect]\nx = 1\n[queries]\n[message]\n");
  EXPECT_FALSE(scenario.envelope.client_ip.has_value());
  EXPECT_EQ(scenario.envelope.helo, "");
  EXPECT_FALSE(scenario.envelope.rfc5321_mail_from.has_value());
  EXPECT_EQ(scenario.envelope.receiver, "unknown");
  EXPECT_FALSE(scenario.envelope.smtputf8);
  EXPECT_EQ(scenario.now, 1767225600);
  EXPECT_EQ(scenario.authserv_id, "mx.example.net");
  EXPECT_FALSE(scenario.needs_suffixes);
  EXPECT_TRUE(scenario.queries.empty());
  EXPECT_EQ(scenario.message, "");
  EXPECT_EQ(Parse(Full("bob@example.com", "<>")).envelope.rfc5321_mail_from, "");
}

TEST(ScenarioFormatTest, EscapedMessage) {
  const struct {
    std::string_view lines;
    std::string_view message;
  } kCases[] = {
      {R"(a\r\n\t\\b)", "a\r\n\t\\b"},
      {R"(\0\x00\x7F\xfF)", std::string_view("\0\0\x7F\xFF", 4)},
      {"a\\\nb\n", "ab\r\n"},
      {"a\\\\\nb\n", "a\\\r\nb\r\n"},
      {"\\\n", ""},
      {"é[zone]\n#\n", "é[zone]\r\n#\r\n"},
  };
  for (const auto& c : kCases) {
    const std::string text = absl::StrCat("[message escaped]\n", c.lines);
    EXPECT_EQ(Parse(Full("[message]\n# a\n\nb", text)).message, c.message) << c.lines;
  }
}

TEST(ScenarioFormatTest, WhatIsNoScenarioIsNamed) {
  const struct {
    std::string_view old_text;
    std::string_view new_text;
    std::string_view error;
  } kCases[] = {
      {"# Why:", "Why:", "x.case:1: the file begins with a comment"},
      {"# not this", "not this", "x.case:4: this stands in no section"},
      {"[zone]", "[zones]", "x.case:5: no such section"},
      {"[zone]", "[zone] ", "x.case:5: no such section"},
      {"; . TXT", "[a]\n; . TXT", "x.case:6: no such section"},
      {"[options]", "[envelope]", "x.case:14: the section stands twice"},
      {"[options]", "[zone]", "x.case:14: the section stands twice, or after one"},
      {"; . TXT not a comment", "a. TXT", "x.case:6:7: expected a string"},
      {"helo:mail", "helo mail", "x.case:9: expected \":\""},
      {"helo:mail.example", "helo: ", "x.case:9: the name or the value is empty"},
      {"helo:", "hello:", "x.case:9: no such field: hello"},
      {"helo:", "client_ip:", "x.case:9: client_ip stands twice"},
      {"2001:db8::1", "192.0.2", "x.case:8: not an IP address"},
      {"smtputf8: true", "smtputf8: 1", "x.case:12: expected true or false"},
      {"scan_body: true", "scan_bodies: true", "x.case:18: no such option: scan_bodies"},
      {"scan_body: true", "scan_body: 1", "x.case:18: evidence: bad member \"scan_body\""},
      {"scan_body: true", "scan_body: t", "x.case:18: the value is not JSON"},
      {"scan_body: true", "now: 2", "x.case:18: now stands twice"},
      {"now: 1", "now: -1", "x.case:15: evidence: bad member \"now\""},
      {"suffixes: true", "suffixes: 1", "x.case:17: expected true or false"},
      {"length = 0", "length: 0", "x.case:23: expected \" = \""},
      {"x = \"", "x = ", "x.case:24: the value is not JSON"},
      {"x = ", "dkim.length = ", "x.case:24: dkim.length stands twice"},
      {"99 TXT", "100 TXT", "x.case:26: the round is not a number from 1 to 99"},
      {"99 TXT", "0 TXT", "x.case:26: the round is not a number from 1 to 99"},
      {"99 TXT", "99 SPF", "x.case:26: no type to ask for"},
      {"TXT b", "TXT  b", "x.case:26: not a name"},
      {"TXT b", "TXT B", "x.case:26: not a name in lower case without the last dot"},
      {"b.example\n", "b.example.\n", "x.case:26: not a name in lower case without the last dot"},
      {"99 TXT b", "99", "x.case:26: expected ROUND TYPE NAME"},
      {"99 TXT b", "99 AAAA a", "x.case:27: the query stands twice"},
      {"[queries]\n99 TXT b.example\n1 AAAA a.example\n", "", "[queries] is missing"},
      {"dkim.length = 0\nx = \"a = b\"\n", "", "nothing is expected"},
      {"[message]\n# a\n\nb", "", "x.case:27: [message] is missing"},
      {"[message]\n# a", "[message escaped]\n\\y", "x.case:29: no such escape"},
      {"[message]\n# a", "[message escaped]\n\\x4", "x.case:29: no such escape"},
      {"[message]\n# a", "[message escaped]\n\\x4g", "x.case:29: no such escape"},
      {"# a\n", "# a\r\n", "x.case:29: lines end in LF alone"},
      {"[options]\n", "[options]\r\n", "x.case:14: lines end in LF alone"},
      {"# a\n", "# \xE9\n", "x.case:29: not UTF-8"},
  };
  for (const auto& c : kCases) {
    const auto scenario = ParseScenario(Full(c.old_text, c.new_text), "x.case");
    ASSERT_FALSE(scenario.ok()) << c.old_text << " -> " << c.new_text;
    EXPECT_TRUE(absl::StrContains(scenario.status().message(), c.error))
        << c.old_text << " -> " << c.new_text << ": " << scenario.status();
  }
  EXPECT_FALSE(ParseScenario("", "x.case").ok());
}

// Lines is |count| lines "prefixNUMBERsuffix".
std::string Lines(std::string_view prefix, size_t count, std::string_view suffix) {
  std::string lines;
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&lines, prefix, i, suffix, "\n");
  return lines;
}

TEST(ScenarioFormatTest, Limits) {
  const std::string old_expectations = "dkim.length = 0\nx = \"a = b\"\n";
  const std::string old_queries = "99 TXT b.example\n1 AAAA a.example\n";
  for (const size_t more : {0, 1}) {
    const std::string expectations = Lines("p", kMaxExpectations + more, " = 1");
    EXPECT_EQ(ParseScenario(Full(old_expectations, expectations), "").ok(), more == 0);
    const std::string queries = Lines("1 A q", kMaxScenarioQueries + more, "");
    EXPECT_EQ(ParseScenario(Full(old_queries, queries), "").ok(), more == 0);
    const std::string full = Full();
    const std::string large = full + std::string(kMaxScenarioOctets + more - full.size(), 'x');
    EXPECT_EQ(ParseScenario(large, "").ok(), more == 0);
  }
}

}  // namespace
}  // namespace postseal::testing
