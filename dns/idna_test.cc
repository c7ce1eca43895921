#include "dns/idna.h"

#include "gtest/gtest.h"

namespace postseal::dns {
namespace {

TEST(ToAsciiTest, ConvertsLabelByLabel) {
  const struct {
    std::string name;
    std::optional<std::string> want;
    const char* why;
  } cases[] = {
      {"", "", ""},
      {"example.com.", "example.com.", "ASCII stays as it is"},
      {"EXAMPLE.com", "EXAMPLE.com", "in its case too"},
      {"b\u00fccher.example", "xn--bcher-kva.example", ""},
      {"B\u00dcCHER.example", "xn--bcher-kva.example", "TR 46 maps upper case"},
      {"bu\u0308cher.example", "xn--bcher-kva.example", "NFC: u and a combining diaeresis"},
      {"fa\u00df.de", "xn--fa-hia.de", "non-transitional: not fass.de (TR 46 §4.1)"},
      {"\u4f8b\u3048.\u30c6\u30b9\u30c8", "xn--r8jz45g.xn--zckzah",
       "the labels of IANA's test domain"},
      {"\u03b2\u03cc\u03bb\u03bf\u03c2.com", "xn--nxasmm1c.com", "final sigma (TR 46 §4.1)"},
      {"xn--bcher-kva.example", "xn--bcher-kva.example", "already an A-label"},
      {"sel._domainkey.b\u00fccher.example", "sel._domainkey.xn--bcher-kva.example",
       "underscores are kept (RFC 8616 §2)"},
      {"\u05d0\u05d1.example", "xn--4dbc.example", "right to left"},
      {"\u05d0a.example", std::nullopt,
       "a left-to-right letter in a right-to-left label: RFC 5893"},
      {"1\u05d0.example", std::nullopt, "begins with a digit: RFC 5893 §2 rule 1"},
      {"\u0308a.example", std::nullopt, "begins with a combining mark: RFC 5891 §4.2.3.2"},
      {"-\u00fc.example", std::nullopt, "begins with a hyphen: RFC 5891 §4.2.3.1"},
      {"\u00fc-.example", std::nullopt, "ends with a hyphen"},
      {"_\u00fc.example", std::nullopt, "an underscore beside a non-ASCII character"},
      {"\u2100.example", std::nullopt, "a character that maps to \"a/c\""},
      {"a\u3002b", std::nullopt, "an ideographic full stop does not separate labels"},
      {"\u00ad.example", std::nullopt, "a soft hyphen maps to nothing"},
      {"\xff.example", std::nullopt, "not UTF-8"},
      {"\xc3.example", std::nullopt, "UTF-8 cut short"},
      {"\xc0\xae.example", std::nullopt, "an overlong form"},
      {"\xed\xa0\x80.example", std::nullopt, "a surrogate"},
      {std::string("\xc3\xbc\0b", 4), std::nullopt, "NUL beside a non-ASCII character"},
      {"\xf4\x90\x80\x80.example", std::nullopt, "beyond U+10FFFF"},
  };
  for (const auto& c : cases) EXPECT_EQ(ToAscii(c.name), c.want) << c.name << ": " << c.why;
}

TEST(ToAsciiTest, LabelLength) {
  // "xn--" and n letters "a" and "-" and the code of one "ü": 59 octets of room.
  std::string longest(1, 'a');
  while (const auto more = ToAscii(longest + "a\u00fc")) {
    ASSERT_LE(more->size(), Name::kMaxLabelOctets);
    longest += 'a';
  }
  EXPECT_EQ(ToAscii(longest + "\u00fc")->size(), Name::kMaxLabelOctets);
}

TEST(ToAsciiTest, WholeLength) {
  EXPECT_TRUE(ToAscii(std::string(kMaxInternationalOctets, 'a')).has_value());
  EXPECT_FALSE(ToAscii(std::string(kMaxInternationalOctets + 1, 'a')).has_value());
}

TEST(ParseInternationalTest, IsAName) {
  EXPECT_EQ(ParseInternational("B\u00fccher.EXAMPLE.")->text(), "xn--bcher-kva.example");
  EXPECT_FALSE(ParseInternational("").has_value());
  EXPECT_FALSE(ParseInternational("\u00fc..example").has_value());
  EXPECT_FALSE(ParseInternational("\u00fc." + std::string(64, 'a')).has_value());
  EXPECT_FALSE(ParseInternational("\xff").has_value());
}

}  // namespace
}  // namespace postseal::dns
