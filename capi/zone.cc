// postseal_zone: dns::ZoneResolver behind the C ABI.
#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "capi/exchange.h"
#include "capi/handle.h"
#include "capi/postseal.h"
#include "dns/answer.h"
#include "dns/zone_resolver.h"

struct postseal_zone : postseal::capi::Handle {
  postseal::dns::ZoneResolver resolver;
};

namespace capi = postseal::capi;

extern "C" {

postseal_status postseal_zone_new(postseal_zone** out_zone) {
  if (out_zone == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=]() -> postseal_status {
    *out_zone = new postseal_zone();
    return POSTSEAL_OK;
  });
}

postseal_status postseal_zone_add(postseal_zone* zone, const char* text, size_t text_len,
                                  const char* file_name, size_t file_name_len) {
  if (zone == nullptr || !capi::IsInput(text, text_len) ||
      !capi::IsInput(file_name, file_name_len)) {
    return POSTSEAL_E_ARGUMENT;
  }
  return zone->Call([=] {
    if (text_len > capi::kMaxInputOctets) {
      return absl::ResourceExhaustedError("the zone is too large");
    }
    return zone->resolver.AddText(capi::View(text, text_len), capi::View(file_name, file_name_len));
  });
}

postseal_status postseal_zone_answer(const postseal_zone* zone, postseal_exchange* exchange) {
  if (zone == nullptr || exchange == nullptr) return POSTSEAL_E_ARGUMENT;
  if (zone->is_dead()) return POSTSEAL_E_NO_MEMORY;
  return exchange->Call([=]() -> postseal_status {
    if (exchange->in_callback) return exchange->Fail(POSTSEAL_E_STATE, "inside a callback");
    while (const auto pending = exchange->NextQuery()) {
      const std::optional<postseal::dns::Answer> answer = zone->resolver.Lookup(pending->query);
      // What $TIMEOUT names stays open, until postseal_exchange_expire.
      if (!answer.has_value()) continue;
      if (const absl::Status status = exchange->Provide(pending->id, *answer); !status.ok()) {
        return exchange->Fail(POSTSEAL_E_INTERNAL, status.message());
      }
    }
    return POSTSEAL_OK;
  });
}

postseal_status postseal_zone_error(const postseal_zone* zone, postseal_bytes* out_text) {
  if (zone == nullptr || out_text == nullptr) return POSTSEAL_E_ARGUMENT;
  *out_text = capi::ToBytes(zone->error());
  return POSTSEAL_OK;
}

void postseal_zone_free(postseal_zone* zone) { delete zone; }

}  // extern "C"
