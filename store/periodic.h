// Periodic: a thread that does one thing again and again.
#ifndef POSTSEAL_STORE_PERIODIC_H_
#define POSTSEAL_STORE_PERIODIC_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/status/status.h"

namespace postseal::store {

struct PeriodicOptions {
  // Between passes that went well.
  std::chrono::milliseconds interval{5000};
  // After one that failed, doubled with each further one up to |max_backoff|.
  std::chrono::milliseconds min_backoff{1000};
  std::chrono::milliseconds max_backoff{60000};
};

// Periodic may be used from any thread but its own, except that a pass may Kick another.
class Periodic {
 public:
  // |pass| is called in the thread, one at a time.
  Periodic(PeriodicOptions options, std::function<absl::Status()> pass);
  ~Periodic();
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

  // Kick asks for a pass now, unless the last one failed: that has to wait.
  void Kick();

  // Flush waits for a pass that begins now, backoff or not, and says what it came to.
  // FailedPrecondition after Stop.
  absl::Status Flush();

  // Stop does a last pass, says what it came to, and ends the thread.
  absl::Status Stop();

 private:
  void Run();
  // Sleep waits for the next pass; the lock is held.
  void Sleep(std::unique_lock<std::mutex>* lock);

  const PeriodicOptions options_;
  const std::function<absl::Status()> pass_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  uint64_t asked_ = 0;     // by Flush and Stop
  uint64_t begun_ = 0;     // what the pass that runs answers
  uint64_t answered_ = 0;  // what passes that ended have answered
  bool kicked_ = false;
  bool stopping_ = false;
  absl::Status last_;
  std::chrono::milliseconds backoff_{0};
  std::thread thread_;
};

}  // namespace postseal::store

#endif  // POSTSEAL_STORE_PERIODIC_H_
