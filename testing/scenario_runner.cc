#include "testing/scenario_runner.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "auth/authentication_results.h"
#include "auth/envelope.h"
#include "auth/evidence.h"
#include "auth/evidence_json.h"
#include "auth/options.h"
#include "auth/report.h"
#include "auth/report_json.h"
#include "auth/verify_session.h"
#include "authres/lexical.h"
#include "dmarc/public_suffix.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"
#include "nlohmann/json.hpp"

namespace postseal::testing {
namespace {

using Json = nlohmann::json;
using Session = std::shared_ptr<auth::VerifySession>;
using Texts = std::vector<std::string>;

constexpr uint32_t kSeeds[] = {1, 2, 3, 4, 5};
// What the event loop feeds at once, at most, in octets.
constexpr size_t kMaxChunkOctets = 200;

std::string QueryText(const dns::Query& query) {
  return absl::StrCat(dns::TypeName(query.type), " ", query.name.text());
}

// Random is a linear congruential generator: a seed gives the same numbers for ever.
class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed) {}
  // Below is a number below |n|, which is not 0.
  size_t Below(size_t n) {
    state_ = state_ * 1664525 + 1013904223;
    return (state_ >> 16) % n;
  }

 private:
  uint32_t state_;
};

// RoundResolver answers from a zone and notes the round of each query.
class RoundResolver : public dns::BlockingResolver {
 public:
  explicit RoundResolver(dns::ZoneResolver* zone) : zone_(zone) {}

  void Resolve(std::span<const dns::PendingQuery> batch, dns::Deadline deadline,
               Provide provide) override {
    ++rounds_;
    for (const dns::PendingQuery& pending : batch) {
      queries_.push_back(QueryText(pending.query));
      lines_.push_back(absl::StrCat(rounds_, " ", queries_.back()));
    }
    zone_->Resolve(batch, deadline, provide);
  }
  const Texts& queries() const { return queries_; }
  // lines are the queries as [queries] has them.
  const Texts& lines() const { return lines_; }

 private:
  dns::ZoneResolver* zone_;
  size_t rounds_ = 0;
  Texts queries_;
  Texts lines_;
};

// ShufflingResolver answers from a zone, in an order that a seed gives.
class ShufflingResolver : public dns::AsyncResolver {
 public:
  ShufflingResolver(const dns::ZoneResolver* zone, uint32_t seed) : zone_(zone), random_(seed) {}

  LookupId Start(const dns::Query& query, Done done) override {
    queries_.push_back(QueryText(query));
    open_.push_back({query, std::move(done)});
    return queries_.size();
  }
  void Cancel(LookupId) override {}  // nobody does

  // AnswerOne answers one of the open lookups; false when there is none. Where the zone
  // says that nobody answers, it drops the lookup.
  bool AnswerOne() {
    if (open_.empty()) return false;
    std::swap(open_[random_.Below(open_.size())], open_.back());
    Open lookup = std::move(open_.back());
    open_.pop_back();
    if (const auto answer = zone_->Lookup(lookup.query)) lookup.done(*answer);
    return true;
  }
  Random& random() { return random_; }
  const Texts& queries() const { return queries_; }

 private:
  struct Open {
    dns::Query query;
    Done done;
  };
  const dns::ZoneResolver* zone_;
  Random random_;
  std::vector<Open> open_;
  Texts queries_;
};

// Difference is the first few elements of |want| that |got| has not, and the other way
// round; empty when they are the same but for the order.
std::string Difference(Texts want, Texts got) {
  std::sort(want.begin(), want.end());
  std::sort(got.begin(), got.end());
  std::string out;
  const auto add = [&out](std::string_view what, const Texts& a, const Texts& b) {
    Texts only;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
    for (const std::string& one : only) {
      absl::StrAppend(&out, out.empty() ? "" : ", ", what, " \"", one, "\"");
    }
  };
  add("missing", want, got);
  add("unexpected", got, want);
  return out;
}

