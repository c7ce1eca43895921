// The test suites of other projects, in the folder that POSTSEAL_SUITES names;
// without it there are no cases.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "base/result.h"
#include "base/task.h"
#include "dmarc/context.h"
#include "dmarc/options.h"
#include "dmarc/policy.h"
#include "dmarc/public_suffix.h"
#include "dmarc/record.h"
#include "dmarc/report_destination.h"
#include "dmarc/report_uri.h"
#include "dmarc/test_support.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/idna.h"
#include "dns/name.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace postseal::dmarc {
namespace {

using base::Result;
using nlohmann::json;
using testing::MakeName;
using testing::Message;
using testing::Seen;

// Suites is where the suites are; empty when there are none.
std::string Suites() {
  const char* const folder = std::getenv("POSTSEAL_SUITES");
  if (folder == nullptr) std::printf("POSTSEAL_SUITES is not set: no cases\n");
  return folder == nullptr ? "" : folder;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

json ReadJson(const std::string& path) { return json::parse(ReadFile(path)); }

// Disagreements are cases whose expectation is not ours, with the clause. Each must
// be met, and must disagree.
class Disagreements {
 public:
  using Cases = std::map<std::string, std::string>;
  explicit Disagreements(Cases cases) : cases_(std::move(cases)) {}
  ~Disagreements() {
    for (const auto& [id, why] : cases_) {
      EXPECT_TRUE(met_.contains(id)) << id << " is no disagreement any more: " << why;
    }
  }
  // Check says whether |id| may be wrong, as |agrees| has it.
  void Check(const std::string& id, bool agrees, const std::string& what) {
    if (cases_.contains(id)) {
      if (!agrees) met_.insert(id);
      return;
    }
    EXPECT_TRUE(agrees) << id << ": " << what;
  }

 private:
  Cases cases_;
  std::set<std::string> met_;
};

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// ZoneOf makes zone text of {owner: {type: [value] or {error}}}.
std::string ZoneOf(const json& dns) {
  std::string zone;
  for (const auto& [owner, types] : dns.items()) {
    for (const auto& [type, values] : types.items()) {
      if (values.is_object()) {
        absl::StrAppend(&zone, "$FAIL ", owner, ". ", type, "\n");
        continue;
      }
      for (const json& value : values) {
        // The recorder gave every type the answer of the stub, as lists.
        if (!value.is_string()) continue;
        std::string data = value;
        if (type == "TXT") data = Quoted(data);
        if (type == "MX") data += ".";
        absl::StrAppend(&zone, owner, ". ", type, " ", data, "\n");
      }
    }
  }
  return zone;
}

Result ResultOf(const std::string& word) {
  for (const Result result : {Result::kNone, Result::kPass, Result::kFail, Result::kSoftFail,
                              Result::kPolicy, Result::kNeutral, Result::kTempError}) {
    if (base::ResultName(result) == word) return result;
  }
  return Result::kPermError;
}

// DomainOf is what follows the "@" of an address, or a domain as it is.
std::string DomainOf(const std::string& address) { return address.substr(address.find('@') + 1); }

Message MessageOf(const json& c) {
  Message message;
  const json from = c["from"].is_array() ? c["from"] : json::array({c["from"]});
  for (const json& author : from) message.authors.push_back(MakeName(DomainOf(author)));
  const auto add = [&message](Method method, const json& domain, Result result) {
    if (!domain.is_string() || domain == "") return;
    message.identifiers.emplace_back(method, MakeName(domain.get<std::string>()), result);
  };
  for (const json& d : c.value("dkim_pass_domains", json::array())) {
    add(Method::kDkim, d, Result::kPass);
  }
  for (const json& d : c.value("spf_pass_domains", json::array())) {
    add(Method::kSpf, d, Result::kPass);
  }
  for (const json& d : c.value("dkim", json::array())) {
    add(Method::kDkim, d["domain"], ResultOf(d["result"]));
  }
  if (c.contains("spf")) add(Method::kSpf, c["spf"]["domain"], ResultOf(c["spf"]["result"]));
  return message;
}

bool HasTag(const Seen& seen, const std::string& tag) {
  return absl::StrContains(seen.record + ";", absl::StrCat("; ", tag, ";"));
}

// Meets says whether |seen| is what a case expects of |key|.
bool Meets(const Seen& seen, const std::string& key, const json& value) {
  if (key == "dmarc") return base::ResultName(seen.result) == value.get<std::string>();
  // Some report the policy before t= and pct=, some after.
  if (key == "policy") return value == seen.published || value == seen.effective;
  if (key == "has_record") return value == !seen.record.empty();
  if (key == "policy_domain") return value == seen.policy_domain;
  if (key == "header_from") return value == seen.author_domain;
  if (key == "reject") {
    return value == (seen.result == Result::kFail && seen.published == "reject");
  }
  if (key == "spf_aligned") return (value == "pass") == seen.aligned_spf;
  if (key == "dkim_aligned") return (value == "pass") == seen.aligned_dkim;
  if (key == "aligned_spf_pass") return value == seen.aligned_spf;
  if (key == "aligned_dkim_pass") return value == seen.aligned_dkim;
  if (key == "aligned_spf") return value.is_null() != seen.aligned_spf;
  if (key == "aligned_dkim") return value.is_null() != seen.aligned_dkim;
  if (key == "adkim_strict") return value == HasTag(seen, "adkim=s");
  if (key == "aspf_strict") return value == HasTag(seen, "aspf=s");
  if (key == "record_p") return HasTag(seen, "p=" + value.get<std::string>());
  if (key == "record_sp") return HasTag(seen, "sp=" + value.get<std::string>());
  if (key == "dns_queries_in_order") {
    std::vector<std::string> queries;
    for (const std::string& query : seen.queries)
      queries.push_back(query.substr(0, query.find(' ')));
    return value == queries;
  }
  if (key == "(result)" && value.is_object()) {
    if (value["arg"] == "pct") return !absl::StrContains(seen.record, "pct=");
    return value["arg"] == "policy" && seen.published.empty();
  }
  // The recorder's "false" is no result at all.
  if (key == "(result)") return seen.result != Result::kPass;
  // The text of a peer's error, and whether mox's sampling would apply the result.
  return key == "error" || key == "use_result";
}

// Failures are what |seen| does not meet of |expect|.
std::string Failures(const Seen& seen, const json& expect) {
  std::string failures;
  for (const auto& [key, value] : expect.items()) {
    if (!Meets(seen, key, value)) {
      absl::StrAppend(&failures, key, " is not ", value.dump(), "; ");
    }
  }
  return failures.empty() ? "" : absl::StrCat(failures, seen.Text());
}

TEST(DmarcSuitesTest, EvaluationsByRfc9989) {
  if (Suites().empty()) return;
  Disagreements disagreements({
      {"mailauth-2-currently-compliant-regression-guards-does-not-inherit-the-org-policy-when-the-"
       "author-doma",
       "§4.10, step 2: several records are discarded, and the walk goes on"},
      {"mailauth-1-edge-cases-should-return-false-for-headerfrom-array-with-multiple-elements",
       "§5.3.2: two mailboxes of one domain are precisely one Author Domain"},
      {"mox-malformed", "§4.8: what is malformed is ignored, the record is not"},
      {"mox-absent", "§4.10.1: there is no policy domain without a record"},
      {"mox-absent-spf-pass", "§4.10.1: there is no policy domain without a record"},
  });
  for (const std::string suite : {"dmarc-mail-auth", "dmarc-mailauth", "dmarc-mox"}) {
    const json manifest = ReadJson(absl::StrCat(Suites(), "/", suite, "/manifest.json"));
    size_t count = 0;
    for (const json& c : manifest["cases"]) {
      const Seen seen = testing::Evaluate(ZoneOf(c["dns"]), MessageOf(c));
      const std::string failures = Failures(seen, c["expect"]);
      disagreements.Check(c["id"], failures.empty(), failures);
      ++count;
    }
    std::printf("%s: %zu cases\n", suite.c_str(), count);
    EXPECT_EQ(count, manifest["count"].get<size_t>());
  }
}

TEST(DmarcSuitesTest, EvaluationsByRfc7489) {
  if (Suites().empty()) return;
  Disagreements disagreements({
      {"mox-malformed", "RFC 7489 §6.3: what is malformed is ignored, the record is not"},
      {"mox-absent", "there is no policy domain without a record"},
      {"mox-absent-spf-pass", "there is no policy domain without a record"},
  });
  const auto suffixes = PublicSuffixList::Builtin();
  ASSERT_TRUE(suffixes.ok());
  DmarcOptions options;
  options.mode = Mode::kRfc7489;
  options.suffixes = suffixes->get();
  size_t count = 0;
  for (const std::string suite : {"dmarc-mailauth", "dmarc-mox"}) {
    const json cases = ReadJson(absl::StrCat(Suites(), "/", suite, "/manifest.json"))["cases"];
    for (const json& c : cases) {
      if (c["spec"] == "RFC 9989 (DMARCbis)" || c.contains("target_only")) continue;
      if (absl::StrContains(c["id"].get<std::string>(), "multiple-elements")) continue;
      const Seen seen = testing::Evaluate(ZoneOf(c["dns"]), MessageOf(c), options);
      const std::string failures = Failures(seen, c["expect"]);
      disagreements.Check(c["id"], failures.empty(), failures);
      ++count;
    }
  }
  std::printf("by RFC 7489: %zu cases\n", count);
}

TEST(DmarcSuitesTest, RecordLookupsOfMailauth) {
  if (Suites().empty()) return;
  constexpr std::string_view kLowerCase =
      "names of tags are case-sensitive: RFC 6376 §3.2 ¶7, which RFC 9989 §4.7 follows";
  Disagreements disagreements({
      {"Should lowercase tag names", std::string(kLowerCase)},
      {"Should accept an upper-case tag name with an exact version value (V=DMARC1)",
       std::string(kLowerCase)},
  });
  size_t count = 0;
  const json cases = ReadJson(Suites() + "/dmarc-mailauth/record-lookup.json")["cases"];
  for (const json& c : cases) {
    const std::string title = c["title"];
    const Seen seen =
        testing::Evaluate(ZoneOf(c["dns"]), Message(c["input"]["domain"].get<std::string>()));
    for (const json& expect : c["expect"]) {
      const std::string path = expect["path"];
      const std::string op = expect["op"];
      bool agrees = true;
      if (path.empty() && op == "false") agrees = seen.record.empty();
      if (path == "v") agrees = absl::StartsWith(seen.record, "v=DMARC1");
      if (path == "isOrgRecord") {
        agrees = (op == "true") == (seen.policy_source == "organizational-domain");
      }
      for (const std::string_view tag : {"p", "sp", "adkim", "aspf", "fo", "rua", "ruf"}) {
        if (path != tag) continue;
        const std::string value = expect["arg"];
        agrees = HasTag(seen, absl::StrCat(tag, "=", value)) ||
                 (value == "r" && !absl::StrContains(seen.record, absl::StrCat(tag, "=")));
      }
      disagreements.Check(title.substr(title.rfind('/') + 2), agrees,
                          absl::StrCat(expect.dump(), " ", seen.record));
    }
    ++count;
  }
  std::printf("lookups of mailauth: %zu cases\n", count);
}

TEST(DmarcSuitesTest, RecordSyntaxOfMoxAndOpenDmarc) {
  if (Suites().empty()) return;
  // Both read records by RFC 7489 and refuse them whole. Here that is a warning.
  Disagreements disagreements({
      {"v=DMARC1; rua=mailto:mjl@mox.example",
       "§6.6.3, step 6: acted on as p=none, but p= is missing"},
      {"v=DMARC1; p=n;", "§6.4: dmarc-request has no abbreviations"},
      {"v=DMARC1; p=none; ruf=mailto://abuse.com", "RFC 6068 §2: mailto: has no authority"},
      {"v=DMARC1; p=none; ruf=mailto://abuse.com; foo=bar; buzz=happy;",
       "RFC 6068 §2: mailto: has no authority"},
  });
  for (const std::string suite : {"dmarc-mox", "dmarc-opendmarc"}) {
    size_t count = 0;
    const json cases = ReadJson(absl::StrCat(Suites(), "/", suite, "/record-syntax.json"))["cases"];
    for (const json& c : cases) {
      const std::string text = c["record"];
      base::Arena arena;
      const auto record = ParseRecord(text, Mode::kRfc7489, &arena);
      bool valid = record.has_value();
      for (const Warning& warning : valid ? record->warnings : std::span<const Warning>()) {
        valid = valid && warning.code == WarningCode::kUnknownTag;
      }
      disagreements.Check(text, valid == c["valid"].get<bool>(), c.dump());
      ++count;
    }
    std::printf("%s records: %zu cases\n", suite.c_str(), count);
  }
}

TEST(DmarcSuitesTest, AlignmentOfOpenDmarc) {
  if (Suites().empty()) return;
  const auto suffixes = PublicSuffixList::Builtin();
  ASSERT_TRUE(suffixes.ok());
  DmarcOptions options;
  options.mode = Mode::kRfc7489;
  options.suffixes = suffixes->get();
  size_t count = 0;
  size_t no_names = 0;
  const json cases = ReadJson(Suites() + "/dmarc-opendmarc/alignment.json")["cases"];
  for (const json& c : cases) {
    ++count;
    const std::string from = c["from_domain"];
    const std::string authenticated = c["authenticated_domain"];
    // Names with empty labels are none, and never get as far as alignment.
    if (!dns::Name::Parse(from).has_value() || !dns::Name::Parse(authenticated).has_value()) {
      ++no_names;
      continue;
    }
    const std::string_view record =
        c["mode"] == "strict" ? "v=DMARC1; p=none; adkim=s" : "v=DMARC1; p=none";
    const Seen seen = testing::Evaluate(testing::Record(from, record),
                                        Message(from).Dkim(authenticated), options);
    EXPECT_EQ(seen.aligned_dkim, c["aligned"].get<bool>()) << c.dump();
  }
  EXPECT_EQ(no_names, 3);
  std::printf("alignment of OpenDMARC: %zu cases\n", count);
}

// PermissionFor is what CheckDestination says of |uri_text|.
std::string PermissionFor(const std::string& zone_text, const std::string& domain,
                          const std::string& uri_text) {
  dns::ZoneResolver zone;
  EXPECT_TRUE(zone.AddText(zone_text, "zone").ok());
  base::Arena arena;
  base::ReadyQueue ready;
  dns::Exchange exchange(&arena, &ready);
  const DmarcOptions options;
  Context context(&options, &arena, &exchange);
  const dns::Name name = MakeName(domain);
  const auto uri = ParseReportUri(uri_text);
  EXPECT_TRUE(uri.has_value()) << uri_text;
  base::Task<Destination> task = CheckDestination(&context, &name, &*uri, ReportKind::kAggregate);
  task.Start();
  while (const auto query = exchange.NextQuery()) {
    EXPECT_TRUE(exchange.Provide(query->id, *zone.Lookup(query->query)).ok());
    ready.Run();
  }
  return std::string(PermissionName(task.result().permission));
}

TEST(DmarcSuitesTest, ReportDestinations) {
  if (Suites().empty()) return;
  const json mail_auth = ReadJson(Suites() + "/dmarc-mail-auth/manifest.json")["report_address"];
  const auto accepted = mail_auth["accepted"].get<std::set<std::string>>();
  for (const std::string address : mail_auth["rua"]) {
    const std::string permission =
        PermissionFor(ZoneOf(mail_auth["dns"]), mail_auth["domain"], "mailto:" + address);
    EXPECT_EQ(permission == "authorized" || permission == "same-organization",
              accepted.contains(address))
        << address << " " << permission;
  }
  const json mox = ReadJson(Suites() + "/dmarc-mox/manifest.json")["external_report"];
  json dns;
  for (const auto& [owner, values] : mox["dns"].items()) dns[owner]["TXT"] = values;
  size_t count = 0;
  for (const json& c : mox["cases"]) {
    const std::string permission = PermissionFor(
        ZoneOf(dns), c["domain"], absl::StrCat("mailto:a@", c["ext_domain"].get<std::string>()));
    EXPECT_EQ(permission == "authorized", c["accepts"].get<bool>()) << c.dump();
    EXPECT_EQ(permission == "temperror", c["result"] == "temperror") << c.dump();
    ++count;
  }
  std::printf("destinations: %zu cases of mox, 3 of mail-auth\n", count);
}

TEST(DmarcSuitesTest, LookupsOfMox) {
  if (Suites().empty()) return;
  Disagreements disagreements(Disagreements::Cases{
      {"malformed.example", "RFC 9989 §4.8: what is malformed is ignored, the record is not"},
  });
  const json mox = ReadJson(Suites() + "/dmarc-mox/manifest.json")["lookup"];
  json dns;
  for (const auto& [owner, values] : mox["dns"].items()) dns[owner]["TXT"] = values;
  size_t count = 0;
  for (const json& c : mox["cases"]) {
    const Seen seen = testing::Evaluate(ZoneOf(dns), Message(c["domain"].get<std::string>()));
    const bool has_record = c["has_record"];
    disagreements.Check(c["domain"],
                        has_record == !seen.record.empty() &&
                            (!has_record || c["policy_domain"] == seen.policy_domain) &&
                            (c["result"] == "temperror") == (seen.result == Result::kTempError),
                        c.dump() + " " + seen.Text());
    ++count;
  }
  std::printf("lookups of mox: %zu cases\n", count);
}

TEST(DmarcSuitesTest, PublicSuffixes) {
  if (Suites().empty()) return;
  const auto list = PublicSuffixList::Load(ReadFile(Suites() + "/psl/public_suffix_list.dat"));
  ASSERT_TRUE(list.ok()) << list.status();
  size_t count = 0;
  const json cases = ReadJson(Suites() + "/psl/test_psl.json")["cases"];
  for (const json& c : cases) {
    ++count;
    // null is no domain, and neither is a name with an empty label.
    const std::string domain = c[0].is_null() ? "" : c[0].get<std::string>();
    const auto name = dns::ParseInternational(domain);
    std::string org_domain;
    if (name.has_value() && !(*list)->IsSuffix(*name)) org_domain = (*list)->OrgDomain(*name);
    const std::string expected = c[1].is_null() ? "" : c[1].get<std::string>();
    EXPECT_EQ(org_domain,
              expected.empty() ? "" : std::string(dns::ParseInternational(expected)->text()))
        << c.dump();
  }
  EXPECT_EQ(count, 78);
  std::printf("public suffixes: %zu cases\n", count);
}

}  // namespace
}  // namespace postseal::dmarc
