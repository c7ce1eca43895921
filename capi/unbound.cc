// postseal_unbound: dns::UnboundResolver for exchanges of the C ABI, which it knows by
// postseal.h alone: they live in another library.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "capi/guard.h"
#include "capi/postseal.h"
#include "capi/postseal_unbound.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "dns/resolver.h"
#include "dns/unbound_resolver.h"

namespace dns = postseal::dns;

struct postseal_unbound {
  explicit postseal_unbound(std::unique_ptr<dns::UnboundResolver> made)
      : resolver(std::move(made)) {}
  ~postseal_unbound() {
    for (const auto& [exchange, lookups] : started) {
      postseal_exchange_on_close(exchange, nullptr, nullptr);
    }
  }

  std::unique_ptr<dns::UnboundResolver> resolver;
  // The lookups under way, by exchange.
  std::map<postseal_exchange*, std::set<dns::AsyncResolver::LookupId>> started;
};

namespace postseal::capi {
namespace {

std::string Text(const char* data, size_t size) {
  return size == 0 ? std::string() : std::string(data, size);
}

// Deadline is |timeout_ms| from now.
dns::Deadline DeadlineIn(int32_t timeout_ms) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
}

int32_t OutcomeNumber(dns::Outcome outcome) {
  switch (outcome) {
    case dns::Outcome::kRecords:
      return POSTSEAL_DNS_RECORDS;
    case dns::Outcome::kNoData:
      return POSTSEAL_DNS_NO_DATA;
    case dns::Outcome::kNxDomain:
      return POSTSEAL_DNS_NX_DOMAIN;
    case dns::Outcome::kNotFound:
      return POSTSEAL_DNS_NOT_FOUND;
    case dns::Outcome::kTempError:
      return POSTSEAL_DNS_TEMP_ERROR;
  }
  return POSTSEAL_DNS_TEMP_ERROR;
}

// GiveUp ends the waiting for query |id|: memory ran out on the way to its answer.
void GiveUp(postseal_exchange* exchange, uint32_t id) {
  postseal_exchange_provide(exchange, id, POSTSEAL_DNS_TEMP_ERROR, 0, 0, nullptr, 0);
}

// Provide gives |answer| to |exchange|. An answer that it does not want any more, because
// the waiting has ended, is dropped.
void Provide(postseal_exchange* exchange, uint32_t id, const dns::Answer& answer) {
  std::vector<postseal_bytes> rdata;
  try {
    rdata.reserve(answer.rdata.size());
  } catch (...) {
    GiveUp(exchange, id);
    throw;
  }
  for (const std::string_view record : answer.rdata) {
    rdata.push_back({reinterpret_cast<const uint8_t*>(record.data()), record.size()});
  }
  postseal_exchange_provide(exchange, id, OutcomeNumber(answer.outcome), answer.dnssec_secure,
                            answer.ttl_seconds, rdata.data(), rdata.size());
}

// NextQuery is the next query of |exchange|; nullopt when there is none. |*status| says
// why, if it is not that nothing is asked.
std::optional<dns::PendingQuery> NextQuery(postseal_exchange* exchange, postseal_status* status) {
  uint32_t id = 0;
  uint16_t type = 0;
  postseal_bytes text = {nullptr, 0};
  *status = postseal_exchange_next_query(exchange, &id, &type, &text);
  if (*status != POSTSEAL_MORE) return std::nullopt;
  const auto name = dns::Name::Parse({reinterpret_cast<const char*>(text.data), text.len});
  if (!name.has_value()) {
    *status = POSTSEAL_E_INTERNAL;
    return std::nullopt;
  }
  return dns::PendingQuery{id, dns::Query(*name, static_cast<dns::Type>(type))};
}

// OnClose is called from the destructor of a session, by C. Nothing in it throws.
void OnClose(void* unbound, postseal_exchange* exchange) noexcept {
  auto* const owner = static_cast<postseal_unbound*>(unbound);
  const auto found = owner->started.find(exchange);
  if (found == owner->started.end()) return;
  for (const dns::AsyncResolver::LookupId lookup : found->second) owner->resolver->Cancel(lookup);
  owner->started.erase(found);
}

postseal_status Start(postseal_unbound* unbound, postseal_exchange* exchange);

// Lookup is what |done| needs to know about one lookup under way.
struct Lookup {
  // Known only after UnboundResolver::Start, which may answer at once.
  std::optional<dns::AsyncResolver::LookupId> id;
  bool answered = false;
};

// StartOne starts the lookup for |pending|.
void StartOne(postseal_unbound* unbound, postseal_exchange* exchange,
              const dns::PendingQuery& pending) {
  const auto lookup = std::make_shared<Lookup>();
  const dns::AsyncResolver::LookupId id =
      unbound->resolver->Start(pending.query, [=, id = pending.id](const dns::Answer& answer) {
        lookup->answered = true;
        if (lookup->id.has_value()) {
          const auto found = unbound->started.find(exchange);
          if (found != unbound->started.end()) found->second.erase(*lookup->id);
        }
        Provide(exchange, id, answer);
        // The next call for the exchange reports an error that happens here.
        if (lookup->id.has_value()) static_cast<void>(Start(unbound, exchange));
      });
  if (lookup->answered) return;
  lookup->id = id;
  try {
    unbound->started[exchange].insert(id);
  } catch (...) {
    // Nobody would cancel it when the exchange goes.
    unbound->resolver->Cancel(id);
    throw;
  }
}

// Start starts a lookup for each query of |exchange|, and again after each answer.
postseal_status Start(postseal_unbound* unbound, postseal_exchange* exchange) {
  postseal_status status = POSTSEAL_OK;
  while (const auto pending = NextQuery(exchange, &status)) {
    try {
      StartOne(unbound, exchange, *pending);
    } catch (...) {
      GiveUp(exchange, pending->id);
      throw;
    }
  }
  return status;
}

postseal_status RunAll(postseal_unbound* unbound, postseal_exchange* exchange,
                       dns::Deadline deadline) {
  for (;;) {
    postseal_status status = POSTSEAL_OK;
    std::vector<dns::PendingQuery> batch;
    while (const auto pending = NextQuery(exchange, &status)) batch.push_back(*pending);
    if (batch.empty()) return status;
    size_t provided = 0;
    unbound->resolver->Resolve(batch, deadline, [&](dns::QueryId id, const dns::Answer& answer) {
      Provide(exchange, id, answer);
      ++provided;
    });
    if (provided == batch.size()) continue;
    status = postseal_exchange_expire(exchange);
    if (status != POSTSEAL_OK) return status;
  }
}

}  // namespace
}  // namespace postseal::capi

