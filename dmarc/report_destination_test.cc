#include "dmarc/report_destination.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/arena.h"
#include "base/task.h"
#include "dmarc/context.h"
#include "dmarc/options.h"
#include "dmarc/report_uri.h"
#include "dmarc/test_support.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"

namespace postseal::dmarc {
namespace {

using testing::MakeName;
using testing::Record;

struct Checked {
  std::string permission;
  std::vector<std::string> uris;
  std::vector<std::string> queries;
};

Checked Check(std::string_view zone_text, std::string_view policy_domain, std::string_view uri_text,
              ReportKind kind = ReportKind::kAggregate,
              const DmarcOptions& options = DmarcOptions()) {
  dns::ZoneResolver zone;
  EXPECT_TRUE(zone.AddText(zone_text, "zone").ok()) << zone_text;
  base::Arena arena;
  base::ReadyQueue ready;
  dns::Exchange exchange(&arena, &ready);
  Context context(&options, &arena, &exchange);
  const dns::Name domain = MakeName(policy_domain);
  const auto uri = ParseReportUri(uri_text);
  EXPECT_TRUE(uri.has_value()) << uri_text;
  base::Task<Destination> task = CheckDestination(&context, &domain, &*uri, kind);
  task.Start();
  while (const auto query = exchange.NextQuery()) {
    const auto answer = zone.Lookup(query->query);
    EXPECT_TRUE(
        exchange.Provide(query->id, answer.value_or(dns::Answer(dns::Outcome::kTempError))).ok());
    ready.Run();
  }
  EXPECT_TRUE(task.done());
  Checked checked;
  checked.permission = PermissionName(task.result().permission);
  for (const ReportUri& to : task.result().uris) checked.uris.emplace_back(to.text);
  for (const dns::Lookup* lookup : exchange.lookups()) {
    checked.queries.emplace_back(lookup->query().name.text());
  }
  return checked;
}

TEST(ReportDestinationTest, Examples) {
  // RFC 9990 §4, the example.
  const Checked blue = Check("blue.example.com._report._dmarc.red.example.net. TXT \"v=DMARC1\"\n",
                             "blue.example.com", "mailto:reports@red.example.net");
  EXPECT_EQ(blue.permission, "authorized");
  EXPECT_EQ(blue.uris, std::vector<std::string>({"mailto:reports@red.example.net"}));
  EXPECT_EQ(blue.queries.back(), "blue.example.com._report._dmarc.red.example.net");
  // RFC 9989 §B.2.4: the override of the failure reports.
  const Checked override = Check(
      "example.com._report._dmarc.thirdparty.example.net. TXT \"v=DMARC1; "
      "rua=mailto:aggregate-reports@thirdparty.example.net; "
      "ruf=mailto:failure-reports@thirdparty.example.net\"\n",
      "example.com", "mailto:auth-reports@thirdparty.example.net", ReportKind::kFailure);
  EXPECT_EQ(override.permission, "overridden");
  EXPECT_EQ(override.uris,
            std::vector<std::string>({"mailto:failure-reports@thirdparty.example.net"}));
}

TEST(ReportDestinationTest, Permissions) {
  constexpr std::string_view kName = "example.com._report._dmarc.r.example.net.";
  struct {
    std::string zone;
    std::string_view uri;
    std::string_view permission;
    std::string_view why;
  } const kCases[] = {
      {"", "mailto:a@example.com", "same-organization", "the same domain"},
      {Record("example.com", "v=DMARC1; p=none"), "mailto:a@mail.example.com", "same-organization",
       "the same Organizational Domain"},
      {Record("example.com", "v=DMARC1; p=none") +
           Record("dept.example.com", "v=DMARC1; p=none; psd=n"),
       "mailto:a@dept.example.com", "not-authorized", "a subdomain that is its own organization"},
      {"", "mailto:a@r.example.net", "not-authorized", "step 7: no record"},
      {absl::StrCat(kName, " TXT \"v=DMARC1;\"\n"), "mailto:a@r.example.net", "authorized",
       "step 6: the \";\" is optional"},
      {absl::StrCat(kName, " TXT \"v=DMARC1\"\n"), "mailto:a@R.Example.NET", "authorized",
       "RFC 4343: names have no case"},
      {absl::StrCat(kName, " TXT \"hello\"\n"), "mailto:a@r.example.net", "not-authorized",
       "step 6: v=DMARC1 is mandatory"},
      {absl::StrCat(kName, " TXT \"v=DMARC1; bogus\"\n"), "mailto:a@r.example.net",
       "not-authorized", "step 6: a series of tag=value"},
      {absl::StrCat(kName, " TXT \"v=DMARC1; p=none\"\n", kName, " TXT \"v=DMARC1\"\n"),
       "mailto:a@r.example.net", "authorized", "step 8: at least one"},
      {absl::StrCat(kName, " TXT \"v=DMARC1\"\n", kName, " TXT \"other\"\n"),
       "mailto:a@r.example.net", "authorized", "step 6: the others are discarded"},
      {"*._report._dmarc.r.example.net. TXT \"v=DMARC1\"\n", "mailto:a@r.example.net", "authorized",
       "§4 ¶7: for any domain"},
      {absl::StrCat(kName, " TXT \"v=DMARC1; rua=mailto:b@r.example.net\"\n"),
       "mailto:a@r.example.net", "overridden", "step 9"},
      {absl::StrCat(kName, " TXT \"v=DMARC1; rua=mailto:b@s.example.net\"\n"),
       "mailto:a@r.example.net", "override-elsewhere", "§4 ¶6: neither gets a report"},
      {absl::StrCat(kName,
                    " TXT \"v=DMARC1; rua=mailto:b@r.example.net,mailto:b@victim.example\"\n"),
       "mailto:a@r.example.net", "override-elsewhere", "one of several elsewhere"},
      {absl::StrCat(kName, " TXT \"v=DMARC1; rua=https://r.example.net/\"\n"),
       "mailto:a@r.example.net", "override-elsewhere", "it has no mail host"},
      {absl::StrCat(kName, " TXT \"v=DMARC1; ruf=mailto:b@s.example.net\"\n"),
       "mailto:a@r.example.net", "authorized", "ruf= is for failure reports"},
      {absl::StrCat("$FAIL ", kName, "\n"), "mailto:a@r.example.net", "temperror", "step 5"},
      {"$FAIL _dmarc.example.com\n", "mailto:a@mail.example.com", "temperror",
       "an Organizational Domain is not known"},
      {"", "https://r.example.net/", "unsupported", "no mailto:"},
  };
  for (const auto& c : kCases) {
    const Checked checked = Check(c.zone, "example.com", c.uri);
    EXPECT_EQ(checked.permission, c.permission) << c.uri << ": " << c.why << "\n" << c.zone;
    const bool may_send = c.permission == "same-organization" || c.permission == "authorized" ||
                          c.permission == "overridden";
    EXPECT_EQ(checked.uris.empty(), !may_send) << c.why;
  }
}

TEST(ReportDestinationTest, ANameTooLongAuthorizesNothing) {  // RFC 9990 §4, step 4
  std::string domain = "example.com";
  while (domain.size() < 230) domain.insert(0, "aaaaaaaaa.");
  const Checked checked =
      Check("*._report._dmarc.r.example.net. TXT \"v=DMARC1\"\n", domain, "mailto:a@r.example.net");
  EXPECT_EQ(checked.permission, "not-authorized");
}

TEST(ReportDestinationTest, BySuffixList) {  // RFC 7489 §7.1
  const testing::TwoLabels suffixes;
  DmarcOptions options;
  options.mode = Mode::kRfc7489;
  options.suffixes = &suffixes;
  const auto check = [&options](std::string_view uri) {
    return Check("", "a.example.com", uri, ReportKind::kAggregate, options);
  };
  EXPECT_EQ(check("mailto:a@b.example.com").permission, "same-organization");
  EXPECT_TRUE(check("mailto:a@b.example.com").queries.empty());
  EXPECT_EQ(check("mailto:a@other.com").permission, "not-authorized");
}

}  // namespace
}  // namespace postseal::dmarc
