#include "capi/config.h"

#include <cstdint>
#include <limits>
#include <new>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "auth/evidence.h"
#include "capi/postseal.h"
#include "dmarc/options.h"
#include "dmarc/record.h"

namespace postseal::capi {
namespace {

// kMaxCount bounds every option that counts something: memory is set aside for some.
constexpr int64_t kMaxCount = 1 << 20;
// kMaxOctets bounds every option in octets.
constexpr int64_t kMaxOctets = 1 << 30;
// kMaxSample is the largest number of dmarc_sample. RFC 7489 §6.6.4
constexpr int64_t kMaxSample = 99;

// Assign sets |*option| when |value| is in range.
bool Assign(std::string_view, int64_t value, bool* option) {
  if (value != 0 && value != 1) return false;
  *option = value == 1;
  return true;
}

bool Assign(std::string_view, int64_t value, std::optional<uint8_t>* option) {
  if (value < -1 || value > kMaxSample) return false;
  option->reset();
  if (value >= 0) *option = static_cast<uint8_t>(value);
  return true;
}

// The options of this type that a host may choose are switches of two values.
template <typename Enum>
  requires std::is_enum_v<Enum>
bool Assign(std::string_view, int64_t value, Enum* option) {
  if (value != 0 && value != 1) return false;
  *option = static_cast<Enum>(value);
  return true;
}

template <typename Number>
  requires std::is_integral_v<Number>
bool Assign(std::string_view name, int64_t value, Number* option) {
  const int64_t most =
      name.ends_with("_octets") || name.ends_with("_seconds") ? kMaxOctets : kMaxCount;
  if (value < 0 || value > most) return false;
  *option = static_cast<Number>(value);
  return true;
}

// A service is no number: dkim_service is not for this interface, which is for mail.
bool Assign(std::string_view, int64_t, std::string_view*) { return false; }

absl::Status SetOption(std::string_view name, int64_t value, ConfigState* state) {
  bool found = false;
  bool in_range = false;
  if (name == "cached_keys") {
    found = true;
    in_range = value >= 0 && value <= kMaxCount;
    if (in_range) {
      state->keys = value == 0 ? nullptr : std::make_unique<dkim::PublicKeyCache>(value);
      state->options.dkim.key_cache = state->keys.get();
    }
  } else if (name == "record_message") {
    found = true;
    in_range = Assign(name, value, &state->record_message);
  } else {
    auth::ForEachOption(&state->options, [&](std::string_view option_name, auto* option) {
      if (option_name != name) return;
      found = true;
      in_range = Assign(name, value, option);
    });
  }
  if (!found) return absl::InvalidArgumentError("there is no option of this name");
  if (!in_range) return absl::InvalidArgumentError(absl::StrCat(name, ": out of range: ", value));
  return absl::OkStatus();
}

absl::Status SetSuffixes(std::string_view text, ConfigState* state) {
  auto list =
      text.empty() ? dmarc::PublicSuffixList::Builtin() : dmarc::PublicSuffixList::Load(text);
  if (!list.ok()) return list.status();
  state->suffixes = *std::move(list);
  state->options.dmarc.suffixes = state->suffixes.get();
  return absl::OkStatus();
}

constexpr std::string_view kFrozen = "a session was made with this configuration";

}  // namespace

std::shared_ptr<const ConfigState> StateOf(const postseal_config* config) {
  if (config == nullptr) return std::make_shared<const ConfigState>();
  return config->state;
}

void Freeze(postseal_config* config) noexcept {
  if (config != nullptr) config->frozen.store(true, std::memory_order_relaxed);
}

}  // namespace postseal::capi

extern "C" {

postseal_status postseal_config_new(postseal_config** out_config) {
  if (out_config == nullptr) return POSTSEAL_E_ARGUMENT;
  return postseal::capi::Guard([=]() -> postseal_status {
    *out_config = new postseal_config();
    return POSTSEAL_OK;
  });
}

postseal_status postseal_config_set(postseal_config* config, const char* name, size_t name_len,
                                    int64_t value) {
  if (config == nullptr || !postseal::capi::IsInput(name, name_len)) return POSTSEAL_E_ARGUMENT;
  return config->Call([=] {
    if (config->frozen) return absl::FailedPreconditionError(postseal::capi::kFrozen);
    return postseal::capi::SetOption(postseal::capi::View(name, name_len), value,
                                     config->state.get());
  });
}

postseal_status postseal_config_set_public_suffixes(postseal_config* config, const char* text,
                                                    size_t text_len) {
  if (config == nullptr || !postseal::capi::IsInput(text, text_len)) return POSTSEAL_E_ARGUMENT;
  return config->Call([=] {
    if (config->frozen) return absl::FailedPreconditionError(postseal::capi::kFrozen);
    if (text_len > postseal::capi::kMaxInputOctets) {
      return absl::ResourceExhaustedError("the list is too large");
    }
    return postseal::capi::SetSuffixes(postseal::capi::View(text, text_len), config->state.get());
  });
}

postseal_status postseal_config_error(const postseal_config* config, postseal_bytes* out_text) {
  if (config == nullptr || out_text == nullptr) return POSTSEAL_E_ARGUMENT;
  *out_text = postseal::capi::ToBytes(config->error());
  return POSTSEAL_OK;
}

void postseal_config_free(postseal_config* config) { delete config; }

}  // extern "C"
