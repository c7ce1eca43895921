#include "capi/verify.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authres/removal_plan.h"
#include "capi/envelope.h"
#include "mail/field.h"
#include "mail/message_reader.h"

namespace postseal::capi {
namespace {

// kMaxKeptPlans bounds the authserv-ids whose plans are kept for one message; a host has
// one, and each plan has at most as many removals as the header has fields.
constexpr size_t kMaxKeptPlans = 16;

// Run runs |body| with the session, unless a callback of its exchange is running.
template <typename Body>
postseal_status Run(postseal_verify* verify, Body body) {
  return verify->Call([&] {
    if (verify->exchange.in_callback) {
      return absl::FailedPreconditionError("this function is not for callbacks");
    }
    return body();
  });
}

// FeedOf feeds the session of |verify|.
auto FeedOf(postseal_verify* verify) {
  return [verify](std::string_view octets) { return verify->Feed(octets); };
}

// PlanOf is the plan for |authserv_id|. It is asked for once for each removal, so it is
// kept: the header has ended, and does not change.
const std::vector<authres::Removal>& PlanOf(postseal_verify* verify, std::string_view authserv_id) {
  const auto found = verify->plans.find(authserv_id);
  if (found != verify->plans.end()) return found->second;
  const std::string own(authserv_id);
  authres::RemovalOptions options;
  options.authserv_ids = {&own, 1};
  std::vector<authres::Removal> plan = authres::PlanRemoval(verify->session->fields(), options);
  if (verify->plans.size() == kMaxKeptPlans) verify->plans.clear();
  return verify->plans.emplace(own, std::move(plan)).first->second;
}

absl::Status PlanRemoval(postseal_verify* verify, std::string_view authserv_id, size_t index,
                         std::optional<authres::Removal>* removal) {
  if (!verify->session->header_complete()) {
    return absl::FailedPreconditionError("the header has not ended");
  }
  if (verify->session->header_fault() != mail::HeaderFault::kNone) {
    return absl::ResourceExhaustedError("the header is beyond the limits");
  }
  const std::vector<authres::Removal>& plan = PlanOf(verify, authserv_id);
  if (index < plan.size()) *removal = plan[index];
  return absl::OkStatus();
}

}  // namespace

postseal_status NewVerify(std::shared_ptr<const ConfigState> config, auth::Envelope envelope,
                          int64_t now, postseal_verify** out_verify, postseal_error** out_error) {
  auto session = auth::VerifySession::Create(OptionsOf(config), envelope, now);
  if (!session.ok()) return FailNew(session.status(), out_error);
  auto verify = std::make_unique<postseal_verify>(std::move(config), std::move(envelope),
                                                  *std::move(session));
  verify->now = now;
  *out_verify = verify.release();
  return POSTSEAL_OK;
}

}  // namespace postseal::capi

namespace capi = postseal::capi;

extern "C" {

postseal_status postseal_verify_new(postseal_config* config, const postseal_envelope* envelope,
                                    int64_t now, postseal_verify** out_verify,
                                    postseal_error** out_error) {
  if (out_verify == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Guard([=] {
    const postseal_status status =
        capi::NewVerify(capi::StateOf(config),
                        envelope != nullptr ? envelope->envelope : postseal::auth::Envelope(), now,
                        out_verify, out_error);
    if (status == POSTSEAL_OK) capi::Freeze(config);
    return status;
  });
}

postseal_exchange* postseal_verify_exchange(postseal_verify* verify) {
  return verify == nullptr ? nullptr : &verify->exchange;
}

postseal_status postseal_verify_feed(postseal_verify* verify, const uint8_t* data,
                                     size_t data_len) {
  if (verify == nullptr || !capi::IsInput(data, data_len)) return POSTSEAL_E_ARGUMENT;
  return capi::Run(verify, [=] {
    return verify->feeder.Octets(capi::View(data, data_len), capi::FeedOf(verify));
  });
}

postseal_status postseal_verify_header(postseal_verify* verify, const char* name, size_t name_len,
                                       const char* value, size_t value_len) {
  if (verify == nullptr || !capi::IsInput(name, name_len) || !capi::IsInput(value, value_len)) {
    return POSTSEAL_E_ARGUMENT;
  }
  return capi::Run(verify, [=] {
    return verify->feeder.Header(capi::View(name, name_len), capi::View(value, value_len),
                                 capi::FeedOf(verify));
  });
}

postseal_status postseal_verify_end_of_headers(postseal_verify* verify) {
  if (verify == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Run(verify, [=] { return verify->feeder.EndOfHeaders(capi::FeedOf(verify)); });
}

postseal_status postseal_verify_body(postseal_verify* verify, const uint8_t* data,
                                     size_t data_len) {
  if (verify == nullptr || !capi::IsInput(data, data_len)) return POSTSEAL_E_ARGUMENT;
  return capi::Run(verify, [=] {
    return verify->feeder.Body(capi::View(data, data_len), capi::FeedOf(verify));
  });
}

postseal_status postseal_verify_end_of_message(postseal_verify* verify) {
  if (verify == nullptr) return POSTSEAL_E_ARGUMENT;
  return capi::Run(verify, [=] { return verify->session->EndOfMessage(); });
}

postseal_status postseal_verify_plan_removal(postseal_verify* verify, const char* authserv_id,
                                             size_t authserv_id_len, size_t index,
                                             size_t* out_position, size_t* out_occurrence) {
  if (verify == nullptr || !capi::IsInput(authserv_id, authserv_id_len) ||
      out_position == nullptr || out_occurrence == nullptr) {
    return POSTSEAL_E_ARGUMENT;
  }
  std::optional<postseal::authres::Removal> removal;
  const postseal_status status = capi::Run(verify, [&] {
    return capi::PlanRemoval(verify, capi::View(authserv_id, authserv_id_len), index, &removal);
  });
  if (status != POSTSEAL_OK || !removal.has_value()) return status;
  *out_position = removal->position;
  *out_occurrence = removal->occurrence;
  return POSTSEAL_MORE;
}

postseal_status postseal_verify_error(const postseal_verify* verify, postseal_bytes* out_text) {
  if (verify == nullptr || out_text == nullptr) return POSTSEAL_E_ARGUMENT;
  *out_text = capi::ToBytes(verify->error());
  return POSTSEAL_OK;
}

void postseal_verify_free(postseal_verify* verify) { delete verify; }

}  // extern "C"
