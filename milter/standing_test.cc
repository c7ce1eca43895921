#include "milter/standing.h"

#include <functional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "milter/client.h"
#include "milter/config.h"
#include "milter/host_list.h"
#include "milter/macros.h"
#include "milter/test_mta.h"

namespace postseal::milter {
namespace {

struct Case {
  const char* name;
  std::function<void(Config*)> configure;
  const char* address;  // "" for a UNIX socket, "?" for an unknown family
  std::string macros;
  bool is_peer, is_own, is_outside;
};

void Nothing(Config*) {}

HostList Hosts(std::initializer_list<std::string_view> entries) {
  return *HostList::Parse(entries);
}

std::string Macro(std::string_view name, std::string_view value) {
  return absl::StrCat("M", Texts({name, value}));
}

const Case kCases[] = {
    {"a stranger", Nothing, "203.0.113.9", "", false, false, true},
    {"this host", Nothing, "127.0.0.1", "", false, true, false},
    {"a program of this host", Nothing, "", "", false, true, false},
    {"loopback that InternalHosts does not name is nobody's own, and has no SPF record",
     [](Config* c) { c->internal_hosts = Hosts({"192.0.2.1"}); }, "127.0.0.1", "", false, false,
     false},
    {"an unknown family is nobody's own, and has no SPF", Nothing, "?", "", false, false, false},
    {"an internal host", [](Config* c) { c->internal_hosts = Hosts({"192.0.2.0/24"}); },
     "192.0.2.7", "", false, true, false},
    {"who logged in", Nothing, "203.0.113.9", Macro("{auth_type}", "PLAIN"), false, true, false},
    {"an empty auth_type is no login", Nothing, "203.0.113.9", Macro("{auth_type}", ""), false,
     false, true},
    {"who logged in, IgnoreAuthenticatedClients no",
     [](Config* c) { c->ignore_authenticated_clients = false; }, "203.0.113.9",
     Macro("{auth_type}", "PLAIN"), false, true, true},
    {"a peer", [](Config* c) { c->peer_list = Hosts({"203.0.113.9"}); }, "203.0.113.9", "", true,
     false, true},
    {"IgnoreHosts", [](Config* c) { c->ignore_hosts = Hosts({"203.0.113.9"}); }, "203.0.113.9", "",
     false, false, false},
    {"a trusted relay", [](Config* c) { c->trusted_relays = Hosts({"203.0.113.9"}); },
     "203.0.113.9", "", false, false, false},
    {"MTA", [](Config* c) { c->mta = {"MSA"}; }, "203.0.113.9", Macro("{daemon_name}", "MSA"),
     false, true, false},
    {"another MTA", [](Config* c) { c->mta = {"MSA"}; }, "203.0.113.9",
     Macro("{daemon_name}", "smtpd"), false, false, true},
    {"MacroList with a value", [](Config* c) { c->macro_list = {{"daemon_port", {"587", "465"}}}; },
     "203.0.113.9", Macro("{daemon_port}", "587"), false, true, false},
    {"MacroList with another value",
     [](Config* c) { c->macro_list = {{"daemon_port", {"587", "465"}}}; }, "203.0.113.9",
     Macro("{daemon_port}", "25"), false, false, true},
    {"MacroList without a value", [](Config* c) { c->macro_list = {{"verify", {}}}; },
     "203.0.113.9", Macro("{verify}", "OK"), false, true, false},
};

TEST(StandingTest, WhoIsWhose) {
  for (const Case& c : kCases) {
    Config config;
    config.internal_hosts = Hosts({"127.0.0.1"});
    c.configure(&config);
    Client client;
    client.host_name = "client.example.net";
    client.is_local = std::string_view(c.address).empty();
    client.address = dns::IpAddress::Parse(c.address);
    Macros macros;
    macros.Take(c.macros);
    const Standing standing = Standing::Of(config, client, macros);
    EXPECT_EQ(standing.is_peer, c.is_peer) << c.name;
    EXPECT_EQ(standing.is_own, c.is_own) << c.name;
    EXPECT_EQ(standing.is_outside, c.is_outside) << c.name;
    EXPECT_FALSE(standing.why.empty()) << c.name;
  }
}

TEST(StandingTest, WhoMayClaimOurDomains) {
  Config config;
  config.external_ignore_list = Hosts({"203.0.113.9"});
  Client client;
  client.address = dns::IpAddress::Parse("203.0.113.9");
  EXPECT_TRUE(Standing::Of(config, client, Macros()).may_claim_our_domains);
  client.address = dns::IpAddress::Parse("203.0.113.8");
  EXPECT_FALSE(Standing::Of(config, client, Macros()).may_claim_our_domains);
}

}  // namespace
}  // namespace postseal::milter
