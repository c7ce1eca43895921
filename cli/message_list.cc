#include "cli/message_list.h"

#include <sys/stat.h>

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace postseal::cli {
namespace {

bool IsDirectory(const std::string& path) {
  struct stat about;
  return path != "-" && stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

}  // namespace

absl::Status MboxReader::Read() {
  found_.clear();
  next_ = 0;
  absl::Status status =
      file_->Read(position_, InputFile::kEnd, [this](std::string_view chunk) -> absl::Status {
        position_ += chunk.size();
        scanner_.Feed(chunk, &found_);
        // Cancelled only ends the reading.
        return found_.empty() ? absl::OkStatus() : absl::CancelledError();
      });
  if (absl::IsCancelled(status)) return absl::OkStatus();
  ended_ = true;
  if (status.ok()) scanner_.Finish(&found_);
  return status;
}

std::optional<absl::StatusOr<MessageLocation>> MboxReader::Next() {
  if (next_ == found_.size() && !ended_) {
    if (absl::Status status = Read(); !status.ok()) return status;
  }
  if (next_ == found_.size()) return std::nullopt;
  const MboxMessage& message = found_[next_++];
  MessageLocation location;
  location.name = absl::StrCat(file_->name(), ":", ++number_);
  location.file = file_;
  location.begin = message.begin;
  location.end = message.end;
  location.quoted = true;
  location.stored = true;
  location.forms = message.forms;
  return location;
}

MessageList::MessageList(std::vector<std::string> paths, MessageFormat format)
    : paths_(std::move(paths)), format_(format), several_(paths_.size() > 1) {
  ahead_ = Find();
}

std::optional<absl::StatusOr<MessageLocation>> MessageList::Next() {
  if (ahead_.has_value()) return std::exchange(ahead_, std::nullopt);
  return Find();
}

std::optional<absl::StatusOr<MessageLocation>> MessageList::Find() {
  for (;;) {
    std::optional<absl::StatusOr<MessageLocation>> found;
    if (mbox_.has_value()) {
      found = mbox_->Next();
      if (!found.has_value()) mbox_.reset();
    } else if (walk_.has_value()) {
      const auto file = walk_->Next();
      if (!file.has_value()) {
        walk_.reset();
      } else if (!file->ok()) {
        found = file->status();
      } else {
        const auto& [path, in_maildir] = **file;
        found = OpenFile(path, in_maildir ? MessageFormat::kMessage : format_, /*stored=*/true);
      }
    } else if (next_path_ == paths_.size()) {
      return std::nullopt;
    } else {
      found = OpenPath(paths_[next_path_++]);
    }
    if (found.has_value()) return found;
  }
}

std::optional<absl::StatusOr<MessageLocation>> MessageList::OpenPath(const std::string& path) {
  if (!IsDirectory(path)) return OpenFile(path, format_, /*stored=*/false);
  several_ = true;
  walk_.emplace(path);
  return std::nullopt;
}

std::optional<absl::StatusOr<MessageLocation>> MessageList::OpenFile(const std::string& path,
                                                                     MessageFormat format,
                                                                     bool stored) {
  auto file = InputFile::Open(path);
  if (!file.ok()) return file.status();
  bool is_mbox = false;
  if (format != MessageFormat::kMessage) {
    const auto starts = (*file)->StartsWith(kMboxSeparator);
    if (!starts.ok()) return starts.status();
    is_mbox = *starts;
  }
  if (format == MessageFormat::kMbox && !is_mbox) {
    // A mailbox without messages is an empty file.
    const absl::Status empty =
        (*file)->Read(0, InputFile::kEnd, [](std::string_view) { return absl::CancelledError(); });
    if (!empty.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat((*file)->name(), ": no mailbox file: does not begin with \"From \""));
    }
    is_mbox = true;
  }
  if (is_mbox) {
    several_ = true;
    mbox_.emplace(*std::move(file));
    return std::nullopt;
  }
  MessageLocation location;
  location.name = (*file)->name();
  location.file = *std::move(file);
  location.stored = stored;
  return location;
}

}  // namespace postseal::cli
