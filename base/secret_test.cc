#include "base/secret.h"

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include "gtest/gtest.h"

namespace {

// watched is a block that a test expects to be freed; the replaced operator
// delete[] looks into it at the last moment at which that is allowed.
const char* watched = nullptr;
size_t watched_size = 0;
bool was_freed = false;
bool was_zero = false;

void Watch(const char* block, size_t size) {
  watched = block;
  watched_size = size;
  was_freed = was_zero = false;
}

void NoteFree(const void* block) {
  if (block == nullptr || block != watched) return;
  was_freed = was_zero = true;
  for (size_t i = 0; i < watched_size; ++i) was_zero = was_zero && watched[i] == 0;
  watched = nullptr;
}

}  // namespace

void* operator new[](size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) std::abort();
  return block;
}
void operator delete[](void* block) noexcept {
  NoteFree(block);
  std::free(block);
}
void operator delete[](void* block, size_t) noexcept { operator delete[](block); }

namespace postseal::base {
namespace {

TEST(SecretStringTest, HoldsOctetsIncludingNul) {
  constexpr std::string_view kOctets("a\0b\xff", 4);
  const SecretString secret(kOctets);
  EXPECT_EQ(secret.view(), kOctets);
  EXPECT_EQ(secret.size(), 4u);
  EXPECT_FALSE(secret.empty());
}

TEST(SecretStringTest, EmptyOnes) {
  EXPECT_TRUE(SecretString().empty());
  EXPECT_TRUE(SecretString("").empty());
  EXPECT_EQ(SecretString::WithSize(0).view(), "");
}

TEST(SecretStringTest, IsZeroedOnDestruction) {
  {
    SecretString secret("private");
    Watch(secret.data(), secret.size());
  }
  EXPECT_TRUE(was_freed);
  EXPECT_TRUE(was_zero);
}

TEST(SecretStringTest, AssignmentZeroesWhatItReplaces) {
  SecretString secret("old private");
  Watch(secret.data(), secret.size());
  secret = SecretString("new");
  EXPECT_TRUE(was_freed);
  EXPECT_TRUE(was_zero);
  EXPECT_EQ(secret.view(), "new");
}

TEST(SecretStringTest, AMoveLeavesNothingBehind) {
  SecretString from("private");
  const char* block = from.data();
  SecretString to(std::move(from));
  EXPECT_EQ(to.view(), "private");
  EXPECT_EQ(to.data(), block) << "the block changes hands; nothing is copied";
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the point
  EXPECT_EQ(from.data(), nullptr);
}

TEST(SecretStringTest, SelfMoveKeepsTheOctets) {
  SecretString secret("private");
  SecretString* const same = &secret;
  secret = std::move(*same);
  EXPECT_EQ(secret.view(), "private");
}

TEST(SecretStringTest, TruncateZeroesTheTail) {
  SecretString secret("private");
  const char* block = secret.data();
  secret.Truncate(3);
  EXPECT_EQ(secret.view(), "pri");
  EXPECT_EQ(std::string_view(block + 3, 4), std::string_view("\0\0\0\0", 4));
  secret.Truncate(5);
  EXPECT_EQ(secret.view(), "pri");
}

TEST(SecretStringTest, ATruncatedOneIsZeroedWhole) {
  {
    SecretString secret("private");
    secret.Truncate(2);
    Watch(secret.data(), 7);
  }
  EXPECT_TRUE(was_freed);
  EXPECT_TRUE(was_zero);
}

// Only moving is allowed, and nothing prints or compares it.
static_assert(!std::is_copy_constructible_v<SecretString>);
static_assert(!std::is_copy_assignable_v<SecretString>);
static_assert(std::is_nothrow_move_constructible_v<SecretString>);
static_assert(!std::is_convertible_v<SecretString, std::string_view>);

}  // namespace
}  // namespace postseal::base
