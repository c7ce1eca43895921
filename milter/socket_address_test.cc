#include "milter/socket_address.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace postseal::milter {
namespace {

TEST(SocketAddressTest, Parses) {
  struct Case {
    std::string_view text;
    std::string_view printed;
    const char* why;
  };
  for (const Case& c : {
           Case{"inet:8891@localhost", "inet:8891@localhost", "the tutorial's"},
           Case{"inet:8891", "inet:8891", "every interface"},
           Case{"inet:8891@*", "inet:8891", "every interface, too"},
           Case{"INET:8891@[127.0.0.1]", "inet:8891@127.0.0.1", "a literal in brackets"},
           Case{"inet6:8891@[::1]", "inet6:8891@[::1]", "IPv6 in brackets"},
           Case{"inet6:8891@::1", "inet6:8891@[::1]", "IPv6 without"},
           Case{"inet:0@127.0.0.1", "inet:0@127.0.0.1", "any free port"},
           Case{"inet:65535", "inet:65535", "the last port"},
           Case{"local:/run/a.sock", "local:/run/a.sock", "a path"},
           Case{"unix:/run/a.sock", "local:/run/a.sock", "its other name"},
           Case{"/run/a.sock", "local:/run/a.sock", "a bare path"},
           Case{"local:run/a", "local:run/a", "relative to BaseDirectory"},
       }) {
    const auto address = SocketAddress::Parse(c.text);
    ASSERT_TRUE(address.ok()) << c.text << " " << address.status();
    EXPECT_EQ(address->Print(), c.printed) << c.why;
    const auto again = SocketAddress::Parse(address->Print());
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(*again == *address) << c.text;
  }
}

TEST(SocketAddressTest, Refuses) {
  for (const std::string_view text :
       {"", "8891", "inet:", "inet:65536@localhost", "inet:smtp@localhost", "inet:08891",
        "inet:8891@", "inet:8891@a b", "inet:8891@a..b", "inet:8891@::1", "inet6:8891@127.0.0.1",
        "local:", "local:/a\nb", "run/a.sock", "tcp:8891@localhost"}) {
    EXPECT_FALSE(SocketAddress::Parse(text).ok()) << text;
  }
}

TEST(SocketAddressTest, PathsAreBounded) {
  const std::string longest = "/" + std::string(kMaxSocketPathOctets - 1, 'a');
  EXPECT_TRUE(SocketAddress::Parse(longest).ok());
  EXPECT_FALSE(SocketAddress::Parse(longest + "a").ok());
}

}  // namespace
}  // namespace postseal::milter
