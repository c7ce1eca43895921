#include "dns/response.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace postseal::dns {
namespace {

using namespace std::string_literals;

std::string U16(size_t value) {
  return {static_cast<char>(value >> 8 & 255), static_cast<char>(value & 255)};
}
std::string U32(uint32_t value) { return U16(value >> 16) + U16(value & 0xFFFF); }

// Wire is "a.b" as labels.
std::string Wire(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    out += static_cast<char>(label.size());
    out.append(label);
    name.remove_prefix(std::min(label.size() + 1, name.size()));
  }
  return out + '\0';
}

// To is a pointer to |offset|. RFC 1035 §4.1.4
std::string To(size_t offset) { return U16(0xC000 | offset); }
// The question's name stands behind the header.
const std::string kQuestion = To(12);

std::string Header(int rcode, size_t answers) {
  return U16(1) + U16(0x8180 | static_cast<size_t>(rcode)) + U16(1) + U16(answers) + U16(0) +
         U16(0);
}
std::string Question(std::string_view name, Type type) {
  return Wire(name) + U16(static_cast<size_t>(type)) + U16(1);
}
std::string Record(const std::string& owner, Type type, uint32_t ttl, const std::string& rdata) {
  return owner + U16(static_cast<size_t>(type)) + U16(1) + U32(ttl) + U16(rdata.size()) + rdata;
}

struct Case {
  const char* name;
  Type type;
  std::string message;
  Outcome outcome;
  std::vector<std::string> rdata;
  uint32_t ttl;
};

const Case kCases[] = {
    {"a record",
     Type::kTxt,
     Header(0, 1) + Question("a.b", Type::kTxt) + Record(kQuestion, Type::kTxt, 7, "\x02ok"),
     Outcome::kRecords,
     {"\x02ok"},
     7},
    {"the least TTL",
     Type::kTxt,
     Header(0, 2) + Question("a.b", Type::kTxt) + Record(kQuestion, Type::kTxt, 7, "\1a") +
         Record(kQuestion, Type::kTxt, 5, "\1b"),
     Outcome::kRecords,
     {"\1a", "\1b"},
     5},
    {"the name in another case",
     Type::kTxt,
     Header(0, 1) + Question("a.b", Type::kTxt) + Record(Wire("A.B"), Type::kTxt, 7, "\1a"),
     Outcome::kRecords,
     {"\1a"},
     7},
    {"another name's record",
     Type::kTxt,
     Header(0, 1) + Question("a.b", Type::kTxt) + Record(Wire("x.b"), Type::kTxt, 7, "\1a"),
     Outcome::kNoData,
     {},
     0},
    {"another type's",
     Type::kTxt,
     Header(0, 1) + Question("a.b", Type::kTxt) + Record(kQuestion, Type::kA, 7, "\1\2\3\4"),
     Outcome::kNoData,
     {},
     0},
    {"a CNAME before",
     Type::kTxt,
     Header(0, 2) + Question("a.b", Type::kTxt) + Record(kQuestion, Type::kCname, 3, Wire("c.d")) +
         Record(Wire("c.d"), Type::kTxt, 7, "\1a"),
     Outcome::kRecords,
     {"\1a"},
     3},
    {"a CNAME behind",
     Type::kTxt,
     Header(0, 2) + Question("a.b", Type::kTxt) + Record(Wire("c.d"), Type::kTxt, 7, "\1a") +
         Record(kQuestion, Type::kCname, 3, Wire("c.d")),
     Outcome::kRecords,
     {"\1a"},
     3},
    {"a CNAME of itself",
     Type::kTxt,
     Header(0, 1) + Question("a.b", Type::kTxt) + Record(kQuestion, Type::kCname, 3, kQuestion),
     Outcome::kTempError,
     {},
     0},
    {"a CNAME to nowhere",
     Type::kTxt,
     Header(3, 1) + Question("a.b", Type::kTxt) + Record(kQuestion, Type::kCname, 3, Wire("c")),
     Outcome::kNxDomain,
     {},
     0},
    {"the CNAME itself",
     Type::kCname,
     Header(0, 1) + Question("a.b", Type::kCname) + Record(kQuestion, Type::kCname, 3, kQuestion),
     Outcome::kRecords,
     {Wire("a.b")},
     3},
    {"a compressed name in MX",
     Type::kMx,
     Header(0, 1) + Question("a.b", Type::kMx) +
         Record(kQuestion, Type::kMx, 3, U16(10) + "\1m" + kQuestion),
     Outcome::kRecords,
     {U16(10) + Wire("m.a.b")},
     3},
    {"octets behind the name",
     Type::kMx,
     Header(0, 1) + Question("a.b", Type::kMx) +
         Record(kQuestion, Type::kMx, 3, U16(10) + kQuestion + "x"),
     Outcome::kTempError,
     {},
     0},
    {"no room for the name",
     Type::kMx,
     Header(0, 1) + Question("a.b", Type::kMx) + Record(kQuestion, Type::kMx, 3, "\1"),
     Outcome::kTempError,
     {},
     0},
    {"a pointer to itself",
     Type::kPtr,
     Header(0, 1) + Question("a.b", Type::kPtr) + Record(kQuestion, Type::kPtr, 3, To(33)),
     Outcome::kTempError,
     {},
     0},
    {"NXDOMAIN", Type::kTxt, Header(3, 0) + Question("a.b", Type::kTxt), Outcome::kNxDomain, {}, 0},
    {"no data", Type::kTxt, Header(0, 0) + Question("a.b", Type::kTxt), Outcome::kNoData, {}, 0},
    {"SERVFAIL",
     Type::kTxt,
     Header(2, 0) + Question("a.b", Type::kTxt),
     Outcome::kTempError,
     {},
     0},
    {"REFUSED", Type::kTxt, Header(5, 0) + Question("a.b", Type::kTxt), Outcome::kTempError, {}, 0},
    {"more records promised than there are",
     Type::kTxt,
     Header(0, 2) + Question("a.b", Type::kTxt) + Record(kQuestion, Type::kTxt, 7, "\1a"),
     Outcome::kTempError,
     {},
     0},
    {"many more",
     Type::kTxt,
     Header(0, 65535) + Question("a.b", Type::kTxt),
     Outcome::kTempError,
     {},
     0},
    {"no question",
     Type::kTxt,
     U16(1) + U16(0x8180) + U16(0) + U16(0) + U16(0) + U16(0),
     Outcome::kTempError,
     {},
     0},
    {"nothing", Type::kTxt, "", Outcome::kTempError, {}, 0},
};

