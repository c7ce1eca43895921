#include "milter/host_list.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "gtest/gtest.h"

namespace postseal::milter {
namespace {

struct Case {
  std::vector<std::string_view> entries;
  std::string_view address;  // empty: none
  std::string_view host;
  bool matches;
  const char* why;
};

class HostListTest : public testing::TestWithParam<Case> {};

// opendkim.conf(5), PeerList, says what is expected, unless "why" names another.
TEST_P(HostListTest, Matches) {
  const Case& c = GetParam();
  const auto list = HostList::Parse(c.entries);
  ASSERT_TRUE(list.ok()) << list.status();
  const auto address = c.address.empty() ? std::nullopt : dns::IpAddress::Parse(c.address);
  EXPECT_EQ(list->Matches(address, c.host), c.matches) << c.why;
}

INSTANTIATE_TEST_SUITE_P(
    Table, HostListTest,
    testing::Values(
        Case{{}, "127.0.0.1", "localhost", false, "an empty list"},
        Case{{"127.0.0.1"}, "127.0.0.1", "", true, "an address"},
        Case{{"127.0.0.1"}, "127.0.0.2", "", false, "another"},
        Case{{"[127.0.0.1]"}, "127.0.0.1", "", true, "brackets: both forms"},
        Case{{"127.0.0.1"}, "::ffff:127.0.0.1", "", true, "an IPv4 client on an IPv6 socket"},
        Case{{"::ffff:192.0.2.0/120"}, "192.0.2.9", "", true, "an IPv4 mapped network"},
        Case{{"::ffff:192.0.2.1"}, "192.0.2.1", "", true, "an IPv4 mapped address"},
        Case{{"192.168.0.0/16"}, "192.168.255.1", "", true, "a network"},
        Case{{"192.168.0.0/16"}, "192.169.0.1", "", false, "outside"},
        Case{{"192.168.0.1/24"}, "192.168.0.77", "", true, "host bits do not count"},
        Case{{"192.168.0.0/255.255.255.0"}, "192.168.0.77", "", true, "a netmask"},
        Case{{"10.0.0.0/13"}, "10.7.255.255", "", true, "within an octet"},
        Case{{"10.0.0.0/13"}, "10.8.0.0", "", false, "beyond it"},
        Case{{"0.0.0.0/0"}, "203.0.113.9", "", true, "everyone in IPv4"},
        Case{{"0.0.0.0/0"}, "2001:db8::1", "", false, "families never mix"},
        Case{{"2001:DB8::/32"}, "2001:db8:1::1", "", true, "upper case"},
        Case{{"::1"}, "::1", "", true, "IPv6"},
        Case{{"192.168.1.1", "!192.168.1.0/24"}, "192.168.1.1", "", true, "the man page's example"},
        Case{{"192.168.1.1", "!192.168.1.0/24"}, "192.168.1.2", "", false, "and its rest"},
        Case{{"192.168.0.0/16", "!192.168.1.0/24"}, "192.168.1.2", "", false, "an exclusion"},
        Case{{"192.168.0.0/16", "!192.168.1.0/24"}, "192.168.2.2", "", true, "not excluded"},
        Case{{"192.0.2.1", "!192.0.2.1"}, "192.0.2.1", "", false, "contradiction: safe"},
        Case{{"!192.0.2.1", "192.0.2.1"}, "192.0.2.1", "", false, "in either order"},
        Case{{"mail.example.com"}, "192.0.2.1", "MAIL.example.com", true, "a name, any case"},
        Case{{"mail.example.com"}, "192.0.2.1", "mail.example.com.", true, "a final dot"},
        Case{{"mail.example.com"}, "192.0.2.1", "a.mail.example.com", false, "not its subdomains"},
        Case{{".example.com"}, "192.0.2.1", "a.b.example.com", true, "a domain"},
        Case{{".example.com"}, "192.0.2.1", "example.com", false, "which is not itself"},
        Case{{"*.example.com"}, "192.0.2.1", "a.example.com", true, "its other form"},
        Case{{".example.com"}, "192.0.2.1", "badexample.com", false, "labels are whole"},
        Case{{".example.com", "!bad.example.com"},
             "192.0.2.1",
             "bad.example.com",
             false,
             "an excluded host"},
        Case{{"192.0.2.0/24", "!bad.example.com"},
             "192.0.2.1",
             "bad.example.com",
             false,
             "of a larger set of another kind"},
        Case{{"!.example.com", "a.example.com"},
             "192.0.2.1",
             "a.example.com",
             true,
             "the more precise name"},
        Case{{"localhost"}, "", "localhost", true, "no address"},
        Case{{"127.0.0.1"}, "", "localhost", false, "no address is not an address"},
        Case{{"192.0.2.1"}, "192.0.2.1", "[192.0.2.1]", true, "a client without a name"},
        Case{{"192.0.2.*"}, "192.0.2.7", "", true, "a pattern of addresses (refile:)"},
        Case{{"mx*.example.com"}, "192.0.2.7", "mx12.example.com", true, "a pattern of names"},
        Case{{"192.0.2.*", "!192.0.*"}, "192.0.2.7", "", false, "a negated pattern"},
        Case{{"*"}, "192.0.2.7", "", true, "everything"}));

TEST(HostListTest, RefusesWhatIsNoEntry) {
  for (const std::string_view text :
       {"", "!", ".", "192.0.2.0/33", "2001:db8::/129", "192.0.2.0/-1", "192.0.2.0/",
        "192.0.2.0/255.0.255.0", "a b", "a..b", "user@example.com", "2001:db8::/255.255.0.0",
        "192.", "192.0.2", "300.1.1.1", "10.0.0.1-10.0.0.9", ".0.2"}) {
    EXPECT_FALSE(HostList::ParseEntry(text).ok()) << text;
  }
}

// Every prefix length, against the one that tests bits.
TEST(HostListTest, IsWhatPrefixSays) {
  const auto client = dns::IpAddress::Parse("198.51.100.77");
  const auto other = dns::IpAddress::Parse("198.51.100.76");
  for (int bits = 0; bits <= 32; ++bits) {
    HostList list;
    HostList::Entry entry;
    entry.network = HostList::ParseEntry("198.51.100.77/" + std::to_string(bits)).value().network;
    ASSERT_TRUE(list.Add(entry).ok());
    EXPECT_TRUE(list.Matches(*client, ""));
    EXPECT_EQ(list.Matches(*other, ""), dns::Prefix(*client, bits).Contains(*other)) << bits;
  }
}

TEST(HostListTest, IsBounded) {
  HostList list;
  const HostList::Entry glob = HostList::ParseEntry("a*b").value();
  for (size_t i = 0; i < kMaxHostGlobs; ++i) ASSERT_TRUE(list.Add(glob).ok());
  EXPECT_FALSE(list.Add(glob).ok());
  EXPECT_TRUE(HostList::ParseEntry(std::string(kMaxHostEntryOctets, '*')).ok());
  EXPECT_FALSE(HostList::ParseEntry(std::string(kMaxHostEntryOctets + 1, '*')).ok());
}

}  // namespace
}  // namespace postseal::milter
