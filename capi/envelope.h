// postseal_envelope: an auth::Envelope behind the C ABI.
#ifndef POSTSEAL_CAPI_ENVELOPE_H_
#define POSTSEAL_CAPI_ENVELOPE_H_

#include "auth/envelope.h"
#include "capi/handle.h"

struct postseal_envelope : postseal::capi::Handle {
  postseal::auth::Envelope envelope;
};

#endif  // POSTSEAL_CAPI_ENVELOPE_H_
