#include "dns/address.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/hash/hash_testing.h"
#include "gtest/gtest.h"

namespace postseal::dns {
namespace {

IpAddress Address(std::string_view text) { return *IpAddress::Parse(text); }

TEST(IpAddressTest, ParsesAndPrints) {
  const struct {
    const char* text;
    const char* want;
    const char* why;
  } cases[] = {
      {"192.0.2.1", "192.0.2.1", ""},
      {"0.0.0.0", "0.0.0.0", ""},
      {"255.255.255.255", "255.255.255.255", ""},
      {"2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a", "RFC 4291 §2.2 form 1"},
      {"ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789",
       "RFC 4291 §2.2 form 1"},
      {"FF01::101", "ff01::101", "RFC 4291 §2.2 form 2"},
      {"::1", "::1", "RFC 4291 §2.2 form 2: loopback"},
      {"::", "::", "RFC 4291 §2.2 form 2: unspecified"},
      {"0:0:0:0:0:0:13.1.68.3", "::d01:4403", "RFC 4291 §2.2 form 3"},
      {"::13.1.68.3", "::d01:4403", "RFC 4291 §2.2 form 3"},
      {"::FFFF:129.144.52.38", "::ffff:129.144.52.38", "RFC 4291 §2.2 form 3, RFC 5952 §5"},
      {"::ffff:c000:0201", "::ffff:192.0.2.1", "RFC 5952 §5"},
      {"::ffff:0:192.0.2.1", "::ffff:0:c000:201", "not IPv4-mapped"},
      {"2001:db8::0001", "2001:db8::1", "RFC 5952 §4.1: no leading zeros"},
      {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1", "RFC 5952 §4.2.1: as short as can be"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "RFC 5952 §4.2.2: not for one group"},
      {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "RFC 5952 §4.2.2"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1", "RFC 5952 §4.2.3: the longest run"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "RFC 5952 §4.2.3: the first of equal runs"},
      {"1::", "1::", "a gap at the end"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", "\"::\" for one group, at the end"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8", "\"::\" for one group, in front"},
      {"fe80:0:0:0:200:0:0:10", "fe80::200:0:0:10", ""},
  };
  for (const auto& c : cases) {
    const auto address = IpAddress::Parse(c.text);
    ASSERT_TRUE(address.has_value()) << c.text << ": " << c.why;
    EXPECT_EQ(address->Print(), c.want) << c.text << ": " << c.why;
    EXPECT_EQ(IpAddress::Parse(address->Print()), address);
  }
}

TEST(IpAddressTest, RefusesEverythingElse) {
  const char* const cases[] = {
      "",
      ".",
      ":",
      ":::",
      "a",
      "1",
      "1.2.3",
      "1.2.3.",
      ".1.2.3",
      "1.2.3.4.",
      "1.2.3.4.5",
      "256.0.0.1",
      "1.2.3.999999999999",
      "01.2.3.4",
      "1.2.3.00",
      "1.2.3.4 ",
      " 1.2.3.4",
      "1.2.3.-4",
      "+1.2.3.4",
      "0x1.2.3.4",
      "1..2.3",
      "1,2,3,4",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8:",
      ":1:2:3:4:5:6:7:8",
      ":1::2",
      "1::2::3",
      "1:2:3:4:5:6:7:8::",
      "::1:2:3:4:5:6:7:8",
      "1:2:3:4::5:6:7:8",
      "12345::",
      "g::",
      "1:",
      "1::2:",
      "::1%eth0",
      "[::1]",
      "::1/128",
      "::1 ",
      " ::1",
      "1:2:3:4:5:6:7:1.2.3.4",
      "1.2.3.4::",
      "::1.2.3.4:5",
      "::1.2.3",
      "::1.2.3.4.5",
      "::01.2.3.4",
      "1:2:3:4:5:6:7::1.2.3.4",
      "::ffff:256.0.0.1",
      "::a.2.3.4",
  };
  for (const char* text : cases) {
    EXPECT_FALSE(IpAddress::Parse(text).has_value()) << '"' << text << '"';
  }
  EXPECT_FALSE(IpAddress::Parse(std::string_view("1.2.3.4\0", 8)).has_value());
  EXPECT_FALSE(IpAddress::ParseV4("::1").has_value());
  EXPECT_FALSE(IpAddress::ParseV6("192.0.2.1").has_value());
}

TEST(IpAddressTest, FromBytes) {
  for (size_t size = 0; size <= 20; ++size) {
    const std::vector<uint8_t> bytes(size, 0x0a);
    const auto address = IpAddress::FromBytes(bytes);
    ASSERT_EQ(address.has_value(), size == 4 || size == 16) << size;
    if (!address.has_value()) continue;
    EXPECT_EQ(address->is_v4(), size == 4);
    EXPECT_EQ(std::vector<uint8_t>(address->bytes().begin(), address->bytes().end()), bytes);
  }
  EXPECT_EQ(Address("10.1.2.3").bytes()[0], 10) << "network order";
  EXPECT_EQ(Address("10.1.2.3").bytes()[3], 3);
  EXPECT_EQ(IpAddress(), Address("0.0.0.0"));
}

TEST(IpAddressTest, MappedAddressesAreUnmappedOnlyOnRequest) {
  const IpAddress mapped = Address("::ffff:192.0.2.1");
  EXPECT_FALSE(mapped.is_v4());
  EXPECT_FALSE(mapped == Address("192.0.2.1"));
  EXPECT_EQ(mapped.Unmapped(), Address("192.0.2.1"));
  for (const char* other : {"192.0.2.1", "::192.0.2.1", "::fffe:c000:201", "1::ffff:192.0.2.1"}) {
    EXPECT_EQ(Address(other).Unmapped(), Address(other)) << other;
  }
}

TEST(IpAddressTest, ReverseName) {
  EXPECT_EQ(Address("10.2.0.52").ReverseName().text(), "52.0.2.10.in-addr.arpa") << "RFC 1035 §3.5";
  EXPECT_EQ(Address("4321:0:1:2:3:4:567:89ab").ReverseName().text(),
            "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa")
      << "RFC 3596 §2.5";
}

TEST(IpAddressTest, MacroForm) {
  EXPECT_EQ(Address("192.0.2.3").MacroForm(), "192.0.2.3");
  EXPECT_EQ(Address("2001:db8::cb01").MacroForm(),
            "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1")
      << "RFC 7208 §7.4";
}

TEST(IpAddressTest, Order) {
  EXPECT_TRUE(Address("9.0.0.0") < Address("10.0.0.0")) << "by number, not by text";
  EXPECT_TRUE(Address("255.0.0.0") < Address("::")) << "IPv4 first";
  EXPECT_FALSE(Address("::1") < Address("::1"));
}

TEST(IpAddressTest, Hash) {
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly({Address("0.0.0.0"), Address("192.0.2.1"),
                                                           Address("::ffff:192.0.2.1"),
                                                           Address("::"), Address("::1")}));
}

TEST(PrefixTest, Contains) {
  const struct {
    const char* prefix;
    int bits;
    const char* address;
    bool want;
    const char* why;
  } cases[] = {
      {"192.0.2.0", 24, "192.0.2.255", true, ""},
      {"192.0.2.0", 24, "192.0.3.0", false, ""},
      {"192.0.2.77", 24, "192.0.2.1", true, "bits past the length do not count"},
      {"192.0.2.0", 32, "192.0.2.0", true, ""},
      {"192.0.2.0", 32, "192.0.2.1", false, "the last bit counts"},
      {"192.0.2.0", 31, "192.0.2.1", true, ""},
      {"192.0.2.0", 31, "192.0.2.2", false, ""},
      {"192.0.2.0", 23, "192.0.3.255", true, ""},
      {"10.0.0.0", 0, "192.0.2.1", true, "everything of the family"},
      {"10.0.0.0", 0, "::1", false, "families never mix"},
      {"::ffff:0:0", 96, "192.0.2.1", false, "families never mix"},
      {"::ffff:0:0", 96, "::ffff:192.0.2.1", true, ""},
      {"2001:db8::", 33, "2001:db8:7fff::", true, ""},
      {"2001:db8::", 33, "2001:db8:8000::", false, ""},
      {"2001:db8::1", 128, "2001:db8::1", true, ""},
      {"2001:db8::1", 128, "2001:db8::2", false, ""},
      {"192.0.2.0", 33, "192.0.2.0", false, "longer than the address"},
      {"192.0.2.0", -1, "192.0.2.0", false, ""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Prefix(Address(c.prefix), c.bits).Contains(Address(c.address)), c.want)
        << c.prefix << "/" << c.bits << " " << c.address << " " << c.why;
  }
}

// SimpleParseV4 and SimpleContains are what address.h does, octet by octet.
std::optional<std::vector<uint8_t>> SimpleParseV4(std::string_view text) {
  std::vector<uint8_t> octets;
  for (;;) {
    const size_t dot = text.find('.');
    const auto octet = ParseDecimal(text.substr(0, dot), 255);
    if (!octet.has_value()) return std::nullopt;
    octets.push_back(static_cast<uint8_t>(*octet));
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  if (octets.size() != IpAddress::kV4Octets) return std::nullopt;
  return octets;
}

bool SimpleContains(const IpAddress& network, int bits, const IpAddress& address) {
  for (int i = 0; i < bits; ++i) {
    const auto bit = [i](const IpAddress& a) {
      return a.bytes()[static_cast<size_t>(i) / 8] >> (7 - i % 8) & 1;
    };
    if (bit(network) != bit(address)) return false;
  }
  return true;
}

TEST(IpAddressTest, ParseV4IsAsTheSimpleOne) {
  std::mt19937 random(7208);
  constexpr std::string_view kOdd[] = {"",     "00", "01",   "025", "256",
                                       "1000", "a",  "\xb2", "1.",  "/"};
  size_t valid = 0;
  for (int i = 0; i < 100000; ++i) {
    std::string text;
    const size_t count = random() % 10 == 0 ? random() % 7 : IpAddress::kV4Octets;
    for (size_t k = 0; k < count; ++k) {
      if (k > 0) text += '.';
      text += random() % 20 == 0 ? std::string(kOdd[random() % std::size(kOdd)])
                                 : std::to_string(random() % 256 >> random() % 9);
    }
    const auto want = SimpleParseV4(text);
    const auto got = IpAddress::ParseV4(text);
    ASSERT_EQ(got.has_value(), want.has_value()) << text;
    if (!got.has_value()) continue;
    ++valid;
    EXPECT_EQ(std::vector<uint8_t>(got->bytes().begin(), got->bytes().end()), *want) << text;
    EXPECT_EQ(*got, IpAddress::FromBytes(*want)) << text << ": the unused octets are zero";
  }
  EXPECT_GT(valid, 10000u);
  EXPECT_LT(valid, 90000u);
}

TEST(PrefixTest, ContainsIsAsTheSimpleOne) {
  std::mt19937 random(4632);
  for (const size_t size : {IpAddress::kV4Octets, IpAddress::kV6Octets}) {
    for (int round = 0; round < 200; ++round) {
      std::vector<uint8_t> octets(size);
      for (uint8_t& octet : octets) octet = static_cast<uint8_t>(random());
      const IpAddress network = *IpAddress::FromBytes(octets);
      // One bit differs, or none.
      const size_t changed = random() % (size * 8 + 1);
      if (changed < size * 8) octets[changed / 8] ^= static_cast<uint8_t>(0x80 >> changed % 8);
      const IpAddress address = *IpAddress::FromBytes(octets);
      for (int bits = 0; bits <= network.bit_count(); ++bits) {
        ASSERT_EQ(Prefix(network, bits).Contains(address), SimpleContains(network, bits, address))
            << network.Print() << "/" << bits << " " << address.Print();
      }
    }
  }
}

TEST(ParseDecimalTest, HasNoLeadingZeroAndAMaximum) {
  EXPECT_EQ(ParseDecimal("0", 9), 0u);
  EXPECT_EQ(ParseDecimal("4294967295", 0xffffffff), 0xffffffffu);
  for (const char* bad : {"", "00", "01", "-1", "1 ", "4294967296", "99999999999999999999999"}) {
    EXPECT_FALSE(ParseDecimal(bad, 0xffffffff).has_value()) << bad;
  }
  EXPECT_EQ(ParseDecimal("32", 32), 32u);
  EXPECT_FALSE(ParseDecimal("33", 32).has_value());
}

}  // namespace
}  // namespace postseal::dns
