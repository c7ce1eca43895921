#include "dmarc/policy.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "dmarc/options.h"
#include "dmarc/record.h"
#include "gtest/gtest.h"

namespace postseal::dmarc {
namespace {

std::string Choose(std::string_view text, PolicySource source, Existence existence,
                   const DmarcOptions& options = DmarcOptions()) {
  base::Arena arena;
  const auto record = ParseRecord(text, options.mode, &arena);
  const ChosenPolicy chosen = ChoosePolicy(*record, source, existence, options);
  return absl::StrCat(PolicyName(chosen.published), " ", PolicyName(chosen.effective), " ",
                      PolicyTagName(chosen.tag));
}

constexpr PolicySource kAuthor = PolicySource::kAuthorDomain;
constexpr PolicySource kOrg = PolicySource::kOrgDomain;
constexpr PolicySource kPsd = PolicySource::kPublicSuffix;
constexpr Existence kExists = Existence::kExists;
constexpr Existence kGhost = Existence::kDoesNotExist;

TEST(PolicyTest, WhichTag) {  // RFC 9989 §4.10.1, §4.7
  struct {
    std::string_view record;
    PolicySource source;
    Existence existence;
    std::string_view chosen;
    std::string_view why;
  } const kCases[] = {
      {"v=DMARC1; p=none; sp=quarantine; np=reject", kAuthor, kExists, "none none p", ""},
      {"v=DMARC1; p=none; sp=quarantine; np=reject", kAuthor, kGhost, "none none p",
       "np= is for subdomains"},
      {"v=DMARC1; p=none; sp=quarantine; np=reject", kOrg, kExists, "quarantine quarantine sp", ""},
      {"v=DMARC1; p=none; sp=quarantine; np=reject", kOrg, kGhost, "reject reject np", ""},
      {"v=DMARC1; p=none; sp=quarantine; np=reject", kPsd, kGhost, "reject reject np", ""},
      {"v=DMARC1; p=none; sp=quarantine; np=reject", kPsd, kExists, "quarantine quarantine sp", ""},
      {"v=DMARC1; p=none; sp=quarantine", kOrg, kGhost, "quarantine quarantine sp",
       "np= absent: sp="},
      {"v=DMARC1; p=reject", kOrg, kGhost, "reject reject p", "both absent: p="},
      {"v=DMARC1; p=reject", kOrg, kExists, "reject reject p", "sp= absent: p="},
      {"v=DMARC1; p=none; np=reject", kOrg, kExists, "none none p", "np= is not applicable"},
      {"v=DMARC1; p=reject; sp=x; rua=mailto:a@b.example", kAuthor, kExists, "none none ",
       "as if p=none"},
      {"v=DMARC1; sp=reject; rua=mailto:a@b.example", kOrg, kExists, "none none ",
       "as if a record with p=none"},
      {"v=DMARC1; p=none; sp=reject; t=y", kOrg, kExists, "reject quarantine sp", "§4.7, t"},
      {"v=DMARC1; p=none; np=quarantine; t=y", kOrg, kGhost, "quarantine none np", "§4.7, t"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Choose(c.record, c.source, c.existence), c.chosen) << c.record << ": " << c.why;
  }
}

TEST(PolicyTest, Sampling) {  // RFC 7489 §6.3, pct; §6.6.4
  const auto choose = [](std::string_view record, std::optional<uint8_t> sample, Mode mode) {
    DmarcOptions options;
    options.mode = mode;
    options.sample = sample;
    return Choose(record, kAuthor, Existence::kNotAsked, options);
  };
  constexpr std::string_view kReject = "v=DMARC1; p=reject; pct=30";
  constexpr Mode kOld = Mode::kRfc7489;
  EXPECT_EQ(choose(kReject, 29, kOld), "reject reject p") << "random mod 100 < pct: selected";
  EXPECT_EQ(choose(kReject, 30, kOld), "reject quarantine p");
  EXPECT_EQ(choose(kReject, std::nullopt, kOld), "reject reject p") << "nobody drew a number";
  EXPECT_EQ(choose("v=DMARC1; p=quarantine; pct=0", 0, kOld), "quarantine none p");
  EXPECT_EQ(choose("v=DMARC1; p=reject; pct=0", std::nullopt, kOld), "reject quarantine p")
      << "no number is below 0, so none needs to be drawn";
  EXPECT_EQ(choose("v=DMARC1; p=reject; pct=1", std::nullopt, kOld), "reject reject p");
  EXPECT_EQ(choose("v=DMARC1; p=reject; pct=100", 99, kOld), "reject reject p");
  EXPECT_EQ(choose("v=DMARC1; p=reject", 99, kOld), "reject reject p") << "default is 100";
  EXPECT_EQ(choose(kReject, 99, Mode::kRfc9989), "reject reject p") << "RFC 9989 §9.3";
}

TEST(PolicyTest, WhenExistenceMatters) {
  const auto depends = [](std::string_view text, PolicySource source) {
    base::Arena arena;
    return DependsOnExistence(*ParseRecord(text, Mode::kRfc9989, &arena), source);
  };
  EXPECT_TRUE(depends("v=DMARC1; p=none; np=reject", kOrg));
  EXPECT_TRUE(depends("v=DMARC1; p=none; sp=reject; np=none", kPsd));
  EXPECT_FALSE(depends("v=DMARC1; p=none; np=reject", kAuthor));
  EXPECT_FALSE(depends("v=DMARC1; p=reject; np=reject", kOrg));
  EXPECT_FALSE(depends("v=DMARC1; p=none; sp=reject; np=reject", kOrg));
  EXPECT_FALSE(depends("v=DMARC1; p=none; sp=x; np=reject", kOrg)) << "p=none instead of all";
  EXPECT_FALSE(depends("v=DMARC1; np=reject", kOrg)) << "p=none instead of all";
}

}  // namespace
}  // namespace postseal::dmarc
