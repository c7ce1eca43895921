// ConfigBuilder: values of settings, checked and put where they belong. Used by
// milter/directive.cc, which says which directive is put where, and config_file.cc.
#ifndef POSTSEAL_MILTER_CONFIG_BUILDER_H_
#define POSTSEAL_MILTER_CONFIG_BUILDER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "milter/address_table.h"
#include "milter/config.h"
#include "milter/config_file.h"
#include "milter/data_set.h"
#include "milter/diagnostic.h"
#include "milter/host_list.h"
#include "milter/setting.h"
#include "milter/socket_address.h"
#include "milter/text_file.h"

namespace postseal::milter {

// kMaxSeconds bounds times and the like: a hundred years, in seconds.
inline constexpr uint32_t kMaxSeconds = 3'153'600'000;

class ConfigBuilder {
 public:
  // |read| and |loaded| outlive the builder.
  ConfigBuilder(Dialect dialect, const FileReader& read, LoadedConfig* loaded)
      : loaded_(loaded), read_(read), dialect_(dialect) {}

  Config* config() { return &loaded_->config; }
  LoadedConfig* loaded() { return loaded_; }
  Dialect dialect() const { return dialect_; }

  // Remember keeps |setting|, so that Find finds it: the last of a name counts.
  void Remember(const Setting& setting);
  const Setting* Find(std::string_view name) const;
  // IsYes says whether |name| is there and positive.
  bool IsYes(std::string_view name) const;

  // Error, Warning and Note say |text| of |setting|.
  void Error(const Setting& setting, std::string text) {
    Say(Severity::kError, setting.place, std::move(text));
  }
  void Warning(const Setting& setting, std::string text) {
    Say(Severity::kWarning, setting.place, std::move(text));
  }
  void Note(const Setting& setting, std::string text) {
    Say(Severity::kNote, setting.place, std::move(text));
  }
  void Say(Severity severity, const Place& place, std::string text) {
    loaded_->diagnostics.push_back({severity, place, std::move(text)});
  }
  // Illegal is the error of a value: "illegal value", and what is wanted.
  void Illegal(const Setting& setting, std::string_view wanted);

  // HideSecrets is |value| of the directive |name| without passwords and keys.
  static std::string HideSecrets(std::string_view name, const std::string& value);

  // ParseBoolean reads what OpenDKIM takes for one: the first letter counts, of T, Y
  // and 1, or F, N and 0, in either case.
  static std::optional<bool> ParseBoolean(std::string_view value);

  // These read a value into |target|, or say that it is illegal.
  void Boolean(const Setting& setting, bool* target);
  std::optional<uint32_t> Integer(const Setting& setting, uint32_t max);
  void ReadAction(const Setting& setting, std::optional<Action>* target);
  void Socket(const Setting& setting, std::optional<SocketAddress>* target);
  void Hosts(const Setting& setting, HostList* target);
  // InternalHosts is Hosts in which a network of everyone stands for this machine's
  // addresses and private networks, unless AllowSignFromAnywhere.
  void InternalHosts(const Setting& setting);
  void Names(const Setting& setting, std::vector<std::string>* target);
  void Addresses(const Setting& setting, AddressTable* target);

  // ReadData reads a data set, or says what is wrong with it. How many rows it has is
  // noted in LoadedConfig::tables.
  std::optional<DataSet> ReadData(const Setting& setting);
  // ReadFile is the text of the file that |setting| names.
  std::optional<std::string> ReadFile(const Setting& setting, size_t max_octets);
  // InBase is |path| below BaseDirectory, if it is relative and there is one.
  std::string InBase(std::string_view path) const;

 private:
  void AddOwnNetworks(HostList* target);
  // WarnOfEveryone warns of an |entry| of |target| that holds for every client.
  void WarnOfEveryone(const HostList::Entry& entry, const HostList* target, const DataSet& set,
                      const DataRow& row);

  LoadedConfig* const loaded_;
  const FileReader& read_;
  const Dialect dialect_;
  absl::flat_hash_map<std::string, Setting> settings_;  // by name in lower case
};

// BuildSigning reads what KeyTable, SigningTable, Domain, KeyFile, SignHeaders and the
// rest say together.
void BuildSigning(ConfigBuilder* builder);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_CONFIG_BUILDER_H_
