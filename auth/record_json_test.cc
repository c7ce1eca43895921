#include "auth/record_json.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace postseal::auth {
namespace {

using Json = nlohmann::json;

struct Case {
  std::string (*read)(std::string_view);
  std::string_view text;
  bool valid;
  size_t warnings;
  const char* why;
};

TEST(RecordJsonTest, SaysWhatReceiversMakeOfARecord) {
  const Case kCases[] = {
      {SpfRecordToJson, "v=spf1 ip4:192.0.2.0/24 -all", true, 0, "RFC 7208 §12"},
      {SpfRecordToJson, "v=spf1 foo", false, 0, "RFC 7208 §4.6.1: no such mechanism"},
      {SpfRecordToJson, "v=spf10 -all", false, 0, "RFC 7208 §4.5: the version ends at an SP"},
      {SpfRecordToJson, "", false, 0, "no record"},
      {KeyRecordToJson, "v=DKIM1; p=", true, 0, "RFC 6376 §3.6.1: revoked, and well-formed"},
      {KeyRecordToJson, "v=DKIM2; p=", false, 0, "RFC 6376 §3.6.1 v="},
      {KeyRecordToJson, "v=DKIM1", false, 0, "RFC 6376 §3.6.1: p= is required"},
      {DmarcRecordToJson, "v=DMARC1; p=none", true, 0, "RFC 9989 §4.7"},
      {DmarcRecordToJson, "v=DMARC1; p=none; adkim=x", true, 1, "RFC 9989 §4.8: costs the tag"},
      {DmarcRecordToJson, "v=dmarc1; p=none", false, 0, "RFC 9989 §4.7 v: case-sensitive"},
  };
  for (const Case& c : kCases) {
    const Json json = Json::parse(c.read(c.text));
    EXPECT_EQ(json["valid"], c.valid) << c.text << ": " << c.why;
    EXPECT_EQ(json["error"].is_null(), c.valid) << c.text << ": " << c.why;
    EXPECT_EQ(json["record"].is_null(), !c.valid) << c.text << ": " << c.why;
    EXPECT_EQ(json["warnings"].size(), c.warnings) << c.text << ": " << c.why;
  }
}

TEST(RecordJsonTest, AnErrorHasItsPlace) {
  EXPECT_EQ(Json::parse(SpfRecordToJson("v=spf1 a foo"))["offset"], 9);
  EXPECT_TRUE(Json::parse(SpfRecordToJson("v=spf2"))["offset"].is_null());
}

TEST(RecordJsonTest, TheNormalFormReadsTheSame) {
  const Json json = Json::parse(SpfRecordToJson("V=SPF1  +A -ALL"));
  EXPECT_EQ(json["record"], "v=spf1 a -all");  // RFC 7208 §4.6.1: case, "+" and spaces
  EXPECT_EQ(Json::parse(SpfRecordToJson("v=spf1 a -all"))["record"], json["record"]);
}

TEST(RecordJsonTest, OctetsThatAreNoTextStayJson) {
  EXPECT_TRUE(Json::accept(KeyRecordToJson("v=DKIM1; n=\xff\xfe; p=")));
  EXPECT_TRUE(Json::accept(DmarcRecordToJson("v=DMARC1; p=none; \xff=1")));
}

}  // namespace
}  // namespace postseal::auth
