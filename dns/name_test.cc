#include "dns/name.h"

#include <string>

#include "absl/hash/hash_testing.h"
#include "gtest/gtest.h"

namespace postseal::dns {
namespace {

const std::string kLabel63(63, 'a');
// Four labels: 63 + 1 + 63 + 1 + 63 + 1 + 61 = 253 octets.
const std::string kName253 =
    kLabel63 + "." + kLabel63 + "." + kLabel63 + "." + std::string(61, 'a');

TEST(NameTest, Parse) {
  const struct {
    std::string text;
    std::optional<std::string> want;
    const char* why;
  } cases[] = {
      {"example.com", "example.com", ""},
      {"example.com.", "example.com", "the final dot is not part of the value"},
      {"EXAMPLE.Com", "example.com", "RFC 4343: letters compare without case"},
      {"_domainkey.example", "_domainkey.example", "labels are arbitrary octets (RFC 2181 §11)"},
      {"a b\\.\x01\xff", "a b\\.\x01\xff", "also blanks, backslashes, control and high octets"},
      {std::string("a\0b", 3), std::string("a\0b", 3), "and NUL"},
      {"xn--BCHER-kva.example", "xn--bcher-kva.example", ""},
      {"\xc3\x84.example", "\xc3\x84.example", "only ASCII letters fold"},
      {"x", "x", "one label"},
      {kLabel63, kLabel63, "a label of 63 octets"},
      {kLabel63 + "a", std::nullopt, "64 octets: RFC 1035 §2.3.4"},
      {"b." + kLabel63 + "a.c", std::nullopt, "64 octets in the middle"},
      {kName253, kName253, "253 octets"},
      {kName253 + ".", kName253, "253 octets and the final dot"},
      {kName253 + "a", std::nullopt, "254 octets"},
      {"", std::nullopt, "no label; the root is Name()"},
      {".", std::nullopt, ""},
      {"..", std::nullopt, ""},
      {".a", std::nullopt, "an empty label in front"},
      {"a..b", std::nullopt, "an empty label inside"},
      {"a..", std::nullopt, "an empty label at the end"},
  };
  for (const auto& c : cases) {
    const auto name = Name::Parse(c.text);
    ASSERT_EQ(name.has_value(), c.want.has_value()) << c.text << ": " << c.why;
    if (name.has_value()) {
      EXPECT_EQ(name->text(), *c.want) << c.why;
    }
  }
}

TEST(NameTest, TheRoot) {
  const Name root;
  EXPECT_TRUE(root.is_root());
  EXPECT_EQ(root.text(), "");
  EXPECT_EQ(root.label_count(), 0u);
  EXPECT_EQ(root.Parent(), root);
  EXPECT_FALSE(Name::Parse("a")->is_root());
}

TEST(NameTest, LabelCountAndParent) {
  const auto name = Name::Parse("a.b.example");
  EXPECT_EQ(name->label_count(), 3u);
  EXPECT_EQ(name->Parent().text(), "b.example");
  EXPECT_EQ(name->Parent().Parent().text(), "example");
  EXPECT_TRUE(name->Parent().Parent().Parent().is_root());
}

TEST(NameTest, Prepend) {
  const auto example = *Name::Parse("example");
  EXPECT_EQ(example.Prepend("_DMARC")->text(), "_dmarc.example");
  EXPECT_EQ(example.Prepend("s._domainkey")->text(), "s._domainkey.example");
  EXPECT_EQ(Name().Prepend("com")->text(), "com") << "below the root";
  for (const char* bad : {"", ".", "a.", ".a", "a..b"}) {
    EXPECT_FALSE(example.Prepend(bad).has_value()) << bad;
  }
  EXPECT_FALSE(example.Prepend(kLabel63 + "a").has_value());

  // "x." more is 253 octets in all, "xx." is 254.
  const auto long_name = *Name::Parse(kName253.substr(2));
  EXPECT_EQ(long_name.Prepend("x")->text().size(), 253u);
  EXPECT_FALSE(long_name.Prepend("xx").has_value());
  EXPECT_FALSE(long_name.Prepend(std::string(100000, 'x')).has_value());
}

TEST(NameTest, IsAtOrBelow) {
  const struct {
    const char* name;
    const char* ancestor;
    bool want;
  } cases[] = {
      {"example.com", "example.com", true},    {"EXAMPLE.com", "example.COM.", true},
      {"a.example.com", "example.com", true},  {"a.b.example.com", "example.com", true},
      {"aexample.com", "example.com", false},  {"com", "example.com", false},
      {"example.com", "a.example.com", false}, {"example.org", "example.com", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Name::Parse(c.name)->IsAtOrBelow(*Name::Parse(c.ancestor)), c.want)
        << c.name << " below " << c.ancestor;
  }
  EXPECT_TRUE(Name::Parse("a")->IsAtOrBelow(Name())) << "everything is below the root";
  EXPECT_TRUE(Name().IsAtOrBelow(Name()));
  EXPECT_FALSE(Name().IsAtOrBelow(*Name::Parse("a")));
}

// A copy takes the octets in use, in two steps from a certain size on.
TEST(NameTest, CopiesOfEverySize) {
  for (size_t size = 1; size <= Name::kMaxOctets; ++size) {
    std::string text;
    for (size_t i = 0; i < size; ++i) text += i % 40 == 39 && i + 1 < size ? '.' : 'a' + i % 7;
    const auto name = Name::Parse(text);
    ASSERT_TRUE(name.has_value()) << text;
    const Name copy = *name;
    EXPECT_EQ(copy.text(), text);
    Name shorter_before = *Name::Parse("z.example");
    shorter_before = *name;
    EXPECT_EQ(shorter_before.text(), text);
    Name longer_before = *Name::Parse(kName253);
    longer_before = *name;
    EXPECT_EQ(longer_before.text(), text);
    Name& itself = longer_before;
    longer_before = itself;
    EXPECT_EQ(longer_before.text(), text);
  }
  const Name root = Name();
  EXPECT_TRUE(Name(root).is_root());
}

TEST(NameTest, Comparison) {
  EXPECT_EQ(*Name::Parse("A.example."), *Name::Parse("a.EXAMPLE"));
  EXPECT_FALSE(*Name::Parse("a.example") == *Name::Parse("b.example"));
  EXPECT_TRUE(*Name::Parse("a.example") < *Name::Parse("b.example"));
  EXPECT_FALSE(*Name::Parse("b.example") < *Name::Parse("B.example"));
}

TEST(NameTest, Hash) {
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(
      {Name(), *Name::Parse("a"), *Name::Parse("A."), *Name::Parse("a.a"), *Name::Parse("b")}));
}

}  // namespace
}  // namespace postseal::dns
