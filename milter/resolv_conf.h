// ParseResolvConf: the name servers of resolv.conf(5), to notice when they change.
#ifndef POSTSEAL_MILTER_RESOLV_CONF_H_
#define POSTSEAL_MILTER_RESOLV_CONF_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"

namespace postseal::milter {

// kResolvConf is the file whose servers libunbound asks without Nameservers.
inline constexpr char kResolvConf[] = "/etc/resolv.conf";
// kMaxResolvConfOctets bounds what is read of it, in octets.
inline constexpr size_t kMaxResolvConfOctets = 64 * 1024;

// ParseResolvConf returns the word after each "nameserver" keyword in |text|, in order. Lines
// end with LF; white space must follow the keyword. resolv.conf(5)
inline std::vector<std::string> ParseResolvConf(std::string_view text) {
  constexpr std::string_view kKeyword = "nameserver";
  std::vector<std::string> servers;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = base::Strip(text.substr(0, end), base::kWsp | base::CharSet("\r"));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(kKeyword)) continue;
    line.remove_prefix(kKeyword.size());
    if (line.empty() || !base::kWsp(line.front())) continue;
    line = base::Strip(line, base::kWsp);
    size_t size = 0;
    while (size < line.size() && !base::kWsp(line[size])) ++size;
    servers.emplace_back(line.substr(0, size));
  }
  return servers;
}

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_RESOLV_CONF_H_
