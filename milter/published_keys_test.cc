#include "milter/published_keys.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dkim/signing_key.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "milter/data_set.h"
#include "milter/key_table.h"
#include "milter/log.h"
#include "milter/signing_table.h"
#include "milter/signing_tables.h"
#include "milter/test_folder.h"

namespace postseal::milter {
namespace {

class PublishedKeysTest : public testing::Test {
 protected:
  // Tables has a key "s" for each of |domains|.
  std::shared_ptr<const SigningTables> Tables(const std::vector<std::string>& domains) {
    const std::string path = folder_.Write("key.private", ReadTestFile("keys/ed25519.pem"));
    std::string keys;
    std::string rows;
    for (const std::string& domain : domains) {
      absl::StrAppend(&keys, domain, " ", domain, ":s:", path, "\n");
      absl::StrAppend(&rows, "*@", domain, " ", domain, "\n");
    }
    std::vector<Diagnostic> diagnostics;
    DataSet key_set = *ParseDataRows(keys, DataSet::Kind::kFile, "KeyTable");
    const DataSet signing_set = *ParseDataRows(rows, DataSet::Kind::kPatterns, "SigningTable");
    auto tables =
        std::make_shared<SigningTables>(SigningTable::Read(signing_set, &diagnostics),
                                        KeyTable::Read(&key_set, &diagnostics), SigningSettings());
    tables->LoadKeys(KeyPolicy());
    return tables;
  }

  static std::string Record(std::string_view domain) {
    return absl::StrCat(
        "s._domainkey.", domain, ". TXT \"v=DKIM1; k=ed25519; p=",
        (*dkim::SigningKey::FromPem(ReadTestFile("keys/ed25519.pem")))->public_key_base64(),
        "\"\n");
  }

  TestFolder folder_;
  Log log_;
};

TEST_F(PublishedKeysTest, HoldsBackWhatVerifiersCannotUse) {
  dns::ZoneResolver zone;
  ASSERT_TRUE(
      zone.AddText(absl::StrCat(Record("good.example"),
                                "$FAIL s._domainkey.trouble.example. TXT\n"
                                "$TIMEOUT s._domainkey.silent.example. TXT\n"
                                "s._domainkey.revoked.example. TXT \"v=DKIM1; k=ed25519; p=\"\n"
                                // Of RFC 8463 appendix A.2: another key.
                                "s._domainkey.other.example. TXT \"v=DKIM1; k=ed25519; "
                                "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"),
                   "zone")
          .ok());
  PublishedKeys keys(&log_);
  EXPECT_FALSE(keys.IsHeldBack("missing.example", "s")) << "nobody has asked";
  keys.Ask(Tables({"good.example", "trouble.example", "silent.example", "missing.example",
                   "revoked.example", "other.example"}),
           &zone);
  struct Case {
    const char* domain;
    bool is_held_back;
  };
  const Case kCases[] = {
      {"good.example", false},   {"trouble.example", false}, {"silent.example", false},
      {"missing.example", true}, {"revoked.example", true},  {"other.example", true},
      {"MISSING.example", true}, {"unknown.example", false},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(keys.IsHeldBack(c.domain, "s"), c.is_held_back) << c.domain;
  }
}

TEST_F(PublishedKeysTest, SignsOnceItIsThere) {
  dns::ZoneResolver before;
  dns::ZoneResolver after;
  ASSERT_TRUE(after.AddText(Record("new.example"), "zone").ok());
  const auto tables = Tables({"new.example"});
  PublishedKeys keys(&log_);
  keys.Ask(tables, &before);
  EXPECT_TRUE(keys.IsHeldBack("new.example", "s"));
  keys.Ask(tables, &after);
  EXPECT_FALSE(keys.IsHeldBack("new.example", "s"));
  keys.Ask(tables, &before);
  EXPECT_TRUE(keys.IsHeldBack("new.example", "s")) << "it was taken away";
}

TEST_F(PublishedKeysTest, AsksForMoreThanMayBeOutstanding) {
  std::vector<std::string> domains;
  for (size_t i = 0; i < PublishedKeys::kMaxOutstanding * 2 + 1; ++i) {
    domains.push_back(absl::StrCat("d", i, ".example"));
  }
  dns::ZoneResolver zone;
  PublishedKeys keys(&log_);
  keys.Ask(Tables(domains), &zone);
  for (const std::string& domain : domains) EXPECT_TRUE(keys.IsHeldBack(domain, "s")) << domain;
}

}  // namespace
}  // namespace postseal::milter
