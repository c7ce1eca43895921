#include "base/base64.h"

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace postseal::base {
namespace {

// RFC 4648 §10.
TEST(Base64Test, Rfc4648Vectors) {
  struct Case {
    std::string_view octets;
    std::string_view text;
  };
  constexpr Case kCases[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const Case& test : kCases) {
    EXPECT_EQ(Base64Encode(test.octets), test.text);
    EXPECT_EQ(Base64Decode(test.text), test.octets);
  }
}

TEST(Base64Test, DecodeTable) {
  struct Case {
    std::string_view text;
    std::optional<std::string_view> octets;
    const char* why;
  };
  const Case kCases[] = {
      {"Zm9v\r\n YmFy", "foobar", "a fold between groups"},
      {"Zm\r\n\t9vYm \t Fy", "foobar", "white space within groups"},
      {"Zm9v\n\tYmFy", "foobar", "a milter's fold"},
      {" \r\n Zm9v", "foo", "white space first"},
      {"Zm9v \r\n ", "foo", "white space last"},
      {"   ", "", "white space alone"},
      {"Z g = = ", "f", "white space around the padding"},
      {"Zg", "f", "no padding"},
      {"Zm8", "fo", "no padding"},
      {"Zg=", "f", "one = of two: the rule makes each optional"},
      {"Zh==", "f", "trailing bits not zero"},
      {"Zm9=", "fo", "trailing bits not zero"},
      {"+/+/", "\xfb\xff\xbf", "the last two of the alphabet"},
      {"Z", std::nullopt, "six bits are no octet"},
      {"Zm9vY", std::nullopt, "six bits left over"},
      {"Z===", std::nullopt, "six bits and padding"},
      {"Zg===", std::nullopt, "too much padding"},
      {"Zm8==", std::nullopt, "too much padding"},
      {"Zm9v=", std::nullopt, "padding of a full group"},
      {"=", std::nullopt, "padding of nothing"},
      {"Zg==Zg==", std::nullopt, "text after the padding"},
      {"Zg= x", std::nullopt, "text after the padding"},
      {"Zm9-", std::nullopt, "the URL alphabet is another one"},
      {"Zm9_", std::nullopt, "the URL alphabet is another one"},
      {"Zm9v;", std::nullopt, "garbage"},
      {"Zm\v9v", std::nullopt, "VT is no white space of DKIM"},
      {"Zm9\xc3", std::nullopt, "8 bit"},
      {std::string_view("Zm9\0", 4), std::nullopt, "NUL"},
  };
  for (const Case& test : kCases) {
    EXPECT_EQ(Base64Decode(test.text), test.octets) << test.text << ": " << test.why;
  }
}

TEST(Base64Test, WritesWithinItsSpan) {
  std::array<char, 6> out{};
  EXPECT_EQ(Base64Decode("Zm9vYmFy", std::span(out)), 6u);
  EXPECT_EQ(std::string_view(out.data(), 6), "foobar");
  EXPECT_EQ(Base64Decode("Zm9vYmFy", std::span(out).first(5)), std::nullopt);
  EXPECT_EQ(Base64Decode("Zm9vYg==", std::span(out).first(4)), 4u);
  EXPECT_EQ(Base64Decode("Zm9vYg==", std::span(out).first(3)), std::nullopt);
  EXPECT_EQ(Base64Decode("", std::span(out).first(0)), 0u);
}

// Any octets come back, with white space strewn in or not; the expectation is
// the octets that went in.
TEST(Base64Test, RoundTrip) {
  std::mt19937 random(4648);
  for (int i = 0; i < 2000; ++i) {
    std::string octets(random() % 300, '\0');
    for (char& c : octets) c = static_cast<char>(random());
    const std::string text = Base64Encode(octets);
    EXPECT_EQ(text.size(), (octets.size() + 2) / 3 * 4);
    EXPECT_EQ(Base64Decode(text), octets);
    std::string folded;
    for (const char c : text) {
      while (random() % 8 == 0) folded += " \t\r\n"[random() % 4];
      folded += c;
    }
    ASSERT_EQ(Base64Decode(folded), octets) << folded;
  }
}

TEST(Base64Test, MaxDecodedIsEnoughAndNoMoreWithoutPadding) {
  const std::string text(400, 'A');
  for (size_t n = 0; n <= text.size(); ++n) {
    if (n % 4 == 1) continue;
    EXPECT_EQ(Base64Decode(std::string_view(text).substr(0, n))->size(), Base64MaxDecoded(n)) << n;
  }
}

}  // namespace
}  // namespace postseal::base
