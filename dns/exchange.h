// Exchange: the core's only door outward. Evaluation code asks; whoever hosts
// it takes the queries out and puts the answers in, in any order, at any time.
//
// Core side:   const dns::Answer& answer = co_await exchange->Ask(query);
// Host side:   while (auto q = exchange.NextQuery()) ...;  exchange.Provide(id, answer);
#ifndef POSTSEAL_DNS_EXCHANGE_H_
#define POSTSEAL_DNS_EXCHANGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "base/arena.h"
#include "base/task.h"
#include "dns/answer.h"

namespace postseal::dns {

// kMaxLookups bounds the different queries of one message. A legal SPF record
// alone can need about 110 (RFC 7208 §4.6.4: ten mx of ten names each), real
// mail needs fewer than 30.
inline constexpr size_t kMaxLookups = 100;
// kMaxAnswerOctets bounds what one answer costs (AnswerOctets): a DNS message over TCP
// holds no more record data (RFC 1035 §4.2.2).
inline constexpr size_t kMaxAnswerOctets = 64 * 1024;
// kMaxTxtAnswerOctets is the bound of a TXT answer. The longest records in use are RSA
// keys of 4096 bits, of 800 octets; well-known domains have dozens of TXT records, of
// 8 KiB together. [choice]
inline constexpr size_t kMaxTxtAnswerOctets = 16 * 1024;

// MaxAnswerOctets is the bound of an answer of |type|. An answer above it counts as
// kTempError.
//
// There is no bound of all answers together. One that the methods shared would let the
// sender's SPF records, which are asked first, use it up, and the DMARC record of the
// domain that he writes in the name of would be refused. Each method bounds its own
// lookups (auth/options.h), and SPF, which needs most, its octets too
// (spf::kMaxAnswersOctets).
constexpr size_t MaxAnswerOctets(Type type) {
  return type == Type::kTxt ? kMaxTxtAnswerOctets : kMaxAnswerOctets;
}

// Lookup is one query with its answer, once there is one. It stays where it is
// for the life of the Exchange, and all Lookups together are the audit log.
class Lookup {
 public:
  const Query& query() const { return query_; }
  bool answered() const { return answered_.happened(); }
  // answer is kTempError until answered().
  const Answer& answer() const { return answer_; }
  // The answer was refused for its size; it counts as kTempError.
  bool oversized() const { return oversized_; }
  // FailOutstanding came before an answer; it counts as kTempError.
  bool expired() const { return expired_; }
  // The query was never sent: it is one more than the limit, or came after
  // FailOutstanding. It counts as kTempError.
  bool refused() const { return refused_; }
  // An evaluation took the answer. What is asked ahead is not always needed, and then
  // whether its answer came first says nothing about the verdict.
  bool used() const { return used_; }

 private:
  friend class Exchange;
  Lookup(const Query& query, base::ReadyQueue* ready) : query_(query), answered_(ready) {}

