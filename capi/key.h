// postseal_key: a dkim::Signer behind the C ABI.
#ifndef POSTSEAL_CAPI_KEY_H_
#define POSTSEAL_CAPI_KEY_H_

#include <memory>

#include "capi/handle.h"
#include "dkim/signer.h"

struct postseal_key : postseal::capi::Handle {
  std::shared_ptr<const postseal::dkim::Signer> signer;
};

#endif  // POSTSEAL_CAPI_KEY_H_
