#include "bench/milter/load.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace postseal::bench {
namespace {

// A filter that says nothing for so long has failed.
constexpr int kSilenceMilliseconds = 60'000;

}  // namespace

std::chrono::nanoseconds Percentile(const std::vector<std::chrono::nanoseconds>& sorted,
                                    double percent) {
  const double rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()));
  return sorted[std::clamp<size_t>(static_cast<size_t>(rank), 1, sorted.size()) - 1];
}

Load::Load(const LoadOptions* options) : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  slots_.reserve(options->connections);
  for (size_t i = 0; i < options->connections; ++i) {
    slots_.push_back({Session(&options->envelope, &options->filters)});
  }
}

Load::~Load() { close(epoll_); }

absl::StatusOr<LoadResult> Load::Deliver(size_t messages) {
  LoadResult result;
  result.whole.reserve(messages);
  result.end_of_message.reserve(messages);
  to_begin_ = messages;
  const Session::Clock::time_point start = Session::Clock::now();
  for (size_t slot = 0; slot < slots_.size() && to_begin_ > 0; ++slot) {
    absl::Status status = Begin(slot);
    if (status.ok()) status = Finish(slot, result);
    if (!status.ok()) return status;
  }
  std::vector<epoll_event> events(1024);
  while (result.whole.size() < messages) {
    const int n =
        epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kSilenceMilliseconds);
    if (n == 0) return absl::DeadlineExceededError("no filter says anything");
    if (n < 0 && errno != EINTR) return absl::InternalError(std::strerror(errno));
    for (int i = 0; i < n; ++i) {
      const size_t slot = static_cast<size_t>(events[static_cast<size_t>(i)].data.u64);
      if (slots_[slot].session.delivered()) continue;
      absl::Status status = slots_[slot].session.Ready();
      if (status.ok()) status = Finish(slot, result);
      if (!status.ok()) return status;
    }
  }
  result.seconds = std::chrono::duration<double>(Session::Clock::now() - start).count();
  std::sort(result.whole.begin(), result.whole.end());
  std::sort(result.end_of_message.begin(), result.end_of_message.end());
  return result;
}

// Begin gives a message to a session that has none, connecting it if need be.
absl::Status Load::Begin(size_t slot) {
  Session& session = slots_[slot].session;
  if (!session.is_open()) {
    slots_[slot].delivered = 0;
    const absl::Status status = session.Open([this, slot](int fd) {
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT | EPOLLET;
      event.data.u64 = slot;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    });
    if (!status.ok()) return status;
  }
  --to_begin_;
  const size_t number = begun_++;
  return session.Deliver(options_->mails[number % options_->mails.size()],
                         absl::StrFormat("4F2C%08X", number));
}

// Finish looks at what a session has delivered, and gives it more to do. A message may
// be delivered without a wait when no filter has anything to say.
absl::Status Load::Finish(size_t slot, LoadResult& result) {
  Session& session = slots_[slot].session;
  while (session.delivered()) {
    absl::Status status = CheckMail(options_->expectations, session.mail());
    if (!status.ok()) return status;
    result.whole.push_back(session.delivery().whole);
    result.end_of_message.push_back(session.delivery().end_of_message);
    if (to_begin_ == 0) last_ = session.mail();
    if (++slots_[slot].delivered == options_->messages_per_session) status = session.Close();
    if (status.ok() && to_begin_ == 0) return status;
    if (status.ok()) status = Begin(slot);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Load::Close() {
  for (Slot& slot : slots_) {
    if (!slot.session.is_open()) continue;
    const absl::Status status = slot.session.Close();
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace postseal::bench
