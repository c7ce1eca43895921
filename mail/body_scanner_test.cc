#include "mail/body_scanner.h"

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "mail/field.h"

namespace postseal::mail {
namespace {

// FlagsByOctet is the plain version, the oracle of BodyScanner.
BodyFlags FlagsByOctet(std::string_view body) {
  BodyFlags flags;
  size_t line = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    if (body.substr(i, 2) == "\r\n") {
      line = 0;
      ++i;
      continue;
    }
    flags.bare_cr |= body[i] == '\r';
    flags.bare_lf |= body[i] == '\n';
    flags.nul |= body[i] == '\0';
    flags.non_ascii |= body[i] < 0;
    flags.long_line |= ++line > kMaxLineOctets;
  }
  return flags;
}

BodyFlags FlagsInChunks(std::string_view body, size_t chunk) {
  BodyScanner scanner;
  for (size_t at = 0; at < body.size(); at += chunk) scanner.Feed(body.substr(at, chunk));
  return scanner.flags();
}

TEST(BodyScannerTest, Table) {
  using std::string_view_literals::operator""sv;
  const std::string full(kMaxLineOctets, 'x');
  struct Case {
    std::string body;
    BodyFlags flags;
    const char* why;
  };
  const Case kCases[] = {
      {"", {}, "nothing"},
      {"a\r\n\r\nb\r\n", {}, "CRLF"},
      {"a\rb\r\n", {.bare_cr = true}, "CR"},
      {"a\r\r\n", {.bare_cr = true}, "CR CRLF"},
      {"a\r", {.bare_cr = true}, "CR at the end"},
      {"a\nb\r\n", {.bare_lf = true}, "LF"},
      {"\n", {.bare_lf = true}, "LF first"},
      {"a\r\n\n.\r\n", {.bare_lf = true}, "CRLF LF: SMTP smuggling"},
      {"a\n\r\n", {.bare_lf = true}, "LF CRLF"},
      {"\n\r", {.bare_cr = true, .bare_lf = true}, "LFCR"},
      {std::string("a\0b"sv), {.nul = true}, "NUL"},
      {"\xc3\xa9", {.non_ascii = true}, "8 bit"},
      {full + "\r\n" + full, {}, "998 octets, RFC 5322 §2.1.1"},
      {full + "x\r\n", {.long_line = true}, "999 octets"},
      {"a\r\n" + full + "x", {.long_line = true}, "999 octets without CRLF"},
      {full + "\r", {.bare_cr = true, .long_line = true}, "a bare CR counts"},
      {full + "\nx\r\n", {.bare_lf = true, .long_line = true}, "LF ends no line"},
  };
  for (const Case& test : kCases) {
    EXPECT_EQ(FlagsByOctet(test.body), test.flags) << test.why;
    for (const size_t chunk : {1, 2, 3, 7, 5000}) {
      EXPECT_EQ(FlagsInChunks(test.body, chunk), test.flags) << test.why << ", by " << chunk;
    }
  }
}

TEST(BodyScannerTest, AgreesWithThePlainVersion) {
  std::mt19937 random(5322);
  for (int round = 0; round < 3000; ++round) {
    std::string body;
    while (random() % 400 != 0) {
      // Mostly clean lines, so that each flag is sometimes the only one.
      if (random() % 500 == 0) body += "\r\n\0\xe9"[random() % 4];
      body += random() % 60 == 0 ? "\r\n" : "x";
      if (random() % 2000 == 0) body.append(random() % 1200, 'y');
    }
    const BodyFlags expected = FlagsByOctet(body);
    for (const size_t chunk : {size_t{1}, size_t{random() % 99 + 1}, body.size() + 1}) {
      ASSERT_EQ(FlagsInChunks(body, chunk), expected) << round << ", by " << chunk;
    }
  }
}

}  // namespace
}  // namespace postseal::mail
