#include "milter/setup_loader.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/escape.h"
#include "dns/zone_resolver.h"
#include "milter/diagnostic.h"
#include "milter/resolv_conf.h"
#include "milter/text_file.h"

namespace postseal::milter {
namespace {

LogLevel LevelOf(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return LogLevel::kError;
    case Severity::kWarning:
      return LogLevel::kWarning;
    case Severity::kNote:
      return LogLevel::kInfo;
  }
  return LogLevel::kInfo;
}

absl::StatusOr<std::shared_ptr<const dns::ZoneResolver>> ReadZones(
    const std::vector<ZoneText>& zones) {
  if (zones.empty()) return std::shared_ptr<const dns::ZoneResolver>();
  auto resolver = std::make_shared<dns::ZoneResolver>();
  for (const ZoneText& zone : zones) {
    if (absl::Status status = resolver->AddText(zone.text, zone.file_name); !status.ok()) {
      return status;
    }
  }
  return std::shared_ptr<const dns::ZoneResolver>(std::move(resolver));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Setup>> SetupLoader::Finish(LoadedConfig loaded) {
  for (const Diagnostic& diagnostic :
       loaded.signing.LoadKeys(loaded.key_policy, last_tables_.get())) {
    if (diagnostic.severity == Severity::kError) {
      return absl::InvalidArgumentError(Print(diagnostic));
    }
    log_->Write(LevelOf(diagnostic.severity), Print(diagnostic));
  }
  std::set<std::string> files = FilesOf(path_, loaded);
  if (loaded.config.zones.empty() && loaded.config.nameservers.empty()) files.insert(kResolvConf);
  watch_.Watch(files);
  if (loaded.single_key && !loaded.signing.keys().empty() &&
      loaded.signing.keys().front().key == nullptr) {
    // There is no other key that could work.
    return absl::InvalidArgumentError(
        absl::StrCat("KeyFile: ", base::Escape(loaded.signing.keys().front().fault)));
  }
  auto setup = std::make_shared<Setup>();
  absl::StatusOr<std::shared_ptr<const dns::ZoneResolver>> zone = ReadZones(loaded.config.zones);
  if (!zone.ok()) return zone.status();
  setup->zone = *std::move(zone);
  setup->config = std::move(loaded.config);
  if (setup->zone == nullptr) setup->name_servers = NameServersOf(setup->config);
  setup->signing = std::make_shared<const SigningTables>(std::move(loaded.signing));
  last_tables_ = setup->signing;
  setup->facts = facts_;
  if (setup->config.check_published_keys) setup->published_keys = published_keys_;
  setup->MakeOptions();
  return std::shared_ptr<const Setup>(std::move(setup));
}

std::vector<std::string> SetupLoader::NameServersOf(const Config& config) {
  std::vector<std::string> servers = config.nameservers;
  if (servers.empty()) {
    absl::StatusOr<std::string> text = ReadTextFile(kResolvConf, kMaxResolvConfOctets);
    if (text.ok()) {
      servers = ParseResolvConf(*text);
    } else {
      log_->Write(LogLevel::kWarning,
                  absl::StrCat(kResolvConf, " cannot be read: ", text.status().message()));
      // What is asked already goes on being asked.
      servers = last_name_servers_.value_or(servers);
    }
  }
  if (last_name_servers_.has_value() && *last_name_servers_ != servers) {
    const auto print = [](const std::vector<std::string>& names) {
      return names.empty() ? "none" : base::Escape(absl::StrJoin(names, ", "));
    };
    log_->Write(LogLevel::kNotice, absl::StrCat("name servers: ", print(servers),
                                                "; before: ", print(*last_name_servers_)));
  }
  last_name_servers_ = servers;
  return servers;
}

absl::StatusOr<std::shared_ptr<const Setup>> SetupLoader::Reload() {
  LoadedConfig loaded = ReadConfig(path_, dialect_);
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.severity == Severity::kError) {
      return absl::InvalidArgumentError(Print(diagnostic));
    }
    if (diagnostic.severity == Severity::kWarning) {
      log_->Write(LogLevel::kWarning, Print(diagnostic));
    }
  }
  return Finish(std::move(loaded));
}

std::set<std::string> FilesOf(const std::string& path, const LoadedConfig& loaded) {
  std::set<std::string> files = {path};
  const auto add = [&files](const std::string& file) {
    if (!file.empty()) files.insert(file);
  };
  for (const Meaning& meaning : loaded.meanings) add(meaning.place.file);
  for (const SigningRow& row : loaded.signing.signing_table().rows()) add(row.place.file);
  for (const KeyRow& row : loaded.signing.key_table().rows()) add(row.place.file);
  for (const LoadedKey& key : loaded.signing.keys()) add(key.path);
  for (const ZoneText& zone : loaded.config.zones) add(zone.file_name);
  return files;
}

}  // namespace postseal::milter
