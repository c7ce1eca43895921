#include "milter/signing_tables.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auth/sign_session.h"
#include "dkim/algorithm.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "milter/data_set.h"
#include "milter/diagnostic.h"
#include "milter/key_file.h"
#include "milter/key_table.h"
#include "milter/signing_table.h"
#include "milter/test_folder.h"

namespace postseal::milter {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SigningTablesTest : public testing::Test {
 protected:
  SigningTablesTest()
      : rsa_(folder_.Write("keys/rsa.private", ReadTestFile("keys/rsa2048.pem"))),
        ed25519_(folder_.Write("keys/ed.private", ReadTestFile("keys/ed25519.pem"))) {}

  // Make builds tables from the text of a refile: (or file:) and of KeyTable, in which
  // RSA and ED stand for the two key files.
  SigningTables Make(std::string_view signing, std::string_view keys, bool multiple = false,
                     DataSet::Kind kind = DataSet::Kind::kPatterns) {
    diagnostics_.clear();
    DataSet key_set =
        *ParseDataRows(Replaced(Replaced(std::string(keys), "RSA", rsa_), "ED", ed25519_),
                       DataSet::Kind::kFile, "KeyTable");
    const DataSet signing_set = *ParseDataRows(signing, kind, "SigningTable");
    KeyTable key_table = KeyTable::Read(&key_set, &diagnostics_);
    SigningTable signing_table = SigningTable::Read(signing_set, &diagnostics_);
    SigningSettings settings;
    settings.multiple_signatures = multiple;
    SigningTables tables(std::move(signing_table), std::move(key_table), std::move(settings));
    for (Diagnostic& diagnostic : tables.LoadKeys(KeyPolicy())) {
      diagnostics_.push_back(std::move(diagnostic));
    }
    return tables;
  }

  // Said are the diagnostics, a line each.
  std::vector<std::string> Said() const {
    std::vector<std::string> lines;
    for (const Diagnostic& diagnostic : diagnostics_) lines.push_back(Print(diagnostic));
    return lines;
  }

  // Jobs are those of |choice|, "s=... d=... a=... i=...".
  static std::vector<std::string> Jobs(const SigningChoice& choice) {
    std::vector<std::string> jobs;
    for (const auth::SigningJob& job : choice.jobs) {
      jobs.push_back(absl::StrCat(job.request.selector, " ", job.request.domain, " ",
                                  dkim::Name(job.request.algorithm), " ",
                                  job.request.identity.value_or("-")));
    }
    return jobs;
  }