// ValueAt is what |path| leads to, see the format; nullopt when it leads nowhere.
std::optional<Json> ValueAt(const Json& root, std::string_view path) {
  const Json* at = &root;
  for (const std::string_view step : absl::StrSplit(path, '.')) {
    if (at->is_array()) {
      if (step == "length") return Json(at->size());
      const auto index = dns::ParseDecimal(step, UINT32_MAX);
      if (!index.has_value() || *index >= at->size()) return std::nullopt;
      at = &(*at)[*index];
    } else {
      const auto member = at->is_object() ? at->find(step) : at->end();
      if (member == at->end()) return std::nullopt;
      at = &*member;
    }
  }
  return *at;
}

class Runner {
 public:
  explicit Runner(const Scenario& scenario) : scenario_(scenario) {}

  Texts Run() {
    if (absl::Status status = SetUp(); !status.ok()) {
      Add(status.message());
      return problems_;
    }
    RoundResolver resolver(&zone_);
    const auto report = Block(&resolver);
    if (!report.ok()) {
      Add(absl::StrCat("blocking: ", report.status().message()));
      return problems_;
    }
    const auto json = ToJson(*report);
    if (!json.ok()) {
      Add(json.status().message());
      return problems_;
    }
    json_ = *json;
    CheckExpectations();
    CheckRounds(resolver.lines());
    queries_ = resolver.queries();
    for (const uint32_t seed : kSeeds) {
      const std::string face = absl::StrCat("event loop, seed ", seed);
      ShufflingResolver shuffling(&zone_, seed);
      CheckReport(face, Loop(&shuffling));
      CheckQueries(face, shuffling.queries());
    }
    Texts queries;
    CheckReport("octet by octet", FeedOctets(&queries));
    CheckQueries("octet by octet", queries);
    CheckReport("evidence", Replay(*report));
    return problems_;
  }

 private:
  void Add(std::string_view problem) {
    problems_.push_back(absl::StrCat(scenario_.file_name, ": ", problem));
  }

  absl::Status SetUp() {
    if (absl::Status status = zone_.AddText(scenario_.zone, scenario_.file_name); !status.ok()) {
      return status;
    }
    if (!scenario_.needs_suffixes) return absl::OkStatus();
    auto suffixes = dmarc::PublicSuffixList::Builtin();
    if (!suffixes.ok()) return suffixes.status();
    suffixes_ = *std::move(suffixes);
    return absl::OkStatus();
  }

  absl::StatusOr<Session> Start(auth::Options options, const auth::Envelope& envelope,
                                int64_t now) const {
    options.dmarc.suffixes = suffixes_.get();
    return auth::VerifySession::Create(std::make_shared<auth::Options>(options), envelope, now);
  }
  absl::StatusOr<Session> Start() const {
    return Start(scenario_.options, scenario_.envelope, scenario_.now);
  }

  static absl::StatusOr<auth::Report> Finish(const Session& session) {
    if (!session->done()) return absl::InternalError("all is answered, and there is no verdict");
    return session->report();
  }

  // FeedAll feeds the message at once.
  absl::Status FeedAll(const Session& session) const {
    if (absl::Status status = session->Feed(scenario_.message); !status.ok()) return status;
    return session->EndOfMessage();
  }

  absl::StatusOr<auth::Report> Block(RoundResolver* resolver) const {
    const auto session = Start();
    if (!session.ok()) return session.status();
    if (absl::Status status = FeedAll(*session); !status.ok()) return status;
    dns::RunBlocking(session->get(), resolver, dns::Deadline::max());
    return Finish(*session);
  }

  absl::StatusOr<auth::Report> Loop(ShufflingResolver* resolver) const {
    const auto session = Start();
    if (!session.ok()) return session.status();
    dns::Pump(*session, resolver);
    for (std::string_view rest = scenario_.message; !rest.empty();) {
      const std::string_view chunk = rest.substr(0, 1 + resolver->random().Below(kMaxChunkOctets));
      rest.remove_prefix(chunk.size());
      if (absl::Status status = (*session)->Feed(chunk); !status.ok()) return status;
      dns::Pump(*session, resolver);
      if (resolver->random().Below(2) == 0) resolver->AnswerOne();
    }
    if (absl::Status status = (*session)->EndOfMessage(); !status.ok()) return status;
    dns::Pump(*session, resolver);
    while (resolver->AnswerOne()) continue;
    (*session)->FailOutstanding();
    return Finish(*session);
  }

