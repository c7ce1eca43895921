#include "base/arena.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace postseal::base {
namespace {

bool IsAligned(const void* pointer, size_t alignment) {
  return reinterpret_cast<uintptr_t>(pointer) % alignment == 0;
}

TEST(ArenaTest, KeepsAlignment) {
  Arena arena;
  for (size_t alignment = 1; alignment <= alignof(std::max_align_t); alignment *= 2) {
    for (size_t size = 0; size < 40; ++size) {
      EXPECT_TRUE(IsAligned(arena.Allocate(size, alignment), alignment)) << size;
      EXPECT_TRUE(IsAligned(arena.Allocate(1), alignof(std::max_align_t)));
    }
  }
}

// Allocations of any size are all there, apart from each other, until Reset.
TEST(ArenaTest, AllocationsDoNotOverlap) {
  std::mt19937 random(21);
  Arena arena;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::pair<std::span<char>, char>> all;
    for (int i = 0; i < 500; ++i) {
      const size_t size = random() % (i % 50 == 0 ? 2 * Arena::kMaxBlockBytes : 300);
      const size_t alignment = size_t{1} << (random() % 5);
      const std::span<char> memory(static_cast<char*>(arena.Allocate(size, alignment)), size);
      const char fill = static_cast<char>(i);
      if (size != 0) std::memset(memory.data(), fill, size);
      all.emplace_back(memory, fill);
    }
    for (const auto& [memory, fill] : all) {
      for (const char c : memory) ASSERT_EQ(c, fill);
    }
    arena.Reset();
  }
}

TEST(ArenaTest, ReservesWhatItHolds) {
  Arena arena;
  EXPECT_EQ(arena.reserved(), 0u) << "nothing before it is needed";
  arena.Allocate(1);
  EXPECT_GE(arena.reserved(), 1u);
  EXPECT_LE(arena.reserved(), Arena::kFirstBlockBytes);
  const size_t before = arena.reserved();
  arena.Allocate(10 * Arena::kMaxBlockBytes);
  EXPECT_EQ(arena.reserved(), before + 10 * Arena::kMaxBlockBytes) << "a block of its own";
}

TEST(ArenaTest, ResetKeepsAtMostKeptBytes) {
  for (const size_t size : {size_t{1}, Arena::kKeptBytes, Arena::kKeptBytes + 1}) {
    Arena arena;
    arena.Allocate(size);  // also when the first block is too large to keep
    for (int i = 0; i < 100; ++i) arena.Allocate(Arena::kFirstBlockBytes);
    EXPECT_GT(arena.reserved(), Arena::kKeptBytes);
    arena.Reset();
    EXPECT_LE(arena.reserved(), Arena::kKeptBytes);
    const size_t kept = arena.reserved();
    if (kept == 0) continue;  // AddressSanitizer: a block each, nothing is kept
    arena.Allocate(kept);
    EXPECT_EQ(arena.reserved(), kept) << "what was kept is used again";
  }
}

TEST(ArenaTest, TheThirdOfEqualMessagesTakesNothingFromTheHeap) {
  for (const size_t octets : {size_t{100}, 2 * Arena::kFirstBlockBytes, Arena::kKeptBytes / 2}) {
    Arena arena;
    const auto use = [&arena, octets] {
      for (size_t used = 0; used < octets; used += 100) arena.Allocate(100);
    };
    use();
    arena.Reset();
    use();
    arena.Reset();
    const size_t kept = arena.reserved();
    if (kept == 0) continue;  // AddressSanitizer: a block each, nothing is kept
    use();
    EXPECT_EQ(arena.reserved(), kept) << octets;
  }
}

TEST(ArenaTest, ResetOfAnEmptyArena) {
  Arena arena;
  arena.Reset();
  EXPECT_EQ(arena.reserved(), 0u);
  EXPECT_EQ(arena.Copy("abc"), "abc");
}

// A block that its first allocation fills is one that Allocate never looked at.
TEST(ArenaTest, ResetKeepsABlockThatWasFullAtOnce) {
  Arena arena;
  constexpr size_t kSize = 2 * Arena::kFirstBlockBytes;
  char* const before = static_cast<char*>(arena.Allocate(kSize));
  std::memset(before, 'a', kSize);
  const size_t reserved = arena.reserved();
  arena.Reset();
  char* const first = static_cast<char*>(arena.Allocate(kSize / 2));
  char* const second = static_cast<char*>(arena.Allocate(kSize));
  std::memset(first, 'b', kSize / 2);
  std::memset(second, 'c', kSize);
  EXPECT_EQ(first[kSize / 2 - 1], 'b');
  EXPECT_GT(arena.reserved(), reserved) << "both do not fit the block that was kept";
}

TEST(ArenaTest, CopyIsACopy) {
  Arena arena;
  std::string text = "abc";
  const std::string_view copy = arena.Copy(text);
  text[0] = 'x';
  EXPECT_EQ(copy, "abc");
  EXPECT_TRUE(arena.Copy("").empty());
}

TEST(ArenaTest, NewUnsetIsRoomForSoMany) {
  Arena arena;
  EXPECT_EQ(arena.NewUnset<int64_t>(0).size(), 0u);
  arena.Allocate(1, 1);
  const std::span<int64_t> numbers = arena.NewUnset<int64_t>(1000);
  ASSERT_EQ(numbers.size(), 1000u);
  EXPECT_TRUE(IsAligned(numbers.data(), alignof(int64_t)));
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int64_t>(i);
  std::memset(arena.NewOctets(1000).data(), 0, 1000);
  for (size_t i = 0; i < numbers.size(); ++i) ASSERT_EQ(numbers[i], static_cast<int64_t>(i));
}

TEST(ArenaTest, NewAndNewArray) {
  struct Point {
    int x = 7;
    int y = 8;
  };
  Arena arena;
  std::memset(arena.Allocate(4096), 0xFF, 4096);
  arena.Reset();  // so that the array lies on octets that are not zero
  for (const int value : arena.NewArray<int>(100)) EXPECT_EQ(value, 0);
  for (const Point& point : arena.NewArray<Point>(3)) EXPECT_EQ(point.x + point.y, 15);
  EXPECT_TRUE(arena.NewArray<Point>(0).empty());
  const Point* const point = arena.New<Point>(Point{1, 2});
  EXPECT_EQ(point->x, 1);
  EXPECT_EQ(point->y, 2);
}

}  // namespace
}  // namespace postseal::base
