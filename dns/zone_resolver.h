// ZoneResolver: answers from zone text in memory, without network, thread or
// clock. Tests, scenarios and offline runs resolve with it.
#ifndef POSTSEAL_DNS_ZONE_RESOLVER_H_
#define POSTSEAL_DNS_ZONE_RESOLVER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "base/arena.h"
#include "base/check.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/resolver.h"
#include "dns/zone_file.h"

namespace postseal::dns {

// kMaxCnameDepth is how many CNAME records a lookup follows; a longer chain, or a
// loop, is a temporary error. RFC 1034 §3.6.2 leaves the number open.
inline constexpr int kMaxCnameDepth = 8;

// ZoneResolver holds the names of any number of zones together: there are no zone
// cuts, and NS records do not delegate. Where a name has records of the type
// asked for beside a CNAME record, which RFC 1034 §3.6.2 forbids, it answers with
// those. Lookup and Resolve may be called by several threads when no other call is
// under way.
class ZoneResolver : public BlockingResolver, public AsyncResolver {
 public:
  ZoneResolver() = default;
  ZoneResolver(const ZoneResolver&) = delete;
  ZoneResolver& operator=(const ZoneResolver&) = delete;

  // AddText adds the records and control lines of |text|, see dns/zone_file.h,
  // to what is there, or nothing when it has an error; |file_name| is for the
  // error's text. Equal records stay as many as they are, although RFC 2181 §5
  // merges them [deviation]: SPF's test suite counts them.
  absl::Status AddText(std::string_view text, std::string_view file_name);

  // Lookup answers |query|; nullopt where $TIMEOUT says that nobody does. Records
  // have the order of the text. Names compare without case, wildcards are those
  // of RFC 4592. The answer's data live until the next AddText.
  std::optional<Answer> Lookup(const Query& query) const;

  // Resolve and Start answer at once. Resolve leaves out what times out; Start
  // keeps its |done|, uncalled, until Cancel.
  void Resolve(std::span<const PendingQuery> batch, Deadline deadline, Provide provide) override;
  LookupId Start(const Query& query, Done done) override;
  void Cancel(LookupId id) override { unanswered_.erase(id); }

 private:
  struct RecordSet {
    Type type;
    uint32_t ttl_seconds;
    std::vector<std::string_view> rdata;  // into records_
  };
  // Node is a name that exists. It has no record set when it only stands above
  // another name, or has none of a type in Type.
  struct Node {
    const RecordSet* Find(Type type) const {
      for (const RecordSet& set : sets) {
        if (set.type == type) return &set;
      }
      return nullptr;
    }
    std::vector<RecordSet> sets;
  };
  // Fault is a control line; without a type it is for all types.
  struct Fault {
    ZoneEntry::Kind kind;
    std::optional<Type> type;
  };

  void Add(const ZoneEntry& entry);
  const Node* FindExact(const Name& name) const;
  const Node* FindNode(const Name& name) const;
  const Fault* FindFault(const Name& name, Type type) const;
  uint32_t NegativeTtl(const Name& name) const;

