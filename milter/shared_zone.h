// SharedZone: the zone files of a Setup, which threads share, as a thread's resolver.
#ifndef POSTSEAL_MILTER_SHARED_ZONE_H_
#define POSTSEAL_MILTER_SHARED_ZONE_H_

#include <memory>
#include <optional>
#include <utility>

#include "dns/answer.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"

namespace postseal::milter {

// SharedZone answers at once. What $TIMEOUT leaves open has no answer: the message's
// deadline ends it.
class SharedZone final : public dns::AsyncResolver {
 public:
  explicit SharedZone(std::shared_ptr<const dns::ZoneResolver> zone) : zone_(std::move(zone)) {}

  LookupId Start(const dns::Query& query, Done done) override {
    const std::optional<dns::Answer> answer = zone_->Lookup(query);
    if (answer.has_value()) done(*answer);
    return 0;
  }
  void Cancel(LookupId) override {}

 private:
  std::shared_ptr<const dns::ZoneResolver> zone_;
};

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_SHARED_ZONE_H_
