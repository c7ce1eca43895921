#include "dkim/key_record_text.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "dkim/algorithm.h"
#include "dkim/signing_key.h"
#include "dkim/testdata.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

std::string PublicKeyOf(const std::string& key_file) {
  const auto key = SigningKey::FromPem(ReadTestdata(absl::StrCat("keys/", key_file, ".pem")));
  EXPECT_TRUE(key.ok()) << key.status();
  return key.ok() ? (*key)->public_key_base64() : "";
}

// Each golden file is what opendkim-genkey wrote (testdata/zone_records/README.md).
struct Golden {
  const char* file;
  ZoneRecord record;
  const char* key_file;
  const char* options;  // of opendkim-genkey
};

const Golden kGoldens[] = {
    {"default", {.selector = "default", .domain = "localhost"}, "rsa2048", ""},
    {"tutorial",
     {.selector = "20251001", .domain = "example.tech-mmmm.com"},
     "rsa2048",
     "-s 20251001 -d example.tech-mmmm.com"},
    {"append_domain",
     {.selector = "mail", .domain = "example.org", .append_domain = true},
     "rsa2048",
     "-a -s mail -d example.org"},
    {"note",
     {.selector = "mail", .domain = "example.org", .note = "rotated in May"},
     "rsa2048",
     "-s mail -d example.org -n 'rotated in May'"},
    {"testmode",
     {.selector = "mail", .domain = "example.org", .test_mode = true},
     "rsa2048",
     "-t -s mail -d example.org"},
    {"no_subdomains",
     {.selector = "mail", .domain = "example.org", .no_subdomains = true},
     "rsa2048",
     "--nosubdomains -s mail -d example.org"},
    {"testmode_no_subdomains",
     {.selector = "mail", .domain = "example.org", .test_mode = true, .no_subdomains = true},
     "rsa2048",
     "-t -S -s mail -d example.org"},
    {"restrict",
     {.selector = "mail", .domain = "example.org", .email_only = true},
     "rsa2048",
     "-r -s mail -d example.org"},
    {"everything",
     {.selector = "mail",
      .domain = "example.org",
      .append_domain = true,
      .hash_algorithms = "sha1:sha256",
      .note = "all of it",
      .test_mode = true,
      .no_subdomains = true,
      .email_only = true},
     "rsa2048",
     "-a -t -S -r -n 'all of it' -h sha1:sha256 -s mail -d example.org"},
    {"one_string",
     {.selector = "mail", .domain = "example.org"},
     "rsa1024",
     "-s mail -d example.org: p= in one string"},
    {"three_strings",
     {.selector = "mail", .domain = "example.org"},
     "rsa4096",
     "-s mail -d example.org: p= in three strings"},
    {"no_domain", {.selector = "mail", .domain = ""}, "rsa2048", "-s mail -d ''"},
};

TEST(PrintZoneRecordTest, IsWhatOpendkimGenkeyWrites) {
  for (const Golden& golden : kGoldens) {
    SCOPED_TRACE(absl::StrCat(golden.file, ": ", golden.options));
    const std::string key = PublicKeyOf(golden.key_file);
    ZoneRecord record = golden.record;
    record.public_base64 = key;
    const auto text = PrintZoneRecord(record);
    ASSERT_TRUE(text.ok()) << text.status();
    EXPECT_EQ(*text, ReadTestdata(absl::StrCat("zone_records/", golden.file, ".txt")));
  }
}

// The key has two times 250 characters: opendkim-genkey adds an empty string.
TEST(PrintZoneRecordTest, AFullLastStringIsFollowedByAnEmptyOne) {
  const std::string golden = ReadTestdata("zone_records/full_last_string.txt");
  std::string key;
  size_t end = 0;
  for (const std::string_view before : {"\"p=", "\n\t  \""}) {
    const size_t start = golden.find(before, end) + before.size();
    end = golden.find('"', start);
    key += golden.substr(start, end - start);
  }
  ASSERT_EQ(key.size(), 500u);
  const auto text =
      PrintZoneRecord({.selector = "mail", .domain = "example.org", .public_base64 = key});
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, golden);
}

TEST(PrintZoneRecordTest, Ed25519HasTheSameLayout) {
  const std::string key = PublicKeyOf("ed25519");
  const auto text = PrintZoneRecord({.selector = "ed25519",
                                     .domain = "example.com",
                                     .key_type = KeyType::kEd25519,
                                     .public_base64 = key});
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, ReadTestdata("keys/ed25519.txt"));
}

// Without h=, the way opendkim-genkey is outside Debian.
TEST(PrintZoneRecordTest, NoHashAlgorithms) {
  const auto text = PrintZoneRecord(
      {.selector = "s", .domain = "d.example", .public_base64 = "AA==", .hash_algorithms = {}});
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text,
            "s._domainkey\tIN\tTXT\t( \"v=DKIM1; k=rsa; \"\n"
            "\t  \"p=AA==\" )  ; ----- DKIM key s for d.example\n");
}

TEST(PrintZoneRecordTest, RefusesWhatWouldBreakTheRecord) {
  const struct {
    ZoneRecord record;
    const char* why;
  } kCases[] = {
      {{.selector = "", .domain = "example.org"}, "no selector"},
      {{.selector = "a b", .domain = "example.org"}, "a blank ends the name"},
      {{.selector = "a\nb", .domain = "example.org"}, "a line of its own"},
      {{.selector = "s", .domain = "a;b"}, "a comment"},
      {{.selector = "s", .domain = "", .append_domain = true}, "no domain to append"},
      {{.selector = "s", .domain = "d", .public_base64 = "AA\"=="}, "ends the string"},
      {{.selector = "s", .domain = "d", .hash_algorithms = "sha256; t=y"}, "another tag"},
      {{.selector = "s", .domain = "d", .note = "a;b"}, "ends the tag"},
      {{.selector = "s", .domain = "d", .note = "say \"hi\""}, "ends the string"},
      {{.selector = "s", .domain = "d", .note = "a\\b"}, "escapes"},
      {{.selector = "s", .domain = "d", .note = "a\nb"}, "ends the line"},
      {{.selector = "s", .domain = "d", .note = "\xc3\xa4"}, "not ASCII"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(PrintZoneRecord(c.record).status().code(), absl::StatusCode::kInvalidArgument)
        << c.why;
  }
}

// "v=DKIM1; n=\"\"; h=sha256; k=rsa; " is 32 octets; RFC 1035 §3.3 allows 255.
TEST(PrintZoneRecordTest, ANoteMayFillTheFirstString) {
  const std::string note(255 - 32, 'n');
  EXPECT_TRUE(PrintZoneRecord({.selector = "s", .domain = "d", .note = note}).ok());
  const std::string longer = note + "n";
  EXPECT_FALSE(PrintZoneRecord({.selector = "s", .domain = "d", .note = longer}).ok());
}

}  // namespace
}  // namespace postseal::dkim