  base::Arena records_;
  // absl::flat_hash_map does not survive a std::bad_alloc of its own.
  std::unordered_map<Name, Node, absl::Hash<Name>> nodes_;
  std::unordered_map<Name, std::vector<Fault>, absl::Hash<Name>> faults_;
  std::unordered_map<LookupId, Done> unanswered_;
  LookupId last_id_ = 0;
};

// Implementation.

inline absl::Status ZoneResolver::AddText(std::string_view text, std::string_view file_name) {
  const auto entries = ParseZone(text, file_name);
  if (!entries.ok()) return entries.status();
  for (const ZoneEntry& entry : *entries) Add(entry);
  return absl::OkStatus();
}

inline void ZoneResolver::Add(const ZoneEntry& entry) {
  if (entry.kind != ZoneEntry::Kind::kRecord) {
    std::vector<Fault>& faults = faults_[entry.owner];
    // The first line about a lookup counts. Types are few, so this stays short.
    for (const Fault& fault : faults) {
      if (fault.type == entry.type) return;
    }
    faults.push_back(Fault{entry.kind, entry.type});
    return;
  }
  // RFC 4592 §2.2.2: the names above exist, too, even without a record.
  for (Name name = entry.owner; nodes_.try_emplace(name).second && !name.is_root();) {
    name = name.Parent();
  }
  if (!entry.type.has_value()) return;
  std::vector<RecordSet>& sets = nodes_.find(entry.owner)->second.sets;
  auto set = std::find_if(sets.begin(), sets.end(),
                          [&](const RecordSet& s) { return s.type == *entry.type; });
  if (set == sets.end()) {
    set = sets.insert(set, RecordSet{*entry.type, entry.ttl_seconds, {}});
  }
  // RFC 2181 §5.2: records of a set share one TTL; the smallest is the safe one.
  set->ttl_seconds = std::min(set->ttl_seconds, entry.ttl_seconds);
  set->rdata.push_back(records_.Copy(entry.rdata));
}

inline std::optional<Answer> ZoneResolver::Lookup(const Query& query) const {
  Name name = query.name;
  uint32_t ttl = std::numeric_limits<uint32_t>::max();
  for (int followed = 0; followed <= kMaxCnameDepth; ++followed) {
    if (const Fault* const fault = FindFault(name, query.type)) {
      if (fault->kind == ZoneEntry::Kind::kTimeout) return std::nullopt;
      return Answer(Outcome::kTempError);
    }
    const Node* const node = FindNode(name);
    const RecordSet* const set = node == nullptr ? nullptr : node->Find(query.type);
    const RecordSet* const cname = node == nullptr ? nullptr : node->Find(Type::kCname);
    if (set == nullptr && cname == nullptr) {
      Answer answer(node == nullptr ? Outcome::kNxDomain : Outcome::kNoData);
      answer.ttl_seconds = std::min(ttl, NegativeTtl(name));
      return answer;
    }
    if (set != nullptr) {
      Answer answer(Outcome::kRecords);
      answer.ttl_seconds = std::min(ttl, set->ttl_seconds);
      answer.rdata = set->rdata;
      return answer;
    }
    ttl = std::min(ttl, cname->ttl_seconds);
    const auto target = ParseName(cname->rdata.front());
    POSTSEAL_CHECK(target.has_value());
    name = *target;
  }
  return Answer(Outcome::kTempError);
}

inline const ZoneResolver::Node* ZoneResolver::FindExact(const Name& name) const {
  const auto it = nodes_.find(name);
  return it == nodes_.end() ? nullptr : &it->second;
}

inline const ZoneResolver::Node* ZoneResolver::FindNode(const Name& name) const {
  if (const Node* const node = FindExact(name)) return node;
  // RFC 4592 §3.3.1: the closest encloser is the longest existing ancestor; only
  // a wildcard right below it, the source of synthesis, counts.
  Name encloser = name.Parent();
  while (!encloser.is_root() && !nodes_.contains(encloser)) encloser = encloser.Parent();
  const auto wildcard = encloser.Prepend("*");
  return wildcard.has_value() ? FindExact(*wildcard) : nullptr;
}

inline const ZoneResolver::Fault* ZoneResolver::FindFault(const Name& name, Type type) const {
  const auto it = faults_.find(name);
  if (it == faults_.end()) return nullptr;
  for (const Fault& fault : it->second) {
    if (fault.type.value_or(type) == type) return &fault;
  }
  return nullptr;
}

// RFC 2308 §5: a negative answer lives as long as the SOA record says, its own TTL
// included; without one it is not to be cached.
inline uint32_t ZoneResolver::NegativeTtl(const Name& name) const {
  for (Name zone = name;; zone = zone.Parent()) {
    const Node* const node = FindExact(zone);
    if (const RecordSet* const soa = node == nullptr ? nullptr : node->Find(Type::kSoa)) {
      uint32_t minimum = 0;  // MINIMUM is the last of the record's fields
      const std::string_view rdata = soa->rdata.front();
      for (const char c : rdata.substr(rdata.size() - 4)) {
        minimum = minimum << 8 | static_cast<uint8_t>(c);
      }
      return std::min(minimum, soa->ttl_seconds);
    }
    if (zone.is_root()) return 0;
  }
}

inline void ZoneResolver::Resolve(std::span<const PendingQuery> batch, Deadline, Provide provide) {
  for (const PendingQuery& pending : batch) {
    if (const auto answer = Lookup(pending.query)) provide(pending.id, *answer);
  }
}

inline AsyncResolver::LookupId ZoneResolver::Start(const Query& query, Done done) {
  const LookupId id = ++last_id_;
  if (const auto answer = Lookup(query)) {
    done(*answer);
  } else {
    unanswered_.emplace(id, std::move(done));
  }
  return id;
}

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_ZONE_RESOLVER_H_
