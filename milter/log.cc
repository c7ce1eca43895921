#include "milter/log.h"

#include <syslog.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/ascii.h"

namespace postseal::milter {
namespace {

std::optional<int> FacilityOf(std::string_view name) {
  constexpr std::pair<std::string_view, int> kFacilities[] = {
      {"auth", LOG_AUTH},     {"authpriv", LOG_AUTHPRIV}, {"cron", LOG_CRON},
      {"daemon", LOG_DAEMON}, {"ftp", LOG_FTP},           {"lpr", LOG_LPR},
      {"mail", LOG_MAIL},     {"news", LOG_NEWS},         {"security", LOG_AUTH},
      {"syslog", LOG_SYSLOG}, {"user", LOG_USER},         {"uucp", LOG_UUCP},
      {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1},     {"local2", LOG_LOCAL2},
      {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4},     {"local5", LOG_LOCAL5},
      {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7},
  };
  for (const auto& [known, facility] : kFacilities) {
    if (base::EqualsIgnoreCase(known, name)) return facility;
  }
  return std::nullopt;
}

int PriorityOf(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return LOG_ERR;
    case LogLevel::kWarning:
      return LOG_WARNING;
    case LogLevel::kNotice:
      return LOG_NOTICE;
    case LogLevel::kInfo:
      return LOG_INFO;
  }
  return LOG_INFO;
}

}  // namespace

bool IsSyslogFacility(std::string_view name) { return FacilityOf(name).has_value(); }

absl::Status Log::UseSyslog(std::string name, std::string_view facility) {
  const std::optional<int> number = FacilityOf(facility);
  if (!number.has_value()) return absl::InvalidArgumentError("unknown syslog facility");
  name_ = std::move(name);
  openlog(name_.c_str(), LOG_PID | LOG_NDELAY, *number);
  syslog_ = true;
  return absl::OkStatus();
}

void Log::Write(LogLevel level, std::string_view line) {
  std::string text(line.substr(0, kMaxLineOctets));
  for (char& c : text) {
    if (base::kControl(c)) c = '?';
  }
  if (syslog_) {
    syslog(PriorityOf(level), "%s", text.c_str());
    return;
  }
  text += '\n';
  // One write, so that lines of threads do not mix; there is nobody to tell when it fails.
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

}  // namespace postseal::milter
