#include "milter/address_table.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "milter/glob.h"

namespace postseal::milter {
namespace {

using Kind = AddressTable::Kind;
using Which = AddressTable::Which;
using Rows = std::vector<uint32_t>;

AddressTable Table(Kind kind, const std::vector<std::string_view>& keys) {
  AddressTable table(kind);
  uint32_t row = 0;
  for (const std::string_view key : keys) EXPECT_TRUE(table.Add(key, row++).ok()) << key;
  return table;
}

// The order is that of opendkim.conf(5), SigningTable, "For all other database types".
TEST(AddressTableTest, ExactKeysInTheirOrder) {
  const AddressTable table =
      Table(Kind::kExact, {"*", "user@*", ".com", ".example.com", "user@.com", "user@.example.com",
                           "foo.example.com", "user@foo.example.com"});
  EXPECT_EQ(table.Find("user", "foo.example.com", Which::kAll), Rows({7, 6, 5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(table.Find("user", "foo.example.com", Which::kFirst), Rows({7}));
  EXPECT_EQ(table.Find("other", "foo.example.com", Which::kFirst), Rows({6}));
  EXPECT_EQ(table.Find("USER", "bar.EXAMPLE.com", Which::kFirst), Rows({5}));
  EXPECT_EQ(table.Find("other", "bar.example.com", Which::kFirst), Rows({3}));
  // A parent is no domain of its own.
  EXPECT_EQ(table.Find("other", "example.com", Which::kFirst), Rows({2}));
  EXPECT_EQ(table.Find("user", "example.org", Which::kFirst), Rows({1}));
  EXPECT_EQ(table.Find("other", "example.org", Which::kFirst), Rows({0}));
}

TEST(AddressTableTest, PatternsInTheOrderOfTheFile) {
  struct Case {
    std::vector<std::string_view> keys;
    std::string_view local_part;
    std::string_view domain;
    Rows all;
    const char* why;
  };
  for (const Case& c : {
           Case{{"*@example.com", "a@example.com"}, "a", "example.com", {0, 1}, "file order"},
           Case{{"*", "*@example.com"}, "a", "example.com", {0, 1}, "not the closer first"},
           Case{{"*@*.example.com"}, "a", "b.c.example.com", {0}, "any depth"},
           Case{{"*@*.example.com"}, "a", "example.com", {}, "but not the domain itself"},
           Case{{"*@example.com"}, "a", "b.example.com", {}, "no subdomains"},
           Case{{"*@example.com"}, "a@b", "example.com", {0}, "an \"@\" in a quoted local-part"},
           Case{{"*example.com"}, "a", "badexample.com", {0}, "a pattern of another form"},
           Case{{"a*@x.example", "*@x.example"}, "ab", "X.example", {0, 1}, "merged"},
           Case{{"*@x.example", "a*@x.example"}, "ab", "x.example", {0, 1}, "merged"},
           Case{{"example.com", ".example.com", "@example.com"},
                "a",
                "b.example.com",
                {},
                "no address, no pattern"},
           Case{{"*@*"}, "a", "example.com", {0}, "every address"},
           Case{{"a@example.com", "a@example.com"}, "a", "example.com", {0, 1}, "twice"},
       }) {
    const AddressTable table = Table(Kind::kPatterns, c.keys);
    EXPECT_EQ(table.Find(c.local_part, c.domain, Which::kAll), c.all) << c.why;
    const Rows first = c.all.empty() ? Rows() : Rows({c.all.front()});
    EXPECT_EQ(table.Find(c.local_part, c.domain, Which::kFirst), first) << c.why;
  }
}

// A refile: is a list of patterns that is read from the top: the oracle.
TEST(AddressTableTest, PatternsAreThoseOfAList) {
  std::mt19937 random(1);  // NOLINT(*-msc51-cpp): the same every time
  const auto pick = [&random](const std::vector<std::string>& from) {
    return from[random() % from.size()];
  };
  const std::vector<std::string> users = {"a", "b", "*", "a*", "*a", ""};
  const std::vector<std::string> hosts = {"x.y", "z.x.y", "*.x.y", "*.y", "*", "x*", "*y", "y"};
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> keys;
    AddressTable table(Kind::kPatterns);
    for (uint32_t row = 0; row < 20; ++row) {
      keys.push_back(random() % 8 == 0 ? pick(hosts) : pick(users) + "@" + pick(hosts));
      ASSERT_TRUE(table.Add(keys.back(), row).ok());
    }
    for (const std::string local : {"a", "b", "ba", "ab"}) {
      for (const std::string domain : {"x.y", "z.x.y", "w.z.x.y", "q.y", "y", "n"}) {
        Rows expected;
        for (uint32_t row = 0; row < keys.size(); ++row) {
          if (keys[row].find('@') == 0) continue;  // an address without local-part
          if (GlobMatches(keys[row], local + "@" + domain)) expected.push_back(row);
        }
        EXPECT_EQ(table.Find(local, domain, Which::kAll), expected)
            << "seed 1, round " << round << ", " << local << "@" << domain;
        expected.resize(std::min<size_t>(expected.size(), 1));
        EXPECT_EQ(table.Find(local, domain, Which::kFirst), expected)
            << "seed 1, round " << round << ", " << local << "@" << domain;
      }
    }
  }
}

TEST(AddressTableTest, IsBounded) {
  AddressTable table(Kind::kPatterns);
  for (size_t i = 0; i < kMaxGlobRows; ++i) {
    ASSERT_TRUE(table.Add("a*b@example.com", static_cast<uint32_t>(i)).ok());
  }
  EXPECT_FALSE(table.Add("a*b@example.com", kMaxGlobRows).ok());
  EXPECT_TRUE(table.Add("*@example.com", kMaxGlobRows).ok());
  EXPECT_TRUE(table.Add(std::string(kMaxPatternOctets - 2, 'a') + "@b", kMaxGlobRows + 1).ok());
  EXPECT_FALSE(table.Add(std::string(kMaxPatternOctets - 1, 'a') + "@b", kMaxGlobRows + 2).ok());
}

TEST(AddressTableTest, OfALongAddressTheDomainCounts) {
  const std::string domain = "example.com";
  const std::string longest(kMaxAddressOctets - domain.size() - 1, 'a');
  const AddressTable table = Table(Kind::kPatterns, {"a*a@example.com", "*@example.com"});
  EXPECT_EQ(table.Find(longest, domain, Which::kAll), Rows({0, 1}));
  EXPECT_EQ(table.Find(longest + "a", domain, Which::kAll), Rows({1}));
  const AddressTable exact = Table(Kind::kExact, {"@example.com", "example.com", "@*"});
  EXPECT_EQ(exact.Find(longest + "a", domain, Which::kAll), Rows({1}));
  EXPECT_EQ(exact.Find("a", std::string(kMaxAddressOctets + 1, 'b'), Which::kAll), Rows());
}

}  // namespace
}  // namespace postseal::milter
