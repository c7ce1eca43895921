#include "auth/lookup_report.h"

#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/task.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "gtest/gtest.h"

namespace postseal::auth {
namespace {

using std::string_view_literals::operator""sv;

TEST(LookupReportTest, RecordTexts) {
  const dns::Name name = *dns::Name::Parse("mx.example");
  const std::string_view strings[] = {"v=spf1 ", "-all"};
  EXPECT_EQ(RecordText(dns::Type::kTxt, dns::TxtRdata(strings)), "v=spf1 -all");
  EXPECT_EQ(RecordText(dns::Type::kA, "\xc0\x00\x02\x01"sv), "192.0.2.1");
  EXPECT_EQ(RecordText(dns::Type::kAaaa, dns::AddressRdata(*dns::IpAddress::Parse("2001:db8::1"))),
            "2001:db8::1");
  EXPECT_EQ(RecordText(dns::Type::kMx, dns::MxRdata(dns::Mx(10, name))), "10 mx.example.");
  EXPECT_EQ(RecordText(dns::Type::kMx, dns::MxRdata(dns::Mx(0, dns::Name()))), "0 .");
  EXPECT_EQ(RecordText(dns::Type::kPtr, dns::NameRdata(name)), "mx.example.");
}

TEST(LookupReportTest, MalformedRecordsHaveNoText) {
  for (const dns::Type type : {dns::Type::kTxt, dns::Type::kA, dns::Type::kAaaa, dns::Type::kMx,
                               dns::Type::kPtr, dns::Type::kSoa}) {
    EXPECT_EQ(RecordText(type, "\xff"), std::nullopt) << dns::TypeName(type);
  }
}

TEST(LookupReportTest, OutlivesTheExchange) {
  LookupReport report;
  {
    base::Arena arena;
    base::ReadyQueue ready;
    dns::Exchange exchange(&arena, &ready);
    const dns::Exchange::Awaiter awaiter =
        exchange.Ask(dns::Query(*dns::Name::Parse("a.example"), dns::Type::kTxt));
    const auto query = exchange.NextQuery();
    ASSERT_TRUE(query.has_value());
    const std::string rdata = dns::TxtRdata("hello");
    const std::string_view records[] = {rdata, "\xff"};
    dns::Answer answer(dns::Outcome::kRecords);
    answer.dnssec_secure = true;
    answer.ttl_seconds = 300;
    answer.rdata = records;
    ASSERT_TRUE(exchange.Provide(query->id, answer).ok());
    // Nobody has taken the answer, which may as well have come later.
    report = MakeLookupReport(*exchange.lookups().front());
    EXPECT_EQ(report.name, "a.example");
    EXPECT_TRUE(report.unused);
    EXPECT_FALSE(report.secure);
    EXPECT_TRUE(report.rdata.empty());
    EXPECT_EQ(OutcomeName(report), "unused");
    EXPECT_EQ(awaiter.await_resume().rdata.size(), 2u);
    report = MakeLookupReport(*exchange.lookups().front());
  }
  EXPECT_EQ(report.name, "a.example");
  EXPECT_EQ(report.outcome, dns::Outcome::kRecords);
  EXPECT_EQ(OutcomeName(report), "records");
  EXPECT_FALSE(report.unused);
  EXPECT_TRUE(report.secure);
  EXPECT_EQ(report.ttl_seconds, 300);
  EXPECT_FALSE(report.refused);
  EXPECT_FALSE(report.oversized);
  EXPECT_EQ(report.rdata.size(), 2u) << "what is malformed is kept too";
  EXPECT_EQ(RecordTexts(report), std::vector<std::string>{"hello"});
}

}  // namespace
}  // namespace postseal::auth
