// PublicKeyCache: parsed public keys, found by the text they came from.
#ifndef POSTSEAL_DKIM_PUBLIC_KEY_CACHE_H_
#define POSTSEAL_DKIM_PUBLIC_KEY_CACHE_H_

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "absl/hash/hash.h"
#include "dkim/algorithm.h"
#include "dkim/public_key.h"

namespace postseal::dkim {

// PublicKeyCache keeps the keys used last, so that a key that signs much mail is
// parsed once. It is no DNS cache: what it is asked with comes from a record
// just looked up, and a key's meaning never changes. So there is no clock here.
//
// It is safe to use from several threads at once. One mutex guards it: it is
// held for a hash of some 300 octets, a hundredth of the verification that
// follows.
class PublicKeyCache {
 public:
  // A cache of |max_keys| keys of some 2 KiB each; with 0 it keeps none.
  explicit PublicKeyCache(size_t max_keys) : max_keys_(max_keys) {}

  PublicKeyCache(const PublicKeyCache&) = delete;
  PublicKeyCache& operator=(const PublicKeyCache&) = delete;

  // Find returns the key of |type| that was inserted with |text|, or null. The
  // key becomes the one used last; it lives as long as anybody holds it.
  std::shared_ptr<const PublicKey> Find(KeyType type, std::string_view text);

  // Insert keeps |key|, which was parsed from |text|: the p= as it stood in the
  // record, or decoded, as long as Find is asked with the same. When |max_keys|
  // are kept already, the one not used for longest goes. Returns the key that is
  // kept: another thread may have been first.
  std::shared_ptr<const PublicKey> Insert(KeyType type, std::string_view text, PublicKey key);

  // size is the number of keys kept.
  size_t size() const;

 private:
  struct Entry {
    KeyType type;
    std::string text;
    std::shared_ptr<const PublicKey> key;
  };
  // By use, the last one first. The map's views are of its texts.
  using Entries = std::list<Entry>;
  using Id = std::pair<KeyType, std::string_view>;

  // FindLocked is Find with the mutex held.
  std::shared_ptr<const PublicKey> FindLocked(const Id& id);

  const size_t max_keys_;
  mutable std::mutex mutex_;
  Entries entries_;
  // absl::flat_hash_map does not survive a std::bad_alloc of its own.
  std::unordered_map<Id, Entries::iterator, absl::Hash<Id>> by_id_;
};

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_PUBLIC_KEY_CACHE_H_
