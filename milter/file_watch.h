// FileWatch: whether files changed since they were read.
#ifndef POSTSEAL_MILTER_FILE_WATCH_H_
#define POSTSEAL_MILTER_FILE_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace postseal::milter {

// kMaxWatchedFiles bounds the files that are looked at; those beyond, which are key
// files, need a signal.
inline constexpr size_t kMaxWatchedFiles = 2000;

// FileWatch goes by a file's identity, size and time of change. What it cannot look at
// is taken for a file that is not there.
class FileWatch {
 public:
  // Watch looks at |files| from now on, the first kMaxWatchedFiles of them.
  void Watch(const std::set<std::string>& files);

  // HasChanged says, once, that some file is another since Watch, and has been the same
  // from one call to the next: whoever writes them is done.
  bool HasChanged();

 private:
  // Device, inode, octets, seconds and nanoseconds of the last change.
  using Stamp = std::tuple<uint64_t, uint64_t, int64_t, int64_t, int64_t>;

  std::vector<Stamp> Look() const;

  std::vector<std::string> files_;
  std::vector<Stamp> seen_;
  std::vector<Stamp> last_;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_FILE_WATCH_H_
