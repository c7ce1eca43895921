#include "dns/rdata.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace postseal::dns {
namespace {

using std::string_literals::operator""s;

TEST(JoinTxtTest, JoinsWithoutASeparator) {
  const struct {
    std::string rdata;
    std::optional<std::string> want;
    const char* why;
  } cases[] = {
      {"\5hello"s, "hello", "one string"},
      {"\0"s, "", "one empty string"},
      {"\6v=spf1\5 -all"s, "v=spf1 -all", "RFC 7208 §3.3"},
      {"\0\1a\0\1b\0"s, "ab", "empty strings between"},
      {"\0\0"s, "", "two empty strings"},
      {"\4a\0b\n"s, "a\0b\n"s, "arbitrary octets"},
      {""s, std::nullopt, "TXT-DATA is one or more strings (RFC 1035 §3.3.14)"},
      {"\1"s, std::nullopt, "shorter than its length octet"},
      {"\5hell"s, std::nullopt, ""},
      {"\1a\2b"s, std::nullopt, "the second is cut"},
      {"\xff"s + std::string(254, 'x'), std::nullopt, ""},
      {"\xff"s + std::string(255, 'x'), std::string(255, 'x'), "the length octet is unsigned"},
  };
  for (const auto& c : cases) {
    base::Arena arena;
    const auto text = JoinTxt(c.rdata, &arena);
    ASSERT_EQ(text.has_value(), c.want.has_value()) << c.why;
    if (text.has_value()) {
      EXPECT_EQ(*text, *c.want) << c.why;
    }
  }
}

TEST(JoinTxtTest, OneStringIsNotCopied) {
  base::Arena arena;
  const std::string rdata = "\5hello";
  EXPECT_EQ(JoinTxt(rdata, &arena)->data(), rdata.data() + 1);
  EXPECT_EQ(arena.reserved(), 0u);
}

TEST(TxtRdataTest, SplitsAt255Octets) {
  EXPECT_EQ(TxtRdata(""), "\0"s);
  EXPECT_EQ(TxtRdata("ab"), "\2ab"s);
  EXPECT_EQ(TxtRdata(std::string(255, 'x')), "\xff"s + std::string(255, 'x'));
  EXPECT_EQ(TxtRdata(std::string(256, 'x')), "\xff"s + std::string(255, 'x') + "\1x");
  const std::vector<std::string_view> strings = {"a", "", "bc"};
  EXPECT_EQ(TxtRdata(strings), "\1a\0\2bc"s);
  EXPECT_EQ(TxtRdata(std::span<const std::string_view>()), "\0"s);
}

TEST(AddressRdataTest, IsTheOctets) {
  EXPECT_EQ(ParseAddress("\xc0\0\2\1"s)->Print(), "192.0.2.1");
  EXPECT_EQ(ParseAddress("\x20\1\x0d\xb8"s + std::string(11, '\0') + "\1")->Print(), "2001:db8::1");
  for (const size_t size : {0, 3, 5, 15, 17}) {
    EXPECT_FALSE(ParseAddress(std::string(size, '\0')).has_value()) << size;
  }
  EXPECT_EQ(AddressRdata(*IpAddress::Parse("192.0.2.1")), "\xc0\0\2\1"s);
}

TEST(ParseNameTest, ReadsUncompressedNames) {
  const std::string label63 = "\x3f" + std::string(63, 'a');
  const struct {
    std::string rdata;
    std::optional<std::string> want;
    const char* why;
  } cases[] = {
      {"\4Mail\7example\0"s, "mail.example", ""},
      {"\0"s, "", "the root"},
      {"\3a b\0"s, "a b", "labels are arbitrary octets"},
      {label63 + label63 + label63 + "\x3d" + std::string(61, 'a') + "\0"s,
       std::string(63, 'a') + "." + std::string(63, 'a') + "." + std::string(63, 'a') + "." +
           std::string(61, 'a'),
       "255 octets"},
      {label63 + label63 + label63 + "\x3e" + std::string(62, 'a') + "\0"s, std::nullopt,
       "256 octets: RFC 1035 §2.3.4"},
      {""s, std::nullopt, ""},
      {"\4mail"s, std::nullopt, "no root label"},
      {"\4mai"s, std::nullopt, "a label cut short"},
      {"\4mail\0x"s, std::nullopt, "octets after the name"},
      {"\x40"s + std::string(64, 'a') + "\0"s, std::nullopt, "a reserved label type"},
      {"\xc0\x0c"s, std::nullopt, "a compression pointer"},
      {"\3a.b\0"s, std::nullopt, "a dot inside a label: Name would split it"},
  };
  for (const auto& c : cases) {
    const auto name = ParseName(c.rdata);
    ASSERT_EQ(name.has_value(), c.want.has_value()) << c.why;
    if (name.has_value()) {
      EXPECT_EQ(name->text(), *c.want) << c.why;
    }
  }
  EXPECT_EQ(NameRdata(*Name::Parse("Mail.example.")), "\4mail\7example\0"s);
  EXPECT_EQ(NameRdata(Name()), "\0"s);
}

TEST(ParseMxTest, ReadsPreferenceAndExchange) {
  const std::string rdata = "\1\2\4mail\7example\0"s;
  const Mx mx(258, *Name::Parse("mail.example"));
  EXPECT_EQ(ParseMx(rdata), mx);
  EXPECT_EQ(MxRdata(mx), rdata);
  EXPECT_EQ(ParseMx("\xff\xff\1a\0"s)->preference, 65535);
  EXPECT_TRUE(ParseMx("\0\0\0"s)->exchange.is_root()) << "null MX, RFC 7505 §3";
  for (const std::string& bad : {""s, "\0"s, "\0\0"s, "\0\0\4mail"s, "\0\0\0x"s}) {
    EXPECT_FALSE(ParseMx(bad).has_value());
  }
}

}  // namespace
}  // namespace postseal::dns
