// ReadConfig: OpenDKIM's configuration file as it stands, or our own, to Config and
// SigningTables.
//
//   LoadedConfig loaded = ReadConfig("/etc/opendkim.conf", Dialect::kOpenDkim);
//   for (const Diagnostic& d : loaded.diagnostics) log(Print(d));
//   if (!loaded.ok) return EX_CONFIG;
//   ... become config.user, then:
//   for (const Diagnostic& d : loaded.LoadKeys()) log(Print(d));
#ifndef POSTSEAL_MILTER_CONFIG_FILE_H_
#define POSTSEAL_MILTER_CONFIG_FILE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "milter/config.h"
#include "milter/diagnostic.h"
#include "milter/key_file.h"
#include "milter/signing_tables.h"
#include "milter/text_file.h"

namespace postseal::milter {

// Dialect: the two have one syntax and one set of names. They differ in what is
// signed, and how, where the file does not say: as OpenDKIM does, or as is best.
enum class Dialect : uint8_t { kOpenDkim, kPostseal };

// Meaning is what a line of the configuration comes to.
struct Meaning {
  std::string name;
  std::string value;  // as written, but for passwords
  Place place;
  std::string text;
};

// TableSize is how many rows the data set of a directive has.
struct TableSize {
  std::string directive;
  Place place;  // the file with the rows; of a list, the directive
  size_t rows = 0;
};

// LoadedConfig is all that the files say.
struct LoadedConfig {
  Config config;
  // Without keys until LoadKeys.
  SigningTables signing;
  KeyPolicy key_policy;
  // One key for all (KeyFile): without it OpenDKIM does not start.
  bool single_key = false;
  std::vector<Diagnostic> diagnostics;
  std::vector<Meaning> meanings;
  // Of every data set that was read.
  std::vector<TableSize> tables;
  // No diagnostic is an error.
  bool ok = false;

  // HasFaults says that a row of a table, or a key that LoadKeys loaded, cannot be used.
  bool HasFaults() const {
    return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) {
      return diagnostic.severity == Severity::kFault;
    });
  }

  // LoadKeys loads the keys as the user that the process now runs as. |previous| is what
  // was in use before a reload: keys that have not changed are taken from it.
  std::vector<Diagnostic> LoadKeys(const LoadedConfig* previous = nullptr) {
    return signing.LoadKeys(key_policy, previous == nullptr ? nullptr : &previous->signing);
  }
};

// ReadConfig reads |path|, what it includes and the tables it names.
LoadedConfig ReadConfig(const std::string& path, Dialect dialect);

// ReadConfigBy is ReadConfig that reads every file by |read|.
LoadedConfig ReadConfigBy(const std::string& path, Dialect dialect, const FileReader& read);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_CONFIG_FILE_H_
