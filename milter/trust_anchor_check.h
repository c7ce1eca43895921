// TrustAnchorCheck: whether the name servers answer in a way that TrustAnchorFile can
// validate. A forwarder that leaves DNSSEC out makes every lookup bogus, and so
// temperror, without any other sign.
#ifndef POSTSEAL_MILTER_TRUST_ANCHOR_CHECK_H_
#define POSTSEAL_MILTER_TRUST_ANCHOR_CHECK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "dns/answer.h"
#include "milter/config.h"
#include "milter/loop_resolver.h"

struct event_base;

namespace postseal::milter {

// TrustAnchorCheck asks one question twice, with the trust anchors and without: the SOA
// record of a zone that an anchor is for. It is for the thread of its loop, and for one
// use.
class TrustAnchorCheck {
 public:
  enum class Result : uint8_t {
    kGood,      // the anchors validate the answer
    kBroken,    // there is an answer, and it does not validate
    kNoAnswer,  // nothing is known: the DNS does not answer at all
  };
  // Done is called once, in the loop or by Start. It must not destroy the check.
  using Done = std::function<void(Result)>;

  // Start asks the servers of |config|, which has a TrustAnchorFile. |base| outlives the
  // check. The error is that of LoopResolver::Create.
  static absl::StatusOr<std::unique_ptr<TrustAnchorCheck>> Start(event_base* base,
                                                                 const Config& config, Done done);
  TrustAnchorCheck(const TrustAnchorCheck&) = delete;
  TrustAnchorCheck& operator=(const TrustAnchorCheck&) = delete;

  // Run is Start in a loop of its own: it returns when the result is there, after
  // DNSTimeout at the latest.
  static absl::StatusOr<Result> Run(const Config& config);

  // Text says what |result| means and what to do; empty for kGood.
  static std::string Text(Result result, const Config& config);

 private:
  explicit TrustAnchorCheck(Done done) : done_(std::move(done)) {}

  void Ask(const dns::Query& query, LoopResolver* resolver, std::optional<dns::Outcome>* outcome);
  void Finish();

  const Done done_;
  std::unique_ptr<LoopResolver> validating_;
  std::unique_ptr<LoopResolver> plain_;
  std::optional<dns::Outcome> validated_;
  std::optional<dns::Outcome> answered_;
};

// AnchoredZone is the zone of the first DS or DNSKEY record in |text|, the text of a
// TrustAnchorFile; "." where there is none that can be read.
std::string AnchoredZone(std::string_view text);

}  // namespace postseal::milter

#endif  // POSTSEAL_MILTER_TRUST_ANCHOR_CHECK_H_