  TestFolder folder_;
  std::string rsa_;
  std::string ed25519_;
  std::vector<Diagnostic> diagnostics_;
};

TEST_F(SigningTablesTest, ChoosesTheFirstMatch) {
  const SigningTables tables = Make("*@example.com k1\n*@*.example.com k2\n",
                                    "k1 example.com:s1:RSA\nk2 example.com:s2:ED\n");
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_THAT(Jobs(tables.Choose("a", "example.com")), ElementsAre("s1 example.com rsa-sha256 -"));
  EXPECT_THAT(Jobs(tables.Choose("a", "EXAMPLE.COM")), ElementsAre("s1 example.com rsa-sha256 -"));
  EXPECT_THAT(Jobs(tables.Choose("a", "b.example.com")),
              ElementsAre("s2 example.com ed25519-sha256 -"));
  const SigningChoice other = tables.Choose("a", "example.org");
  EXPECT_FALSE(other.matched);
  EXPECT_THAT(other.jobs, IsEmpty());
  EXPECT_THAT(other.faults, IsEmpty());
}

TEST_F(SigningTablesTest, SeveralKeysSign) {
  constexpr std::string_view kKeys = "k1 example.com:s1:RSA\nk2 example.com:s2:ED\n";
  const auto both = ElementsAre("s1 example.com rsa-sha256 -", "s2 example.com ed25519-sha256 -");
  EXPECT_THAT(
      Jobs(Make("*@example.com k1\n*@example.com k2\n", kKeys, true).Choose("a", "example.com")),
      both);
  EXPECT_THAT(Jobs(Make("example.com k1\n* k2\n", kKeys, true, DataSet::Kind::kFile)
                       .Choose("a", "example.com")),
              both);
  EXPECT_THAT(Jobs(Make("*@example.com k1,k2\n", kKeys).Choose("a", "example.com")), both);
  // A name with a comma that KeyTable has is that name.
  EXPECT_THAT(Jobs(Make("*@example.com k1,k2\n", absl::StrCat(kKeys, "k1,k2 example.com:s3:RSA\n"))
                       .Choose("a", "example.com")),
              ElementsAre("s3 example.com rsa-sha256 -"));
  // The same key twice makes one signature.
  EXPECT_THAT(Jobs(Make("*@example.com k1\n* k1\n", kKeys, true).Choose("a", "example.com")),
              ElementsAre("s1 example.com rsa-sha256 -"));
}

TEST_F(SigningTablesTest, PercentIsTheAuthorsDomain) {
  folder_.Write("many/a.example/s.private", ReadTestFile("keys/rsa2048.pem"));
  folder_.Write("many/b.example/s.private", ReadTestFile("keys/ed25519.pem"));
  const SigningTables tables = Make(
      "*@x.example %\n*@y.example any\n*@*.example2 any\n*@a.example many\n*@b.example many\n"
      "*@c.example many\n",
      absl::StrCat("x.example x.example:s:RSA\nany %:s:RSA\nmany %:s:", folder_.path(),
                   "/many/%/s.private\n"));
  EXPECT_THAT(Said(), IsEmpty());
  EXPECT_THAT(Jobs(tables.Choose("a", "X.example")), ElementsAre("s x.example rsa-sha256 -"));
  EXPECT_THAT(Jobs(tables.Choose("a", "y.example")), ElementsAre("s y.example rsa-sha256 -"));
  EXPECT_THAT(Jobs(tables.Choose("a", "z.example2")), ElementsAre("s z.example2 rsa-sha256 -"));
  EXPECT_THAT(Jobs(tables.Choose("a", "a.example")), ElementsAre("s a.example rsa-sha256 -"));
  EXPECT_THAT(Jobs(tables.Choose("a", "B.example")), ElementsAre("s b.example ed25519-sha256 -"));
  const SigningChoice none = tables.Choose("a", "c.example");
  EXPECT_TRUE(none.matched);
  EXPECT_THAT(none.jobs, IsEmpty());
  EXPECT_THAT(none.faults, ElementsAre(HasSubstr("no key file was found for the domain")));
}

TEST_F(SigningTablesTest, AReloadReadsWhatHasChanged) {
  constexpr std::string_view kKeys = "k1 example.com:s1:RSA\nk2 example.com:s2:ED\n";
  const SigningTables before = Make("*@example.com k1,k2\n", kKeys);
  SigningTables after = Make("*@example.com k1,k2\n", kKeys);
  EXPECT_NE(after.keys()[0].key, before.keys()[0].key);
  folder_.Write("keys/ed.private", ReadTestFile("keys/rsa1024.pem"));
  EXPECT_THAT(after.LoadKeys(KeyPolicy(), &before), IsEmpty());
  EXPECT_EQ(after.keys()[0].key, before.keys()[0].key);
  EXPECT_EQ(after.keys()[1].key->key_type(), dkim::KeyType::kRsa);
}

// opendkim.conf(5): "the "i=" value will not be included in the signature if it
// conflicts with the signing domain".
TEST_F(SigningTablesTest, IdentityStandsInTheDomain) {
  const SigningTables tables = Make(
      "*@a.example k:@mail.example.com\n*@b.example k:joe@other.example\n"
      "*@sub.example.com k:sales@%\n*@c.example k:@notexample.com\n",
      "k example.com:s:RSA\n");
  EXPECT_THAT(Said(),
              ElementsAre(HasSubstr("SigningTable:2: warning: the identity \"joe@other.example\" "
                                    "is not in example.com"),
                          HasSubstr("SigningTable:4: warning: ")));
  EXPECT_THAT(Jobs(tables.Choose("a", "a.example")),
              ElementsAre("s example.com rsa-sha256 @mail.example.com"));
  EXPECT_THAT(Jobs(tables.Choose("a", "b.example")), ElementsAre("s example.com rsa-sha256 -"));
  EXPECT_THAT(Jobs(tables.Choose("a", "c.example")), ElementsAre("s example.com rsa-sha256 -"));
  EXPECT_THAT(Jobs(tables.Choose("a", "sub.example.com")),
              ElementsAre("s example.com rsa-sha256 sales@sub.example.com"));
}

TEST_F(SigningTablesTest, OneBrokenKeyLeavesTheOthers) {
  const SigningTables tables = Make(
      "*@a.example bad\n*@b.example good\n*@c.example bad\n*@c.example good\n*@d.example unknown\n"
      "*@e.example GOOD\n*@f.example torn\n*@g.example\n",
      absl::StrCat("bad example.com:s:", folder_.path(), "/nowhere\ngood example.com:s:RSA\n",
                   "torn example.com:s\n"),
      true);
  EXPECT_THAT(
      Said(),
      ElementsAre(HasSubstr("KeyTable:3: warning: key \"torn\" cannot be used: a row of KeyTable"),
                  HasSubstr("SigningTable:8: warning: the row names no key"),
                  HasSubstr("KeyTable:1: warning: key \"bad\" cannot be loaded: "),
                  HasSubstr("SigningTable:5: warning: KeyTable has no key \"unknown\""),
                  HasSubstr("has no key \"GOOD\", only \"good\": case counts")));
  EXPECT_THAT(Jobs(tables.Choose("a", "b.example")), ElementsAre("s example.com rsa-sha256 -"));
  // Of several keys those that load sign.
  const SigningChoice some = tables.Choose("a", "c.example");
  EXPECT_THAT(Jobs(some), ElementsAre("s example.com rsa-sha256 -"));
  EXPECT_THAT(some.faults, ElementsAre(HasSubstr("No such file or directory")));
  for (const std::string_view domain : {"a.example", "d.example", "f.example", "g.example"}) {
    const SigningChoice choice = tables.Choose("a", domain);
    EXPECT_TRUE(choice.matched) << domain;
    EXPECT_THAT(choice.jobs, IsEmpty()) << domain;
    EXPECT_EQ(choice.faults.size(), 1u) << domain;
  }
}

TEST_F(SigningTablesTest, SaysWhichRowsMatchNothing) {
  Make("*@example.com k\nb@example.com k\n*@*.example.com k\nc@* k\n* k\n", "k example.com:s:RSA\n",
       false, DataSet::Kind::kFile);
  EXPECT_THAT(Said(), ElementsAre(HasSubstr("SigningTable:1: warning: \"*@example.com\" matches no "
                                            "address, since only refile: knows patterns"),
                                  HasSubstr("or write .example.com here")));
  Make("example.com k\n.example.com k\n", "k example.com:s:RSA\n");
  EXPECT_THAT(Said(),
              ElementsAre(HasSubstr("write *@example.com"), HasSubstr("write *@*.example.com")));
}

// What comes out must be something that SignSession takes.
TEST_F(SigningTablesTest, JobsAreForASession) {
  const SigningTables tables = Make("* k1,k2\n", "k1 %:s1:RSA\nk2 %:s2:ED\n");
  auto options = std::make_shared<auth::SignOptions>();
  options->jobs = tables.Choose("a", "example.com").jobs;
  ASSERT_EQ(options->jobs.size(), 2u);
  EXPECT_TRUE(auth::SignSession::Create(options, 1).ok());
  // The author's domain is anyone's text.
  for (const std::string_view domain : {"localhost", "a..b", "a b.example", "\r\n.example", ""}) {
    const SigningChoice choice = tables.Choose("a", domain);
    EXPECT_THAT(choice.jobs, IsEmpty()) << domain;
  }
}

TEST_F(SigningTablesTest, KeysAreBounded) {
  std::string signing;
  std::string keys;
  for (size_t i = 0; i <= auth::kMaxKeys; ++i) {
    absl::StrAppend(&signing, "*@example.com k", i, "\n");
    if (i == auth::kMaxKeys - 1) absl::StrAppend(&signing, "*@example.org k", i, "\n");
    absl::StrAppend(&keys, "k", i, " example.com:s", i, ":RSA\n");
  }
  const SigningChoice choice = Make(signing, keys, true).Choose("a", "example.com");
  EXPECT_EQ(choice.jobs.size(), auth::kMaxKeys);
  EXPECT_THAT(choice.faults, ElementsAre(HasSubstr("more than 16 keys")));
}

}  // namespace
}  // namespace postseal::milter
