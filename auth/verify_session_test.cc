#include "auth/verify_session.h"

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/report.h"
#include "base/result.h"
#include "dkim/reason.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"

namespace postseal::auth {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The keys of RFC 6376 appendix A.2 and RFC 8463 appendix A.2.
constexpr std::string_view kZone = R"(
brisbane._domainkey.example.com. TXT ( "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ"
  "KBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v"
  "/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB" )
brisbane._domainkey.football.example.com. TXT
  "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
)";
constexpr std::string_view kZone2 = R"(
brisbane._domainkey.football.example.com. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
test._domainkey.football.example.com. TXT ( "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ"
  "/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB" )
)";

Report Verify(std::string_view message, std::string_view zone) {
  dns::ZoneResolver resolver;
  EXPECT_TRUE(resolver.AddText(zone, "zone").ok()) << resolver.AddText(zone, "zone");
  auto session = *VerifySession::Create(std::make_shared<Options>(), Envelope(), 1528637909);
  EXPECT_TRUE(session->Feed(message).ok());
  EXPECT_TRUE(session->EndOfMessage().ok());
  dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
  EXPECT_TRUE(session->done());
  return session->report();
}

TEST(VerifySessionTest, Rfc6376AppendixA) {
  const Report report = Verify(ReadFile("testdata/messages/rfc6376_a2.eml"),
                               kZone.substr(0, kZone.find("\nbrisbane._domainkey.football")));
  ASSERT_EQ(report.dkim.size(), 1u);
  EXPECT_EQ(dkim::InfoOf(report.dkim[0].reason).name, "verified") << report.dkim[0].detail;
}

TEST(VerifySessionTest, Rfc8463AppendixA) {
  const Report report = Verify(ReadFile("testdata/messages/rfc8463_a3.eml"), kZone2);
  ASSERT_EQ(report.dkim.size(), 2u);
  EXPECT_EQ(dkim::InfoOf(report.dkim[0].reason).name, "verified") << report.dkim[0].detail;
  EXPECT_EQ(dkim::InfoOf(report.dkim[1].reason).name, "verified") << report.dkim[1].detail;
}

}  // namespace
}  // namespace postseal::auth
