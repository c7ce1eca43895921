#include "store/periodic.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace postseal::store {
namespace {

// Nothing here happens by itself.
PeriodicOptions Never() {
  PeriodicOptions options;
  options.interval = options.min_backoff = options.max_backoff = std::chrono::hours(1);
  return options;
}

TEST(PeriodicTest, FlushIsAPassOfItsOwn) {
  std::atomic<int> passes = 0;
  Periodic periodic(Never(), [&passes] {
    return ++passes == 2 ? absl::UnavailableError("second") : absl::OkStatus();
  });
  EXPECT_TRUE(periodic.Flush().ok());
  EXPECT_EQ(passes, 1);
  EXPECT_TRUE(absl::IsUnavailable(periodic.Flush()));
  EXPECT_TRUE(periodic.Flush().ok()) << "in spite of the backoff";
  EXPECT_EQ(passes, 3);
  EXPECT_TRUE(periodic.Stop().ok());
  EXPECT_EQ(passes, 4) << "Stop does a last pass";
  EXPECT_TRUE(absl::IsFailedPrecondition(periodic.Flush()));
  EXPECT_TRUE(periodic.Stop().ok()) << "twice";
  EXPECT_EQ(passes, 4);
}

TEST(PeriodicTest, PassesComeByThemselves) {
  std::atomic<int> passes = 0;
  PeriodicOptions options;
  options.interval = options.min_backoff = options.max_backoff = std::chrono::milliseconds(1);
  // Every second one fails, and the next comes all the same.
  Periodic periodic(options, [&passes] {
    return ++passes % 2 == 0 ? absl::UnavailableError("even") : absl::OkStatus();
  });
  while (passes < 6) std::this_thread::yield();
}

TEST(PeriodicTest, AKickIsAPass) {
  std::atomic<int> passes = 0;
  Periodic periodic(Never(), [&passes] {
    ++passes;
    return absl::OkStatus();
  });
  periodic.Kick();
  while (passes < 1) std::this_thread::yield();
}

TEST(PeriodicTest, ManyFlush) {
  std::atomic<int> passes = 0;
  Periodic periodic(Never(), [&passes] {
    ++passes;
    return absl::OkStatus();
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 50; ++k) EXPECT_TRUE(periodic.Flush().ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(passes, 50);
  EXPECT_LE(passes, 200);
}

}  // namespace
}  // namespace postseal::store