  Query query_;
  Answer answer_;
  bool taken_ = false;
  bool oversized_ = false;
  bool expired_ = false;
  bool refused_ = false;
  bool used_ = false;
  base::Event answered_;
};

// Exchange de-duplicates and remembers; it does not count for any RFC (SPF's
// limits are SPF's). One thread at a time. It must outlive every task that asks.
class Exchange {
 public:
  // |arena| and |ready| must outlive the Exchange.
  Exchange(base::Arena* arena, base::ReadyQueue* ready, size_t max_lookups = kMaxLookups)
      : arena_(arena),
        ready_(ready),
        lookups_(arena->NewUnset<Lookup*>(max_lookups)),
        over_limit_(Query(), ready) {
    over_limit_.refused_ = true;
    over_limit_.answered_.Set();
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Awaiter is what Ask returns: co_await it for the answer, now or later.
  class Awaiter {
   public:
    explicit Awaiter(Lookup* lookup) : lookup_(lookup), event_(&lookup->answered_) {}
    bool await_ready() const { return event_.await_ready(); }
    void await_suspend(std::coroutine_handle<> handle) { event_.await_suspend(handle); }
    const Answer& await_resume() const {
      lookup_->used_ = true;
      return lookup_->answer();
    }

   private:
    Lookup* lookup_;
    base::Event::Awaiter event_;
  };

  // Ask makes |query| pending unless an equal one was asked before. The query is
  // out at once; the answer is awaited when it is needed, and lives as long as
  // the Exchange.
  Awaiter Ask(const Query& query) { return Awaiter(Find(query)); }

  // AskAhead makes |query| pending like Ask, for who awaits the answer later, by the
  // Lookup that it returns.
  Lookup* AskAhead(const Query& query) { return Find(query); }
  static Awaiter Await(Lookup* lookup) { return Awaiter(lookup); }

  // NextQuery returns a query not yet handed out, each once; nullopt when there
  // is none now.
  std::optional<PendingQuery> NextQuery() {
    while (next_ < count_ && (lookups_[next_]->taken_ || lookups_[next_]->answered())) ++next_;
    if (next_ == count_) return std::nullopt;
    lookups_[next_]->taken_ = true;
    const auto id = static_cast<QueryId>(next_++);
    return PendingQuery{id, lookups_[id]->query()};
  }

  // Provide stores a copy of |answer| for query |id| and queues who waits for
  // it; ReadyQueue::Run resumes them. NotFound for an id never handed out,
  // FailedPrecondition for one that is answered already.
  absl::Status Provide(QueryId id, const Answer& answer) {
    if (id >= count_ || !lookups_[id]->taken_) {
      return absl::NotFoundError("no pending query has this id");
    }
    Lookup* const lookup = lookups_[id];
    if (lookup->answered()) return absl::FailedPreconditionError("the query is answered already");
    Store(answer, lookup);
    lookup->answered_.Set();
    return absl::OkStatus();
  }

  // FailOutstanding answers every open query, and every later one, with
  // kTempError: the host's deadline passed.
  void FailOutstanding() {
    failed_ = true;
    for (size_t i = 0; i < count_; ++i) {
      if (lookups_[i]->answered()) continue;
      lookups_[i]->expired_ = true;
      lookups_[i]->answered_.Set();
    }
  }

  // lookups are all queries in the order they were asked, with their answers.
  std::span<Lookup* const> lookups() const { return lookups_.first(count_); }

 private:
  Lookup* Find(const Query& query) {
    for (size_t i = 0; i < count_; ++i) {
      if (lookups_[i]->query_ == query) return lookups_[i];
    }
    if (count_ == lookups_.size()) return &over_limit_;
    Lookup* const lookup =
        new (arena_->Allocate(sizeof(Lookup), alignof(Lookup))) Lookup(query, ready_);
    lookups_[count_++] = lookup;
    if (failed_) {
      lookup->refused_ = true;
      lookup->answered_.Set();
    }
    return lookup;
  }

  void Store(const Answer& answer, Lookup* lookup) {
    if (AnswerOctets(answer) > MaxAnswerOctets(lookup->query_.type)) {
      lookup->oversized_ = true;
      return;
    }
    const std::span<std::string_view> copies =
        arena_->NewArray<std::string_view>(answer.rdata.size());
    for (size_t i = 0; i < copies.size(); ++i) copies[i] = arena_->Copy(answer.rdata[i]);
    lookup->answer_ = answer;
    lookup->answer_.rdata = copies;
    // A host that says kRecords and brings none means that there are none.
    if (answer.outcome == Outcome::kRecords && copies.empty()) {
      lookup->answer_.outcome = Outcome::kNoData;
    }
  }

  base::Arena* arena_;
  base::ReadyQueue* ready_;
  std::span<Lookup*> lookups_;
  Lookup over_limit_;
  size_t count_ = 0;
  size_t next_ = 0;
  bool failed_ = false;
};

}  // namespace postseal::dns

#endif  // POSTSEAL_DNS_EXCHANGE_H_
