// Load: many sessions at once, and what their messages took.
#ifndef POSTSEAL_BENCH_MILTER_LOAD_H_
#define POSTSEAL_BENCH_MILTER_LOAD_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/milter/expectation.h"
#include "bench/milter/mail.h"
#include "bench/milter/session.h"

namespace postseal::bench {

struct LoadOptions {
  Envelope envelope;
  Filters filters;
  std::vector<Mail> mails;  // one at least; sent in turn
  std::vector<Expectation> expectations;
  size_t connections = 1;
  size_t messages_per_session = 0;  // 0: sessions are kept
};

struct LoadResult {
  double seconds = 0;
  std::vector<std::chrono::nanoseconds> whole;           // of each message, sorted
  std::vector<std::chrono::nanoseconds> end_of_message;  // of each message, sorted
};

// Percentile is the |percent|th percentile of |sorted|, which is not empty: the smallest
// value that |percent| of the values do not exceed.
std::chrono::nanoseconds Percentile(const std::vector<std::chrono::nanoseconds>& sorted,
                                    double percent);

// Load keeps |connections| sessions, on one thread, each busy with one message at a time.
class Load {
 public:
  // |options| outlives the load.
  explicit Load(const LoadOptions* options);
  ~Load();

  // Deliver delivers |messages| messages. Sessions stay open. An error is a filter's that
  // did not do its work, and names what is missing.
  absl::StatusOr<LoadResult> Deliver(size_t messages);
  // Close ends all sessions.
  absl::Status Close();
  // last is the message that was delivered last, with what filters added.
  const Mail& last() const { return last_; }

 private:
  struct Slot {
    Session session;
    size_t delivered = 0;  // in this session
  };

  absl::Status Begin(size_t slot);
  absl::Status Finish(size_t slot, LoadResult& result);

  const LoadOptions* options_;
  int epoll_;
  std::vector<Slot> slots_;
  size_t begun_ = 0;     // messages, ever
  size_t to_begin_ = 0;  // messages that no session has begun
  Mail last_;
};

}  // namespace postseal::bench

#endif  // POSTSEAL_BENCH_MILTER_LOAD_H_
