// Config: what the milter is to do, in typed form, wherever it was written down.
// milter/config_file.h reads it from OpenDKIM's files and from our own.
#ifndef POSTSEAL_MILTER_CONFIG_H_
#define POSTSEAL_MILTER_CONFIG_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "milter/address_table.h"
#include "milter/host_list.h"
#include "milter/login_table.h"
#include "milter/socket_address.h"
#include "store/quota.h"

namespace postseal::milter {

// Action is what an On-* directive asks for.
enum class Action : uint8_t { kAccept, kReject, kTempfail, kDiscard, kQuarantine };

// SpfRejection says which SPF results of the MAIL FROM identity refuse a message.
enum class SpfRejection : uint8_t { kNever, kFail, kFailAndSoftfail };

// MacroMatch is a row of MacroList: the macro, and the values that mean "sign";
// none: that it is there is enough.
struct MacroMatch {
  std::string name;  // without braces
  std::vector<std::string> values;
};

// ZoneText is a file that answers in the DNS's place, as dns::ZoneResolver::AddText
// takes it.
struct ZoneText {
  std::string text;
  std::string file_name;
};

// Config never changes once it is read: a reload makes another one.
struct Config {
  // Where the MTA connects, and as whom we run.
  std::vector<SocketAddress> sockets;
  std::optional<SocketAddress> metrics;  // MetricsSocket: /metrics and /health by HTTP
  std::string user;
  std::string group;
  std::optional<uint32_t> umask;
  std::string pid_file;
  std::string base_directory;
  std::string change_root_directory;
  bool background = true;
  size_t threads = 0;  // 0: one a core

  // What is logged.
  bool syslog = false;
  bool syslog_success = false;
  bool log_why = false;
  bool log_results = false;
  std::string syslog_facility = "mail";
  std::string syslog_name;  // empty: the program's

  // What is done: Mode.
  bool sign = true;
  bool verify = true;

  // The fields that are written, and those that go.
  std::string authserv_id;  // empty: the macro j
  bool authserv_id_with_job_id = false;
  bool always_add_ar_header = false;  // A-R also for mail that nothing was evaluated of
  bool add_received_spf = true;
  bool software_header = false;
  bool keep_auth_results = false;
  bool remove_ar_all = false;
  std::vector<std::string> remove_ar_from;  // besides authserv_id

  // Whose mail is signed, verified or left alone.
  HostList internal_hosts;
  HostList external_ignore_list;
  HostList peer_list;       // left alone
  HostList ignore_hosts;    // OpenDMARC's: no SPF, no DMARC
  HostList trusted_relays;  // DKIM, and DMARC by it: our secondary MX
  bool ignore_authenticated_clients = true;
  bool check_published_keys = false;  // a key not in the DNS yet does not sign
  std::vector<std::string> mta;       // {daemon_name} values that mean "sign"
  std::vector<MacroMatch> macro_list;
  HostList exempt_domains;         // From domains that are left alone: MatchesName
  AddressTable dont_sign_mail_to;  // recipients
  // Which login may write as which author; absent: every login as any author.
  std::optional<LoginTable> signing_logins;

  // DNS.
  std::vector<std::string> nameservers;  // "ADDRESS[:PORT]"; none: the system's
  std::string trust_anchor_file;
  std::vector<ZoneText> zones;  // TestDNSData, TestPublicKeys, ZoneFile: no DNS at all
  std::chrono::milliseconds dns_timeout{5000};       // of each lookup
  std::chrono::milliseconds message_timeout{20000};  // of all lookups of a message

  // Limits of what is verified.
  size_t maximum_headers = 0;               // octets; 0: mail::HeaderLimits
  size_t maximum_signatures_to_verify = 0;  // 0: dkim's
  int minimum_key_bits = 1024;
  bool allow_rsa_sha1 = false;
  std::optional<int64_t> clock_drift_seconds;  // ClockDrift; absent: dkim's

  // What is refused. Absent: accepted, and said in Authentication-Results.
  std::optional<Action> on_bad_signature;
  std::optional<Action> on_dns_error;
  std::optional<Action> on_internal_error;
  std::optional<Action> on_key_not_found;
  std::optional<Action> on_no_signature;
  std::optional<Action> on_security;
  std::optional<Action> on_signature_error;
  bool reject_failures = false;            // DMARC's p=reject is acted on
  bool hold_quarantined_messages = false;  // and p=quarantine
  bool required_headers = false;           // RFC 5322 §3.6 counts
  bool reject_multi_value_from = false;
  SpfRejection spf_rejection = SpfRejection::kNever;
  bool spf_temp_error_defer = false;
  // DMARCTempErrorDefer; absent: with reject_failures, unless on_dns_error is there.
  std::optional<bool> dmarc_temp_error_defer;

  // Where facts for reports go; empty: nowhere.
  std::string store_url;  // "sqlite:PATH", "postgresql://..."
  std::string spool_directory;
  std::string node_name;  // empty: the host's name
  bool spool_fsync = false;
  Action on_store_error = Action::kAccept;  // or kTempfail
  int64_t store_retention_days = 90;        // 0: for ever
  store::Quota store_quota;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_CONFIG_H_
