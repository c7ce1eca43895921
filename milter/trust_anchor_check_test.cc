// A name server without DNSSEC, and what a trust anchor makes of its answers.
#include "milter/trust_anchor_check.h"

#include <chrono>
#include <string>
#include <string_view>

#include "dns/nsd_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "milter/config.h"
#include "milter/test_folder.h"

namespace postseal::milter {
namespace {

using testing::HasSubstr;
using Result = TrustAnchorCheck::Result;

constexpr char kRoot[] =
    "$ORIGIN .\n$TTL 60\n@ SOA ns.example. m.example. 1 3600 600 86400 60\n@ NS ns.example.\n"
    "ns.example. A 127.0.0.1\nexample. TXT \"x\"\n";
constexpr char kInner[] =
    "$ORIGIN inner.\n$TTL 60\n@ SOA ns.example. m.example. 1 3600 600 86400 60\n"
    "@ NS ns.example.\n";
// Of keys that the servers of this test do not have.
constexpr char kRootAnchor[] =
    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";
constexpr char kInnerAnchor[] =
    "inner. 60 IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";

class TrustAnchorCheckTest : public testing::Test {
 protected:
  // A server that answers is waited for as long as a busy machine may take.
  Result Check(const std::string& server, std::string_view anchors,
               std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    config_.nameservers = {server};
    config_.dns_timeout = timeout;
    config_.trust_anchor_file = folder_.Write("anchors", anchors);
    const auto result = TrustAnchorCheck::Run(config_);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.value_or(Result::kNoAnswer);
  }

  TestFolder folder_;
  Config config_;
};

TEST_F(TrustAnchorCheckTest, AServerWithoutDnssec) {
  const auto server = dns::NsdServer::Start({{".", kRoot}, {"inner", kInner}});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(Check((*server)->address(), kRootAnchor), Result::kBroken);
  // An anchor of another zone than the root says nothing of the root.
  EXPECT_EQ(Check((*server)->address(), kInnerAnchor), Result::kBroken);
  EXPECT_THAT(TrustAnchorCheck::Text(Result::kBroken, config_),
              HasSubstr("take TrustAnchorFile out"));
}

TEST_F(TrustAnchorCheckTest, AServerThatDoesNotAnswer) {
  const dns::LoopbackPort silent;
  EXPECT_EQ(Check("127.0.0.1:" + std::to_string(silent.port()), kRootAnchor,
                  std::chrono::milliseconds(300)),
            Result::kNoAnswer);
  // SERVFAIL is no answer either.
  const auto server = dns::NsdServer::Start({{".", ""}});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(Check((*server)->address(), kRootAnchor), Result::kNoAnswer);
  EXPECT_THAT(TrustAnchorCheck::Text(Result::kNoAnswer, config_), HasSubstr("do not answer"));
}

TEST_F(TrustAnchorCheckTest, AFileThatHoldsNoAnchor) {
  config_.nameservers = {"127.0.0.1:9"};
  config_.trust_anchor_file = folder_.Write("anchors", "example. IN DS garbage\n");
  EXPECT_FALSE(TrustAnchorCheck::Run(config_).ok());
  config_.trust_anchor_file = folder_.path() + "/none";
  EXPECT_FALSE(TrustAnchorCheck::Run(config_).ok());
}

TEST(AnchoredZoneTest, FindsTheOwner) {
  struct Case {
    const char* text;
    const char* zone;
  };
  for (const Case& c : {
           Case{kRootAnchor, "."},
           Case{kInnerAnchor, "inner."},
           Case{"; autotrust file\n\n.\t86400\tIN\tDNSKEY\t257 3 8 AwEA ;;state=2\n", "."},
           Case{"; DS\nexample.org. DS 1 8 2 00\n", "example.org."},
           Case{"$TTL 60\n  IN DS 1 8 2 00\nsub.example ds 1 8 2 00", "sub.example"},
           Case{"a..b. IN DS 1 8 2 00\n", "."},
           Case{"DS\n", "."},
           Case{"", "."},
       }) {
    EXPECT_EQ(AnchoredZone(c.text), c.zone) << c.text;
  }
}

}  // namespace
}  // namespace postseal::milter
