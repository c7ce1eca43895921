// Handle: what every opaque handle of the C ABI has, and the border that no exception
// crosses.
#ifndef POSTSEAL_CAPI_HANDLE_H_
#define POSTSEAL_CAPI_HANDLE_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "capi/guard.h"
#include "capi/postseal.h"

namespace postseal::capi {

// kMaxInputOctets bounds one input of text that is not a message, in octets.
inline constexpr size_t kMaxInputOctets = 64 * 1024 * 1024;

// StatusOf is the number for |status|.
inline postseal_status StatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return POSTSEAL_OK;
    case absl::StatusCode::kInvalidArgument:
      return POSTSEAL_E_ARGUMENT;
    case absl::StatusCode::kFailedPrecondition:
      return POSTSEAL_E_STATE;
    case absl::StatusCode::kResourceExhausted:
      return POSTSEAL_E_TOO_LARGE;
    case absl::StatusCode::kNotFound:
      return POSTSEAL_E_UNKNOWN_QUERY;
    case absl::StatusCode::kUnauthenticated:
      return POSTSEAL_E_KEY;
    default:
      return POSTSEAL_E_ENVIRONMENT;
  }
}

// Handle keeps the words of the last error and every text that was handed out.
class Handle {
 public:
  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  // Call runs |call|, which returns an absl::Status or a postseal_status, unless memory
  // ran out before: what was half done then is not to be gone on with.
  template <typename Body>
  postseal_status Call(Body body) noexcept {
    if (is_dead()) return POSTSEAL_E_NO_MEMORY;
    const postseal_status status = Guard([&] {
      error_.clear();
      if constexpr (std::is_same_v<decltype(body()), absl::Status>) {
        const absl::Status result = body();
        error_ = result.message();
        return StatusOf(result);
      } else {
        return body();
      }
    });
    // A call within |body| may have set it.
    dead_ |= status == POSTSEAL_E_NO_MEMORY || status == POSTSEAL_E_INTERNAL;
    return status;
  }

  // DieWith makes this and |other| one where memory runs out: they share a session.
  void DieWith(Handle* other) {
    peer_ = other;
    other->peer_ = this;
  }
  bool is_dead() const { return dead_ || (peer_ != nullptr && peer_->dead_); }

  // Fail keeps |words| and returns |status|.
  postseal_status Fail(postseal_status status, std::string_view words) {
    error_ = words;
    return status;
  }
  const std::string& error() const { return error_; }

  // Keep keeps |text| for the handle's life. An equal text is kept once, so that asking
  // again costs no memory.
  postseal_bytes Keep(std::string text);

 private:
  std::string error_;
  std::set<std::string> kept_;  // what is in it stays where it is
  bool dead_ = false;
  const Handle* peer_ = nullptr;
};

// ToBytes views |text|, which a NUL must follow.
inline postseal_bytes ToBytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline postseal_bytes Handle::Keep(std::string text) {
  return ToBytes(*kept_.insert(std::move(text)).first);
}

// IsInput says whether |data| and |size| are octets: null stands for none alone.
inline bool IsInput(const void* data, size_t size) { return data != nullptr || size == 0; }

// View is the octets of an input.
inline std::string_view View(const char* data, size_t size) {
  return size == 0 ? std::string_view() : std::string_view(data, size);
}
inline std::string_view View(const uint8_t* data, size_t size) {
  return View(reinterpret_cast<const char*>(data), size);
}

}  // namespace postseal::capi

// postseal_error is words for a handle that was not made.
struct postseal_error {
  std::string text;
};

// postseal_text is a text of its own.
struct postseal_text {
  std::string text;
};

namespace postseal::capi {

// FailNew gives |words| by |out_error|, if it is there, and returns |status|.
inline postseal_status FailNew(postseal_status status, std::string_view words,
                               postseal_error** out_error) {
  if (out_error != nullptr) *out_error = new postseal_error{std::string(words)};
  return status;
}
inline postseal_status FailNew(const absl::Status& status, postseal_error** out_error) {
  return FailNew(StatusOf(status), status.message(), out_error);
}

}  // namespace postseal::capi

#endif  // POSTSEAL_CAPI_HANDLE_H_
