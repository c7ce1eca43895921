// Memory that runs out at any point of any call: POSTSEAL_E_NO_MEMORY or the right answer,
// nothing leaks, no exception leaves the library, and the handle is dead afterwards.
// Calls that make or read JSON are spared: the destructor of nlohmann::json allocates, and
// the program ends when it cannot.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "capi/allocations.h"
#include "capi/postseal.h"
#include "gtest/gtest.h"

namespace postseal::capi {
namespace {

constexpr int64_t kNow = 1767225600;
// kWrong is what a scenario returns where a verdict is not the right one.
constexpr postseal_status kWrong = 1000;
// kNotDead is what it returns where a handle goes on after memory ran out.
constexpr postseal_status kNotDead = 1001;

constexpr std::string_view kSpf =
    "$ORIGIN example.com.\n@ TXT \"v=spf1 include:a.example.com -all\"\n"
    "a TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n";
constexpr std::string_view kHeader =
    "From: Alice <a@example.com>\r\nSubject: a subject that is longer than a small string\r\n"
    "Authentication-Results: mx.example; dkim=pass header.d=example.com\r\n"
    "Authentication-Results: \"mx.example\\ \"; (\r\n\r\n";
constexpr std::string_view kBody = "Hello.\r\n\r\nBye.\r\n";

const uint8_t* Octets(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
const char* Text(postseal_bytes bytes) { return reinterpret_cast<const char*>(bytes.data); }

// TRY returns the status of |call| when it failed.
#define TRY(call)                                                            \
  do {                                                                       \
    if (const postseal_status status_ = (call); status_ < 0) return status_; \
  } while (0)
// TRY_ON is TRY for a session: when memory ran out, |again| must say so, too.
#define TRY_ON(call, again)                                                       \
  do {                                                                            \
    if (const postseal_status status_ = (call); status_ < 0) {                    \
      if (status_ == POSTSEAL_E_NO_MEMORY && (again) != status_) return kNotDead; \
      return status_;                                                             \
    }                                                                             \
  } while (0)

// Spared is |call|, during which no allocation fails.
template <typename Call>
postseal_status Spared(Call call) {
  Allocations::Spare(true);
  const postseal_status status = call();
  Allocations::Spare(false);
  return status;
}

// Handles frees what a scenario made, however it ends.
struct Handles {
  ~Handles() {
    postseal_verify_free(replayed);
    postseal_verify_free(verify);
    postseal_sign_free(sign);
    postseal_spf_free(spf);
    postseal_dmarc_free(dmarc);
    postseal_lint_free(lint);
    postseal_signer_free(signer);
    postseal_key_free(key);
    postseal_keypair_free(keypair);
    postseal_evidence_free(evidence);
    postseal_zone_free(zone);
    postseal_envelope_free(envelope);
    postseal_config_free(config);
    postseal_text_free(text);
    postseal_error_free(error);
  }
  postseal_config* config = nullptr;
  postseal_envelope* envelope = nullptr;
  postseal_zone* zone = nullptr;
  postseal_verify* verify = nullptr;
  postseal_verify* replayed = nullptr;
  postseal_evidence* evidence = nullptr;
  postseal_spf* spf = nullptr;
  postseal_dmarc* dmarc = nullptr;
  postseal_lint* lint = nullptr;
  postseal_keypair* keypair = nullptr;
  postseal_key* key = nullptr;
  postseal_signer* signer = nullptr;
  postseal_sign* sign = nullptr;
  postseal_text* text = nullptr;
  postseal_error* error = nullptr;
};

postseal_status MakeEnvelope(Handles* handles) {
  TRY(postseal_envelope_new(&handles->envelope));
  postseal_envelope* const envelope = handles->envelope;
  TRY(postseal_envelope_set_client_ip_text(envelope, "192.0.2.1", 9));
  TRY(postseal_envelope_set_helo(envelope, "a.long.name.of.a.mail.host.example.com", 38));
  TRY(postseal_envelope_set_mail_from(envelope, "a@example.com", 13));
  return postseal_envelope_set_receiver(envelope, "mx.example", 10);
}

postseal_status MakeZone(Handles* handles) {
  TRY(postseal_zone_new(&handles->zone));
  return postseal_zone_add(handles->zone, kSpf.data(), kSpf.size(), "zone", 4);
}

postseal_status MakeConfig(Handles* handles) {
  TRY(postseal_config_new(&handles->config));
  TRY(postseal_config_set(handles->config, "record_message", 14, 1));
  TRY(postseal_config_set(handles->config, "cached_keys", 11, 4));
  constexpr std::string_view kSuffixes = "com\nexample\n";
  return postseal_config_set_public_suffixes(handles->config, kSuffixes.data(), kSuffixes.size());
}

// Sign signs kHeader and kBody by a new key, which |zone| gets.
postseal_status Sign(Handles* handles, postseal_bytes* fields) {
  TRY(postseal_keypair_new(POSTSEAL_KEY_ED25519, 0, &handles->keypair, &handles->error));
  postseal_bytes pem = {};
  TRY(postseal_keypair_private_pem(handles->keypair, &pem));
  TRY(postseal_key_new(Text(pem), pem.len, &handles->key, &handles->error));
  postseal_bytes zone = {};
  TRY(postseal_keypair_zone_text(handles->keypair, "example.com", 11, "s", 1, &zone));
  TRY(postseal_zone_add(handles->zone, Text(zone), zone.len, "key", 3));
  TRY(postseal_signer_new(&handles->signer));
  TRY(postseal_signer_add_key(handles->signer, "example.com", 11, "s", 1, handles->key));
  TRY(postseal_signer_set_headers(handles->signer, "From:Subject", 12));
  TRY(postseal_signer_set_oversign(handles->signer, "From", 4));
  TRY(postseal_sign_new(handles->signer, kNow, &handles->sign, &handles->error));
  postseal_sign* const sign = handles->sign;
  const auto again = [sign] { return postseal_sign_body(sign, nullptr, 0); };
  TRY_ON(postseal_sign_feed(sign, Octets(kHeader), kHeader.size()), again());
  TRY_ON(postseal_sign_feed(sign, Octets(kBody), kBody.size()), again());
  TRY_ON(postseal_sign_end_of_message(sign), again());
  TRY_ON(postseal_sign_fields(sign, fields), again());
  return POSTSEAL_OK;
}

// Read reads all that |verify| found.
postseal_status Read(postseal_verify* verify, postseal_bytes* evidence) {
  const auto again = [verify] { return postseal_verify_end_of_message(verify); };
  int32_t result = -1;
  int32_t reason = -1;
  int32_t disposition = -1;
  int32_t bits = -1;
  postseal_bytes text = {};
  postseal_bytes selector = {};
  TRY_ON(postseal_verify_result(verify, &result), again());
  if (result != POSTSEAL_RESULT_PASS) return kWrong;
  TRY_ON(postseal_verify_spf(verify, POSTSEAL_SPF_MAIL_FROM, &result, &reason, &text), again());
  if (result != POSTSEAL_RESULT_PASS) return kWrong;
  TRY_ON(postseal_verify_signature(verify, 0, &result, &reason, &text, &selector, &bits), again());
  if (result != POSTSEAL_RESULT_PASS) return kWrong;
  TRY_ON(postseal_verify_dmarc(verify, &result, &reason, &disposition, &text), again());
  if (result != POSTSEAL_RESULT_PASS) return kWrong;
  TRY_ON(postseal_verify_authentication_results(verify, "mx.example", 10, &text), again());
  TRY_ON(postseal_verify_received_spf(verify, POSTSEAL_SPF_MAIL_FROM, &text), again());
  TRY_ON(Spared([&] { return postseal_verify_json(verify, "mx.example", 10, &text); }), again());
  TRY_ON(postseal_verify_explanation(verify, &text), again());
  TRY_ON(Spared([&] { return postseal_verify_evidence(verify, "mx.example", 10, evidence); }),
         again());
  for (size_t i = 0; i < 3; ++i) {
    size_t position = 0;
    size_t occurrence = 0;
    const postseal_status status =
        postseal_verify_plan_removal(verify, "mx.example", 10, i, &position, &occurrence);
    TRY_ON(status, again());
    if (status != (i < 2 ? POSTSEAL_MORE : POSTSEAL_OK)) return kWrong;
  }
  return POSTSEAL_OK;
}

// Feed feeds the signed message, field by field or cut anywhere, answering on the way.
postseal_status Feed(Handles* handles, postseal_verify* verify, postseal_bytes fields) {
  const auto again = [verify] { return postseal_verify_end_of_message(verify); };
  postseal_exchange* const exchange = postseal_verify_exchange(verify);
  TRY_ON(postseal_zone_answer(handles->zone, exchange), again());
  TRY_ON(postseal_verify_feed(verify, fields.data, fields.len), again());
  TRY_ON(postseal_verify_feed(verify, Octets(kHeader), kHeader.size()), again());
  TRY_ON(postseal_zone_answer(handles->zone, exchange), again());
  TRY_ON(postseal_verify_feed(verify, Octets(kBody), kBody.size()), again());
  TRY_ON(postseal_verify_end_of_message(verify), again());
  TRY_ON(postseal_zone_answer(handles->zone, exchange), again());
  return postseal_exchange_is_done(exchange) == 1 ? POSTSEAL_OK : kWrong;
}

// Whole signs a message, verifies it, reads the report, and replays the evidence.
postseal_status Whole() {
  Handles handles;
  TRY(MakeConfig(&handles));
  TRY(MakeEnvelope(&handles));
  TRY(MakeZone(&handles));
  postseal_bytes fields = {};
  TRY(Sign(&handles, &fields));
  TRY(postseal_verify_new(handles.config, handles.envelope, kNow, &handles.verify, &handles.error));
  TRY(Feed(&handles, handles.verify, fields));
  postseal_bytes json = {};
  TRY(Read(handles.verify, &json));
  TRY(Spared([&] {
    return postseal_evidence_new(Text(json), json.len, &handles.evidence, &handles.error);
  }));
  TRY(postseal_evidence_verify(handles.evidence, &handles.replayed, &handles.error));
  postseal_verify* const replayed = handles.replayed;
  const auto again = [replayed] { return postseal_verify_end_of_message(replayed); };
  TRY_ON(postseal_verify_feed(replayed, fields.data, fields.len), again());
  TRY_ON(postseal_verify_feed(replayed, Octets(kHeader), kHeader.size()), again());
  TRY_ON(postseal_verify_feed(replayed, Octets(kBody), kBody.size()), again());
  TRY_ON(postseal_verify_end_of_message(replayed), again());
  postseal_exchange* const exchange = postseal_verify_exchange(replayed);
  TRY_ON(postseal_evidence_answer(handles.evidence, exchange), again());
  int32_t result = -1;
  TRY_ON(postseal_verify_result(replayed, &result), again());
  return result == POSTSEAL_RESULT_PASS ? POSTSEAL_OK : kWrong;
}

// FieldByField feeds as a milter does, and answers query by query.
postseal_status FieldByField() {
  Handles handles;
  TRY(MakeEnvelope(&handles));
  TRY(postseal_verify_new(nullptr, handles.envelope, kNow, &handles.verify, &handles.error));
  postseal_verify* const verify = handles.verify;
  const auto again = [verify] { return postseal_verify_end_of_message(verify); };
  TRY_ON(postseal_verify_header(verify, "From", 4, " a@example.com", 14), again());
  TRY_ON(postseal_verify_header(verify, "Subject", 7, " x\n\ty", 5), again());
  TRY_ON(postseal_verify_end_of_headers(verify), again());
  TRY_ON(postseal_verify_body(verify, Octets(kBody), kBody.size()), again());
  TRY_ON(postseal_verify_end_of_message(verify), again());
  postseal_exchange* const exchange = postseal_verify_exchange(verify);
  for (;;) {
    uint32_t id = 0;
    uint16_t type = 0;
    postseal_bytes name = {};
    const postseal_status status = postseal_exchange_next_query(exchange, &id, &type, &name);
    TRY_ON(status, again());
    if (status != POSTSEAL_MORE) break;
    constexpr std::string_view kRecord = "v=spf1 ip4:192.0.2.1 -all";
    const postseal_bytes record = {Octets(kRecord), kRecord.size()};
    const bool is_spf = std::string_view(Text(name), name.len) == "example.com";
    TRY_ON(is_spf
               ? postseal_exchange_provide_txt(exchange, id, 0, 60, &record, 1)
               : postseal_exchange_provide(exchange, id, POSTSEAL_DNS_NX_DOMAIN, 0, 60, nullptr, 0),
           again());
  }
  TRY_ON(postseal_exchange_expire(exchange), again());
  int32_t result = -1;
  int32_t reason = -1;
  postseal_bytes domain = {};
  TRY_ON(postseal_verify_spf(verify, POSTSEAL_SPF_MAIL_FROM, &result, &reason, &domain), again());
  return result == POSTSEAL_RESULT_PASS ? POSTSEAL_OK : kWrong;
}

// Alone runs SPF, DMARC and the lint by themselves.
postseal_status Alone() {
  Handles handles;
  TRY(MakeConfig(&handles));
  TRY(MakeEnvelope(&handles));
  TRY(MakeZone(&handles));
  int32_t result = -1;
  int32_t reason = -1;
  int32_t disposition = -1;
  postseal_bytes text = {};
  TRY(postseal_spf_new(handles.config, handles.envelope, POSTSEAL_SPF_MAIL_FROM, kNow, &handles.spf,
                       &handles.error));
  const auto spf_again = [&] { return postseal_spf_json(handles.spf, &text); };
  TRY_ON(postseal_zone_answer(handles.zone, postseal_spf_exchange(handles.spf)), spf_again());
  TRY(postseal_spf_result(handles.spf, &result, &reason, &text));
  if (result != POSTSEAL_RESULT_PASS) return kWrong;
  TRY_ON(Spared([&] { return postseal_spf_json(handles.spf, &text); }), spf_again());
  TRY_ON(postseal_spf_explanation(handles.spf, &text), spf_again());

  TRY(postseal_dmarc_new(handles.config, "example.com", 11, &handles.dmarc, &handles.error));
  const auto dmarc_again = [&] { return postseal_dmarc_json(handles.dmarc, &text); };
  TRY_ON(postseal_dmarc_add(handles.dmarc, POSTSEAL_METHOD_SPF, "example.com", 11,
                            POSTSEAL_RESULT_PASS),
         dmarc_again());
  TRY_ON(postseal_dmarc_start(handles.dmarc), dmarc_again());
  TRY_ON(postseal_zone_answer(handles.zone, postseal_dmarc_exchange(handles.dmarc)), dmarc_again());
  TRY(postseal_dmarc_result(handles.dmarc, &result, &reason, &disposition, &text));
  if (result != POSTSEAL_RESULT_PASS) return kWrong;
  TRY_ON(Spared([&] { return postseal_dmarc_json(handles.dmarc, &text); }), dmarc_again());
  TRY_ON(postseal_dmarc_explanation(handles.dmarc, &text), dmarc_again());

  TRY(postseal_lint_new("example.com", 11, &handles.lint, &handles.error));
  const auto lint_again = [&] { return postseal_lint_json(handles.lint, &text); };
  TRY_ON(postseal_zone_answer(handles.zone, postseal_lint_exchange(handles.lint)), lint_again());
  TRY_ON(Spared([&] { return postseal_lint_json(handles.lint, &text); }), lint_again());
  return POSTSEAL_OK;
}

// Texts makes what has no session, and constructors that fail for another reason.
postseal_status Texts() {
  constexpr std::string_view kField = "mx.example; dkim=pass header.b=a/b; gateway.spf=pass";
  {
    Handles handles;
    TRY(Spared(
        [&] { return postseal_authres_parse(kField.data(), kField.size(), &handles.text); }));
  }
  {
    Handles handles;
    TRY(Spared([&] {
      return postseal_record_parse(POSTSEAL_METHOD_DMARC, "v=DMARC1; p=none", 16, &handles.text);
    }));
  }
  {
    Handles handles;
    TRY(MakeConfig(&handles));
    TRY(postseal_org_domain(handles.config, "www.example.com", 15, &handles.text));
  }
  Handles handles;
  const postseal_status key = postseal_key_new("no key", 6, &handles.key, &handles.error);
  if (key != POSTSEAL_E_KEY) return key;
  postseal_error_free(handles.error);
  handles.error = nullptr;
  TRY(postseal_signer_new(&handles.signer));
  const postseal_status none =
      postseal_sign_new(handles.signer, kNow, &handles.sign, &handles.error);
  if (none == POSTSEAL_E_NO_MEMORY) return none;
  return postseal_signer_add_external(handles.signer, "example.com", 11, "s", 1, POSTSEAL_KEY_RSA);
}

size_t thrown_calls = 0;

// A callback of a host in C++ that throws: at the border it is memory that ran out.
void ThrowOnClose(void*, postseal_exchange*) {
  ++thrown_calls;
  throw 1;
}
void ThrowOnResolve(void*, postseal_exchange*, uint32_t, uint16_t, const char*, size_t) {
  ++thrown_calls;
  throw 1;
}

struct Case {
  const char* name;
  postseal_status (*run)();
};

TEST(AllocationFailureTest, EveryAllocationOfEveryCallMayFail) {
  constexpr Case kCases[] = {
      {"whole", Whole}, {"field by field", FieldByField}, {"alone", Alone}, {"texts", Texts}};
  for (const Case& c : kCases) {
    // What is made once for the life of the program is made here.
    ASSERT_EQ(c.run(), POSTSEAL_OK) << c.name;
    bool failed = true;
    for (size_t k = 1; failed; ++k) {
      Allocations::Start(k);
      const postseal_status status = c.run();
      Allocations::Stop();
      failed = Allocations::count() >= k;
      const long live = Allocations::live();
      ASSERT_TRUE(status == POSTSEAL_OK || (failed && status == POSTSEAL_E_NO_MEMORY))
          << c.name << ", allocation " << k << ": " << status;
      ASSERT_EQ(live, 0) << c.name << ", allocation " << k << ": " << status;
    }
  }
}

TEST(AllocationFailureTest, WhatACallbackThrowsEndsAtTheBorder) {
  Handles handles;
  ASSERT_EQ(MakeEnvelope(&handles), POSTSEAL_OK);
  ASSERT_EQ(postseal_verify_new(nullptr, handles.envelope, kNow, &handles.verify, nullptr),
            POSTSEAL_OK);
  postseal_exchange* const exchange = postseal_verify_exchange(handles.verify);
  ASSERT_EQ(postseal_exchange_on_close(exchange, ThrowOnClose, nullptr), POSTSEAL_OK);
  EXPECT_EQ(postseal_exchange_drive(exchange, ThrowOnResolve, nullptr), POSTSEAL_E_INTERNAL);
  EXPECT_EQ(postseal_verify_end_of_message(handles.verify), POSTSEAL_E_NO_MEMORY) << "dead";
  EXPECT_EQ(postseal_exchange_is_done(exchange), 1) << "nothing to wait for";
  postseal_verify_free(handles.verify);
  handles.verify = nullptr;
  EXPECT_EQ(thrown_calls, 2u);
}

}  // namespace
}  // namespace postseal::capi
