// The errors of zone files; what good ones mean is in zone_resolver_test.cc.
#include "dns/zone_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace postseal::dns {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Each X.zone is refused with exactly the message in X.error.
TEST(ZoneFileTest, MalformedZones) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("testdata/bad/zones")) {
    std::filesystem::path path = entry.path();
    if (path.extension() != ".zone") continue;
    ++count;
    const auto zone = ParseZone(ReadFile(path), path.filename().string());
    ASSERT_FALSE(zone.ok()) << path;
    EXPECT_TRUE(absl::IsInvalidArgument(zone.status()));
    EXPECT_EQ(std::string(zone.status().message()) + "\n",
              ReadFile(path.replace_extension(".error")));
  }
  EXPECT_GE(count, 40);
}

// Texts that no file shows well: without a line end, with NUL and lone CR.
TEST(ZoneFileTest, EndsAndControlOctets) {
  const struct {
    std::string text;
    std::string want;
  } cases[] = {
      {"", ""},
      {"\n", ""},
      {"a. A 192.0.2.1", ""},
      {"a. A 192.0.2.1 ;", ""},
      {"a. A\r192.0.2.1\r\n", ""},
      {"a. TXT (", "z:1:8: the parenthesis is not closed"},
      {"a. TXT \"", "z:1:8: the quote is not closed on its line"},
      {"a. TXT \"\\", "z:1:8: the quote is not closed on its line"},
      {"a. TXT \"\\\"", "z:1:8: the quote is not closed on its line"},
      {"a. TXT \\", "z:1:8: nothing stands after the backslash"},
      {"a. TXT", "z:1:7: expected a string"},
      {"a.", "z:1:3: expected a record type"},
      {"a.\n", "z:1:3: expected a record type"},
      {"\n\na. A x", "z:3:6: expected an IPv4 address"},
      {std::string("a. A 192.0.2.1\0", 15), "z:1:6: expected an IPv4 address"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ParseZone(c.text, "z").status().message(), c.want) << c.text;
  }
}

TEST(ZoneFileTest, Entries) {
  const auto zone = ParseZone("$FAIL a MX\na. 5 A 192.0.2.1\nb. LOC 1\n$TIMEOUT .", "z");
  ASSERT_TRUE(zone.ok()) << zone.status();
  ASSERT_EQ(zone->size(), 4u);
  EXPECT_EQ((*zone)[0].kind, ZoneEntry::Kind::kFail);
  EXPECT_EQ((*zone)[0].type, Type::kMx);
  EXPECT_EQ((*zone)[1].kind, ZoneEntry::Kind::kRecord);
  EXPECT_EQ((*zone)[1].owner.text(), "a");
  EXPECT_EQ((*zone)[1].type, Type::kA);
  EXPECT_EQ((*zone)[1].ttl_seconds, 5u);
  EXPECT_EQ((*zone)[2].type, std::nullopt);
  EXPECT_EQ((*zone)[2].rdata, "");
  EXPECT_EQ((*zone)[3].kind, ZoneEntry::Kind::kTimeout);
  EXPECT_TRUE((*zone)[3].owner.is_root());
  EXPECT_EQ((*zone)[3].type, std::nullopt);
}

}  // namespace
}  // namespace postseal::dns
