// FileStatus: what a failed system call on a file means to the store.
#ifndef POSTSEAL_STORE_FILE_STATUS_H_
#define POSTSEAL_STORE_FILE_STATUS_H_

#include <cerrno>
#include <string_view>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace postseal::store {

// FileStatus says that |path| met |error|, a value of errno. ResourceExhausted where
// there is no room, NotFound, PermissionDenied, otherwise Unavailable.
inline absl::Status FileStatus(std::string_view path, int error) {
  absl::StatusCode code = absl::StatusCode::kUnavailable;
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
      code = absl::StatusCode::kResourceExhausted;
      break;
    case ENOENT:
      code = absl::StatusCode::kNotFound;
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = absl::StatusCode::kPermissionDenied;
      break;
    default:
      break;
  }
  return absl::Status(code, absl::StrCat(path, ": ", std::generic_category().message(error)));
}

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_FILE_STATUS_H_
