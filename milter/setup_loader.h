// SetupLoader: from a configuration file to a Setup, at the start and for each reload.
#ifndef POSTSEAL_MILTER_SETUP_LOADER_H_
#define POSTSEAL_MILTER_SETUP_LOADER_H_

#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "milter/config_file.h"
#include "milter/diagnostic.h"
#include "milter/file_watch.h"
#include "milter/log.h"
#include "milter/published_keys.h"
#include "milter/restart_values.h"
#include "milter/setup.h"
#include "store/fact.h"

namespace postseal::milter {

// SetupLoader is for one thread. At the start Read comes first, then Finish:
//
//   SetupLoader loader(path, dialect, &log);
//   LoadedConfig loaded = loader.Read();
//   ... open sockets, become another user ...
//   auto setup = loader.Finish(std::move(loaded));
//
// A reload counts as a whole or not at all. It is refused, and the error says why, when
//
//   - the configuration has an error, as at the start;
//   - a row of a table or a key cannot be used, and the setup in use has no such fault:
//     that one could be loaded, so the new state is not what somebody wanted;
//   - a table that has rows in use has none any more, or the configuration file is empty:
//     that is what a full disk and a program that is just writing leave.
class SetupLoader {
 public:
  // |log| takes warnings; it outlives the loader.
  SetupLoader(std::string path, Dialect dialect, Log* log)
      : path_(std::move(path)), dialect_(dialect), log_(log) {}

  // Read reads the configuration, for the start.
  LoadedConfig Read();

  // Finish makes a Setup of |loaded|, from Read: it loads the keys as the user that the
  // process now is, and zone files. The error names the file and what is wrong. What a
  // reload would not be able to read is logged.
  absl::StatusOr<std::shared_ptr<const Setup>> Finish(LoadedConfig loaded);

  // UseFacts makes |facts| the sink of every setup from now on. It outlives them.
  void UseFacts(store::FactSink* facts) { facts_ = facts; }

  // UsePublishedKeys makes every setup from now on ask |keys|, if its configuration says
  // so. They outlive them.
  void UsePublishedKeys(const PublishedKeys* keys) { published_keys_ = keys; }

  // Reload reads the configuration again, and finishes it. Directives that changed and
  // that take a restart are named in the log.
  absl::StatusOr<std::shared_ptr<const Setup>> Reload();

  // HasChanged: see FileWatch. The files are those of the setup in use, and those of a
  // reload that failed.
  bool HasChanged() { return watch_.HasChanged(); }

 private:
  // Faults are the texts of diagnostics, without the line, which a change above moves.
  using Faults = std::set<std::string>;

  LoadedConfig ReadFiles();
  absl::StatusOr<std::shared_ptr<const Setup>> Make(LoadedConfig loaded);
  // LoadKeys loads the keys of |loaded|, and adds what is wrong to its diagnostics.
  void LoadKeys(LoadedConfig* loaded);
  // CheckReload is the error that refuses |loaded| at a reload.
  absl::Status CheckReload(const LoadedConfig& loaded) const;
  // Note remembers |loaded|, which is in use from now on.
  void Note(const LoadedConfig& loaded);
  void WatchFiles(const LoadedConfig& loaded);
  void WarnOfUnreadable(const LoadedConfig& loaded);

  const std::string path_;
  const Dialect dialect_;
  Log* const log_;
  // Of the setup in use: keys, which a reload takes over as far as their files are the
  // same, the faults it lives with, and its tables.
  std::shared_ptr<const SigningTables> last_tables_;
  Faults faults_;
  std::vector<TableSize> tables_;
  bool had_settings_ = false;
  // What the process started with.
  std::vector<RestartValue> started_with_;
  store::FactSink* facts_ = nullptr;
  const PublishedKeys* published_keys_ = nullptr;
  // Of the files of the last ReadFiles, from before each was read.
  FileWatch::Stamps stamps_;
  FileWatch watch_;
};

// FilesOf returns the files that |loaded| was read from, keys included.
std::set<std::string> FilesOf(const std::string& path, const LoadedConfig& loaded);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_SETUP_LOADER_H_
