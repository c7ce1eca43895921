// DirectoryWalk: the files below a directory, one after another.
#ifndef POSTSEAL_CLI_DIRECTORY_WALK_H_
#define POSTSEAL_CLI_DIRECTORY_WALK_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace postseal::cli {

// DirectoryWalk lists regular files, also those that a symbolic link names, in the
// order of their names' octets, a directory's where its own name stands. It leaves out
// names that begin with a dot, and follows no symbolic link to a directory below the
// first. Of a Maildir, which is a directory that has directories cur and new, it lists
// those two and nothing else.
//
// It holds the names of the directories above the file it is at, some 100 octets each.
class DirectoryWalk {
 public:
  // The walk begins at |path|, a directory or a link to one.
  explicit DirectoryWalk(std::string path) { Enter(std::move(path), /*in_maildir=*/false); }

  struct File {
    std::string path;
    // The file is in a Maildir: one message, whatever it begins with.
    bool in_maildir = false;
  };
  // Next returns the next file; Internal, naming it, for a directory that cannot be
  // listed, after which the walk goes on; nullopt at the end.
  std::optional<absl::StatusOr<File>> Next();

 private:
  struct Level {
    std::string path;
    bool in_maildir;
    std::vector<std::string> names;
    size_t next = 0;
  };

  // Enter lists a directory, or leaves in error_ why it cannot be listed.
  void Enter(std::string path, bool in_maildir);

  std::vector<Level> levels_;
  absl::Status error_;
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_DIRECTORY_WALK_H_
