// FileWatch: whether files changed since they were read.
#ifndef POSTSEAL_MILTER_FILE_WATCH_H_
#define POSTSEAL_MILTER_FILE_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

namespace postseal::milter {

// kMaxWatchedFiles bounds the files that are looked at; those beyond, which are key
// files, need a signal.
inline constexpr size_t kMaxWatchedFiles = 2000;

// FileWatch goes by a file's identity, size and time of change. What it cannot look at
// is taken for a file that is not there.
class FileWatch {
 public:
  // Device, inode, octets, seconds and nanoseconds of the last change.
  using Stamp = std::tuple<uint64_t, uint64_t, int64_t, int64_t, int64_t>;
  // By path.
  using Stamps = std::map<std::string, Stamp>;

  // Look is the stamp of |file| as it is now. Whoever reads a file looks at it before: a
  // change that comes while it is read is one since then.
  static Stamp Look(const std::string& file);

  // Watch looks at the files of |stamps| from now on, the first kMaxWatchedFiles of them,
  // and at no others.
  void Watch(Stamps stamps);

  // WatchMore looks at the files of |stamps|, too.
  void WatchMore(const Stamps& stamps);

  // HasChanged says, once, that some file is another than its stamp, and has been the same
  // from one call to the next: whoever writes them is done.
  bool HasChanged();

 private:
  Stamps seen_;
  Stamps last_;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_FILE_WATCH_H_
