#include "milter/directive_values.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/cursor.h"
#include "dns/address.h"
#include "mail/message_reader.h"
#include "milter/address_table.h"
#include "milter/config.h"
#include "milter/config_builder.h"
#include "milter/data_set.h"
#include "milter/diagnostic.h"
#include "milter/key_file.h"
#include "milter/log.h"
#include "milter/login_table.h"
#include "milter/setting.h"
#include "milter/signing_table.h"
#include "milter/socket_address.h"
#include "milter/test_zone.h"
#include "milter/text_file.h"

namespace postseal::milter {
namespace {

constexpr uint32_t kMaxThreads = 1024;
constexpr uint32_t kMaxTimeoutSeconds = 3600;
constexpr size_t kMaxNodeNameOctets = 64;
constexpr uint32_t kMaxRetentionDays = 36500;

// SetZone adds |zone|, made from the file or list of |setting|.
void SetZone(ConfigBuilder* builder, const Setting& setting, std::string zone) {
  builder->config()->zones.push_back({std::move(zone), setting.value});
  builder->Warning(setting, absl::StrCat("with ", setting.name,
                                         " the DNS is not asked: this is for tests alone"));
}

// SetRows puts the number of |setting| into |rows|.
void SetRows(ConfigBuilder* builder, const Setting& setting, int64_t* rows) {
  const std::optional<uint32_t> number = builder->Integer(setting, UINT32_MAX);
  if (number == 0u) return builder->Illegal(setting, "at least one row");
  if (number.has_value()) *rows = *number;
}

}  // namespace

void SetSocket(ConfigBuilder* builder, const Setting& setting) {
  std::optional<SocketAddress> address;
  builder->Socket(setting, &address);
  if (address.has_value()) builder->config()->sockets.push_back(*std::move(address));
}

void SetUser(ConfigBuilder* builder, const Setting& setting) {
  base::Cursor cursor(setting.value);
  const std::string_view user = cursor.TakeUntil(':');
  const bool has_group = cursor.Take(':');
  if (user.empty() || (has_group && cursor.at_end())) {
    return builder->Illegal(setting, "USER or USER:GROUP");
  }
  builder->config()->user = std::string(user);
  builder->config()->group = std::string(cursor.rest());
}

void SetUmask(ConfigBuilder* builder, const Setting& setting) {
  constexpr base::CharSet kOctal = base::CharSet::Range('0', '7');
  constexpr size_t kMaxDigits = 4;
  if (setting.value.size() > kMaxDigits || !base::AllIn(setting.value, kOctal)) {
    return builder->Illegal(setting, "octal digits, as in 007");
  }
  uint32_t umask = 0;
  for (const char c : setting.value) umask = umask * 8 + static_cast<uint32_t>(c - '0');
  constexpr uint32_t kPermissionBits = 0777;
  if (umask > kPermissionBits) return builder->Illegal(setting, "at most 0777");
  builder->config()->umask = umask;
}

void SetThreads(ConfigBuilder* builder, const Setting& setting) {
  builder->config()->threads = builder->Integer(setting, kMaxThreads).value_or(0);
}

void SetMetrics(ConfigBuilder* builder, const Setting& setting) {
  builder->Socket(setting, &builder->config()->metrics);
}

void SetFacility(ConfigBuilder* builder, const Setting& setting) {
  if (!IsSyslogFacility(setting.value)) {
    return builder->Illegal(setting,
                            "a facility of syslog.conf(5) that programs may log to, such as mail");
  }
  builder->config()->syslog_facility = base::ToLower(setting.value);
}

void SetMode(ConfigBuilder* builder, const Setting& setting) {
  builder->config()->sign = setting.value.find('s') != std::string::npos;
  builder->config()->verify = setting.value.find('v') != std::string::npos;
  if (!base::AllIn(setting.value, base::CharSet("sv"))) {
    builder->Error(setting, absl::StrCat("unknown mode \"", setting.value,
                                         "\": s, v and sv are known, in lower case"));
  }
}

void SetInternalHosts(ConfigBuilder* builder, const Setting& setting) {
  builder->InternalHosts(setting);
}

void SetMacros(ConfigBuilder* builder, const Setting& setting) {
  const std::optional<DataSet> set = builder->ReadData(setting);
  if (!set.has_value()) return;
  builder->config()->macro_list.clear();
  for (const DataRow& row : set->rows) {
    MacroMatch match;
    std::string_view name = row.key;
    if (name.size() > 2 && name.front() == '{' && name.back() == '}') {
      name = name.substr(1, name.size() - 2);
    }
    match.name = std::string(name);
    base::Cursor values(row.value);
    while (!values.at_end()) {
      match.values.emplace_back(values.TakeUntil('|'));
      values.Take('|');
    }
    builder->config()->macro_list.push_back(std::move(match));
  }
}

void SetLogins(ConfigBuilder* builder, const Setting& setting) {
  const std::optional<DataSet> set = builder->ReadData(setting);
  if (!set.has_value()) return;
  LoginTable table(set->kind == DataSet::Kind::kPatterns ? AddressTable::Kind::kPatterns
                                                         : AddressTable::Kind::kExact);
  for (const DataRow& row : set->rows) {
    if (absl::Status status = table.Add(row.key, row.value); !status.ok()) {
      builder->Say(Severity::kError, set->PlaceOf(row),
                   absl::StrCat("SigningLoginTable: ", status.message()));
    }
    // "@DOMAIN" is Postfix's form.
    if (row.key.starts_with('@')) continue;
    std::string why = SigningTable::WhyUnmatched(row.key, set->kind);
    if (!why.empty()) builder->loaded()->diagnostics.push_back(set->Fault(row, std::move(why)));
  }
  if (table.size() == 0) {
    builder->Error(setting,
                   "SigningLoginTable has no row: no mail of users who log in would be signed");
  }
  builder->config()->signing_logins = std::move(table);
}

void SetKeyBits(ConfigBuilder* builder, const Setting& setting) {
  const std::optional<uint32_t> bits = builder->Integer(setting, kMaxKeyBits);
  if (!bits.has_value()) return;
  if (static_cast<int>(*bits) < kMinKeyBits) {
    // RFC 8301 §3.2
    builder->Warning(setting, absl::StrCat("keys of less than ", kMinKeyBits,
                                           " bits are never used (RFC 8301, section 3.2)"));
    return;
  }
  builder->config()->minimum_key_bits = static_cast<int>(*bits);
  builder->loaded()->key_policy.minimum_bits = static_cast<int>(*bits);
}

void SetAuthservId(ConfigBuilder* builder, const Setting& setting) {
  std::string id = setting.value;
  if (id == "HOSTNAME") {
    std::array<char, 256> name{};
    id = gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
  }
  constexpr base::CharSet kIdChars = base::kAlphaDigit | base::CharSet("-._/:");
  if (!base::AllIn(id, kIdChars)) return builder->Illegal(setting, "a host's name");
  builder->config()->authserv_id = std::move(id);
}

void SetMaximumHeaders(ConfigBuilder* builder, const Setting& setting) {
  constexpr uint32_t kMost = mail::HeaderLimits::kMaxHeaderOctets;
  const std::optional<uint32_t> octets = builder->Integer(setting, UINT32_MAX);
  if (!octets.has_value()) return;
  if (*octets == 0 || *octets > kMost) {
    builder->Note(setting, absl::StrCat("the limit of ", kMost, " octets stays"));
    return;
  }
  builder->config()->maximum_headers = *octets;
}

void SetMaximumSignatures(ConfigBuilder* builder, const Setting& setting) {
  constexpr uint32_t kMost = 1000;
  const std::optional<uint32_t> count = builder->Integer(setting, kMost);
  if (count.has_value()) builder->config()->maximum_signatures_to_verify = *count;
}

void SetClockDrift(ConfigBuilder* builder, const Setting& setting) {
  const std::optional<uint32_t> seconds = builder->Integer(setting, kMaxSeconds);
  if (seconds.has_value()) builder->config()->clock_drift_seconds = *seconds;
}

void SetNameservers(ConfigBuilder* builder, const Setting& setting) {
  std::vector<std::string> servers;
  base::Cursor cursor(setting.value);
  while (!cursor.at_end()) {
    const std::string_view text = base::Strip(cursor.TakeUntil(','), base::CharSet(" \t"));
    cursor.Take(',');
    std::string_view address = text;
    if (!address.empty() && address.front() == '[') {
      address = address.substr(1, address.find(']') - 1);
    } else if (address.find('.') != std::string_view::npos) {
      address = address.substr(0, address.find(':'));
    }
    if (!dns::IpAddress::Parse(address).has_value()) {
      return builder->Illegal(setting, "addresses with commas between them");
    }
    servers.emplace_back(text);
  }
  builder->config()->nameservers = std::move(servers);
}

void SetDnsTimeout(ConfigBuilder* builder, const Setting& setting) {
  const std::optional<uint32_t> seconds = builder->Integer(setting, kMaxTimeoutSeconds);
  if (!seconds.has_value()) return;
  builder->config()->dns_timeout = std::chrono::seconds(*seconds);
  if (*seconds == 0) {
    builder->config()->dns_timeout = builder->config()->message_timeout;
    builder->Warning(setting,
                     "without a limit a message would wait for ever: MessageTimeout is one");
  }
}

void SetMessageTimeout(ConfigBuilder* builder, const Setting& setting) {
  const std::optional<uint32_t> seconds = builder->Integer(setting, kMaxTimeoutSeconds);
  if (seconds == 0u) return builder->Illegal(setting, "at least one second");
  if (seconds.has_value()) builder->config()->message_timeout = std::chrono::seconds(*seconds);
}

void SetZoneFile(ConfigBuilder* builder, const Setting& setting) {
  std::optional<std::string> zone = builder->ReadFile(setting, kMaxTableOctets);
  if (zone.has_value()) SetZone(builder, setting, *std::move(zone));
}

void SetTestKeys(ConfigBuilder* builder, const Setting& setting) {
  const std::optional<std::string> text = builder->ReadFile(setting, kMaxTableOctets);
  if (text.has_value()) SetZone(builder, setting, ZoneFromTxt(*text));
}

void SetTestData(ConfigBuilder* builder, const Setting& setting) {
  const std::optional<DataSet> set = builder->ReadData(setting);
  if (!set.has_value()) return;
  std::string zone;
  for (const DataRow& row : set->rows) AppendTxtRecord(row.key, row.value, &zone);
  SetZone(builder, setting, std::move(zone));
}

void SetOnDefault(ConfigBuilder* builder, const Setting& setting) {
  Config* const config = builder->config();
  std::optional<Action> action;
  builder->ReadAction(setting, &action);
  for (std::optional<Action>* const target :
       {&config->on_bad_signature, &config->on_dns_error, &config->on_internal_error,
        &config->on_key_not_found, &config->on_no_signature, &config->on_security,
        &config->on_signature_error}) {
    *target = action;
  }
}

void SetQuarantine(ConfigBuilder* builder, const Setting& setting) {
  bool quarantine = false;
  builder->Boolean(setting, &quarantine);
  std::optional<Action>& action = builder->config()->on_bad_signature;
  if (quarantine && !action.has_value()) action = Action::kQuarantine;
}

void SetCapture(ConfigBuilder* builder, const Setting& setting) {
  bool capture = false;
  builder->Boolean(setting, &capture);
  std::optional<Action>& action = builder->config()->on_internal_error;
  if (capture && !action.has_value()) action = Action::kQuarantine;
}

void SetDmarcTempErrorDefer(ConfigBuilder* builder, const Setting& setting) {
  bool defer = false;
  builder->Boolean(setting, &defer);
  builder->config()->dmarc_temp_error_defer = defer;
}

void SetSpfReject(ConfigBuilder* builder, const Setting& setting) {
  SpfRejection& rejection = builder->config()->spf_rejection;
  if (base::EqualsIgnoreCase(setting.value, "never")) {
    rejection = SpfRejection::kNever;
  } else if (base::EqualsIgnoreCase(setting.value, "fail")) {
    rejection = SpfRejection::kFail;
  } else if (base::EqualsIgnoreCase(setting.value, "softfail")) {
    rejection = SpfRejection::kFailAndSoftfail;
  } else {
    builder->Illegal(setting, "never, fail or softfail");
  }
}

void SetStore(ConfigBuilder* builder, const Setting& setting) {
  base::Cursor cursor(setting.value);
  std::string& url = builder->config()->store_url;
  if (cursor.Peek() == '/') {
    url = absl::StrCat("sqlite:", setting.value);
  } else if (cursor.TakeIgnoreCase("sqlite:")) {
    if (cursor.at_end()) return builder->Illegal(setting, "sqlite:PATH");
    url = absl::StrCat("sqlite:", builder->InBase(cursor.rest()));
  } else if (cursor.TakeIgnoreCase("postgresql://") || cursor.TakeIgnoreCase("postgres://")) {
    url = absl::StrCat("postgresql://", cursor.rest());
  } else {
    builder->Illegal(setting, "a path, sqlite:PATH or postgresql://...");
  }
}

void SetHistoryFile(ConfigBuilder* builder, const Setting& setting) {
  if (builder->Find("Store") != nullptr) {
    return builder->Warning(setting, "Store is there, too, and counts");
  }
  builder->config()->store_url = absl::StrCat("sqlite:", builder->InBase(setting.value));
}

void SetNodeName(ConfigBuilder* builder, const Setting& setting) {
  constexpr base::CharSet kNodeChars = base::kAlphaDigit | base::CharSet("-._");
  if (setting.value.size() > kMaxNodeNameOctets || !base::AllIn(setting.value, kNodeChars)) {
    return builder->Illegal(
        setting,
        absl::StrCat("letters, digits, \"-\", \".\" and \"_\", at most ", kMaxNodeNameOctets));
  }
  builder->config()->node_name = setting.value;
}

void SetOnStoreError(ConfigBuilder* builder, const Setting& setting) {
  std::optional<Action> action;
  builder->ReadAction(setting, &action);
  if (!action.has_value()) return;
  if (*action != Action::kAccept && *action != Action::kTempfail) {
    return builder->Illegal(setting, "accept or tempfail");
  }
  builder->config()->on_store_error = *action;
}

void SetStoreRetention(ConfigBuilder* builder, const Setting& setting) {
  const std::optional<uint32_t> days = builder->Integer(setting, kMaxRetentionDays);
  if (days.has_value()) builder->config()->store_retention_days = *days;
}

void SetStoreRowsPerDomain(ConfigBuilder* builder, const Setting& setting) {
  SetRows(builder, setting, &builder->config()->store_quota.rows_a_domain);
}

void SetStoreRowsPerDay(ConfigBuilder* builder, const Setting& setting) {
  SetRows(builder, setting, &builder->config()->store_quota.rows_a_day);
}

}  // namespace postseal::milter
