// ConfigState: what postseal_config holds, shared with the sessions made of it.
#ifndef POSTSEAL_CAPI_CONFIG_H_
#define POSTSEAL_CAPI_CONFIG_H_

#include <atomic>
#include <cstddef>
#include <memory>

#include "auth/options.h"
#include "capi/handle.h"
#include "dkim/public_key_cache.h"
#include "dmarc/public_suffix.h"

namespace postseal::capi {

struct ConfigState {
  auth::Options options;
  std::unique_ptr<dkim::PublicKeyCache> keys;
  std::unique_ptr<dmarc::PublicSuffixList> suffixes;
  bool record_message = false;
};

// OptionsOf are the options in |state|, which they keep.
inline std::shared_ptr<const auth::Options> OptionsOf(std::shared_ptr<const ConfigState> state) {
  const auth::Options* const options = &state->options;
  return {std::move(state), options};
}

// StateOf is the state of |config|; that of a configuration with every default for null.
// The caller calls Freeze once the session is made: a constructor that fails changes
// nothing.
std::shared_ptr<const ConfigState> StateOf(const postseal_config* config);

// Freeze ends the changes of |config|, which may be null.
void Freeze(postseal_config* config) noexcept;

}  // namespace postseal::capi

struct postseal_config : postseal::capi::Handle {
  std::shared_ptr<postseal::capi::ConfigState> state =
      std::make_shared<postseal::capi::ConfigState>();
  // Sessions may be made from several threads at once.
  std::atomic<bool> frozen{false};
};

#endif  // POSTSEAL_CAPI_CONFIG_H_
