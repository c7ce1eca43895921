// The test suites of other projects, in the folder that POSTSEAL_SUITES names;
// without it there are no cases.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/result.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "spf/macro.h"
#include "spf/reason.h"
#include "spf/record.h"
#include "spf/test_support.h"

namespace postseal::spf {
namespace {

using nlohmann::json;

// SuitesFolder is where the suites are; empty when there are none.
std::string SuitesFolder() {
  const char* const folder = std::getenv("POSTSEAL_SUITES");
  return folder == nullptr ? "" : folder;
}

json ReadJson(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  return json::parse(file);
}

// ConvertedCases is what suites_to_cases.py prints.
json ConvertedCases() {
  if (SuitesFolder().empty()) return json::array();
  const std::string path = ::testing::TempDir() + "/spf_cases.json";
  const std::string command =
      absl::StrCat("python3 spf/suites_to_cases.py '", SuitesFolder(), "' > '", path, "'");
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return ReadJson(path);
}

TEST(SpfSuitesTest, EveryCaseGivesAnAcceptedResult) {
  // Cases whose expectation is not RFC 7208's, with the clause.
  const std::map<std::string, std::string> kDisagreements = {
      {"pyspf-test.yml default-modifier", "§6: default= is no modifier of RFC 7208"},
      {"pyspf-test.yml default-modifier-harsh", "§2.6: there is no result \"ambiguous\""},
      {"mail-auth all.yml All test, 1", "§4.6: \"ip\" is no mechanism, wherever it stands"},
      {"mail-auth basic.yml DNS Lookup Limits, 1", "§4.6.4: the third void lookup"},
      {"mail-auth basic.yml DNS Lookup Limits, 6", "§4.6.4: the eleventh MX record"},
      {"mail-auth exists.yml Exists, 2", "§5.7: an A lookup even for an IPv6 client"},
      {"mail-auth ip.yml IPv6 match, 4", "§5: an IPv4-mapped client is listed by ip4 only"},
      {"mail-auth macro.yml Macro expansion 2, 2", "§5.7: an A lookup even for an IPv6 client"},
  };
  const json cases = ConvertedCases();
  std::map<std::string, int> ran;
  for (const json& c : cases) {
    const std::string suite = c["suite"];
    const std::string id = absl::StrCat(suite, " ", c["name"].get<std::string>());
    SCOPED_TRACE(id);
    testing::Host host(c["zone"].get<std::string>());
    const std::string mail_from = c["mail_from"];
    const std::string helo = c["helo"];
    Request request = testing::MakeRequest(c["client"].get<std::string>(), mail_from, helo);
    // RFC 7208 §2.3: the HELO identity may be checked first, and decide.
    if (c.contains("helo_first")) {
      request.identity = Identity::kHelo;
      if (host.Blocking(request).result == base::Result::kPass) {
        request.identity = Identity::kMailFrom;
      }
    }
    const testing::Seen seen = host.Blocking(request);
    ++ran[suite];
    const auto accepted = c["results"].get<std::set<std::string>>();
    const bool agrees = accepted.contains(std::string(base::ResultName(seen.result)));
    const auto disagreement = kDisagreements.find(id);
    if (disagreement != kDisagreements.end()) {
      EXPECT_FALSE(agrees) << "no disagreement any more: " << disagreement->second;
      continue;
    }
    EXPECT_TRUE(agrees) << seen.outcome() << ", wanted " << c["results"] << "\n" << c["zone"];
    if (c.contains("explanation")) {
      // RFC 7208 leaves the case of the digits of %{i} open.
      EXPECT_TRUE(base::EqualsIgnoreCase(seen.explanation, c["explanation"].get<std::string>()))
          << seen.explanation << "\nwanted " << c["explanation"];
    }
    for (const uint32_t seed : {1u, 2u, 3u}) {
      const testing::Seen shuffled = host.Shuffled(request, seed);
      EXPECT_EQ(shuffled.outcome(), seen.outcome());
      EXPECT_EQ(shuffled.explanation, seen.explanation);
      EXPECT_EQ(shuffled.queries, seen.queries) << "the same queries in the same order";
    }
  }
  for (const auto& [suite, count] : ran) std::printf("%s: %d cases\n", suite.c_str(), count);
}

// SyntaxCase is a record with what another implementation's parser says of it.
struct SyntaxCase {
  std::string record;
  bool valid;
};

// Quoted is what stands between the first and the last double quote of |text|,
// unescaped as a shell does it.
std::string Quoted(std::string_view text) {
  const size_t first = text.find('"');
  const size_t last = text.rfind('"');
  std::string out;
  for (size_t i = first + 1; i < last; ++i) {
    if (text[i] == '\\' && i + 1 < last) ++i;
    out += text[i];
  }
  return out;
}

// The records of libspf2's parser tests and of the SPF adoption roll of 2004.
std::vector<SyntaxCase> Libspf2Cases(const std::string& file) {
  std::vector<SyntaxCase> cases;
  for (const json& c : ReadJson(absl::StrCat(SuitesFolder(), "/spf-libspf2/", file))) {
    bool valid = false;
    for (const json& check : c["checks"]) {
      if (check["what"] == "err-msg" && check["impl"] == "/.*/") {
        valid = absl::StrContains(check["expect"].get<std::string>(), "no errors");
      }
    }
    cases.push_back({Quoted(c["args"].get<std::string>()), valid});
  }
  return cases;
}

std::vector<SyntaxCase> MoxCases() {
  std::vector<SyntaxCase> cases;
  const json suite = ReadJson(absl::StrCat(SuitesFolder(), "/wild-records/spf-syntax-mox.json"));
  for (const json& c : suite["cases"]) cases.push_back({c["record"], c["valid"]});
  return cases;
}

// Judgement is "valid", "not SPF" or the name of the fault.
std::string Judgement(std::string_view text) {
  base::Arena arena;
  const auto parsed = ParseRecord(text, &arena);
  if (std::holds_alternative<NotSpf>(parsed)) return "not SPF";
  if (const auto* fault = std::get_if<Fault>(&parsed)) {
    EXPECT_LE(fault->offset, text.size()) << text;
    return std::string(InfoOf(fault->reason).name);
  }
  const std::string printed = Print(std::get<Record>(parsed));
  const auto again = ParseRecord(printed, &arena);
  EXPECT_TRUE(std::holds_alternative<Record>(again)) << text << "\n" << printed;
  return "valid";
}

TEST(SpfSuitesTest, SyntaxOfOtherParsers) {
  if (SuitesFolder().empty()) return;
  // Records on which RFC 7208 is of another opinion, by what they begin with, and
  // its clause.
  constexpr std::string_view kTerms =
      "§4.6.4: the limit is on terms evaluated, no matter of syntax";
  const std::map<std::string, std::string_view> kDisagreements = {
      {"v=spf1 a:/32//12", "§7.1: a domain-spec is not empty"},
      {"v=spf1 a:as%- mx=%{i3r}", "§4.6.1: mx= is an unknown modifier"},
      {"v=spf1 a:as%-/24 mx=%{i3r}", "§4.6.1: mx= is an unknown modifier"},
      {"v=spf1 a:as%-/24//4 mx=%{i3r}", "§4.6.1: mx= is an unknown modifier"},
      {"v=spf1 ip4=158", "§4.6.1: ip4= is an unknown modifier"},
      {"v=spf1 ip4:111.222.133.144/22 ip4:1.2.3.4/004", "§5.6: no leading zeros"},
      {"v=spf1 ip6:::1 ip4:111.222.133.144/22 ip4:1.2.3.4/004", "§5.6: no leading zeros"},
      {"v=spf1 A MX include:relay", "§4.6.1: names are case-insensitive"},
      {"v=spf1 a a:example.net ?all exists:", "§5.1: terms after all are ignored"},
      {"v=spf1 a mx ptr -all ip4:198", "§5.1: terms after all are ignored"},
      {"v=spf1 redirect=example.com -all", "§5.1: redirect= beside all is ignored"},
      {"v=spf1 include:smtp.example.net default=softdeny", "§6: unknown modifiers are ignored"},
      {"v=spf1 a mx a:example.com a:example.com", kTerms},
      {"v=spf1 a mx a:mx1.example.net", kTerms},
      {"v=spf1 a mx ptr a:example.org a:example.org", kTerms},
      {"v=spf1 a mx ptr a:smtp.paradise", kTerms},
      {"V=spf1 all Include:example.org a ?a", "§7.1: a:x has no top-level label after a dot"},
  };
  std::set<std::string> disagreed;
  const std::map<std::string, std::vector<SyntaxCase>> suites = {
      {"libspf2 parser", Libspf2Cases("test_parser.json")},
      {"libspf2 adoption roll", Libspf2Cases("test_adopt_roll.json")},
      {"mox", MoxCases()},
  };
  for (const auto& [suite, cases] : suites) {
    for (const SyntaxCase& c : cases) {
      const std::string judgement = Judgement(c.record);
      if ((judgement == "valid") == c.valid) continue;
      const auto known =
          std::find_if(kDisagreements.begin(), kDisagreements.end(),
                       [&c](const auto& entry) { return absl::StartsWith(c.record, entry.first); });
      ASSERT_NE(known, kDisagreements.end()) << suite << ": " << c.record << ": " << judgement;
      disagreed.insert(known->first);
    }
    std::printf("%s: %zu cases\n", suite.c_str(), cases.size());
  }
  EXPECT_EQ(disagreed.size(), kDisagreements.size()) << "some are no disagreement any more";
}

TEST(SpfSuitesTest, RecordsOf2004ArePrintedAndReadBack) {
  if (SuitesFolder().empty()) return;
  std::ifstream file(SuitesFolder() + "/wild-records/spf-adoption-roll-records.txt");
  int count = 0;
  for (std::string line; std::getline(file, line); ++count) Judgement(line);
  EXPECT_EQ(count, 160);
}

TEST(SpfSuitesTest, MacroExamplesOfLibspf2) {  // RFC 7208 §7.4
  if (SuitesFolder().empty()) return;
  int count = 0;
  for (const json& c :
       ReadJson(absl::StrCat(SuitesFolder(), "/spf-libspf2/test_rfc_examples.json"))) {
    const std::string args = c["args"];
    const std::string macro = args.substr(args.find('"') + 1, args.rfind('"') - args.find('"') - 1);
    const std::vector<std::string> words = absl::StrSplit(args, absl::ByAnyChar(" ="));
    std::string client;
    for (size_t i = 0; i + 1 < words.size(); ++i) {
      if (words[i] == "-ip") client = words[i + 1];
    }
    testing::Host host(absl::StrCat("email.example.com. TXT \"v=spf1 -all exp=exp.example.com\"\n",
                                    "exp.example.com. TXT \"", macro, "\"\n",
                                    "3.2.0.192.in-addr.arpa. PTR mx.example.org.\n",
                                    "mx.example.org. A 192.0.2.3\n"));
    const testing::Seen seen =
        host.Blocking(testing::MakeRequest(client, "strong-bad@email.example.com", "example.com"));
    for (const json& check : c["checks"]) {
      if (check["what"] != "smtp-comment") continue;
      ++count;
      EXPECT_TRUE(base::EqualsIgnoreCase(seen.explanation, check["expect"].get<std::string>()))
          << macro << ": " << seen.explanation << ", wanted " << check["expect"];
    }
  }
  EXPECT_EQ(count, 23);
}

}  // namespace
}  // namespace postseal::spf