TEST(ResponseTest, Read) {
  for (const Case& c : kCases) {
    Response response;
    response.Read(c.message, c.type);
    const Answer& answer = response.answer();
    EXPECT_EQ(OutcomeName(answer.outcome), OutcomeName(c.outcome)) << c.name;
    EXPECT_EQ(std::vector<std::string>(answer.rdata.begin(), answer.rdata.end()), c.rdata)
        << c.name;
    EXPECT_EQ(answer.ttl_seconds, c.ttl) << c.name;
  }
}

TEST(ResponseTest, EveryShorterMessageIsAnError) {
  const std::string& message = kCases[5].message;
  for (size_t size = 0; size < message.size(); ++size) {
    Response response;
    response.Read(message.substr(0, size), Type::kTxt);
    EXPECT_EQ(response.answer().outcome, Outcome::kTempError) << size;
  }
}

TEST(ResponseTest, LongChains) {
  for (const size_t hops : {kMaxResponseCnames, kMaxResponseCnames + 1}) {
    std::string message = Header(0, hops + 1) + Question("n0", Type::kTxt);
    for (size_t i = 0; i < hops; ++i) {
      message +=
          Record(Wire(absl::StrCat("n", i)), Type::kCname, 9, Wire(absl::StrCat("n", i + 1)));
    }
    message += Record(Wire(absl::StrCat("n", hops)), Type::kTxt, 9, "\1a");
    Response response;
    response.Read(message, Type::kTxt);
    EXPECT_EQ(response.answer().outcome,
              hops > kMaxResponseCnames ? Outcome::kTempError : Outcome::kRecords);
  }
}

}  // namespace
}  // namespace postseal::dns
