// postseal_verify: auth::VerifySession behind the C ABI.
#ifndef POSTSEAL_CAPI_VERIFY_H_
#define POSTSEAL_CAPI_VERIFY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "auth/envelope.h"
#include "auth/report.h"
#include "auth/verify_session.h"
#include "authres/authentication_results.h"
#include "authres/removal_plan.h"
#include "capi/config.h"
#include "capi/exchange.h"
#include "capi/handle.h"
#include "capi/message_feeder.h"
#include "capi/postseal.h"
#include "dkim/algorithm.h"
#include "dkim/digest.h"

struct postseal_verify : postseal::capi::Handle {
  postseal_verify(std::shared_ptr<const postseal::capi::ConfigState> state,
                  postseal::auth::Envelope known,
                  std::unique_ptr<postseal::auth::VerifySession> made)
      : config(std::move(state)),
        envelope(std::move(known)),
        session(std::move(made)),
        exchange(session.get()) {
    exchange.DieWith(this);
    if (config->record_message) digest.emplace(postseal::dkim::HashAlgorithm::kSha256);
  }
  ~postseal_verify() { exchange.Close(); }

  absl::Status Feed(std::string_view octets) {
    const absl::Status status = session->Feed(octets);
    if (status.ok() && digest.has_value()) {
      digest->Update(octets);
      message_octets += octets.size();
    }
    return status;
  }
  postseal::authres::Charset charset() const {
    return envelope.smtputf8 ? postseal::authres::Charset::kUtf8
                             : postseal::authres::Charset::kAscii;
  }

  const std::shared_ptr<const postseal::capi::ConfigState> config;
  const postseal::auth::Envelope envelope;
  int64_t now = 0;
  const std::unique_ptr<postseal::auth::VerifySession> session;
  postseal::capi::ExchangeOf<postseal::auth::VerifySession> exchange;
  postseal::capi::MessageFeeder feeder;
  // Of the message, with the option record_message.
  std::optional<postseal::dkim::Hasher> digest;
  uint64_t message_octets = 0;
  // What postseal_verify_plan_removal found, by authserv-id.
  std::map<std::string, std::vector<postseal::authres::Removal>, std::less<>> plans;
};

namespace postseal::capi {

// NewVerify makes a session.
postseal_status NewVerify(std::shared_ptr<const ConfigState> config, auth::Envelope envelope,
                          int64_t now, postseal_verify** out_verify, postseal_error** out_error);

}  // namespace postseal::capi

#endif  // POSTSEAL_CAPI_VERIFY_H_
