#include "cli/ordered_pipeline.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <latch>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace postseal::cli {
namespace {

using Pipeline = OrderedPipeline<int, std::string>;

// Counter is a source of the numbers from 0 to |end| - 1.
struct Counter {
  std::optional<int> operator()() const {
    return next < end ? std::optional<int>(next++) : std::nullopt;
  }
  int end;
  mutable int next = 0;  // a FunctionRef takes its callable as const
};

TEST(OrderedPipelineTest, WritesAllInOrder) {
  const struct {
    size_t workers;
    int items;
    const char* why;
  } kCases[] = {
      {1, 0, "nothing, on the calling thread"},
      {1, 1000, "all on the calling thread"},
      {2, 0, "nothing: every worker finds the end"},
      {2, 1, "fewer items than workers"},
      {4, static_cast<int>(kMaxAhead), "as many as there is room for"},
      {4, static_cast<int>(kMaxAhead) + 1, "one more: a place is used again"},
      {7, 5000, "many times round, with workers that do not divide the room"},
  };
  for (const auto& test : kCases) {
    Counter next{test.items};
    std::vector<std::string> written;
    std::vector<std::string> expected;
    for (int i = 0; i < test.items; ++i) expected.push_back(std::to_string(i));
    const auto work = [](size_t, int item) { return std::to_string(item); };
    const auto write = [&](std::string result) {
      written.push_back(std::move(result));
      return true;
    };
    Pipeline(next, work, write).Run(test.workers);
    EXPECT_EQ(written, expected) << test.why;
  }
}

TEST(OrderedPipelineTest, AnItemThatTakesLongIsWaitedFor) {
  // The first is done when all others are that there is room for: the last possible moment.
  std::latch others(kMaxAhead - 1);
  Counter next{static_cast<int>(kMaxAhead) + 10};
  const auto work = [&](size_t, int item) {
    if (item == 0) {
      others.wait();
    } else if (static_cast<size_t>(item) < kMaxAhead) {
      others.count_down();
    }
    return std::to_string(item);
  };
  int written = 0;
  const auto write = [&](const std::string& result) {
    EXPECT_EQ(result, std::to_string(written++));
    return true;
  };
  Pipeline(next, work, write).Run(2);
  EXPECT_EQ(written, static_cast<int>(kMaxAhead) + 10);
}

TEST(OrderedPipelineTest, TakesNoMoreThanThereIsRoomFor) {
  // While the first is worked on, the others take all there is room for, and would take more.
  std::latch others(kMaxAhead - 1);
  std::atomic<int> begun = 0;
  Counter counter{5000};
  int furthest = 0;
  const auto next = [&] {
    const int taken = counter.next + 1;
    furthest = std::max(furthest, taken - begun);
    return counter();
  };
  const auto work = [&](size_t, int item) {
    if (item == 0) {
      others.wait();
    } else if (static_cast<size_t>(item) < kMaxAhead) {
      others.count_down();
    }
    return std::to_string(item);
  };
  const auto write = [&](const std::string&) {
    ++begun;
    return true;
  };
  Pipeline(next, work, write).Run(3);
  EXPECT_EQ(furthest, static_cast<int>(kMaxAhead));
}

TEST(OrderedPipelineTest, EveryWorkerWorksAtTheSameTime) {
  // Each must have an item, or none would go on; the calling thread is one of them.
  constexpr size_t kWorkers = 3;
  std::latch all(kWorkers);
  Counter next{kWorkers};
  const auto caller = std::this_thread::get_id();
  const auto work = [&](size_t worker, int) {
    EXPECT_EQ(std::this_thread::get_id() == caller, worker == 0);
    all.arrive_and_wait();
    return std::to_string(worker);
  };
  std::set<std::string> workers;
  const auto write = [&](const std::string& worker) {
    workers.insert(worker);
    return true;
  };
  Pipeline(next, work, write).Run(kWorkers);
  EXPECT_EQ(workers, (std::set<std::string>{"0", "1", "2"}));
}

TEST(OrderedPipelineTest, WhileOneWritesOthersWork) {
  // The first write ends when as much has been worked on as there is room for; what is
  // delivered meanwhile is written by the same thread, and no two write at once.
  std::latch others(kMaxAhead - 1);
  Counter next{static_cast<int>(kMaxAhead) * 3};
  const auto work = [&](size_t, int item) {
    if (item > 0 && static_cast<size_t>(item) < kMaxAhead) others.count_down();
    return std::to_string(item);
  };
  std::atomic<int> writing = 0;
  int written = 0;
  const auto write = [&](const std::string& result) {
    EXPECT_EQ(++writing, 1);
    if (written == 0) others.wait();
    EXPECT_EQ(result, std::to_string(written++));
    --writing;
    return true;
  };
  Pipeline(next, work, write).Run(3);
  EXPECT_EQ(written, next.end);
}

TEST(OrderedPipelineTest, EndsWhenTheWriterSaysSo) {
  for (const size_t workers : {1, 2, 4}) {
    int given = 0;
    const auto endless = [&]() -> std::optional<int> { return given++; };
    const auto work = [](size_t, int item) { return std::to_string(item); };
    std::vector<std::string> written;
    const auto write = [&](std::string result) {
      written.push_back(std::move(result));
      return written.size() < 3;
    };
    Pipeline(endless, work, write).Run(workers);
    EXPECT_EQ(written, (std::vector<std::string>{"0", "1", "2"})) << workers;
  }
}

TEST(OrderedPipelineTest, EndsForWorkersThatWaitForRoom) {
  // The writer sees the first item's result when there is room for no more, so that the
  // others wait, or come to.
  std::latch others(kMaxAhead - 1);
  int given = 0;
  const auto endless = [&]() -> std::optional<int> { return given++; };
  const auto work = [&](size_t, int item) {
    if (item == 0) others.wait();
    if (item > 0) others.count_down();
    return std::to_string(item);
  };
  int written = 0;
  const auto write = [&](const std::string&) {
    ++written;
    return false;
  };
  Pipeline(endless, work, write).Run(4);
  EXPECT_EQ(written, 1);
}

}  // namespace
}  // namespace postseal::cli
