#include "dkim/public_key_cache.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dkim/algorithm.h"
#include "dkim/public_key.h"
#include "gtest/gtest.h"

namespace postseal::dkim {
namespace {

// A key whose octets are |octet|, 32 times.
PublicKey Key(char octet) {
  return std::get<PublicKey>(PublicKey::Parse(KeyType::kEd25519, std::string(32, octet)));
}

TEST(PublicKeyCacheTest, FindsWhatWasInserted) {
  PublicKeyCache cache(4);
  EXPECT_EQ(cache.Find(KeyType::kEd25519, "a"), nullptr);
  const auto inserted = cache.Insert(KeyType::kEd25519, "a", Key('a'));
  ASSERT_NE(inserted, nullptr);
  EXPECT_EQ(cache.Find(KeyType::kEd25519, "a"), inserted);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(PublicKeyCacheTest, TheTypeIsPartOfTheName) {
  PublicKeyCache cache(4);
  cache.Insert(KeyType::kEd25519, "a", Key('a'));
  EXPECT_EQ(cache.Find(KeyType::kRsa, "a"), nullptr);
}

TEST(PublicKeyCacheTest, TheFirstInsertedStays) {
  PublicKeyCache cache(4);
  const auto first = cache.Insert(KeyType::kEd25519, "a", Key('a'));
  EXPECT_EQ(cache.Insert(KeyType::kEd25519, "a", Key('a')), first);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(PublicKeyCacheTest, KeepsMaxKeysAndNoMore) {
  PublicKeyCache cache(3);
  for (const char* text : {"a", "b", "c"}) cache.Insert(KeyType::kEd25519, text, Key('k'));
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_NE(cache.Find(KeyType::kEd25519, "a"), nullptr) << "n keys: all are there";

  cache.Insert(KeyType::kEd25519, "d", Key('d'));
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_EQ(cache.Find(KeyType::kEd25519, "b"), nullptr) << "n + 1: b was not used for longest";
  for (const char* text : {"a", "c", "d"}) {
    EXPECT_NE(cache.Find(KeyType::kEd25519, text), nullptr) << text;
  }
}

TEST(PublicKeyCacheTest, AnEvictedKeyLivesAsLongAsItIsHeld) {
  PublicKeyCache cache(1);
  const std::shared_ptr<const PublicKey> held = cache.Insert(KeyType::kEd25519, "a", Key('a'));
  cache.Insert(KeyType::kEd25519, "b", Key('b'));
  EXPECT_EQ(cache.Find(KeyType::kEd25519, "a"), nullptr);
  EXPECT_EQ(held->bits(), 256);
}

TEST(PublicKeyCacheTest, WithNoRoomItKeepsNone) {
  PublicKeyCache cache(0);
  EXPECT_NE(cache.Insert(KeyType::kEd25519, "a", Key('a')), nullptr);
  EXPECT_EQ(cache.Find(KeyType::kEd25519, "a"), nullptr);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(PublicKeyCacheTest, ThreadsShareIt) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 2000;
  constexpr int kTexts = 12;
  PublicKeyCache cache(8);
  std::vector<std::thread> threads;
  std::vector<int> missing(kThreads, 0);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&cache, &missing, t] {
      for (int i = 0; i < kRounds; ++i) {
        const std::string text = absl::StrCat((i * (t + 1)) % kTexts);
        auto key = cache.Find(KeyType::kEd25519, text);
        if (key == nullptr) key = cache.Insert(KeyType::kEd25519, text, Key('k'));
        if (key == nullptr || key->bits() != 256) ++missing[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(missing, std::vector<int>(kThreads, 0));
  EXPECT_EQ(cache.size(), 8u);
}

}  // namespace
}  // namespace postseal::dkim
