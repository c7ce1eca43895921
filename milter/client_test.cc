#include "milter/client.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace postseal::milter {
namespace {

using namespace std::string_view_literals;

struct Case {
  const char* name;
  std::string_view data;
  const char* host;
  const char* address;  // "" for none
  bool is_loopback;
};

const Case kCases[] = {
    {"IPv4",
     "mail.example.com\0004\x00\x19"
     "192.0.2.1\0"sv,
     "mail.example.com", "192.0.2.1", false},
    {"IPv4 loopback",
     "localhost\0004\x00\x19"
     "127.8.9.1\0"sv,
     "localhost", "127.8.9.1", true},
    {"IPv6",
     "[2001:db8::1]\0006\x00\x19"
     "2001:db8::1\0"sv,
     "[2001:db8::1]", "2001:db8::1", false},
    {"IPv6 as Sendmail writes it",
     "h\0006\x00\x19"
     "IPv6:2001:db8::1\0"sv,
     "h", "2001:db8::1", false},
    {"IPv6 loopback",
     "h\0006\x00\x19"
     "::1\0"sv,
     "h", "::1", true},
    {"an IPv4 client of an IPv6 socket",
     "h\0006\x00\x19"
     "::ffff:192.0.2.1\0"sv,
     "h", "192.0.2.1", false},
    {"a UNIX socket", "localhost\0L\0\0/run/sock\0"sv, "localhost", "", true},
    {"unknown", "unknown\0U"sv, "unknown", "", false},
    {"no family", "h\0"sv, "h", "", false},
    {"no port", "h\0004\x00"sv, "h", "", false},
    {"no address", "h\0004\x00\x19"sv, "h", "", false},
    {"an address without its NUL",
     "h\0004\x00\x19"
     "192.0.2.1"sv,
     "h", "", false},
    {"no address at all",
     "h\0004\x00\x19"
     "192.0.2\0"sv,
     "h", "", false},
    {"a host name without its NUL", "h"sv, "", "", false},
    {"nothing", ""sv, "", "", false},
};

TEST(ClientTest, ReadsConnect) {
  for (const Case& c : kCases) {
    const Client client = Client::Parse(c.data);
    EXPECT_EQ(client.host_name, c.host) << c.name;
    EXPECT_EQ(client.address.has_value() ? client.address->Print() : "", c.address) << c.name;
    EXPECT_EQ(client.IsLoopback(), c.is_loopback) << c.name;
  }
}

}  // namespace
}  // namespace postseal::milter
