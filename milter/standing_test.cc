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
  bool is_trusted_relay = false;
  const char* host_name = "client.example.net";
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
    {"a client without an address is a stranger: DMARC holds without SPF", Nothing, "?", "", false,
     false, true},
    {"a client that the MTA knows nothing of", Nothing, "?", "", false, false, true, false,
     "unknown"},
    {"sendmail -bs, which has no address", Nothing, "?", "", false, false, false, false,
     "localhost"},
    {"a stranger whose name is localhost", Nothing, "203.0.113.9", "", false, false, true, false,
     "localhost"},
    {"sendmail -bs, as Postfix tells of it", Nothing, "?", Macro("_", "localhost [127.0.0.1]"),
     false, true, false, false, "localhost"},
    {"an address in _", Nothing, "?", Macro("_", "client.example.net [203.0.113.9]"), false, false,
     true},
    {"_ of a client whose name has an address", Nothing, "?",
     Macro("_", "[127.0.0.1] [203.0.113.9]"), false, false, true},
    {"_ without an address", Nothing, "?", Macro("_", "unknown [unknown]"), false, false, true},
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
     "203.0.113.9", "", false, false, false, true},
    {"a trusted relay among InternalHosts: what it hands on is not ours",
     [](Config* c) {
       c->trusted_relays = Hosts({"192.0.2.2"});
       c->internal_hosts = Hosts({"192.0.2.0/24"});
     },
     "192.0.2.2", "", false, false, false, true},
    {"a trusted relay that IgnoreHosts names",
     [](Config* c) { c->ignore_hosts = c->trusted_relays = Hosts({"192.0.2.2"}); }, "192.0.2.2", "",
     false, false, false, false},
    {"who logs in at a trusted relay's address",
     [](Config* c) { c->trusted_relays = Hosts({"192.0.2.2"}); }, "192.0.2.2",
     Macro("{auth_type}", "PLAIN"), false, true, false, false},
    {"a filter's port for outgoing mail",
     [](Config* c) {
       c->trusted_relays = Hosts({"192.0.2.2"});
       c->mta = {"OUTGOING"};
     },
     "192.0.2.2", Macro("{daemon_name}", "OUTGOING"), false, true, false, false},
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
    client.host_name = c.host_name;
    client.is_local = std::string_view(c.address).empty();
    client.address = dns::IpAddress::Parse(c.address);
    Macros macros;
    macros.Take(c.macros);
    client.UseMacros(macros.Value("client_addr"), macros.Value("_"));
    const Standing standing = Standing::Of(config, client, macros);
    EXPECT_EQ(standing.is_peer, c.is_peer) << c.name;
    EXPECT_EQ(standing.is_own, c.is_own) << c.name;
    EXPECT_EQ(standing.is_outside, c.is_outside) << c.name;
    EXPECT_EQ(standing.is_trusted_relay, c.is_trusted_relay) << c.name;
    EXPECT_EQ(standing.evaluates_dmarc(), c.is_outside || c.is_trusted_relay) << c.name;
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
