// SetupLoader: from a configuration file to a Setup, at the start and for each reload.
#ifndef POSTSEAL_MILTER_SETUP_LOADER_H_
#define POSTSEAL_MILTER_SETUP_LOADER_H_

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "milter/config.h"
#include "milter/config_file.h"
#include "milter/file_watch.h"
#include "milter/log.h"
#include "milter/published_keys.h"
#include "milter/setup.h"
#include "store/fact.h"

namespace postseal::milter {

// SetupLoader is for one thread.
class SetupLoader {
 public:
  // |log| takes warnings; it outlives the loader.
  SetupLoader(std::string path, Dialect dialect, Log* log)
      : path_(std::move(path)), dialect_(dialect), log_(log) {}

  // Finish makes a Setup of |loaded|: it loads the keys as the user that the process
  // now is, and zone files. The error names the file and what is wrong.
  absl::StatusOr<std::shared_ptr<const Setup>> Finish(LoadedConfig loaded);

  // UseFacts makes |facts| the sink of every setup from now on. It outlives them.
  void UseFacts(store::FactSink* facts) { facts_ = facts; }

  // UsePublishedKeys makes every setup from now on ask |keys|, if its configuration says
  // so. They outlive them.
  void UsePublishedKeys(const PublishedKeys* keys) { published_keys_ = keys; }

  // Reload reads the configuration again, and finishes it.
  absl::StatusOr<std::shared_ptr<const Setup>> Reload();

  // HasChanged: see FileWatch. The files are those of the last Finish.
  bool HasChanged() { return watch_.HasChanged(); }

 private:
  // NameServersOf returns what Setup::name_servers is with |config|, and logs when it is not
  // what it was.
  std::vector<std::string> NameServersOf(const Config& config);

  const std::string path_;
  const Dialect dialect_;
  Log* const log_;
  // Whose keys a reload takes over, as far as their files are the same.
  std::shared_ptr<const SigningTables> last_tables_;
  store::FactSink* facts_ = nullptr;
  const PublishedKeys* published_keys_ = nullptr;
  std::optional<std::vector<std::string>> last_name_servers_;
  FileWatch watch_;
};

// FilesOf returns the files that |loaded| was read from, keys included.
std::set<std::string> FilesOf(const std::string& path, const LoadedConfig& loaded);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_SETUP_LOADER_H_
