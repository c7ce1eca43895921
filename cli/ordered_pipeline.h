// OrderedPipeline: items worked on by several threads, results in the items' order.
#ifndef POSTSEAL_CLI_ORDERED_PIPELINE_H_
#define POSTSEAL_CLI_ORDERED_PIPELINE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"

namespace postseal::cli {

// kMaxAhead bounds how many items may have been taken whose results are not written
// yet: so much is held in memory when one item takes long.
inline constexpr size_t kMaxAhead = 256;

// OrderedPipeline takes items as long as there is room for their results, so that any
// number of them flows through in constant memory. Whoever has the result that is due
// writes it, and those that wait behind it: no thread is woken for that.
template <typename Item, typename Result>
class OrderedPipeline {
 public:
  // Next returns the next item, or nullopt at the end. One thread at a time calls it.
  using Next = absl::FunctionRef<std::optional<Item>()>;
  // Work turns an item into its result. |worker| says which worker calls: one item at a
  // time has that number, and it is less than the number of workers.
  using Work = absl::FunctionRef<Result(size_t worker, Item item)>;
  // Write takes the next result, in the items' order. One thread at a time calls it. With
  // false the pipeline ends: no more items are taken and no more results written.
  using Write = absl::FunctionRef<bool(Result result)>;

  OrderedPipeline(Next next, Work work, Write write) : next_(next), work_(work), write_(write) {}
  OrderedPipeline(const OrderedPipeline&) = delete;
  OrderedPipeline& operator=(const OrderedPipeline&) = delete;

  // Run returns when all is written, or Write said false; it is called once. The calling
  // thread is the first of |workers|; the others are threads that end before it returns,
  // fewer than asked for when the system gives no more.
  void Run(size_t workers) {
    std::vector<std::thread> threads;
    while (threads.size() + 1 < workers) {
      try {
        threads.emplace_back([this, worker = threads.size() + 1] { TakeAndWork(worker); });
      } catch (const std::system_error&) {
        break;
      }
    }
    TakeAndWork(0);
    for (std::thread& thread : threads) thread.join();
  }

 private:
  void TakeAndWork(size_t worker) {
    uint64_t number = 0;
    while (std::optional<Item> item = Take(&number)) {
      Deliver(number, work_(worker, *std::move(item)));
    }
  }

  // Take waits for room and takes an item; |number| counts them.
  std::optional<Item> Take(uint64_t* number) {
    // Held while the item is found, for which results need not wait.
    const std::lock_guard taking(take_mutex_);
    {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [this] { return ended_ || taken_ - written_ < kMaxAhead; });
      if (ended_) return std::nullopt;
    }
    std::optional<Item> item = next_();
    const std::lock_guard lock(mutex_);
    if (item.has_value()) {
      *number = taken_++;
    } else {
      ended_ = true;
    }
    return item;
  }

  // Deliver keeps a result. Unless another thread is writing, and will come to it, it
  // writes what is due.
  void Deliver(uint64_t number, Result result) {
    std::unique_lock lock(mutex_);
    results_[number % kMaxAhead] = std::move(result);
    if (writing_) return;
    writing_ = true;
    while (!stopped_ && results_[written_ % kMaxAhead].has_value()) {
      std::optional<Result> due = std::exchange(results_[written_ % kMaxAhead], std::nullopt);
      lock.unlock();
      const bool go_on = write_(*std::move(due));
      lock.lock();
      ++written_;
      if (!go_on) stopped_ = ended_ = true;
      room_.notify_one();  // who holds take_mutex_ is the only one that may wait
    }
    writing_ = false;
  }

  const Next next_;
  const Work work_;
  const Write write_;

  std::mutex take_mutex_;  // before mutex_
  std::mutex mutex_;       // guards what follows
  std::condition_variable room_;
  std::vector<std::optional<Result>> results_{kMaxAhead};
  uint64_t taken_ = 0;
  uint64_t written_ = 0;
  bool writing_ = false;
  bool ended_ = false;    // nothing more is taken
  bool stopped_ = false;  // nothing more is written
};

}  // namespace postseal::cli

#endif  // POSTSEAL_CLI_ORDERED_PIPELINE_H_