  // FeedOctets answers each query as soon as it is there.
  absl::StatusOr<auth::Report> FeedOctets(Texts* queries) const {
    const auto session = Start();
    if (!session.ok()) return session.status();
    const auto answer = [&] {
      while (const auto pending = (*session)->NextQuery()) {
        queries->push_back(QueryText(pending->query));
        const auto found = zone_.Lookup(pending->query);
        if (found.has_value()) (*session)->Provide(pending->id, *found).IgnoreError();
      }
    };
    answer();
    for (const char& octet : scenario_.message) {
      if (absl::Status status = (*session)->Feed({&octet, 1}); !status.ok()) return status;
      answer();
    }
    if (absl::Status status = (*session)->EndOfMessage(); !status.ok()) return status;
    answer();
    (*session)->FailOutstanding();
    return Finish(*session);
  }

  // Replay verifies again from the evidence of |report|, written and read.
  absl::StatusOr<auth::Report> Replay(const auth::Report& report) const {
    auth::Evidence written;
    written.now = scenario_.now;
    written.authserv_id = scenario_.authserv_id;
    written.envelope = scenario_.envelope;
    written.options = scenario_.options;
    written.dns = report.dns;
    const auto evidence = auth::ParseEvidence(auth::EvidenceToJson(written));
    if (!evidence.ok()) return evidence.status();
    const auto session = Start(evidence->options, evidence->envelope, evidence->now);
    if (!session.ok()) return session.status();
    if (absl::Status status = FeedAll(*session); !status.ok()) return status;
    auth::AnswerFrom(evidence->dns, session->get());
    return Finish(*session);
  }

  absl::StatusOr<std::string> ToJson(const auth::Report& report) const {
    const auto charset =
        scenario_.envelope.smtputf8 ? authres::Charset::kUtf8 : authres::Charset::kAscii;
    const auto field = auth::PrintAuthenticationResults(report, scenario_.authserv_id, charset);
    if (!field.ok()) return field.status();
    return auth::ReportToJson(report, auth::FieldValue(*field));
  }

  void CheckExpectations() {
    const Json root = Json::parse(json_);
    for (const Expectation& expectation : scenario_.expectations) {
      const std::optional<Json> got = ValueAt(root, expectation.path);
      if (got.has_value() && *got == Json::parse(expectation.json)) continue;
      problems_.push_back(absl::StrCat(scenario_.file_name, ":", expectation.line, ": ",
                                       expectation.path, ": want ", expectation.json, ", got ",
                                       got.has_value() ? got->dump() : "no such member"));
    }
  }

  void CheckRounds(const Texts& got) {
    Texts want;
    for (const ExpectedQuery& query : scenario_.queries) {
      want.push_back(absl::StrCat(query.round, " ", QueryText(query.query)));
    }
    const std::string difference = Difference(want, got);
    if (!difference.empty()) Add(absl::StrCat("[queries]: ", difference));
  }

  void CheckQueries(std::string_view face, const Texts& got) {
    const std::string difference = Difference(queries_, got);
    if (!difference.empty()) Add(absl::StrCat(face, ": not the queries of blocking: ", difference));
  }

  void CheckReport(std::string_view face, const absl::StatusOr<auth::Report>& report) {
    const auto json = report.ok() ? ToJson(*report) : report.status();
    if (!json.ok()) {
      Add(absl::StrCat(face, ": ", json.status().message()));
    } else if (*json != json_) {
      Add(absl::StrCat(face, ": not the report of blocking: ",
                       Json::diff(Json::parse(json_), Json::parse(*json)).dump()));
    }
  }

  const Scenario& scenario_;
  dns::ZoneResolver zone_;
  std::unique_ptr<dmarc::PublicSuffixList> suffixes_;
  // Of the blocking face.
  std::string json_;
  Texts queries_;
  Texts problems_;
};

}  // namespace

std::vector<std::string> RunScenario(const Scenario& scenario) { return Runner(scenario).Run(); }

}  // namespace postseal::testing
