// What the tests of store/ share.
#ifndef POSTSEAL_STORE_TEST_SUPPORT_H_
#define POSTSEAL_STORE_TEST_SUPPORT_H_

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "store/fact.h"

namespace postseal::store {

// 2026-01-01T00:00:00Z, and its day.
inline constexpr int64_t kNow = 1767225600;
inline constexpr int64_t kToday = kNow / kSecondsADay;

// EmptyDirectory is a directory of its own below TEST_TMPDIR.
inline std::string EmptyDirectory(std::string_view name) {
  const char* const base = std::getenv("TEST_TMPDIR");
  std::string path = absl::StrCat(base == nullptr ? "." : base, "/", name);
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path;
}

// PlainFact is a fact with few members set; others have another source.
inline Fact PlainFact(uint8_t source = 1) {
  Fact fact;
  fact.time = kNow;
  fact.source_ip = *dns::IpAddress::Parse(absl::StrCat("192.0.2.", source));
  fact.header_from = "example.com";
  fact.policy_domain = "example.com";
  return fact;
}

// FullFact has every member set, and none to its default.
inline Fact FullFact() {
  Fact fact;
  fact.time = kNow + 12345;
  fact.source_ip = *dns::IpAddress::Parse("2001:db8::1");
  fact.header_from = "news.example.com";
  fact.envelope_from = "bounce.example.com";
  fact.envelope_to = "example.org";
  fact.policy_domain = "example.com";
  fact.policy.p = dmarc::Policy::kReject;
  fact.policy.sp = dmarc::Policy::kQuarantine;
  fact.policy.np = dmarc::Policy::kNone;
  fact.policy.adkim = dmarc::AlignmentMode::kStrict;
  fact.policy.aspf = dmarc::AlignmentMode::kStrict;
  fact.policy.testing = true;
  fact.policy.pct = 50;
  fact.policy.fo.any_failed = true;
  fact.policy.fo.spf = true;
  fact.policy.discovery = dmarc::Mode::kRfc7489;
  fact.policy.has_rua = true;
  fact.disposition = Disposition::kQuarantine;
  fact.reasons = {{OverrideType::kMailingList, "a \"list\", \xe3\x83\xa1\xe3\x83\xbc\xe3\x83\xab"}};
  fact.aligned_dkim = true;
  fact.aligned_spf = true;
  fact.dkim = {{"example.com", "s1", base::Result::kPass, "verified"},
               {"other.example", "s2", base::Result::kPermError, "key-missing"}};
  fact.spf = SpfFact{"bounce.example.com", base::Result::kSoftFail};
  return fact;
}

// LargestFact is at every limit.
inline Fact LargestFact() {
  Fact fact = FullFact();
  fact.time = kMaxFactTime;
  fact.header_from.assign(kMaxDomainOctets, 'f');
  fact.envelope_from.emplace(kMaxDomainOctets, 'e');
  fact.envelope_to.emplace(kMaxDomainOctets, 't');
  fact.policy_domain.assign(kMaxDomainOctets, 'p');
  fact.reasons.assign(kMaxOverrideReasons,
                      {OverrideType::kOther, std::string(kMaxCommentOctets, 'c')});
  fact.dkim.assign(kMaxDkimFacts,
                   {std::string(kMaxDomainOctets, 'd'), std::string(kMaxSelectorOctets, 's'),
                    base::Result::kPermError, std::string(kMaxHumanOctets, 'h')});
  fact.spf = SpfFact{std::string(kMaxDomainOctets, 'm'), base::Result::kPermError};
  return fact;
}

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_TEST_SUPPORT_H_
