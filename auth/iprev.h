// Iprev: does the name that the client's address claims claim the address too?
// RFC 8601 §3
#ifndef POSTSEAL_AUTH_IPREV_H_
#define POSTSEAL_AUTH_IPREV_H_

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "base/task.h"
#include "dns/address.h"
#include "dns/answer.h"
#include "dns/exchange.h"
#include "dns/rdata.h"

namespace postseal::auth {

// kMaxIprevNames bounds the names of one address that are asked for; the rest is
// ignored, as SPF's ptr does (RFC 7208 §4.6.4 ¶3). [choice]
inline constexpr size_t kMaxIprevNames = 10;

// IprevVerdict is a result of RFC 8601 §2.7.3: pass, fail, temperror or permerror.
struct IprevVerdict {
  IprevVerdict(base::Result verdict, std::string_view verdict_name)
      : result(verdict), name(verdict_name) {}

  base::Result result;
  // The name that has the address, on a pass; in the arena.
  std::string_view name;
};

// IprevCheck starts when it is made. Everything pointed to must outlive it.
class IprevCheck {
 public:
  IprevCheck(const dns::IpAddress& client, base::Arena* arena, dns::Exchange* exchange)
      : client_(client.Unmapped()), arena_(arena), exchange_(exchange), task_(Evaluate(this)) {
    task_.Start();
  }
  IprevCheck(const IprevCheck&) = delete;
  IprevCheck& operator=(const IprevCheck&) = delete;

  base::Arena* arena() const { return arena_; }
  // done says whether there is a verdict.
  bool done() const { return task_.done(); }
  // verdict requires done().
  const IprevVerdict& verdict() const { return task_.result(); }

 private:
  static base::Task<IprevVerdict> Evaluate(IprevCheck* check);

  const dns::IpAddress client_;
  base::Arena* const arena_;
  dns::Exchange* const exchange_;
  // Last: it is dropped before what it uses.
  base::Task<IprevVerdict> task_;
};

// Implementation.

inline base::Task<IprevVerdict> IprevCheck::Evaluate(IprevCheck* check) {
  const dns::Query reverse(check->client_.ReverseName(), dns::Type::kPtr);
  const dns::Answer& pointers = co_await check->exchange_->Ask(reverse);
  if (pointers.outcome == dns::Outcome::kTempError) {
    co_return IprevVerdict(base::Result::kTempError, "");
  }
  // RFC 8601 §2.7.3: a client without PTR data is a permerror.
  if (pointers.rdata.empty()) co_return IprevVerdict(base::Result::kPermError, "");
  const auto names = pointers.rdata.first(std::min(pointers.rdata.size(), kMaxIprevNames));
  const auto type = check->client_.is_v4() ? dns::Type::kA : dns::Type::kAaaa;
  // All are asked for together, then looked at.
  for (const std::string_view rdata : names) {
    if (const auto name = dns::ParseName(rdata)) check->exchange_->Ask(dns::Query(*name, type));
  }
  bool temp_error = false;
  for (const std::string_view rdata : names) {
    const auto name = dns::ParseName(rdata);
    if (!name.has_value()) continue;
    const dns::Query forward(*name, type);
    const dns::Answer& addresses = co_await check->exchange_->Ask(forward);
    temp_error = temp_error || addresses.outcome == dns::Outcome::kTempError;
    for (const std::string_view record : addresses.rdata) {
      if (dns::ParseAddress(record) != check->client_) continue;
      co_return IprevVerdict(base::Result::kPass, check->arena_->Copy(name->text()));
    }
  }
  co_return IprevVerdict(temp_error ? base::Result::kTempError : base::Result::kFail, "");
}

}  // namespace postseal::auth

#endif  // POSTSEAL_AUTH_IPREV_H_
