#include "capi/envelope.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "capi/postseal.h"
#include "dns/address.h"

namespace postseal::capi {
namespace {

// kMaxSmtpTextOctets bounds each text of an envelope, in octets: an SMTP command line
// with the extensions there are is shorter. RFC 5321 §4.5.3.1.4
constexpr size_t kMaxSmtpTextOctets = 4096;

// Set runs |assign| with the text when it is one.
template <typename Assign>
postseal_status Set(postseal_envelope* envelope, const char* text, size_t size, Assign assign) {
  if (envelope == nullptr || !IsInput(text, size)) return POSTSEAL_E_ARGUMENT;
  if (size > kMaxSmtpTextOctets) return POSTSEAL_E_TOO_LARGE;
  return envelope->Call([&]() -> postseal_status {
    assign(&envelope->envelope, std::string(View(text, size)));
    return POSTSEAL_OK;
  });
}

}  // namespace
}  // namespace postseal::capi

extern "C" {

postseal_status postseal_envelope_new(postseal_envelope** out_envelope) {
  if (out_envelope == nullptr) return POSTSEAL_E_ARGUMENT;
  return postseal::capi::Guard([=]() -> postseal_status {
    *out_envelope = new postseal_envelope();
    return POSTSEAL_OK;
  });
}

postseal_status postseal_envelope_set_client_ip(postseal_envelope* envelope, const uint8_t* address,
                                                size_t address_len) {
  if (envelope == nullptr || address == nullptr) return POSTSEAL_E_ARGUMENT;
  const auto parsed = postseal::dns::IpAddress::FromBytes({address, address_len});
  if (!parsed.has_value()) return POSTSEAL_E_ARGUMENT;
  envelope->envelope.client_ip = *parsed;
  return POSTSEAL_OK;
}

postseal_status postseal_envelope_set_client_ip_text(postseal_envelope* envelope,
                                                     const char* address, size_t address_len) {
  if (envelope == nullptr || address == nullptr) return POSTSEAL_E_ARGUMENT;
  const auto parsed = postseal::dns::IpAddress::Parse(postseal::capi::View(address, address_len));
  if (!parsed.has_value()) return POSTSEAL_E_ARGUMENT;
  envelope->envelope.client_ip = *parsed;
  return POSTSEAL_OK;
}

postseal_status postseal_envelope_set_helo(postseal_envelope* envelope, const char* helo,
                                           size_t helo_len) {
  return postseal::capi::Set(envelope, helo, helo_len, [](auto* target, std::string text) {
    target->helo = std::move(text);
  });
}

postseal_status postseal_envelope_set_mail_from(postseal_envelope* envelope, const char* mail_from,
                                                size_t mail_from_len) {
  return postseal::capi::Set(
      envelope, mail_from, mail_from_len,
      [](auto* target, std::string text) { target->rfc5321_mail_from = std::move(text); });
}

postseal_status postseal_envelope_set_receiver(postseal_envelope* envelope, const char* receiver,
                                               size_t receiver_len) {
  return postseal::capi::Set(envelope, receiver, receiver_len, [](auto* target, std::string text) {
    target->receiver = std::move(text);
  });
}

postseal_status postseal_envelope_set_smtputf8(postseal_envelope* envelope, int32_t smtputf8) {
  if (envelope == nullptr || (smtputf8 != 0 && smtputf8 != 1)) return POSTSEAL_E_ARGUMENT;
  envelope->envelope.smtputf8 = smtputf8 == 1;
  return POSTSEAL_OK;
}

void postseal_envelope_free(postseal_envelope* envelope) { delete envelope; }

}  // extern "C"
