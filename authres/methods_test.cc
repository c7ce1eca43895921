#include "authres/methods.h"

#include <string>
#include <string_view>
#include <vector>

#include "authres/authentication_results.h"
#include "authres/parsed_field.h"
#include "base/result.h"
#include "gtest/gtest.h"

namespace postseal::authres {
namespace {

// PrintValue is the field's value on one line, after "a; ".
std::string PrintValue(const std::vector<Result>& results) {
  const std::string field = Print("a", results).value();
  std::string out;
  for (const char c : field) {
    if (c == '\t') out += ' ';
    if (c != '\r' && c != '\n' && c != '\t') out += c;
  }
  const std::string_view before = "Authentication-Results: a; ";
  EXPECT_TRUE(out.starts_with(before)) << out;
  return out.substr(before.size());
}

TEST(MethodsTest, PropertiesOfTheRegistry) {
  struct Case {
    Result result;
    std::string_view want;
    const char* why;
  };
  const Case kCases[] = {
      {DkimResult(base::Result::kPass,
                  {"example.com", "a@example.com", "rsa-sha256", "s1", "AbC1+/x="}),
       "dkim=pass header.d=example.com header.i=a@example.com header.a=rsa-sha256 header.s=s1 "
       "header.b=\"AbC1+/x=\"",
       "RFC 8601 §2.7.1, RFC 6008 §3"},
      {DkimResult(base::Result::kNone, {}), "dkim=none", "not signed"},
      {SpfMailFromResult(base::Result::kPass, "user@example.net"),
       "spf=pass smtp.mailfrom=example.net", "RFC 8601 §2.7.2: no local-part"},
      {SpfMailFromResult(base::Result::kFail, "user@example.net", Identity::kMailbox),
       "spf=fail smtp.mailfrom=user@example.net", "RFC 8601 §2.7.2: it was used"},
      {SpfMailFromResult(base::Result::kNone, "example.net"), "spf=none smtp.mailfrom=example.net",
       "a domain already"},
      {SpfMailFromResult(base::Result::kSoftFail, "\"a@b.example; x\"@c.example"),
       "spf=softfail smtp.mailfrom=c.example", "the last at sign"},
      {SpfHeloResult(base::Result::kPermError, "mail.example.net"),
       "spf=permerror smtp.helo=mail.example.net", "RFC 8601 §2.7.2"},
      {DmarcResult(base::Result::kFail, "example.com", "reject"),
       "dmarc=fail header.from=example.com policy.dmarc=reject", "the policy"},
      {DmarcResult(base::Result::kNone, "example.com", ""), "dmarc=none header.from=example.com",
       "no policy"},
      {ArcResult(base::Result::kPass, 0, "192.0.2.1"),
       "arc=pass header.oldest-pass=0 smtp.remote-ip=192.0.2.1", "RFC 8617 §6"},
      {ArcResult(base::Result::kNone, {}, ""), "arc=none", "RFC 8617 §6"},
      {IprevResult(base::Result::kPass, "2001:db8::1"), "iprev=pass policy.iprev=\"2001:db8::1\"",
       "RFC 8601 §2.7.3"},
  };
  for (const Case& c : kCases) EXPECT_EQ(PrintValue({c.result}), c.want) << c.why;
}

// What a sender chooses becomes neither a result nor another property.
TEST(MethodsTest, HostileValuesStayValues) {
  const std::string hostile = "x.example; dkim=pass header.d=\"bank.example\" (";
  const std::vector<Result> results = {
      SpfMailFromResult(base::Result::kFail, "a@" + hostile),
      SpfHeloResult(base::Result::kFail, hostile),
      DkimResult(base::Result::kFail, {hostile, hostile, hostile, hostile, hostile}),
      DmarcResult(base::Result::kFail, hostile, hostile),
      ArcResult(base::Result::kFail, 1, hostile),
      IprevResult(base::Result::kFail, hostile),
  };
  const std::string field = Print("a", results).value();
  const ParsedField parsed =
      Parse(std::string_view(field).substr(kFieldName.size() + 1, field.size() - 25));
  EXPECT_TRUE(parsed.IsValid()) << field;
  EXPECT_EQ(parsed.results, results);
}

}  // namespace
}  // namespace postseal::authres
