// What the tests of this folder share: a check of a request against zone text,
// through the blocking face and through the asynchronous one.
#ifndef POSTSEAL_SPF_TEST_SUPPORT_H_
#define POSTSEAL_SPF_TEST_SUPPORT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/result.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "gtest/gtest.h"
#include "spf/budget.h"
#include "spf/evaluation.h"
#include "spf/reason.h"
#include "spf/spf_session.h"
#include "spf/verdict.h"

namespace postseal::spf::testing {

// Seen is a verdict that outlives its session.
struct Seen {
  explicit Seen(const SpfSession& session) : result(session.verdict().result()) {
    const Verdict& verdict = session.verdict();
    reason = InfoOf(verdict.reason).name;
    domain = verdict.domain;
    term = absl::StrCat(verdict.term.domain, " ", verdict.term.text());
    origin = absl::StrCat(verdict.origin.domain, " ", verdict.origin.text());
    origin_offset = verdict.origin.offset;
    explanation = verdict.explanation;
    spent = verdict.spent;
    for (const dns::Lookup* lookup : session.lookups()) {
      queries.push_back(
          absl::StrCat(lookup->query().name.text(), " ", dns::TypeName(lookup->query().type)));
    }
  }
  std::string outcome() const { return absl::StrCat(base::ResultName(result), " ", reason); }

  base::Result result;
  std::string reason;
  std::string domain;
  std::string term;    // "DOMAIN TEXT"
  std::string origin;  // "DOMAIN TEXT"
  size_t origin_offset = 0;
  std::string explanation;
  Spent spent;
  std::vector<std::string> queries;
};

// ShufflingResolver answers from a zone, but late and in an order of its own.
class ShufflingResolver : public dns::AsyncResolver {
 public:
  ShufflingResolver(const dns::ZoneResolver* zone, uint32_t seed) : zone_(zone), state_(seed) {}

  LookupId Start(const dns::Query& query, Done done) override {
    waiting_.emplace_back(query, std::move(done));
    return waiting_.size();
  }
  void Cancel(LookupId) override {}

  // AnswerOne answers one of the open lookups; false when there is none.
  bool AnswerOne() {
    if (waiting_.empty()) return false;
    std::swap(waiting_[Next() % waiting_.size()], waiting_.back());
    auto [query, done] = std::move(waiting_.back());
    waiting_.pop_back();
    done(zone_->Lookup(query).value_or(dns::Answer(dns::Outcome::kTempError)));
    return true;
  }

 private:
  // Next is a linear congruential generator: a seed gives the same order for ever.
  uint32_t Next() {
    state_ = state_ * 1664525 + 1013904223;
    return state_ >> 16;
  }

  const dns::ZoneResolver* zone_;
  uint32_t state_;
  std::vector<std::pair<dns::Query, Done>> waiting_;
};

// Host checks requests against zone text.
class Host {
 public:
  explicit Host(std::string_view zone) {
    const absl::Status added = zone_.AddText(zone, "zone");
    EXPECT_TRUE(added.ok()) << added << "\n" << zone;
  }

  Seen Blocking(const Request& request, const SpfOptions& options = SpfOptions()) {
    SpfSession session(options);
    session.Start(request);
    dns::RunBlocking(&session, &zone_, dns::Deadline::max());
    return Seen(session);
  }

  Seen Shuffled(const Request& request, uint32_t seed) {
    ShufflingResolver resolver(&zone_, seed);
    auto session = std::make_shared<SpfSession>();
    session->Start(request);
    dns::Pump(session, &resolver);
    while (resolver.AnswerOne()) {
    }
    return Seen(*session);
  }

 private:
  dns::ZoneResolver zone_;
};

inline Request MakeRequest(std::string_view client, std::string_view mail_from,
                           std::string_view helo = "mx.example.org") {
  const auto address = dns::IpAddress::Parse(client);
  POSTSEAL_CHECK(address.has_value());
  Request request;
  request.client = *address;
  request.mail_from = mail_from;
  request.helo = helo;
  request.now = 1700000000;
  return request;
}

// Check is the common case: the verdict on |mail_from| from |client|.
inline Seen Check(std::string_view zone, std::string_view client = "192.0.2.1",
                  std::string_view mail_from = "user@example.com",
                  const SpfOptions& options = SpfOptions()) {
  return Host(zone).Blocking(MakeRequest(client, mail_from), options);
}

}  // namespace postseal::spf::testing

#endif  // POSTSEAL_SPF_TEST_SUPPORT_H_
