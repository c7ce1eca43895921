#include "milter/login_table.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "milter/address_table.h"

namespace postseal::milter {
namespace {

using Kind = AddressTable::Kind;
using Rows = std::vector<std::pair<std::string_view, std::string_view>>;

struct Case {
  const char* name;
  Kind kind;
  Rows rows;
  const char* login;
  const char* local_part;
  const char* domain;
  bool is_permitted;
};

const Rows kTenants = {{"*@a.example", "alice, bob@a.example"}, {"*@b.example", "*@b.example"}};
const Rows kOwnDomain = {{"*", "*@%"}};
const Rows kOrder = {{"ceo@a.example", "carol"}, {"*@a.example", "carol dave"}};
const Rows kPostfix = {{"@a.example", "alice"}, {"ceo@a.example", "carol"}};

const Case kCases[] = {
    {"a login of the row", Kind::kPatterns, kTenants, "alice", "anyone", "a.example", true},
    {"case does not count", Kind::kPatterns, kTenants, "BOB@A.example", "x", "A.EXAMPLE", true},
    {"the other tenant", Kind::kPatterns, kTenants, "alice", "anyone", "b.example", false},
    {"the other tenant by pattern", Kind::kPatterns, kTenants, "x@a.example", "y", "b.example",
     false},
    {"a pattern of logins", Kind::kPatterns, kTenants, "x@b.example", "y", "b.example", true},
    {"an author without a row", Kind::kPatterns, kTenants, "alice", "x", "c.example", false},
    {"a login that begins with another", Kind::kPatterns, kTenants, "alice2", "x", "a.example",
     false},
    {"no login", Kind::kPatterns, kTenants, "", "x", "a.example", false},
    {"no login, where all may", Kind::kPatterns, {{"*", "*"}}, "", "x", "a.example", false},
    {"%: the author's domain", Kind::kExact, kOwnDomain, "x@a.example", "y", "A.example", true},
    {"%: another domain", Kind::kExact, kOwnDomain, "x@b.example", "y", "a.example", false},
    {"%: a domain below", Kind::kExact, kOwnDomain, "x@sub.a.example", "y", "a.example", false},
    {"%: the domain of an author is no pattern", Kind::kExact, kOwnDomain, "x@b.example", "y", "*",
     false},
    {"the first row decides", Kind::kPatterns, kOrder, "dave", "ceo", "a.example", false},
    {"the first row decides for it alone", Kind::kPatterns, kOrder, "dave", "x", "a.example", true},
    {"a table of Postfix", Kind::kExact, kPostfix, "alice", "x", "a.example", true},
    {"a table of Postfix: an address is more precise", Kind::kExact, kPostfix, "alice", "ceo",
     "a.example", false},
    {"a table of Postfix, as patterns", Kind::kPatterns, kPostfix, "alice", "x", "a.example", true},
};

TEST(LoginTableTest, WhoMayWriteAsWhom) {
  for (const Case& c : kCases) {
    LoginTable table(c.kind);
    for (const auto& [author, logins] : c.rows) ASSERT_TRUE(table.Add(author, logins).ok());
    EXPECT_EQ(table.Permits(c.login, c.local_part, c.domain), c.is_permitted) << c.name;
  }
}

TEST(LoginTableTest, RowsThatCannotBe) {
  LoginTable table;
  EXPECT_FALSE(table.Add("a.example", "").ok());
  EXPECT_FALSE(table.Add("a.example", " , ").ok());
  EXPECT_EQ(table.size(), 0u);
  std::string logins;
  for (size_t i = 0; i < kMaxLogins; ++i) absl::StrAppend(&logins, "u", i, ",");
  EXPECT_TRUE(table.Add("a.example", logins).ok());
  EXPECT_FALSE(table.Add("b.example", absl::StrCat(logins, "one-more")).ok());
  EXPECT_EQ(table.size(), 1u);
}

}  // namespace
}  // namespace postseal::milter
