// HeaderIndex: the fields of one message by name, so that the fields of any
// number of signatures are picked in time linear in their h= lists.
#ifndef POSTSEAL_DKIM_HEADER_INDEX_H_
#define POSTSEAL_DKIM_HEADER_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/ascii.h"
#include "mail/field.h"

namespace postseal::dkim {

// HeaderIndex groups fields whose names are equal without regard to case. The
// fields must outlive it.
class HeaderIndex {
 public:
  // kNoField stands for the field that is not there.
  static constexpr uint32_t kNoField = UINT32_MAX;

  // HeaderIndex() has no fields.
  HeaderIndex() = default;
  HeaderIndex(base::Arena* arena, std::span<const mail::Field> fields)
      : fields_(fields), above_(arena->NewArray<uint32_t>(fields.size())) {
    size_t buckets = 16;
    while (buckets < fields.size() * 2) buckets *= 2;
    groups_ = arena->NewArray<Group>(buckets);
    key_ = Multiply(reinterpret_cast<uintptr_t>(groups_.data()), kFactor);
    for (uint32_t i = 0; i < fields.size(); ++i) {
      const uint32_t hash = Hash(fields[i].name);
      Group& group = groups_[Bucket(fields[i].name, hash)];
      above_[i] = group.count == 0 ? kNoField : group.last;
      group.hash = hash;
      group.last = i;
      ++group.count;
    }
  }

  std::span<const mail::Field> fields() const { return fields_; }

  // Count is how many fields are named |name|.
  size_t Count(std::string_view name) const {
    return groups_.empty() ? 0 : groups_[Bucket(name)].count;
  }

  // Picker picks fields the way h= names them: the last field of a name first,
  // then the next one above it. RFC 6376 §5.4.2
  class Picker {
   public:
    Picker(base::Arena* arena, const HeaderIndex* index)
        : index_(index), next_(arena->NewArray<Next>(index->groups_.size())) {}

    // Pick returns the next field named |name|, or nullptr when there is none
    // left: the null string then (RFC 6376 §3.5 h=).
    const mail::Field* Pick(std::string_view name) {
      if (next_.empty()) return nullptr;
      const size_t bucket = index_->Bucket(name);
      const Group& group = index_->groups_[bucket];
      if (group.count == 0) return nullptr;
      Next& next = next_[bucket];
      const uint32_t picked = next.started ? next.field : group.last;
      if (picked == kNoField) return nullptr;
      next.started = true;
      next.field = index_->above_[picked];
      return &index_->fields_[picked];
    }

   private:
    struct Next {
      uint32_t field = 0;
      bool started = false;
    };
    const HeaderIndex* index_;
    std::span<Next> next_;
  };

 private:
  // Group is the fields of one name: its hash, the last field, and how many.
  struct Group {
    uint32_t hash = 0;
    uint32_t last = 0;
    uint32_t count = 0;
  };

  // Hash mixes all of the name, eight octets at a time. Setting bit 5 makes
  // letters of either case alike; what else it makes alike, Bucket compares exactly.
  //
  // A sender who could make names collide would make looking them up quadratic.
  // So the hash is keyed with the address of this message's memory, which he does
  // not know; nothing that is reported depends on it.
  uint32_t Hash(std::string_view name) const {
    uint64_t hash = key_ ^ name.size();
    while (name.size() >= sizeof(uint64_t)) {
      uint64_t word;
      std::memcpy(&word, name.data(), sizeof(word));
      hash = Multiply(hash ^ (word | kCaseBits), kFactor ^ key_);
      name.remove_prefix(sizeof(word));
    }
    uint64_t word = 0;
    for (const char c : name) word = word << 8 | static_cast<uint8_t>(c);
    hash = Multiply(hash ^ (word | kCaseBits), kFactor ^ key_);
    return static_cast<uint32_t>(hash ^ hash >> 32);
  }
  static constexpr uint64_t kCaseBits = 0x2020202020202020u;
  static constexpr uint64_t kFactor = 0x9e3779b97f4a7c15u;
  // Multiply folds the 128-bit product: every bit of both factors counts.
  static uint64_t Multiply(uint64_t a, uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }

  // Bucket is where the group of |name| is, or would be.
  size_t Bucket(std::string_view name) const { return Bucket(name, Hash(name)); }
  size_t Bucket(std::string_view name, uint32_t hash) const {
    size_t bucket = hash & (groups_.size() - 1);
    while (groups_[bucket].count != 0 &&
           (groups_[bucket].hash != hash ||
            !base::EqualsIgnoreCase(fields_[groups_[bucket].last].name, name))) {
      bucket = (bucket + 1) & (groups_.size() - 1);
    }
    return bucket;
  }

  uint64_t key_ = 0;
  std::span<const mail::Field> fields_;
  // above_[i] is the next field above i of the same name.
  std::span<uint32_t> above_;
  std::span<Group> groups_;
};

}  // namespace postseal::dkim

#endif  // POSTSEAL_DKIM_HEADER_INDEX_H_
