// FileWatch: whether files changed since they were read.
#ifndef POSTSEAL_MILTER_FILE_WATCH_H_
#define POSTSEAL_MILTER_FILE_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

namespace postseal::milter {

// kMaxWatchedFiles bounds the files that are watched. After a change of a file beyond this
// limit, send a signal.
inline constexpr size_t kMaxWatchedFiles = 2000;

// FileWatch goes by a file's identity, size and time of change. What it cannot look at
// is taken for a file that is not there.
class FileWatch {
 public:
  // Device, inode, octets, seconds and nanoseconds of the last change.
  using Stamp = std::tuple<uint64_t, uint64_t, int64_t, int64_t, int64_t>;
  // By path.
  using Stamps = std::map<std::string, Stamp>;

  // Look is the stamp of |file| as it is now. Call it before the file is read: then a
  // change that comes during that counts as one.
  static Stamp Look(const std::string& file);

  // Watch looks at the files of |stamps| from now on, and at no others.
  void Watch(const Stamps& stamps);

  // WatchMore looks at the files of |stamps|, too, with these stamps. Those that are new
  // are taken as long as there is room: the first calls come before the later ones.
  void WatchMore(const Stamps& stamps);

  // HasChanged says, once, that some file differs from its stamp and did not change between
  // two calls: then the program that writes it has probably finished.
  bool HasChanged();

 private:
  Stamps seen_;
  Stamps last_;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_FILE_WATCH_H_
