#include "dkim/public_key_cache.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace postseal::dkim {

std::shared_ptr<const PublicKey> PublicKeyCache::Find(KeyType type, std::string_view text) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return FindLocked({type, text});
}

std::shared_ptr<const PublicKey> PublicKeyCache::Insert(KeyType type, std::string_view text,
                                                        PublicKey key) {
  auto shared = std::make_shared<const PublicKey>(std::move(key));
  if (max_keys_ == 0) return shared;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (auto first = FindLocked({type, text})) return first;
  // In both or, when memory runs out, in none.
  Entries entry;
  entry.push_front({type, std::string(text), shared});
  by_id_.emplace(Id(type, entry.front().text), entry.begin());
  entries_.splice(entries_.begin(), entry);
  if (entries_.size() > max_keys_) {
    by_id_.erase(Id(entries_.back().type, entries_.back().text));
    entries_.pop_back();
  }
  return shared;
}

size_t PublicKeyCache::size() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return entries_.size();
}

std::shared_ptr<const PublicKey> PublicKeyCache::FindLocked(const Id& id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->key;
}

}  // namespace postseal::dkim
