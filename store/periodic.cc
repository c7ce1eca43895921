#include "store/periodic.h"

#include <algorithm>
#include <utility>

namespace postseal::store {

Periodic::Periodic(PeriodicOptions options, std::function<absl::Status()> pass)
    : options_(options), pass_(std::move(pass)), thread_([this] { Run(); }) {}

Periodic::~Periodic() { Stop().IgnoreError(); }

void Periodic::Kick() {
  const std::lock_guard lock(mutex_);
  kicked_ = true;
  wake_.notify_one();
}

absl::Status Periodic::Flush() {
  std::unique_lock lock(mutex_);
  if (stopping_) return absl::FailedPreconditionError("the thread was stopped");
  const uint64_t mine = ++asked_;
  wake_.notify_one();
  done_.wait(lock, [&] { return answered_ >= mine; });
  return last_;
}

absl::Status Periodic::Stop() {
  {
    std::unique_lock lock(mutex_);
    if (!stopping_) {
      stopping_ = true;
      ++asked_;
      wake_.notify_one();
    }
  }
  if (thread_.joinable()) thread_.join();
  return last_;
}

void Periodic::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    Sleep(&lock);
    const bool last_pass = stopping_;
    begun_ = asked_;
    kicked_ = false;
    lock.unlock();
    absl::Status status = pass_();
    lock.lock();
    backoff_ = status.ok() ? std::chrono::milliseconds(0)
                           : std::clamp(backoff_ * 2, options_.min_backoff, options_.max_backoff);
    last_ = std::move(status);
    answered_ = begun_;
    done_.notify_all();
    if (last_pass) return;
  }
}

void Periodic::Sleep(std::unique_lock<std::mutex>* lock) {
  const bool failed = backoff_.count() > 0;
  wake_.wait_for(*lock, failed ? backoff_ : options_.interval,
                 [&] { return asked_ > answered_ || stopping_ || (kicked_ && !failed); });
}

}  // namespace postseal::store
