// A lint without errors is a promise: the evaluation, which shares no code with it
// but the parser, gives no client permerror. Random zones try to break it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/result.h"
#include "dns/address.h"
#include "dns/name.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "spf/evaluation.h"
#include "spf/lint.h"
#include "spf/lint_code.h"
#include "spf/lint_report.h"
#include "spf/spf_session.h"

namespace postseal::spf {
namespace {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2654435761 + 1) {}
  // Below is a number below |n|.
  size_t Below(size_t n) {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return static_cast<size_t>(state_ >> 33) % n;
  }
  template <size_t n>
  std::string_view Of(const std::string_view (&choices)[n]) {
    return choices[Below(n)];
  }

 private:
  uint64_t state_;
};

constexpr size_t kDomains = 7;

std::string RandomTerm(Random* random) {
  constexpr std::string_view kQualifiers[] = {"", "", "-", "~", "?"};
  constexpr std::string_view kMechanisms[] = {
      "include:", "include:", "include:", "a:", "mx:", "a:", "exists:", "a", "mx"};
  const std::string_view mechanism = random->Of(kMechanisms);
  const std::string target = absl::StrCat("d", random->Below(kDomains), ".example");
  return absl::StrCat(random->Of(kQualifiers), mechanism, mechanism.ends_with(':') ? target : "");
}

std::string RandomZone(Random* random) {
  constexpr std::string_view kLast[] = {" -all", " -all", " ~all", "", "", " -all mx"};
  std::string zone;
  for (size_t i = 0; i < kDomains; ++i) {
    const std::string name = absl::StrCat("d", i, ".example. ");
    // Most domains have one record, some none, few two.
    for (size_t records = random->Below(20); records > 0; records /= 18) {
      absl::StrAppend(&zone, name, "TXT \"v=spf1");
      for (size_t terms = random->Below(4); terms > 0; --terms) {
        absl::StrAppend(&zone, " ", RandomTerm(random));
      }
      if (random->Below(4) == 0) {
        absl::StrAppend(&zone, " redirect=d", random->Below(kDomains), ".example");
      }
      absl::StrAppend(&zone, random->Of(kLast), "\"\n");
    }
    if (random->Below(3) > 0) absl::StrAppend(&zone, name, "A 198.51.100.", i, "\n");
    if (random->Below(3) > 0) absl::StrAppend(&zone, name, "AAAA 2001:db8:", i, "::1\n");
    for (size_t names = random->Below(3) * random->Below(8); names > 0; --names) {
      const size_t target = random->Below(4) == 0 ? 99 : random->Below(kDomains);
      absl::StrAppend(&zone, name, "MX ", names, " d", target, ".example.\n");
    }
  }
  return zone;
}

base::Result Evaluate(dns::ZoneResolver* zone, std::string_view client) {
  Request request;
  request.client = *dns::IpAddress::Parse(client);
  request.mail_from = "user@d0.example";
  SpfSession session;
  session.Start(request);
  dns::RunBlocking(&session, zone, dns::Deadline::max());
  return session.verdict().result();
}

// OneFamilyMayFail says whether the report leaves open what clients of one family get.
bool OneFamilyMayFail(const LintReport& report) {
  for (const Finding& finding : report.findings) {
    if (finding.code == LintCode::kVoidLookupsOfFamily) return true;
  }
  return false;
}

TEST(LintPropertyTest, NoErrorsMeanNoPermError) {
  size_t clean = 0;
  size_t permerrors = 0;
  for (uint64_t seed = 0; seed < 6'000; ++seed) {
    Random random(seed);
    const std::string text = RandomZone(&random);
    dns::ZoneResolver zone;
    ASSERT_TRUE(zone.AddText(text, "zone").ok());
    Lint lint(*dns::Name::Parse("d0.example"));
    dns::RunBlocking(&lint, &zone, dns::Deadline::max());
    ASSERT_TRUE(lint.done());
    const base::Result v4 = Evaluate(&zone, "203.0.113.1");
    const base::Result v6 = Evaluate(&zone, "2001:db8:ffff::1");
    const bool permerror = v4 == base::Result::kPermError || v6 == base::Result::kPermError;
    permerrors += permerror ? 1 : 0;
    if (lint.report().has_errors) continue;
    ++clean;
    const bool both = v4 == base::Result::kPermError && v6 == base::Result::kPermError;
    EXPECT_FALSE(OneFamilyMayFail(lint.report()) ? both : permerror) << "seed " << seed << "\n"
                                                                     << text;
  }
  // Of either kind there are enough for the test to mean something.
  EXPECT_GT(clean, 500);
  EXPECT_GT(permerrors, 500);
}

}  // namespace
}  // namespace postseal::spf
