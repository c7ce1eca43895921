#include "auth/spf_mail_from.h"

#include <memory>
#include <string>
#include <string_view>

#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/verify_session.h"
#include "base/result.h"
#include "dns/address.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "spf/spf_session.h"

namespace postseal::auth {
namespace {

struct Case {
  std::string_view path;
  std::string_view mail_from;
  base::Result result;
};

// RFC 5321 §4.1.2. Issue 12.11
const Case kCases[] = {
    {"<u@d.example>", "u@d.example", base::Result::kPass},
    {"u@d.example", "u@d.example", base::Result::kPass},
    {"<@relay.example:u@d.example>", "u@d.example", base::Result::kPass},
    {"a..b.@d.example", "a..b.@d.example", base::Result::kPass},
    {"<\"a@b\"@d.example>", "\"a@b\"@d.example", base::Result::kPass},
    {"<(any@d.example>", "@", base::Result::kNone},
    {"a@evil@d.example", "@", base::Result::kNone},
    {"<u@d.example", "@", base::Result::kNone},
    {"u@d.example>", "@", base::Result::kNone},
    {"<u@d.example> x", "@", base::Result::kNone},
    {"<u@d.example><u@d.example>", "@", base::Result::kNone},
    {"d.example", "@", base::Result::kNone},
    {"@d.example", "@", base::Result::kNone},
    {" u@d.example", "@", base::Result::kNone},
    {"u @d.example", "@", base::Result::kNone},
    {"u@[192.0.2.1]", "u@[192.0.2.1]", base::Result::kNone},
};

TEST(SpfMailFromTest, TheNullReversePath) {
  EXPECT_EQ(SpfMailFrom(""), "");
  EXPECT_EQ(SpfMailFrom("<>"), "");
}

TEST(SpfMailFromTest, SpfAloneAndTheWholeMessageAgree) {
  dns::ZoneResolver resolver;
  ASSERT_TRUE(resolver.AddText("d.example. TXT \"v=spf1 +all\"\n", "zone").ok());
  for (const Case& c : kCases) {
    EXPECT_EQ(SpfMailFrom(c.path), c.mail_from) << c.path;

    spf::Request request;
    request.client = *dns::IpAddress::Parse("192.0.2.1");
    request.mail_from = SpfMailFrom(c.path);
    spf::SpfSession alone;
    alone.Start(request);
    dns::RunBlocking(&alone, &resolver, dns::Deadline::max());
    EXPECT_EQ(alone.verdict().result(), c.result) << c.path;

    Envelope envelope;
    envelope.client_ip = request.client;
    envelope.rfc5321_mail_from = std::string(c.path);
    auto session = *VerifySession::Create(std::make_shared<Options>(), envelope, 0);
    ASSERT_TRUE(session->EndOfMessage().ok());
    dns::RunBlocking(session.get(), &resolver, dns::Deadline::max());
    ASSERT_TRUE(session->report().spf.has_value()) << c.path;
    EXPECT_EQ(session->report().spf->result, c.result) << c.path;
  }
}

}  // namespace
}  // namespace postseal::auth
