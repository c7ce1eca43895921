// A list of hosts decides as a search through all of its entries does. The first text is a
// client's address, the second its name, the third the list, an entry a line.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "base/ascii.h"
#include "base/check.h"
#include "base/fuzz_input.h"
#include "dns/address.h"
#include "dns/name.h"
#include "milter/glob.h"
#include "milter/host_list.h"

namespace postseal::milter {
namespace {

using Entries = std::vector<HostList::Entry>;

// Decide is nullopt when no entry of |found| is there; a negated one counts.
std::optional<bool> Decide(const Entries& found) {
  if (found.empty()) return std::nullopt;
  return std::none_of(found.begin(), found.end(), [](const auto& entry) { return entry.negated; });
}

template <typename Holds>
std::optional<bool> Search(const Entries& entries, Holds holds) {
  Entries found;
  std::copy_if(entries.begin(), entries.end(), std::back_inserter(found), holds);
  return Decide(found);
}

bool Matches(const Entries& entries, const std::optional<dns::IpAddress>& address,
             std::string_view host) {
  const bool has_name =
      !host.empty() && host.front() != '[' && host.size() <= dns::Name::kMaxOctets + 1;
  const std::string name =
      has_name ? base::ToLower(base::StripTrailing(host, base::CharSet("."))) : "";
  // The name, then each of its domains, with its dot.
  std::vector<std::string> names = {name};
  for (size_t dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1)) {
    names.push_back(name.substr(dot));
  }
  for (const std::string& one : names) {
    const auto found = Search(entries, [&one](const HostList::Entry& entry) {
      return !entry.network.has_value() && !entry.is_glob && entry.name == one;
    });
    if (found.has_value()) return *found;
  }
  if (address.has_value()) {
    for (int bits = address->bit_count(); bits >= 0; --bits) {
      const auto found = Search(entries, [&](const HostList::Entry& entry) {
        return entry.network.has_value() && entry.network->bits == bits &&
               entry.network->Contains(*address);
      });
      if (found.has_value()) return *found;
    }
  }
  const std::string literal = address.has_value() ? address->Print() : "";
  const auto found = Search(entries, [&](const HostList::Entry& entry) {
    return entry.is_glob && ((!name.empty() && GlobMatches(entry.name, name)) ||
                             (!literal.empty() && GlobMatches(entry.name, literal)));
  });
  return found.value_or(false);
}

void Check(base::FuzzInput input) {
  std::optional<dns::IpAddress> address = dns::IpAddress::Parse(input.Text());
  if (address.has_value()) address = address->Unmapped();
  const std::string_view host = input.Text();
  HostList list;
  Entries entries;
  for (const std::string_view line : absl::StrSplit(input.Rest(), '\n')) {
    const absl::StatusOr<HostList::Entry> entry = HostList::ParseEntry(line);
    if (!entry.ok()) {
      const std::string_view words = entry.status().message();
      POSTSEAL_CHECK(base::AllIn(words, base::CharSet::Range(0x20, 0x7E)));
      continue;
    }
    if (list.Add(*entry).ok()) entries.push_back(*entry);
  }
  POSTSEAL_CHECK(list.Matches(address, host) == Matches(entries, address, host));
}

}  // namespace
}  // namespace postseal::milter

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  postseal::milter::Check(postseal::base::FuzzInput(data, size));
  return 0;
}
