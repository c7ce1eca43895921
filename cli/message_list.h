// MessageList: the messages that a command's arguments name, found one by one.
#ifndef POSTSEAL_CLI_MESSAGE_LIST_H_
#define POSTSEAL_CLI_MESSAGE_LIST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/directory_walk.h"
#include "cli/input_file.h"
#include "cli/mbox_scanner.h"
#include "cli/message_source.h"

namespace postseal::cli {

// MessageFormat says what a file holds. With kAuto a file that begins with "From " is
// a mailbox, unless it is in a Maildir, and any other is a message.
enum class MessageFormat : uint8_t { kAuto, kMessage, kMbox };

// MboxReader lists the messages of a mailbox file, reading it once.
class MboxReader {
 public:
  explicit MboxReader(std::shared_ptr<const InputFile> file) : file_(std::move(file)) {}

  // Next returns the next message, named FILE:N, N from 1; an error when the file
  // cannot be read, after which it has ended; nullopt at the end.
  std::optional<absl::StatusOr<MessageLocation>> Next();

 private:
  // Read reads on until there is a message, or the file has ended.
  absl::Status Read();

  std::shared_ptr<const InputFile> file_;
  MboxScanner scanner_;
  std::vector<MboxMessage> found_;  // by the last Feed
  size_t next_ = 0;                 // in found_
  uint64_t position_ = 0;
  uint64_t number_ = 0;
  bool ended_ = false;
};

// MessageList is for one thread at a time. It holds one file open and, of a directory,
// the names (cli/directory_walk.h).
class MessageList {
 public:
  // |paths| are files, mailbox files, directories and "-" for standard input. The first
  // is opened at once.
  MessageList(std::vector<std::string> paths, MessageFormat format);
  MessageList(const MessageList&) = delete;
  MessageList& operator=(const MessageList&) = delete;

  // several says that results must say which message they are about: there is more than
  // one path, or the one is a mailbox file or a directory, however many are in it.
  bool several() const { return several_; }

  // Next returns the next message; an error that names what cannot be read, after which
  // the list goes on; nullopt at the end.
  std::optional<absl::StatusOr<MessageLocation>> Next();

 private:
  // Find is Next without the one that was found ahead.
  std::optional<absl::StatusOr<MessageLocation>> Find();
  // Open begins a path of the arguments, or a file of a directory. It returns its
  // message, if it is one, or an error.
  std::optional<absl::StatusOr<MessageLocation>> OpenPath(const std::string& path);
  std::optional<absl::StatusOr<MessageLocation>> OpenFile(const std::string& path,
                                                          MessageFormat format, bool stored);

  const std::vector<std::string> paths_;
  const MessageFormat format_;
  size_t next_path_ = 0;
  std::optional<DirectoryWalk> walk_;
  std::optional<MboxReader> mbox_;
  std::optional<absl::StatusOr<MessageLocation>> ahead_;
  bool several_ = false;
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_MESSAGE_LIST_H_
