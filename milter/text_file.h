// ReadTextFile: a whole file of the configuration, bounded.
#ifndef POSTSEAL_MILTER_TEXT_FILE_H_
#define POSTSEAL_MILTER_TEXT_FILE_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace postseal::milter {

// kMaxConfigOctets bounds a configuration file, in octets. Debian's has 2,500.
inline constexpr size_t kMaxConfigOctets = size_t{1} << 20;
// kMaxTableOctets bounds the file of a data set, in octets: kMaxDataRows of 128.
inline constexpr size_t kMaxTableOctets = size_t{128} << 20;

// ReadTextFile reads the regular file |path|. The error's text names the cause and
// not the path: "No such file or directory", "is a directory", "has more than N
// octets".
absl::StatusOr<std::string> ReadTextFile(const std::string& path, size_t max_octets);

// FileReader reads a file as ReadTextFile does; a test's reads none.
using FileReader =
    std::function<absl::StatusOr<std::string>(const std::string& path, size_t max_octets)>;

// PathBelow is |path| below |folder| if it is relative and there is a folder.
std::string PathBelow(std::string_view folder, std::string_view path);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_TEXT_FILE_H_
