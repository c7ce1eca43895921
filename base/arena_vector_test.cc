#include "base/arena_vector.h"

#include <cstddef>
#include <span>

#include "base/arena.h"
#include "gtest/gtest.h"

namespace postseal::base {
namespace {

TEST(ArenaVectorTest, EmptyTakesNoMemory) {
  Arena arena;
  const ArenaVector<int, 4> vector(&arena);
  EXPECT_EQ(vector.size(), 0u);
  EXPECT_TRUE(vector.span().empty());
  EXPECT_EQ(arena.reserved(), 0u);
}

TEST(ArenaVectorTest, KeepsElementsWhileItGrows) {
  Arena arena;
  ArenaVector<size_t, 2> vector(&arena);
  for (size_t i = 0; i < 1000; ++i) {
    size_t& added = vector.Add();
    EXPECT_EQ(added, 0u) << "value-initialised";
    added = i;
    // Other allocations in between must not be overwritten.
    *arena.New<size_t>() = ~size_t{0};
    ASSERT_EQ(vector.size(), i + 1);
    for (size_t k = 0; k <= i; ++k) ASSERT_EQ(vector.span()[k], k) << "of " << i;
  }
}

TEST(ArenaVectorTest, FirstCapacityNeedsOneAllocation) {
  Arena arena;
  ArenaVector<char, 3> vector(&arena);
  vector.Add();
  const char* const first = vector.span().data();
  vector.Add();
  vector.Add();
  EXPECT_EQ(vector.span().data(), first) << "at the capacity";
  vector.Add();
  EXPECT_NE(vector.span().data(), first) << "one above";
}

TEST(ArenaVectorTest, ReserveKeepsElements) {
  Arena arena;
  ArenaVector<int, 1> vector(&arena);
  vector.Add() = 7;
  vector.Reserve(5);
  const int* const first = vector.span().data();
  for (int i = 0; i < 4; ++i) vector.Add();
  EXPECT_EQ(vector.span().data(), first) << "as many as were reserved";
  EXPECT_EQ(vector.span()[0], 7);
  vector.Reserve(2);
  EXPECT_EQ(vector.span().data(), first) << "there was room";
}

}  // namespace
}  // namespace postseal::base
