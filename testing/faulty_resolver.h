// FaultyResolver and ManualResolver: DNS that fails, is silent, or answers when the test
// says so.
#ifndef POSTSEAL_TESTING_FAULTY_RESOLVER_H_
#define POSTSEAL_TESTING_FAULTY_RESOLVER_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dns/answer.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"

namespace postseal::testing {

// FaultyResolver answers from a zone, but for the names that it is told.
class FaultyResolver : public dns::BlockingResolver {
 public:
  // |zone| must outlive this.
  explicit FaultyResolver(const dns::ZoneResolver* zone) : zone_(zone) {}

  // Lookups of these names, in A-labels, are temporary errors, or are never answered.
  std::set<std::string, std::less<>> temp_errors;
  std::set<std::string, std::less<>> silent;

  void Resolve(std::span<const dns::PendingQuery> batch, dns::Deadline, Provide provide) override {
    for (const dns::PendingQuery& pending : batch) {
      asked_.push_back(pending.query);
      if (silent.contains(pending.query.name.text())) continue;
      if (temp_errors.contains(pending.query.name.text())) {
        provide(pending.id, dns::Answer(dns::Outcome::kTempError));
      } else if (const auto answer = zone_->Lookup(pending.query)) {
        provide(pending.id, *answer);
      }
    }
  }

  // asked is every query so far.
  const std::vector<dns::Query>& asked() const { return asked_; }

 private:
  const dns::ZoneResolver* zone_;
  std::vector<dns::Query> asked_;
};

// ManualResolver keeps lookups until the test has them answered, in any order: slow
// answers without waiting.
class ManualResolver : public dns::AsyncResolver {
 public:
  // |zone| must outlive this.
  explicit ManualResolver(const dns::ZoneResolver* zone) : zone_(zone) {}

  LookupId Start(const dns::Query& query, Done done) override {
    waiting_.push_back({++last_id_, query, std::move(done)});
    return last_id_;
  }
  void Cancel(LookupId id) override {
    std::erase_if(waiting_, [id](const Waiting& waiting) { return waiting.id == id; });
  }

  // waiting is how many lookups are under way.
  size_t waiting() const { return waiting_.size(); }

  // Answer answers lookup |index| of those under way, the oldest being 0; false when there
  // is none, or nobody answers it.
  bool Answer(size_t index) {
    if (index >= waiting_.size()) return false;
    Waiting taken = std::move(waiting_[index]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
    const std::optional<dns::Answer> answer = zone_->Lookup(taken.query);
    if (answer.has_value()) taken.done(*answer);
    return answer.has_value();
  }

 private:
  struct Waiting {
    LookupId id;
    dns::Query query;
    Done done;
  };

  const dns::ZoneResolver* zone_;
  std::vector<Waiting> waiting_;
  LookupId last_id_ = 0;
};

}  // namespace postseal::testing

#endif  // POSTSEAL_TESTING_FAULTY_RESOLVER_H_
