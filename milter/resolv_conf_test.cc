#include "milter/resolv_conf.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace postseal::milter {
namespace {

struct Case {
  const char* name;
  const char* text;
  std::vector<std::string> servers;
};

const Case kCases[] = {
    {"nothing", "", {}},
    {"one", "nameserver 192.0.2.53\n", {"192.0.2.53"}},
    {"in the order of the file",
     "search example.com\nnameserver 2001:db8::53\noptions edns0\n nameserver\t192.0.2.53 \n",
     {"2001:db8::53", "192.0.2.53"}},
    {"without a last line end", "nameserver 192.0.2.53", {"192.0.2.53"}},
    {"comments",
     "#nameserver 192.0.2.1\n; nameserver 192.0.2.2\nnameserver 192.0.2.3 # ours\n",
     {"192.0.2.3"}},
    {"other words", "nameservers 192.0.2.1\nnameserver\nnameserver192.0.2.1\n", {}},
    {"CRLF", "nameserver 192.0.2.1\r\n", {"192.0.2.1"}},
};

TEST(ResolvConfTest, FindsTheServers) {
  for (const Case& c : kCases) EXPECT_EQ(ParseResolvConf(c.text), c.servers) << c.name;
}

}  // namespace
}  // namespace postseal::milter
