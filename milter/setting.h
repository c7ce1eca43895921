// Setting: a line of a configuration file, read but not yet understood.
#ifndef POSTSEAL_MILTER_SETTING_H_
#define POSTSEAL_MILTER_SETTING_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "milter/diagnostic.h"
#include "milter/text_file.h"

namespace postseal::milter {

// kMaxSettings bounds the lines of a configuration, included files and all.
inline constexpr size_t kMaxSettings = 10'000;
// kMaxSettingOctets bounds a line, in octets.
inline constexpr size_t kMaxSettingOctets = 16 * 1024;
// kMaxIncludeDepth bounds how deep Include nests. opendkim.conf(5)
inline constexpr size_t kMaxIncludeDepth = 5;
// kMaxIncludes bounds the files that are included in all: at five levels they would
// multiply.
inline constexpr size_t kMaxIncludes = 100;

// Setting is "NAME VALUE".
struct Setting {
  std::string name;
  std::string value;  // may be empty, which is a fault of most
  Place place;
};

// ReadSettings reads |path| and what it includes by |read|: "#" begins a comment
// wherever it stands, white space around a name and a value is cut. Faults are
// errors in |diagnostics|; all other lines are read.
std::vector<Setting> ReadSettings(const std::string& path, const FileReader& read,
                                  std::vector<Diagnostic>* diagnostics);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_SETTING_H_
