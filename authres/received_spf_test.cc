#include "authres/received_spf.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "authres/lexical.h"
#include "base/result.h"
#include "gtest/gtest.h"
#include "mail/message_reader.h"

namespace postseal::authres {
namespace {

using std::string_view_literals::operator""sv;

// Unfolded is |field| on one line, without its CRLF. RFC 5322 §2.2.3
std::string Unfolded(std::string_view field) {
  EXPECT_TRUE(field.ends_with("\r\n")) << field;
  std::string out;
  for (const char c : field) {
    if (c == '\t') out += ' ';
    if (c != '\r' && c != '\n' && c != '\t') out += c;
  }
  return out;
}

std::string PrintUnfolded(const ReceivedSpf& spf, Charset charset = Charset::kAscii) {
  return Unfolded(PrintReceivedSpf(spf, charset).value());
}

// RFC 7208 §9.1 has a colon bare in mechanism=ip4:192.0.2.1, which is no dot-atom;
// otherwise this is its third example.
TEST(ReceivedSpfTest, ExampleOfTheRfc) {
  EXPECT_EQ(PrintUnfolded({.result = base::Result::kPass,
                           .comment = "mybox.example.org: domain of myname@example.com "
                                      "designates 192.0.2.1 as permitted sender",
                           .receiver = "mybox.example.org",
                           .client_ip = "192.0.2.1",
                           .envelope_from = "myname@example.com",
                           .helo = "foo.example.com",
                           .mechanism = "ip4:192.0.2.1"}),
            "Received-SPF: pass (mybox.example.org: domain of myname@example.com "
            "designates 192.0.2.1 as permitted sender) receiver=mybox.example.org; "
            "client-ip=192.0.2.1; envelope-from=\"myname@example.com\"; helo=foo.example.com; "
            "mechanism=\"ip4:192.0.2.1\"");
}

// Erratum 5436: as first published, the rule wants white space after the result
// that may be all there is, and would end in a blank before CRLF.
TEST(ReceivedSpfTest, FormOfErratum5436) {
  EXPECT_EQ(PrintReceivedSpf({.result = base::Result::kNone}).value(), "Received-SPF: none\r\n");
  EXPECT_EQ(PrintReceivedSpf({.result = base::Result::kFail, .comment = "why"}).value(),
            "Received-SPF: fail (why)\r\n");
  EXPECT_EQ(PrintReceivedSpf({.result = base::Result::kSoftFail, .identity = "helo"}).value(),
            "Received-SPF: softfail identity=helo\r\n");
  EXPECT_EQ(
      PrintReceivedSpf({.result = base::Result::kNeutral, .comment = "c", .identity = "mailfrom"})
          .value(),
      "Received-SPF: neutral (c) identity=mailfrom\r\n");
}

TEST(ReceivedSpfTest, EveryResultOfSpfAndNoOther) {
  const std::pair<base::Result, const char*> kResults[] = {
      {base::Result::kNone, "none"},           {base::Result::kPass, "pass"},
      {base::Result::kFail, "fail"},           {base::Result::kSoftFail, "softfail"},
      {base::Result::kNeutral, "neutral"},     {base::Result::kTempError, "temperror"},
      {base::Result::kPermError, "permerror"},
  };
  for (const auto& [result, word] : kResults) {
    EXPECT_EQ(PrintUnfolded({.result = result}), std::string("Received-SPF: ") + word);
  }
  EXPECT_EQ(PrintReceivedSpf({.result = base::Result::kPolicy}).status().code(),
            absl::StatusCode::kInvalidArgument)
      << "RFC 7208 §2.6";
}

TEST(ReceivedSpfTest, IdentityIsAName) {
  for (const std::string_view name : {"mailfrom", "helo", "pra", "x-a_b.c9"}) {
    EXPECT_TRUE(PrintReceivedSpf({.identity = std::string(name)}).ok()) << name;
  }
  for (const std::string_view name : {"", "9a", "-a", "a b", "a;b", "a\"", "a\r\nb"}) {
    EXPECT_EQ(PrintReceivedSpf({.identity = std::string(name)}).status().code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
}

// PrintHelo is what stands after helo=, or "omitted".
std::string PrintHelo(std::string_view value, Charset charset) {
  const std::string field = PrintUnfolded({.helo = std::string(value)}, charset);
  const std::string_view before = "Received-SPF: none";
  EXPECT_TRUE(field.starts_with(before)) << field;
  if (field == before) return "omitted";
  EXPECT_TRUE(field.substr(before.size()).starts_with(" helo=")) << field;
  return field.substr(before.size() + 6);
}

TEST(ReceivedSpfTest, HostileValues) {
  const std::string full(kMaxValueOctets, 'x');
  const std::string too_long = full + "x";
  struct Case {
    std::string_view value;
    std::string_view ascii;
    std::string_view utf8;
    const char* why;
  };
  const Case kCases[] = {
      {"mail.example.net", "mail.example.net", "mail.example.net", "dot-atom"},
      {"a=b/c", "a=b/c", "a=b/c", "atext has = and /, RFC 5322 §3.2.3"},
      {"[192.0.2.1]", "\"[192.0.2.1]\"", "\"[192.0.2.1]\"", "an address literal is no dot-atom"},
      {"2001:db8::1", "\"2001:db8::1\"", "\"2001:db8::1\"", "a colon is no atext"},
      {"example.net.", "\"example.net.\"", "\"example.net.\"", "no atext after the dot"},
      {"", "\"\"", "\"\"", "no dot-atom is empty"},
      {"a; identity=mailfrom", "\"a; identity=mailfrom\"", "\"a; identity=mailfrom\"",
       "another pair"},
      {"a\"; helo=b", "\"a\\\"; helo=b\"", "\"a\\\"; helo=b\"", "out of the quotes"},
      {"a\\\"; helo=b", "\"a\\\\\\\"; helo=b\"", "\"a\\\\\\\"; helo=b\"", "an escape of ours"},
      {"a(b", "\"a(b\"", "\"a(b\"", "a comment begun"},
      {"a\r\nFrom: b", "omitted", "omitted", "another field"},
      {"a\nb", "omitted", "omitted", "LF"},
      {"a\0b"sv, "omitted", "omitted", "NUL"},
      {"a\x7f", "omitted", "omitted", "DEL"},
      {"a\xff", "omitted", "omitted", "no UTF-8"},
      {"b\u00fccher.example", "omitted", "b\u00fccher.example", "a U-label, RFC 6531 §3.3"},
      {"a\u202eb", "omitted", "omitted", "right to left"},
      {full, full, full, "n octets"},
      {too_long, "omitted", "omitted", "n + 1 octets"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(PrintHelo(c.value, Charset::kAscii), c.ascii) << c.why;
    EXPECT_EQ(PrintHelo(c.value, Charset::kUtf8), c.utf8) << c.why;
  }
}

TEST(ReceivedSpfTest, TextForPeopleLosesWhatCannotBeShown) {
  EXPECT_EQ(
      PrintUnfolded({.result = base::Result::kPermError,
                     .comment = "a) evil=(\r\nb\\",
                     .problem = "redirect=\"x\"\r\nSubject: y\x01"}),
      "Received-SPF: permerror (a\\) evil=\\(b\\\\) problem=\"redirect=\\\"x\\\"Subject: y\"");
  const std::string full(kMaxTextOctets, 'x');
  EXPECT_EQ(PrintUnfolded({.comment = full + "y", .problem = full + "y"}),
            "Received-SPF: none (" + full + ") problem=\"" + full + "\"");
}

TEST(ReceivedSpfTest, IsOneFieldOfShortLinesWhateverItHolds) {
  std::string octets;
  for (int c = 255; c >= 0; --c) octets += static_cast<char>(c);
  const std::string quotes(kMaxValueOctets, '"');
  for (const std::string& value : {octets, quotes, std::string("\r\n\r\nbody"), octets + octets}) {
    const std::string field = PrintReceivedSpf({.result = base::Result::kFail,
                                                .comment = value,
                                                .receiver = value,
                                                .client_ip = value,
                                                .envelope_from = value,
                                                .helo = value,
                                                .mechanism = value,
                                                .problem = value})
                                  .value();
    mail::MessageReader reader;
    EXPECT_EQ(reader.Feed(field + "\r\nbody"), "body");
    ASSERT_EQ(reader.fields().size(), 1u) << field;
    EXPECT_EQ(reader.fields()[0].name, kReceivedSpfName);
    for (size_t begin = 0; begin < field.size();) {
      const size_t end = field.find("\r\n", begin);
      EXPECT_LE(end - begin, 998u) << "RFC 5322 §2.1.1";
      begin = end + 2;
    }
  }
}

}  // namespace
}  // namespace postseal::authres
