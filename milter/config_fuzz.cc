// Any text as a configuration and its tables. The input is cut at lines "==": the
// first part is the configuration, and the others are the files "/1", "/2" and so on.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/check.h"
#include "dns/address.h"
#include "milter/config_description.h"
#include "milter/config_file.h"
#include "milter/diagnostic.h"
#include "milter/key_file.h"
#include "milter/signing_tables.h"

namespace postseal::milter {
namespace {

std::vector<std::string> Split(std::string_view input) {
  constexpr std::string_view kCut = "\n==\n";
  std::vector<std::string> parts;
  for (;;) {
    const size_t cut = input.find(kCut);
    parts.emplace_back(input.substr(0, cut));
    if (cut == std::string_view::npos) return parts;
    input.remove_prefix(cut + kCut.size());
  }
}

// IsPrintable says whether |text| may go to a terminal: no control but LF.
bool IsPrintable(std::string_view text) {
  for (const char c : text) {
    if ((static_cast<uint8_t>(c) < 0x20 && c != '\n') || c == 0x7f) return false;
  }
  return true;
}

void Check(std::string_view input) {
  const std::vector<std::string> parts = Split(input);
  const auto read = [&parts](const std::string& path,
                             size_t max_octets) -> absl::StatusOr<std::string> {
    for (size_t i = 0; i < parts.size(); ++i) {
      if (path != "/" + std::to_string(i)) continue;
      if (parts[i].size() > max_octets) break;
      return parts[i];
    }
    return absl::NotFoundError("No such file or directory");
  };
  // A key that stands in a table.
  LoadKeyText(parts.back(), KeyPolicy()).status().IgnoreError();
  for (const Dialect dialect : {Dialect::kOpenDkim, Dialect::kPostseal}) {
    const LoadedConfig loaded = ReadConfigBy("/0", dialect, read);
    bool error = false;
    for (const Diagnostic& diagnostic : loaded.diagnostics) {
      error = error || diagnostic.severity == Severity::kError;
      POSTSEAL_CHECK(IsPrintable(Print(diagnostic)));
    }
    POSTSEAL_CHECK(loaded.ok == !error);
    POSTSEAL_CHECK(IsPrintable(DescribeConfig(loaded)));
    // No key is loaded: whoever matches has a fault for it and no signature.
    const SigningChoice choice = loaded.signing.Choose("alice", "a.example.com");
    POSTSEAL_CHECK(choice.jobs.empty());
    POSTSEAL_CHECK(choice.matched == !choice.faults.empty());
    const auto address = dns::IpAddress::Parse("192.0.2.1");
    loaded.config.internal_hosts.Matches(address, "mail.example.com");
    loaded.config.peer_list.Matches(address, "mail.example.com");
  }
}

}  // namespace
}  // namespace postseal::milter

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::milter::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
