#include "store/quota.h"

#include <string>

#include "gtest/gtest.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

TEST(QuotaTest, DetailFor) {
  struct Case {
    const char* name;
    Usage usage;
    Detail least;
    Detail detail;
  };
  const Quota quota = {10, 100};
  const Case cases[] = {
      {"nothing is there", {0, 0}, Detail::kFull, Detail::kFull},
      {"the last full row of a domain", {9, 99}, Detail::kFull, Detail::kFull},
      {"one more", {10, 99}, Detail::kFull, Detail::kSource},
      {"the last source of a domain", {19, 99}, Detail::kFull, Detail::kSource},
      {"one more", {20, 99}, Detail::kFull, Detail::kPolicy},
      {"the last policy of a domain", {29, 99}, Detail::kFull, Detail::kPolicy},
      {"one more", {30, 99}, Detail::kFull, Detail::kDomain},
      {"a domain's sums stay, however many rows it has",
       {1000, 199},
       Detail::kFull,
       Detail::kDomain},
      {"the last full row of a day", {0, 99}, Detail::kFull, Detail::kFull},
      {"one more", {0, 100}, Detail::kFull, Detail::kPolicy},
      {"the last domain of a day", {0, 199}, Detail::kFull, Detail::kPolicy},
      {"one more", {0, 200}, Detail::kFull, Detail::kDay},
      {"no more than there is", {0, 0}, Detail::kDomain, Detail::kDomain},
      {"no more than there is", {0, 0}, Detail::kDay, Detail::kDay},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(DetailName(DetailFor(quota, c.usage, c.least)), DetailName(c.detail))
        << c.name << " " << c.usage.domain << " " << c.usage.day;
  }
  EXPECT_EQ(DetailFor(kNoQuota, {INT64_MAX - 1, INT64_MAX - 1}), Detail::kFull);
  EXPECT_EQ(DetailFor({0, 0}, {0, 0}), Detail::kDay) << "a quota of nothing";
}

TEST(QuotaTest, ReduceKeepsWhatTheSumsNeed) {
  Row row = {FullFact(), 7};
  row.fact.time = kNow;
  row.fact.reasons = {
      {OverrideType::kOther, "b"}, {OverrideType::kMailingList, "x"}, {OverrideType::kOther, "a"}};
  Row source = Reduce(row, Detail::kSource);
  EXPECT_EQ(source.detail, Detail::kSource);
  EXPECT_TRUE(source.fact.dkim.empty());
  EXPECT_FALSE(source.fact.spf.has_value());
  EXPECT_FALSE(source.fact.envelope_from.has_value());
  EXPECT_FALSE(source.fact.envelope_to.has_value());
  EXPECT_EQ(source.fact.reasons, (std::vector<OverrideReason>{{OverrideType::kMailingList, ""},
                                                              {OverrideType::kOther, ""}}));
  EXPECT_EQ(source.fact.source_ip, row.fact.source_ip);
  EXPECT_EQ(source.fact.header_from, "news.example.com");

  const Row policy = Reduce(row, Detail::kPolicy);
  EXPECT_EQ(policy.fact.source_ip.Print(), "0.0.0.0");
  EXPECT_EQ(policy.fact.header_from, "example.com");
  EXPECT_EQ(policy.fact.policy, row.fact.policy);

  const Row domain = Reduce(row, Detail::kDomain);
  EXPECT_EQ(domain.fact.policy_domain, "example.com");
  EXPECT_EQ(domain.fact.policy.p, dmarc::Policy::kReject);
  EXPECT_TRUE(domain.fact.policy.has_rua);
  EXPECT_FALSE(domain.fact.policy.sp.has_value());

  const Row day = Reduce(row, Detail::kDay);
  EXPECT_EQ(day.fact.policy_domain, "");
  EXPECT_EQ(day.fact.header_from, "");
  EXPECT_EQ(day.fact.policy, PublishedPolicy());

  for (const Row& reduced : {source, policy, domain, day}) {
    EXPECT_EQ(reduced.messages, 7);
    EXPECT_EQ(reduced.fact.disposition, Disposition::kQuarantine);
    EXPECT_TRUE(reduced.fact.aligned_dkim);
    EXPECT_TRUE(reduced.fact.aligned_spf);
    EXPECT_EQ(reduced.fact.day(), kToday);
    EXPECT_EQ(*FromColumns(ToColumns(reduced)), reduced) << "it can be stored";
    EXPECT_FALSE(DetailNote(reduced.detail).empty());
  }
  EXPECT_TRUE(DetailNote(Detail::kFull).empty());
}

TEST(QuotaTest, LargeRowsCountMore) {
  EXPECT_EQ(RowUnits(ToColumns({PlainFact(), 1})), 1);
  const int64_t units = RowUnits(ToColumns({LargestFact(), 1}));
  EXPECT_GE(units, 50) << "100 signatures of some 600 octets";
  EXPECT_LE(units, 80);
  EXPECT_EQ(RowUnits(ToColumns(Reduce({LargestFact(), 1}, Detail::kPolicy))), 1);
}

TEST(QuotaTest, AReducedRowIsNeverTakenForAFullOne) {
  const ColumnTexts full = ToColumns({PlainFact(), 1});
  const ColumnTexts reduced = ToColumns(Reduce({PlainFact(), 1}, Detail::kSource));
  EXPECT_NE(full[2], reduced[2]) << "although the fact has nothing that could be dropped";
}

}  // namespace
}  // namespace postseal::store
