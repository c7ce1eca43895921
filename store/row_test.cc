#include "store/row.h"

#include <string>

#include "gtest/gtest.h"
#include "store/test_support.h"

namespace postseal::store {
namespace {

Row RowOf(Fact fact, int64_t messages) {
  fact.time = fact.day() * kSecondsADay;
  return {std::move(fact), messages};
}

std::optional<std::string> TextOf(const ColumnTexts& texts, std::string_view name) {
  for (size_t i = 0; i < kColumns.size(); ++i) {
    if (kColumns[i].name == name) return texts[i];
  }
  return "no such column";
}

TEST(RowTest, RoundTrip) {
  for (const Row& row : {RowOf(PlainFact(), 1), RowOf(FullFact(), INT64_MAX),
                         RowOf(LargestFact(), 7), RowOf(Fact(), 0)}) {
    const auto read = FromColumns(ToColumns(row));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, row);
  }
}

TEST(RowTest, ColumnsAreReadable) {
  const ColumnTexts texts = ToColumns(RowOf(FullFact(), 3));
  EXPECT_EQ(TextOf(texts, "day"), "2026-01-01");
  EXPECT_EQ(TextOf(texts, "source_ip"), "2001:db8::1");
  EXPECT_EQ(TextOf(texts, "p"), "reject");
  EXPECT_EQ(TextOf(texts, "fo"), "1:s");
  EXPECT_EQ(TextOf(texts, "discovery_method"), "psl");
  EXPECT_EQ(TextOf(texts, "aligned_spf"), "pass");
  EXPECT_EQ(TextOf(texts, "spf_result"), "softfail");
  EXPECT_EQ(TextOf(texts, "messages"), "3");
  EXPECT_EQ(TextOf(texts, "digest")->size(), 64u);
}

TEST(RowTest, TheDigestIsOfTheDayAndAllElse) {
  const auto digest = [](const Fact& fact) { return TextOf(ToColumns({fact, 1}), "digest"); };
  const Fact fact = FullFact();
  Fact later = fact;
  later.time += 60;
  EXPECT_EQ(digest(later), digest(fact));
  later.time += kSecondsADay;
  EXPECT_NE(digest(later), digest(fact));
  Fact other = fact;
  other.dkim[1].selector = "s3";
  EXPECT_NE(digest(other), digest(fact));
}

TEST(RowTest, WhatMakesNoSenseIsNamed) {
  struct Case {
    std::string_view column;
    std::optional<std::string> text;
  };
  const Case cases[] = {
      {"policy_domain", std::nullopt},
      {"policy_domain", std::string(kMaxDomainOctets + 1, 'x')},
      {"day", "yesterday"},
      {"day", "1969-12-31"},
      {"p", "discard"},
      {"sp", ""},
      {"adkim", "x"},
      {"testing", "1"},
      {"pct", "101"},
      {"pct", "-1"},
      {"fo", "s:1"},
      {"source_ip", "localhost"},
      {"header_from", "\xff"},
      {"disposition", "discard"},
      {"reasons", "{}"},
      {"reasons", R"([{"type":"other"}])"},
      {"reasons", R"([{"type":"whim","comment":""}])"},
      {"reasons", "[1,"},
      {"dkim", R"([7])"},
      {"dkim", R"([{"domain":"a","selector":"b","result":"good","human":""}])"},
      {"spf_result", std::nullopt},
      {"spf_result", "good"},
      {"messages", "many"},
      {"messages", "9223372036854775808"},
  };
  for (const Case& c : cases) {
    ColumnTexts texts = ToColumns(RowOf(FullFact(), 1));
    for (size_t i = 0; i < kColumns.size(); ++i) {
      if (kColumns[i].name == c.column) texts[i] = c.text;
    }
    const auto read = FromColumns(texts);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss) << c.column;
    EXPECT_NE(read.status().message().find(c.column), std::string::npos) << read.status();
  }
  ColumnTexts short_row = ToColumns(RowOf(FullFact(), 1));
  short_row.pop_back();
  EXPECT_FALSE(FromColumns(short_row).ok());
}

TEST(RowTest, Days) {
  EXPECT_EQ(DayText(0), "1970-01-01");
  EXPECT_EQ(DayText(kToday), "2026-01-01");
  EXPECT_EQ(DayText(-1), "1970-01-01");
  EXPECT_EQ(DayText(kMaxFactTime / kSecondsADay), "9999-12-31");
  EXPECT_EQ(DayText(INT64_MAX), "9999-12-31");
}

}  // namespace
}  // namespace postseal::store
