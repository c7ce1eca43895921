// PublishedKeys: which of our keys verifiers cannot use yet, because the DNS does not have
// them. CheckPublishedKeys
#ifndef POSTSEAL_MILTER_PUBLISHED_KEYS_H_
#define POSTSEAL_MILTER_PUBLISHED_KEYS_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "dkim/key_check.h"
#include "dns/answer.h"
#include "dns/resolver.h"
#include "milter/log.h"
#include "milter/signing_tables.h"

namespace postseal::milter {

// PublishedKeys holds a key back when its record is missing, unusable or that of another
// key. What is not known, because nobody asked yet or the lookup failed, holds nothing
// back: trouble with the DNS must not stop signing.
class PublishedKeys {
 public:
  // kMaxOutstanding bounds the lookups under way at a time.
  static constexpr size_t kMaxOutstanding = 100;

  // |log| is told of each key whose state changes; it outlives the object.
  explicit PublishedKeys(Log* log) : log_(log) {}
  PublishedKeys(const PublishedKeys&) = delete;
  PublishedKeys& operator=(const PublishedKeys&) = delete;

  // Ask looks the keys of |tables| up, in place of what it was asked before. The answers
  // come while the resolver's loop runs, on its thread, which is also the one to call
  // this. |resolver| must not outlive the object.
  void Ask(std::shared_ptr<const SigningTables> tables, dns::AsyncResolver* resolver);

  // IsHeldBack says that the key |selector| of |domain| is to sign nothing. Any thread
  // may call it.
  bool IsHeldBack(std::string_view domain, std::string_view selector) const;

 private:
  // AskNext starts lookups as long as there is room.
  void AskNext();
  void Take(size_t number, size_t round, const dns::Answer& answer);

  Log* const log_;
  // Of the thread that asks.
  std::shared_ptr<const SigningTables> tables_;
  dns::AsyncResolver* resolver_ = nullptr;
  size_t round_ = 0;
  size_t next_ = 0;  // the key that is asked for next
  size_t outstanding_ = 0;
  bool is_asking_ = false;

  mutable std::mutex mutex_;
  // By the name of the key's record: what was found, when that is worth telling.
  absl::flat_hash_map<std::string, dkim::KeyCheck::Outcome> found_;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_PUBLISHED_KEYS_H_