namespace capi = postseal::capi;

extern "C" {

postseal_status postseal_unbound_new(const char* server, size_t server_len,
                                     const char* trust_anchor_file, size_t trust_anchor_file_len,
                                     int32_t timeout_ms, postseal_unbound** out_unbound,
                                     postseal_error** out_error) {
  if ((server == nullptr && server_len != 0) ||
      (trust_anchor_file == nullptr && trust_anchor_file_len != 0) || timeout_ms <= 0 ||
      out_unbound == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  return capi::Guard([=]() -> postseal_status {
    dns::UnboundOptions options;
    if (server_len != 0) options.forward_servers = {std::string(capi::Text(server, server_len))};
    if (trust_anchor_file_len != 0) {
      options.trust_anchor_file = capi::Text(trust_anchor_file, trust_anchor_file_len);
    }
    options.lookup_timeout = std::chrono::milliseconds(timeout_ms);
    auto resolver = dns::UnboundResolver::Create(options);
    if (!resolver.ok()) {
      const std::string words(resolver.status().message());
      if (out_error != nullptr) postseal_error_new(words.data(), words.size(), out_error);
      return absl::IsInvalidArgument(resolver.status()) ? POSTSEAL_E_ARGUMENT
                                                        : POSTSEAL_E_ENVIRONMENT;
    }
    *out_unbound = new postseal_unbound(*std::move(resolver));
    return POSTSEAL_OK;
  });
}

postseal_status postseal_unbound_run(postseal_unbound* unbound, postseal_exchange* exchange,
                                     int32_t timeout_ms) {
  if (unbound == nullptr || exchange == nullptr || timeout_ms < 0) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=] { return capi::RunAll(unbound, exchange, capi::DeadlineIn(timeout_ms)); });
}

postseal_status postseal_unbound_start(postseal_unbound* unbound, postseal_exchange* exchange) {
  if (unbound == nullptr || exchange == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=] {
    unbound->started.try_emplace(exchange);
    const postseal_status status = postseal_exchange_on_close(exchange, capi::OnClose, unbound);
    if (status == POSTSEAL_OK) return capi::Start(unbound, exchange);
    // It would not tell that it goes.
    unbound->started.erase(exchange);
    return status;
  });
}

int32_t postseal_unbound_fd(const postseal_unbound* unbound) {
  return unbound == nullptr ? -1 : unbound->resolver->fd();
}

int32_t postseal_unbound_timeout(const postseal_unbound* unbound) {
  if (unbound == nullptr) return -1;
  const auto due = unbound->resolver->next_timeout();
  if (!due.has_value()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*due - std::chrono::steady_clock::now());
  return static_cast<int32_t>(std::clamp<int64_t>(left.count(), 0, INT32_MAX));
}

postseal_status postseal_unbound_process(postseal_unbound* unbound) {
  if (unbound == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=]() -> postseal_status {
    return unbound->resolver->Process().ok() ? POSTSEAL_OK : POSTSEAL_E_ENVIRONMENT;
  });
}

void postseal_unbound_free(postseal_unbound* unbound) { delete unbound; }

}  // extern "C"
