// RestartValues: what a reload cannot change, because it was settled when the process
// started.
#ifndef POSTSEAL_MILTER_RESTART_VALUES_H_
#define POSTSEAL_MILTER_RESTART_VALUES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "milter/config.h"

namespace postseal::milter {

// RestartValue is a directive and its value, in a form that compares.
using RestartValue = std::pair<std::string_view, std::string>;

// RestartValues are the values of all such directives, always in the same order.
inline std::vector<RestartValue> RestartValues(const Config& config) {
  std::string sockets;
  for (const SocketAddress& socket : config.sockets)
    absl::StrAppend(&sockets, socket.Print(), "\n");
  return {
      {"Socket", std::move(sockets)},
      {"MetricsSocket", config.metrics.has_value() ? config.metrics->Print() : ""},
      {"UserID", absl::StrCat(config.user, ":", config.group)},
      {"UMask", config.umask.has_value() ? absl::StrCat(*config.umask) : ""},
      {"PidFile", config.pid_file},
      {"BaseDirectory", config.base_directory},
      {"ChangeRootDirectory", config.change_root_directory},
      {"Background", absl::StrCat(config.background)},
      {"Threads", absl::StrCat(config.threads)},
      {"Syslog", absl::StrCat(config.syslog)},
      {"SyslogFacility", config.syslog_facility},
      {"SyslogName", config.syslog_name},
      {"Store", config.store_url},
      {"SpoolDirectory", config.spool_directory},
      {"SpoolFsync", absl::StrCat(config.spool_fsync)},
      {"NodeName", config.node_name},
      {"StoreRetention", absl::StrCat(config.store_retention_days)},
      {"StoreRowsPerDomain", absl::StrCat(config.store_quota.rows_a_domain)},
      {"StoreRowsPerDay", absl::StrCat(config.store_quota.rows_a_day)},
  };
}

// ChangedNames names the directives that differ in |now|, with commas between; empty: none.
inline std::string ChangedNames(const std::vector<RestartValue>& before,
                                const std::vector<RestartValue>& now) {
  std::string names;
  for (size_t i = 0; i < now.size() && i < before.size(); ++i) {
    if (now[i] == before[i]) continue;
    absl::StrAppend(&names, names.empty() ? "" : ", ", now[i].first);
  }
  return names;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_RESTART_VALUES_H_
