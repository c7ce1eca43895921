// What a daemon does with its own process: who it is, where it is, and who knows of it.
#ifndef POSTSEAL_MILTER_PROCESS_H_
#define POSTSEAL_MILTER_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace postseal::milter {

// Account is whom a process becomes: nobody else, when it has no |user|.
struct Account {
  std::string user;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

// FindAccount looks |user| up with its groups; |group|, if not empty, is the main one. An
// empty |user| is an empty Account. Call it before EnterRoot: looking up loads libraries,
// and those of another root must not run with the rights of ours. The error names what is
// unknown.
absl::StatusOr<Account> FindAccount(const std::string& user, const std::string& group);

// BecomeUser gives up all rights but those of |account|. The error says what the system
// refused.
absl::Status BecomeUser(const Account& account);

// EnterRoot makes |directory| the root of the file system. Before BecomeUser.
absl::Status EnterRoot(const std::string& directory);

// PidFile is there as long as the object, if the process may then remove it. It is locked
// by flock(2) for that time: a second process cannot take it.
class PidFile {
 public:
  // Write writes the process's id to |path|, as the user it now is. A file that no running
  // process has locked is replaced, not written to: in a folder of the milter's user it
  // may be a link. Unavailable when another process has it locked; the file stays as it
  // is then.
  static absl::StatusOr<PidFile> Write(const std::string& path);
  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  // The destructor removes the file, unless another one has taken its place.
  ~PidFile();

 private:
  PidFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_ = -1;  // which holds the lock
};

// Background is a process that left its terminal, while the one that was started
// waits until it is ready.
class Background {
 public:
  // Enter forks. In the first process it does not return: that one ends with 0 when
  // Ready is called, and with the code of Fail otherwise. Before any thread is made.
  static absl::StatusOr<Background> Enter();
  // Background() is a process that stays where it is: Ready and Fail do nothing.
  Background() = default;

  void Ready() { Tell(0); }
  void Fail(int exit_code) { Tell(exit_code); }

 private:
  explicit Background(int fd) : fd_(fd) {}
  void Tell(int exit_code);

  int fd_ = -1;
};

// NotifyManager tells the service manager that started the process, if any, |state|:
// "READY=1", "STOPPING=1", "RELOADING=1". sd_notify(3) has the protocol, which is a
// datagram to the socket that NOTIFY_SOCKET names.
void NotifyManager(std::string_view state);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_PROCESS_H_
