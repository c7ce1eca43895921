#include "milter/macros.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "milter/test_mta.h"

namespace postseal::milter {
namespace {

std::string Data(char stage, std::initializer_list<std::string_view> texts) {
  return absl::StrCat(std::string(1, stage), Texts(texts));
}

TEST(MacrosTest, TheLatestStageCounts) {
  Macros macros;
  macros.Take(Data('C', {"j", "mx.example.net", "{daemon_name}", "smtpd"}));
  macros.Take(Data('M', {"i", "QUEUE1", "{auth_type}", "PLAIN"}));
  EXPECT_EQ(macros.Value("j"), "mx.example.net");
  EXPECT_EQ(macros.Value("daemon_name"), "smtpd");
  EXPECT_EQ(macros.Value("auth_type"), "PLAIN");
  macros.Take(Data('E', {"i", "QUEUE2"}));
  EXPECT_EQ(macros.Value("i"), "QUEUE2");
  EXPECT_EQ(macros.Find("nothing"), std::nullopt);
}

TEST(MacrosTest, AStageIsReplacedWhole) {
  Macros macros;
  macros.Take(Data('M', {"{auth_type}", "PLAIN"}));
  macros.Take(Data('M', {"i", "QUEUE2"}));
  EXPECT_EQ(macros.Find("auth_type"), std::nullopt) << "who logged in was somebody else";
}

TEST(MacrosTest, AMessageTakesItsOwnAlong) {
  Macros macros;
  macros.Take(Data('C', {"j", "mx"}));
  macros.Take(Data('H', {"{tls_version}", "TLSv1.3"}));
  macros.Take(Data('M', {"{auth_type}", "PLAIN"}));
  macros.Take(Data('R', {"i", "Q"}));
  macros.ForgetMessage();
  EXPECT_EQ(macros.Value("j"), "mx");
  EXPECT_EQ(macros.Value("tls_version"), "TLSv1.3");
  EXPECT_EQ(macros.Find("auth_type"), std::nullopt);
  EXPECT_EQ(macros.Find("i"), std::nullopt);
  macros.Clear();
  EXPECT_EQ(macros.Find("j"), std::nullopt);
}

TEST(MacrosTest, WhatIsBrokenIsLeftOut) {
  Macros macros;
  macros.Take("");
  macros.Take("?x");
  macros.Take(absl::StrCat(Data('C', {"j", "mx"}), "no end"));
  EXPECT_EQ(macros.Value("j"), "mx");
}

TEST(MacrosTest, Limits) {
  for (const size_t extra : {0, 1}) {
    Macros macros;
    const std::string value(kMaxMacroOctets - 1 + extra, 'v');
    macros.Take(Data('C', {"j", value}));
    EXPECT_EQ(macros.Find("j").has_value(), extra == 0);
  }
  Macros macros;
  std::string data = "C";
  for (size_t i = 0; i <= kMaxMacros; ++i) data += Texts({absl::StrCat("m", i), "v"});
  macros.Take(data);
  EXPECT_TRUE(macros.Find(absl::StrCat("m", kMaxMacros - 1)).has_value());
  EXPECT_FALSE(macros.Find(absl::StrCat("m", kMaxMacros)).has_value());
}

}  // namespace
}  // namespace postseal::milter
