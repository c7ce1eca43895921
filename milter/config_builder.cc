#include "milter/config_builder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "dns/address.h"
#include "milter/address_table.h"
#include "milter/config.h"
#include "milter/data_set.h"
#include "milter/host_list.h"
#include "milter/own_networks.h"
#include "milter/setting.h"
#include "milter/socket_address.h"
#include "milter/text_file.h"

namespace postseal::milter {
namespace {

// IsWide says that |entry| is a network that no single operator sends from: larger than
// any that registries hand out, and not private.
bool IsWide(const HostList::Entry& entry) {
  constexpr int kLeastBitsV4 = 8;
  constexpr int kLeastBitsV6 = 16;
  if (!entry.network.has_value() || entry.negated) return false;
  const dns::Prefix& network = *entry.network;
  if (network.bits >= (network.address.is_v4() ? kLeastBitsV4 : kLeastBitsV6)) return false;
  for (const dns::Prefix& one : PrivateNetworks()) {
    if (one.bits <= network.bits && one.Contains(network.address)) return false;
  }
  return true;
}

}  // namespace

void ConfigBuilder::Remember(const Setting& setting) {
  settings_[base::ToLower(setting.name)] = setting;
}

const Setting* ConfigBuilder::Find(std::string_view name) const {
  const auto it = settings_.find(base::ToLower(name));
  return it == settings_.end() ? nullptr : &it->second;
}

bool ConfigBuilder::IsYes(std::string_view name) const {
  const Setting* const setting = Find(name);
  return setting != nullptr && ParseBoolean(setting->value).value_or(false);
}

void ConfigBuilder::Illegal(const Setting& setting, std::string_view wanted) {
  Error(setting, absl::StrCat("illegal value \"", HideSecrets(setting.name, setting.value),
                              "\" of ", setting.name, ": ", wanted));
}

std::string ConfigBuilder::HideSecrets(std::string_view name, const std::string& value) {
  constexpr std::string_view kHidden = "(hidden)";
  if (base::EqualsIgnoreCase(name, "LDAPBindPassword")) return std::string(kHidden);
  if (base::EqualsIgnoreCase(name, "KeyTable") && value.find('=') != std::string::npos) {
    return "(a list of keys)";  // which may stand in it themselves
  }
  const size_t scheme = value.find("://");
  if (scheme == std::string::npos) return value;
  std::string shown = value;
  const size_t authority = scheme + 3;
  const size_t colon = shown.find(':', authority);
  // The last "@" ends a password: it may hold one that was not escaped.
  const size_t at = shown.rfind('@');
  if (colon != std::string::npos && at != std::string::npos && colon < at) {
    shown.replace(colon + 1, at - colon - 1, kHidden);
  }
  constexpr std::string_view kParameter = "password=";
  if (const size_t begin = shown.find(kParameter); begin != std::string::npos) {
    const size_t from = begin + kParameter.size();
    const size_t end = std::min(shown.find('&', from), shown.size());
    shown.replace(from, end - from, kHidden);
  }
  return shown;
}

std::optional<bool> ConfigBuilder::ParseBoolean(std::string_view value) {
  switch (value.empty() ? '\0' : base::ToLower(value.front())) {
    case 't':
    case 'y':
    case '1':
      return true;
    case 'f':
    case 'n':
    case '0':
      return false;
    default:
      return std::nullopt;
  }
}

void ConfigBuilder::Boolean(const Setting& setting, bool* target) {
  // What it is was checked with the form of all values.
  *target = ParseBoolean(setting.value).value_or(*target);
}

std::optional<uint32_t> ConfigBuilder::Integer(const Setting& setting, uint32_t max) {
  const std::optional<uint32_t> value = dns::ParseDecimal(setting.value, max);
  if (!value.has_value()) Illegal(setting, absl::StrCat("a number from 0 to ", max));
  return value;
}

void ConfigBuilder::ReadAction(const Setting& setting, std::optional<Action>* target) {
  struct Word {
    std::string_view word;
    Action action;
  };
  for (const Word& word : {Word{"accept", Action::kAccept}, Word{"discard", Action::kDiscard},
                           Word{"quarantine", Action::kQuarantine}, Word{"reject", Action::kReject},
                           Word{"tempfail", Action::kTempfail}}) {
    if (base::EqualsIgnoreCase(setting.value, word.word) ||
        base::EqualsIgnoreCase(setting.value, word.word.substr(0, 1))) {
      *target = word.action;
      return;
    }
  }
  Illegal(setting, "accept, discard, quarantine, reject or tempfail");
}

void ConfigBuilder::Socket(const Setting& setting, std::optional<SocketAddress>* target) {
  absl::StatusOr<SocketAddress> address = SocketAddress::Parse(setting.value);
  if (!address.ok()) return Illegal(setting, address.status().message());
  *target = *std::move(address);
}

std::optional<DataSet> ConfigBuilder::ReadData(const Setting& setting) {
  absl::StatusOr<DataSet> set =
      ReadDataSet(setting.value, setting.place, config()->base_directory, read_);
  if (set.ok()) {
    Place place = set->kind == DataSet::Kind::kList ? setting.place : Place{set->file};
    loaded_->tables.push_back({setting.name, std::move(place), set->rows.size()});
    return *std::move(set);
  }
  Error(setting, absl::StrCat(setting.name, ": ", set.status().message()));
  return std::nullopt;
}

std::optional<std::string> ConfigBuilder::ReadFile(const Setting& setting, size_t max_octets) {
  const std::string path = InBase(setting.value);
  absl::StatusOr<std::string> text = read_(path, max_octets);
  if (text.ok()) return *std::move(text);
  Error(setting, absl::StrCat(setting.name, ": ", path, ": ", text.status().message()));
  return std::nullopt;
}

std::string ConfigBuilder::InBase(std::string_view path) const {
  return PathBelow(loaded_->config.base_directory, path);
}

void ConfigBuilder::WarnOfEveryone(const HostList::Entry& entry, const HostList* target,
                                   const DataSet& set, const DataRow& row) {
  struct Consequence {
    const HostList* target;
    std::string_view text;
  };
  if (!entry.is_everyone() || entry.negated) return;
  for (const Consequence& one :
       {Consequence{&config()->peer_list, "PeerList is everyone: no mail is signed or verified"},
        Consequence{&config()->ignore_hosts,
                    "IgnoreHosts is everyone: no mail is evaluated for SPF or DMARC"},
        Consequence{&config()->trusted_relays,
                    "TrustedRelays is everyone: strangers are treated as our own relays"}}) {
    if (one.target != target) continue;
    Say(Severity::kWarning, set.PlaceOf(row), absl::StrCat("\"", row.key, "\" in ", one.text));
  }
}

void ConfigBuilder::Hosts(const Setting& setting, HostList* target) {
  const std::optional<DataSet> set = ReadData(setting);
  if (!set.has_value()) return;
  HostList hosts;
  for (const DataRow& row : set->rows) {
    const absl::StatusOr<HostList::Entry> entry = HostList::ParseEntry(row.key);
    if (entry.ok()) WarnOfEveryone(*entry, target, *set, row);
    absl::Status status = entry.ok() ? hosts.Add(*entry) : entry.status();
    if (status.ok()) continue;
    // OpenDKIM takes any text, which then matches nothing.
    Say(Severity::kFault, set->PlaceOf(row),
        absl::StrCat("\"", row.key, "\" in ", setting.name,
                     " matches nothing: ", status.message()));
  }
  *target = std::move(hosts);
}

void ConfigBuilder::InternalHosts(const Setting& setting) {
  const std::optional<DataSet> set = ReadData(setting);
  if (!set.has_value()) return;
  const bool from_anywhere = IsYes("AllowSignFromAnywhere");
  HostList hosts;
  for (const DataRow& row : set->rows) {
    const absl::StatusOr<HostList::Entry> entry = HostList::ParseEntry(row.key);
    if (entry.ok() && !from_anywhere && entry->is_everyone() && !entry->negated) {
      AddOwnNetworks(&hosts);
      Say(Severity::kWarning, set->PlaceOf(row),
          absl::StrCat(
              "\"", row.key,
              "\" in InternalHosts is everyone: whoever writes one of our domains into From "
              "would have it signed. It is taken as the addresses of this machine and private "
              "networks. List the networks that send for us instead, or say "
              "AllowSignFromAnywhere yes to mean everyone"));
      continue;
    }
    if (entry.ok() && !from_anywhere && IsWide(*entry)) {
      Say(Severity::kWarning, set->PlaceOf(row),
          absl::StrCat("\"", row.key,
                       "\" in InternalHosts is a very large network: each client in it that writes "
                       "one of our domains into From has the mail signed. List the networks that "
                       "send for us instead"));
    }
    absl::Status status = entry.ok() ? hosts.Add(*entry) : entry.status();
    if (status.ok()) continue;
    Say(Severity::kFault, set->PlaceOf(row),
        absl::StrCat("\"", row.key, "\" in InternalHosts matches nothing: ", status.message()));
  }
  config()->internal_hosts = std::move(hosts);
}

void ConfigBuilder::AddOwnNetworks(HostList* target) {
  for (const auto& networks : {PrivateNetworks(), InterfaceAddresses()}) {
    for (const dns::Prefix& network : networks) {
      HostList::Entry entry;
      entry.network = network;
      target->Add(entry).IgnoreError();  // only patterns have a limit
    }
  }
}

void ConfigBuilder::Names(const Setting& setting, std::vector<std::string>* target) {
  const std::optional<DataSet> set = ReadData(setting);
  if (!set.has_value()) return;
  target->clear();
  for (const DataRow& row : set->rows) target->push_back(row.key);
}

void ConfigBuilder::Addresses(const Setting& setting, AddressTable* target) {
  const std::optional<DataSet> set = ReadData(setting);
  if (!set.has_value()) return;
  AddressTable table(set->kind == DataSet::Kind::kPatterns ? AddressTable::Kind::kPatterns
                                                           : AddressTable::Kind::kExact);
  uint32_t number = 0;
  for (const DataRow& row : set->rows) {
    if (absl::Status status = table.Add(row.key, number++); !status.ok()) {
      Say(Severity::kError, set->PlaceOf(row), std::string(status.message()));
    }
  }
  *target = std::move(table);
}

}  // namespace postseal::milter
