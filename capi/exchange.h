// postseal_exchange: the DNS side of any session behind the C ABI.
#ifndef POSTSEAL_CAPI_EXCHANGE_H_
#define POSTSEAL_CAPI_EXCHANGE_H_

#include <deque>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "capi/guard.h"
#include "capi/handle.h"
#include "dns/answer.h"
#include "dns/exchange.h"

struct postseal_exchange : postseal::capi::Handle {
 public:
  virtual ~postseal_exchange() = default;

  // NextQuery, Provide and FailOutstanding: see dns::Exchange.
  virtual std::optional<postseal::dns::PendingQuery> NextQuery() = 0;
  virtual absl::Status Provide(postseal::dns::QueryId id, const postseal::dns::Answer& answer) = 0;
  virtual void FailOutstanding() = 0;
  virtual bool done() const = 0;

  // Close tells whoever asked for it, once, that the session goes.
  void Close() noexcept {
    if (closed == nullptr) return;
    const postseal_closed_fn tell = closed;
    closed = nullptr;
    in_callback = true;
    // A destructor calls this: what a callback in C++ throws ends here.
    static_cast<void>(postseal::capi::Guard([&]() -> postseal_status {
      tell(closed_userdata, this);
      return POSTSEAL_OK;
    }));
  }

  // A callback is running: what would change under its feet is refused.
  bool in_callback = false;
  // The names handed out; what is in it stays where it is.
  std::deque<std::string> names;
  postseal_closed_fn closed = nullptr;
  void* closed_userdata = nullptr;
};

namespace postseal::capi {

// ExchangeOf is the exchange of |session|, which must outlive it.
template <typename Session>
class ExchangeOf final : public postseal_exchange {
 public:
  explicit ExchangeOf(Session* session) : session_(session) {}

  std::optional<dns::PendingQuery> NextQuery() override { return session_->NextQuery(); }
  absl::Status Provide(dns::QueryId id, const dns::Answer& answer) override {
    return session_->Provide(id, answer);
  }
  void FailOutstanding() override { session_->FailOutstanding(); }
  bool done() const override { return session_->done(); }

 private:
  Session* session_;
};

}  // namespace postseal::capi

#endif  // POSTSEAL_CAPI_EXCHANGE_H_
