#include "capi/exchange.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "capi/postseal.h"
#include "dns/rdata.h"

namespace postseal::capi {
namespace {

// kMaxRecords bounds the records of one answer: each takes at least 11 octets of a
// message of 64 KiB. RFC 1035 §3.2.1, §4.2.2
constexpr size_t kMaxRecords = 8192;

constexpr std::string_view kInCallback = "this function is not for callbacks";

// IsAnswer says whether |outcome| and the records fit each other.
bool IsAnswer(int32_t outcome, int32_t secure, const postseal_bytes* records, size_t count) {
  if (outcome < POSTSEAL_DNS_RECORDS || outcome > POSTSEAL_DNS_TEMP_ERROR) return false;
  if (secure != 0 && secure != 1) return false;
  if (outcome != POSTSEAL_DNS_RECORDS && count != 0) return false;
  if (!IsInput(records, count)) return false;
  for (size_t i = 0; i < count && i <= kMaxRecords; ++i) {
    if (!IsInput(records[i].data, records[i].len)) return false;
  }
  return true;
}

dns::Outcome ToOutcome(int32_t outcome) {
  switch (outcome) {
    case POSTSEAL_DNS_RECORDS:
      return dns::Outcome::kRecords;
    case POSTSEAL_DNS_NO_DATA:
      return dns::Outcome::kNoData;
    case POSTSEAL_DNS_NX_DOMAIN:
      return dns::Outcome::kNxDomain;
    case POSTSEAL_DNS_NOT_FOUND:
      return dns::Outcome::kNotFound;
    default:
      return dns::Outcome::kTempError;
  }
}

absl::Status Provide(postseal_exchange* exchange, uint32_t id, const dns::Answer& header,
                     const std::vector<std::string_view>& rdata) {
  dns::Answer answer = header;
  answer.rdata = rdata;
  return exchange->Provide(id, answer);
}

dns::Answer AnswerHeader(int32_t outcome, int32_t secure, uint32_t ttl) {
  dns::Answer answer(ToOutcome(outcome));
  answer.dnssec_secure = secure == 1;
  answer.ttl_seconds = ttl;
  return answer;
}

}  // namespace
}  // namespace postseal::capi

namespace capi = postseal::capi;

extern "C" {

postseal_status postseal_exchange_next_query(postseal_exchange* exchange, uint32_t* out_id,
                                             uint16_t* out_type, postseal_bytes* out_name) {
  if (exchange == nullptr || out_id == nullptr || out_type == nullptr || out_name == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  return exchange->Call([=]() -> postseal_status {
    if (exchange->in_callback) return exchange->Fail(POSTSEAL_E_STATE, capi::kInCallback);
    const auto pending = exchange->NextQuery();
    if (!pending.has_value()) return POSTSEAL_OK;
    *out_name = capi::ToBytes(exchange->names.emplace_back(pending->query.name.text()));
    *out_id = pending->id;
    *out_type = static_cast<uint16_t>(pending->query.type);
    return POSTSEAL_MORE;
  });
}

postseal_status postseal_exchange_provide(postseal_exchange* exchange, uint32_t id, int32_t outcome,
                                          int32_t dnssec_secure, uint32_t ttl_seconds,
                                          const postseal_bytes* rdata, size_t num_rdata) {
  if (exchange == nullptr || !capi::IsAnswer(outcome, dnssec_secure, rdata, num_rdata)) {
    return POSTSEAL_E_ARGUMENT;
  }
  return exchange->Call([=] {
    if (num_rdata > capi::kMaxRecords) return absl::ResourceExhaustedError("too many records");
    std::vector<std::string_view> views;
    views.reserve(num_rdata);
    for (size_t i = 0; i < num_rdata; ++i) {
      views.push_back(capi::View(rdata[i].data, rdata[i].len));
    }
    return capi::Provide(exchange, id, capi::AnswerHeader(outcome, dnssec_secure, ttl_seconds),
                         views);
  });
}

postseal_status postseal_exchange_provide_txt(postseal_exchange* exchange, uint32_t id,
                                              int32_t dnssec_secure, uint32_t ttl_seconds,
                                              const postseal_bytes* texts, size_t num_texts) {
  if (exchange == nullptr || num_texts == 0 ||
      !capi::IsAnswer(POSTSEAL_DNS_RECORDS, dnssec_secure, texts, num_texts)) {
    return POSTSEAL_E_ARGUMENT;
  }
  return exchange->Call([=] {
    if (num_texts > capi::kMaxRecords) return absl::ResourceExhaustedError("too many records");
    std::vector<std::string> wire;
    wire.reserve(num_texts);
    std::vector<std::string_view> views;
    views.reserve(num_texts);
    for (size_t i = 0; i < num_texts; ++i) {
      const std::string_view text = capi::View(texts[i].data, texts[i].len);
      if (text.size() > postseal::dns::kMaxRdataOctets) {
        return absl::ResourceExhaustedError("a text is larger than a record can be");
      }
      views.push_back(wire.emplace_back(postseal::dns::TxtRdata(text)));
    }
    return capi::Provide(
        exchange, id, capi::AnswerHeader(POSTSEAL_DNS_RECORDS, dnssec_secure, ttl_seconds), views);
  });
}

postseal_status postseal_exchange_expire(postseal_exchange* exchange) {
  if (exchange == nullptr) return POSTSEAL_E_ARGUMENT;
  return exchange->Call([=]() -> postseal_status {
    if (exchange->in_callback) return exchange->Fail(POSTSEAL_E_STATE, capi::kInCallback);
    exchange->FailOutstanding();
    return POSTSEAL_OK;
  });
}

int32_t postseal_exchange_is_done(const postseal_exchange* exchange) {
  // After memory ran out, the exchange waits for nothing: every other call returns the error.
  return exchange != nullptr && (exchange->is_dead() || exchange->done()) ? 1 : 0;
}

postseal_status postseal_exchange_drive(postseal_exchange* exchange, postseal_resolve_fn resolve,
                                        void* userdata) {
  if (exchange == nullptr || resolve == nullptr) return POSTSEAL_E_ARGUMENT;
  for (;;) {
    uint32_t id = 0;
    uint16_t type = 0;
    postseal_bytes name = {nullptr, 0};
    const postseal_status status = postseal_exchange_next_query(exchange, &id, &type, &name);
    if (status != POSTSEAL_MORE) return status;
    exchange->in_callback = true;
    // What a callback in C++ throws does not pass through its caller, which may be C.
    const postseal_status called = exchange->Call([&]() -> postseal_status {
      resolve(userdata, exchange, id, type, reinterpret_cast<const char*>(name.data), name.len);
      return POSTSEAL_OK;
    });
    exchange->in_callback = false;
    if (called != POSTSEAL_OK) return called;
  }
}

postseal_status postseal_exchange_on_close(postseal_exchange* exchange, postseal_closed_fn closed,
                                           void* userdata) {
  if (exchange == nullptr) return POSTSEAL_E_ARGUMENT;
  if (exchange->in_callback) {
    return capi::Guard([=] { return exchange->Fail(POSTSEAL_E_STATE, capi::kInCallback); });
  }
  // Also when memory ran out before: the caller may be gone and must not be called again.
  exchange->closed = closed;
  exchange->closed_userdata = userdata;
  return POSTSEAL_OK;
}

}  // extern "C"
