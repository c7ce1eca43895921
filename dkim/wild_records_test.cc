// Key records that domains have published, and mox's syntax tests. They are not
// in this tree: POSTSEAL_SUITES names the folder that has them, and without it
// there are no cases.
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "dkim/key_record.h"
#include "dkim/policy.h"
#include "dkim/public_key.h"
#include "dkim/signature.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace postseal::dkim {
namespace {

// ReadSuite is the suite's file |name|, or null when there are no suites.
nlohmann::json ReadSuite(const std::string& name) {
  const char* const folder = std::getenv("POSTSEAL_SUITES");
  if (folder == nullptr || *folder == '\0') {
    std::cout << "POSTSEAL_SUITES is not set: 0 cases\n";
    return nullptr;
  }
  std::ifstream file(std::string(folder) + "/wild-records/" + name);
  EXPECT_TRUE(file) << name;
  return nlohmann::json::parse(file, /*cb=*/nullptr, /*allow_exceptions=*/false);
}

// BitsOf is the size of the key in |text|, 0 for a revoked one, nullopt when the
// record or its key is unusable.
std::optional<int> BitsOf(std::string_view text) {
  const ParsedKeyRecord parsed = ParseKeyRecord(text);
  if (parsed.fault.has_value() || !parsed.record.key_type.has_value()) return std::nullopt;
  if (parsed.record.public_key.empty()) return 0;
  const std::optional<std::string> octets = base::Base64Decode(parsed.record.public_key);
  if (!octets.has_value()) return std::nullopt;
  const PublicKey::Parsed key = PublicKey::Parse(*parsed.record.key_type, *octets);
  const auto* const usable = std::get_if<PublicKey>(&key);
  return usable != nullptr ? std::optional<int>(usable->bits()) : std::nullopt;
}

TEST(WildRecordsTest, PublishedKeysAreRead) {
  const nlohmann::json suite = ReadSuite("dkim-keys-real.json");
  if (suite.is_null()) return;
  size_t cases = 0;
  std::set<int> sizes;
  for (const auto& [name, entry] : suite.at("records").items()) {
    const std::string text = entry.at("record");
    const std::optional<int> bits = BitsOf(text);
    EXPECT_TRUE(bits.has_value()) << name << ": " << text;
    sizes.insert(bits.value_or(0));
    const ParsedKeyRecord parsed = ParseKeyRecord(text);
    const std::string printed = PrintKeyRecord(parsed.record);
    EXPECT_EQ(BitsOf(printed), bits) << name << ": " << printed;
    ++cases;
  }
  EXPECT_EQ(cases, suite.at("count").get<size_t>());
  for (const int bits : {512, 768, 1024, 2048}) EXPECT_TRUE(sizes.contains(bits)) << bits;
  std::cout << cases << " published key records\n";
}

TEST(WildRecordsTest, KeyRecordsAreJudgedAsMoxDoes) {
  const nlohmann::json suite = ReadSuite("dkim-syntax-mox.json");
  if (suite.is_null()) return;
  // Where we differ, and why.
  const std::set<std::string> taken = {
      "v=DKIM1; p=; ",  // white space after the last ";", which many write. [choice] §3.2
  };
  size_t cases = 0;
  for (const auto& entry : suite.at("key_records")) {
    const std::string text = entry.at("record");
    const bool valid = entry.at("valid").get<bool>() || taken.contains(text);
    EXPECT_EQ(BitsOf(text).has_value(), valid) << text;
    ++cases;
  }
  std::cout << cases << " key records of mox\n";
}

// IsSignature says whether |field| is a DKIM-Signature that could be tried.
bool IsSignature(std::string_view field) {
  constexpr std::string_view kName = "dkim-signature:";
  if (!base::EqualsIgnoreCase(field.substr(0, kName.size()), kName)) return false;
  field.remove_prefix(kName.size());
  if (!field.ends_with("\r\n")) return false;
  field.remove_suffix(2);
  base::Arena arena;
  const ParsedSignature parsed = ParseSignature(&arena, field);
  VerifyOptions options;
  options.allow_rsa_sha1 = true;
  // mox's first case has t=10 and x=100.
  return !parsed.fault.has_value() &&
         !CheckSignature(options, parsed.signature, /*now=*/50).has_value();
}

TEST(WildRecordsTest, SignaturesAreJudgedAsMoxDoes) {
  const nlohmann::json suite = ReadSuite("dkim-syntax-mox.json");
  if (suite.is_null()) return;
  size_t cases = 0;
  for (const auto& entry : suite.at("signatures")) {
    const std::string field = entry.at("header");
    bool valid = entry.at("valid");
    // mox refuses UTF-8 in i= unless it is told that the message came by SMTPUTF8.
    // RFC 8616 §4 allows it, and how the message came does not reach the parser.
    const bool is_utf8_case = !entry.at("smtputf8").get<bool>() && !valid;
    if (is_utf8_case) valid = true;
    EXPECT_EQ(IsSignature(field), valid) << field;
    ++cases;
  }
  std::cout << cases << " signatures of mox\n";
}

}  // namespace
}  // namespace postseal::dkim
