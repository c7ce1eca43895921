#include "milter/setup_loader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/ascii.h"
#include "base/escape.h"
#include "dns/zone_resolver.h"
#include "milter/text_file.h"

namespace postseal::milter {
namespace {

// kMaxFaultLines bounds the lines of the log about the faults of one reload.
constexpr size_t kMaxFaultLines = 20;

LogLevel LevelOf(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return LogLevel::kError;
    case Severity::kFault:
    case Severity::kWarning:
      return LogLevel::kWarning;
    case Severity::kNote:
      return LogLevel::kInfo;
  }
  return LogLevel::kInfo;
}

std::string FaultKey(const Diagnostic& diagnostic) {
  return absl::StrCat(diagnostic.place.file, ": ", diagnostic.text);
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

LoadedConfig SetupLoader::ReadFiles() {
  stamps_.clear();
  return ReadConfigBy(path_, dialect_, [this](const std::string& path, size_t max_octets) {
    stamps_.try_emplace(path, FileWatch::Look(path));
    return ReadTextFile(path, max_octets);
  });
}

LoadedConfig SetupLoader::Read() {
  LoadedConfig loaded = ReadFiles();
  started_with_ = RestartValues(loaded.config);
  return loaded;
}

void SetupLoader::LoadKeys(LoadedConfig* loaded) {
  for (const KeyRow& row : loaded->signing.key_table().rows()) {
    // A "%" is not known yet, and those files are looked at when they have been read.
    if (row.path.empty() || row.path.find('%') != std::string::npos) continue;
    stamps_.try_emplace(row.path, FileWatch::Look(row.path));
  }
  for (Diagnostic& diagnostic : loaded->signing.LoadKeys(loaded->key_policy, last_tables_.get())) {
    loaded->diagnostics.push_back(std::move(diagnostic));
  }
}

absl::StatusOr<std::shared_ptr<const Setup>> SetupLoader::Finish(LoadedConfig loaded) {
  // Those of Read are logged already.
  const size_t known = loaded.diagnostics.size();
  LoadKeys(&loaded);
  for (size_t i = known; i < loaded.diagnostics.size(); ++i) {
    const Diagnostic& diagnostic = loaded.diagnostics[i];
    if (diagnostic.severity == Severity::kError) {
      return absl::InvalidArgumentError(Print(diagnostic));
    }
    log_->Write(LevelOf(diagnostic.severity), Print(diagnostic));
  }
  // In another root the files are others than those that were read.
  if (!loaded.config.change_root_directory.empty()) stamps_.clear();
  WarnOfUnreadable(loaded);
  return Make(std::move(loaded));
}

absl::StatusOr<std::shared_ptr<const Setup>> SetupLoader::Make(LoadedConfig loaded) {
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
  Note(loaded);
  setup->config = std::move(loaded.config);
  setup->signing = std::make_shared<const SigningTables>(std::move(loaded.signing));
  last_tables_ = setup->signing;
  setup->facts = facts_;
  if (setup->config.check_published_keys) setup->published_keys = published_keys_;
  setup->MakeOptions();
  return std::shared_ptr<const Setup>(std::move(setup));
}

void SetupLoader::Note(const LoadedConfig& loaded) {
  faults_.clear();
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.severity == Severity::kFault) faults_.insert(FaultKey(diagnostic));
  }
  tables_ = loaded.tables;
  had_settings_ = !loaded.meanings.empty();
  FileWatch::Stamps stamps;
  for (const std::string& file : FilesOf(path_, loaded)) {
    const auto it = stamps_.find(file);
    stamps.emplace(file, it == stamps_.end() ? FileWatch::Look(file) : it->second);
  }
  watch_.Watch(std::move(stamps));
}

absl::Status SetupLoader::CheckReload(const LoadedConfig& loaded) const {
  if (loaded.meanings.empty() && had_settings_) {
    return absl::FailedPreconditionError(absl::StrCat(
        base::Escape(path_), ": the file says nothing any more; restart if that is meant"));
  }
  for (const TableSize& table : loaded.tables) {
    const auto before =
        std::find_if(tables_.begin(), tables_.end(), [&table](const TableSize& one) {
          return base::EqualsIgnoreCase(one.directive, table.directive);
        });
    if (table.rows > 0 || before == tables_.end() || before->rows == 0) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(Print(table.place), ": ", table.directive, " has no row any more, and has ",
                     before->rows, " in use; restart if that is meant"));
  }
  const Diagnostic* first = nullptr;
  size_t count = 0;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.severity != Severity::kFault || faults_.contains(FaultKey(diagnostic))) continue;
    if (first == nullptr) first = &diagnostic;
    if (++count <= kMaxFaultLines) log_->Write(LogLevel::kError, Print(diagnostic));
  }
  if (first == nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(Print(*first), count > 1 ? absl::StrCat(" (and ", count - 1, " more)") : ""));
}

absl::StatusOr<std::shared_ptr<const Setup>> SetupLoader::Reload() {
  LoadedConfig loaded = ReadFiles();
  absl::Status status;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.severity != Severity::kError) continue;
    status = absl::InvalidArgumentError(Print(diagnostic));
    break;
  }
  if (status.ok()) {
    LoadKeys(&loaded);
    status = CheckReload(loaded);
  }
  if (!status.ok()) {
    watch_.WatchMore(stamps_);
    return status;
  }
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.severity <= Severity::kWarning) {
      log_->Write(LevelOf(diagnostic.severity), Print(diagnostic));
    }
  }
  const std::string changed = ChangedNames(started_with_, RestartValues(loaded.config));
  auto setup = Make(std::move(loaded));
  if (!setup.ok()) {
    watch_.WatchMore(stamps_);
  } else if (!changed.empty()) {
    log_->Write(LogLevel::kWarning,
                absl::StrCat("these directives changed, and take a restart: ", changed));
  }
  return setup;
}

void SetupLoader::WarnOfUnreadable(const LoadedConfig& loaded) {
  std::set<std::string> files = {path_};
  for (const Meaning& meaning : loaded.meanings) files.insert(meaning.place.file);
  for (const TableSize& table : loaded.tables) files.insert(table.place.file);
  for (const std::string& file : files) {
    if (access(file.c_str(), R_OK) == 0) continue;
    log_->Write(LogLevel::kWarning,
                absl::StrCat(base::Escape(file, base::NonAscii::kPassGraphic), ": ",
                             std::strerror(errno), ": a reload will not be able to read it",
                             loaded.config.change_root_directory.empty()
                                 ? ", since it is not readable by the user that we run as"
                                 : ", since ChangeRootDirectory does not contain it"));
  }
}

std::set<std::string> FilesOf(const std::string& path, const LoadedConfig& loaded) {
  std::set<std::string> files = {path};
  const auto add = [&files](const std::string& file) {
    if (!file.empty()) files.insert(file);
  };
  for (const Meaning& meaning : loaded.meanings) add(meaning.place.file);
  for (const TableSize& table : loaded.tables) add(table.place.file);
  for (const LoadedKey& key : loaded.signing.keys()) add(key.path);
  for (const ZoneText& zone : loaded.config.zones) add(zone.file_name);
  return files;
}

}  // namespace postseal::milter
