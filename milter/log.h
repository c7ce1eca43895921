// Log: where the milter's lines go: syslog, or standard error.
#ifndef POSTSEAL_MILTER_LOG_H_
#define POSTSEAL_MILTER_LOG_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace postseal::milter {

// IsSyslogFacility says whether |name| is a facility of syslog.conf(5) that a program may log
// to, without regard to case. "kern" is not one: syslog(3) keeps it for the kernel, and
// logs to "user" instead.
bool IsSyslogFacility(std::string_view name);

enum class LogLevel : uint8_t { kError, kWarning, kNotice, kInfo };

// Log is safe to use from several threads. Each line is cut at kMaxLineOctets, and
// controls in it are replaced: whoever has text of others escapes it before
// (base/escape.h), so that it stays readable.
class Log {
 public:
  // kMaxLineOctets is what syslog daemons take by default, less their own header.
  static constexpr size_t kMaxLineOctets = 2000;

  // Log to standard error, until UseSyslog.
  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // UseSyslog logs under |name| to |facility|. InvalidArgument for what IsSyslogFacility
  // does not know. Not while others log.
  absl::Status UseSyslog(std::string name, std::string_view facility);

  void Write(LogLevel level, std::string_view line);

 private:
  bool syslog_ = false;
  std::string name_;  // syslog keeps a pointer to it
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_LOG_H_
