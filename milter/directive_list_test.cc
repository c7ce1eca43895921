#include "milter/directive_list.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "dkim/algorithm.h"
#include "dns/address.h"
#include "gtest/gtest.h"
#include "milter/config.h"
#include "milter/config_file.h"
#include "milter/directive.h"

namespace postseal::milter {
namespace {

LoadedConfig Read(std::string_view text, Dialect dialect) {
  return ReadConfigBy(
      "conf", dialect,
      [&](const std::string&, size_t) -> absl::StatusOr<std::string> { return std::string(text); });
}

// Shown is all that values without a file come to.
std::string Shown(const LoadedConfig& loaded) {
  const Config& c = loaded.config;
  std::string hosts;
  for (const std::string_view address : {"127.0.0.1", "::1", "10.0.0.1", "203.0.113.9"}) {
    absl::StrAppend(&hosts, c.internal_hosts.Matches(dns::IpAddress::Parse(address), ""));
  }
  const SigningSettings& signing = loaded.signing.settings();
  std::string rows;
  for (const SigningRow& row : loaded.signing.signing_table().rows()) {
    absl::StrAppend(&rows, row.key_name, " ");
  }
  const auto action = [](const std::optional<Action>& one) {
    return one.has_value() ? static_cast<int>(*one) : -1;
  };
  return absl::StrJoin(
      std::vector<std::string>{
          absl::StrCat(c.background, c.threads, c.syslog, c.syslog_success, c.log_why,
                       c.log_results, c.syslog_facility, c.sign, c.verify),
          hosts,
          absl::StrCat(c.ignore_authenticated_clients, c.check_published_keys,
                       c.authserv_id_with_job_id, c.always_add_ar_header, c.add_received_spf,
                       c.software_header, c.keep_auth_results, c.remove_ar_all),
          absl::StrCat(c.dns_timeout.count(), ",", c.message_timeout.count()),
          absl::StrCat(c.minimum_key_bits, c.allow_rsa_sha1, loaded.key_policy.require_safe,
                       loaded.key_policy.minimum_bits),
          absl::StrCat(action(c.on_bad_signature), ",", action(c.on_internal_error)),
          absl::StrCat(
              c.reject_failures, c.hold_quarantined_messages, c.required_headers,
              c.reject_multi_value_from, static_cast<int>(c.spf_rejection), c.spf_temp_error_defer,
              c.dmarc_temp_error_defer.has_value() ? (*c.dmarc_temp_error_defer ? 1 : 0) : -1,
              c.spool_fsync, static_cast<int>(c.on_store_error)),
          absl::StrCat(c.store_retention_days, ",", c.store_quota.rows_a_domain, ",",
                       c.store_quota.rows_a_day),
          absl::StrCat(signing.multiple_signatures, signing.request.copy_fields,
                       dkim::Name(signing.request.header_canon), "/",
                       dkim::Name(signing.request.body_canon),
                       signing.request.expires_in_seconds.value_or(0)),
          absl::StrCat(rows, loaded.signing.signing_table().rows().size()),
      },
      ";");
}

// What makes a directive show, that does nothing alone.
std::string Context(std::string_view name) {
  if (name == "AllowSignFromAnywhere") return "InternalHosts 0.0.0.0/0\n";
  if (name == "SubDomains") return "Domain example.com\nSelector s\nKeyFile /k\n";
  return "";
}

TEST(DirectiveList, WhatDoesSomethingHasADefault) {
  for (const Directive& directive : AllDirectives()) {
    for (const Dialect dialect : {Dialect::kPostseal, Dialect::kOpenDkim}) {
      EXPECT_EQ(DefaultOf(directive.name, dialect).empty(), directive.support != Support::kDone)
          << directive.name;
    }
  }
}

TEST(DirectiveList, ToWriteADefaultChangesNothing) {
  size_t written = 0;
  for (const Directive& directive : AllDirectives()) {
    for (const Dialect dialect : {Dialect::kPostseal, Dialect::kOpenDkim}) {
      const std::string value = DefaultOf(directive.name, dialect);
      if (value.empty() || value.front() == '(') continue;
      ++written;
      const std::string context = Context(directive.name);
      const LoadedConfig with =
          Read(absl::StrCat(context, directive.name, " ", value, "\n"), dialect);
      EXPECT_TRUE(with.ok) << directive.name;
      EXPECT_EQ(Shown(with), Shown(Read(context, dialect))) << directive.name;
    }
  }
  EXPECT_GT(written, 60u);
}

TEST(DirectiveList, AnotherValueShows) {
  for (const Directive& directive : AllDirectives()) {
    const std::string value = DefaultOf(directive.name, Dialect::kPostseal);
    if (directive.support != Support::kDone || directive.kind != ValueKind::kBoolean) continue;
    // A default in parentheses follows from other directives: either value shows then.
    ASSERT_TRUE(value == "yes" || value == "no" || value.starts_with('(')) << directive.name;
    const std::string context = Context(directive.name);
    for (const std::string_view other : {"yes", "no"}) {
      if (other == value) continue;
      const std::string text = absl::StrCat(context, directive.name, " ", other);
      EXPECT_NE(Shown(Read(text, Dialect::kPostseal)), Shown(Read(context, Dialect::kPostseal)))
          << directive.name << " " << other;
    }
  }
}

TEST(DirectiveList, LinesHaveSixColumns) {
  const std::string list = ListDirectives();
  ASSERT_EQ(list.back(), '\n');
  const std::vector<std::string> lines = absl::StrSplit(list.substr(0, list.size() - 1), '\n');
  EXPECT_EQ(lines.size(), AllDirectives().size());
  for (const std::string& line : lines) {
    EXPECT_EQ(std::vector<std::string>(absl::StrSplit(line, '\t')).size(), 6u) << line;
  }
  EXPECT_NE(list.find("RejectFailures\tboolean\tdone\tno\tno\t"), std::string::npos);
  EXPECT_NE(list.find("Canonicalization\tstring\tdone\trelaxed/relaxed\tsimple/simple\t"),
            std::string::npos);
}

}  // namespace
}  // namespace postseal::milter
