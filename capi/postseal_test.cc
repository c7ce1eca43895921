// What capi/postseal.h promises besides verdicts: order, ownership and errors in words.
#include "capi/postseal.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace postseal::capi {
namespace {

constexpr int64_t kNow = 1767225600;
constexpr std::string_view kMessage = "From: a@example.com\r\nSubject: x\r\n y\r\n\r\nHello.\r\n";

std::string_view View(postseal_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.len};
}
const uint8_t* Octets(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

postseal_verify* NewVerify() {
  postseal_envelope* envelope = nullptr;
  EXPECT_EQ(postseal_envelope_new(&envelope), POSTSEAL_OK);
  EXPECT_EQ(postseal_envelope_set_client_ip_text(envelope, "192.0.2.1", 9), POSTSEAL_OK);
  EXPECT_EQ(postseal_envelope_set_mail_from(envelope, "a@example.com", 13), POSTSEAL_OK);
  postseal_verify* verify = nullptr;
  EXPECT_EQ(postseal_verify_new(nullptr, envelope, kNow, &verify, nullptr), POSTSEAL_OK);
  postseal_envelope_free(envelope);
  return verify;
}

TEST(ConfigTest, IsFrozenByTheFirstSession) {
  postseal_config* config = nullptr;
  ASSERT_EQ(postseal_config_new(&config), POSTSEAL_OK);
  EXPECT_EQ(postseal_config_set(config, "max_lookups", 11, 5), POSTSEAL_OK);
  postseal_verify* verify = nullptr;
  ASSERT_EQ(postseal_verify_new(config, nullptr, kNow, &verify, nullptr), POSTSEAL_OK);
  EXPECT_EQ(postseal_config_set(config, "max_lookups", 11, 6), POSTSEAL_E_STATE);
  EXPECT_EQ(postseal_config_set_public_suffixes(config, nullptr, 0), POSTSEAL_E_STATE);
  postseal_config_free(config);  // the session keeps what it needs
  EXPECT_EQ(postseal_verify_end_of_message(verify), POSTSEAL_OK);
  postseal_verify_free(verify);
}

TEST(ConfigTest, AConstructorThatFailsDoesNotFreezeIt) {
  postseal_config* config = nullptr;
  ASSERT_EQ(postseal_config_new(&config), POSTSEAL_OK);
  postseal_verify* verify = nullptr;
  EXPECT_EQ(postseal_verify_new(config, nullptr, -1, &verify, nullptr), POSTSEAL_E_ARGUMENT);
  postseal_envelope* envelope = nullptr;
  ASSERT_EQ(postseal_envelope_new(&envelope), POSTSEAL_OK);
  postseal_spf* spf = nullptr;
  EXPECT_EQ(postseal_spf_new(config, envelope, POSTSEAL_SPF_MAIL_FROM, kNow, &spf, nullptr),
            POSTSEAL_E_ARGUMENT);
  postseal_dmarc* dmarc = nullptr;
  EXPECT_EQ(postseal_dmarc_new(config, "..", 2, &dmarc, nullptr), POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_config_set(config, "max_lookups", 11, 5), POSTSEAL_OK);
  ASSERT_EQ(postseal_dmarc_new(config, "example.com", 11, &dmarc, nullptr), POSTSEAL_OK);
  EXPECT_EQ(postseal_config_set(config, "max_lookups", 11, 6), POSTSEAL_E_STATE);
  postseal_dmarc_free(dmarc);
  postseal_envelope_free(envelope);
  postseal_config_free(config);

  postseal_signer* signer = nullptr;
  ASSERT_EQ(postseal_signer_new(&signer), POSTSEAL_OK);
  postseal_sign* sign = nullptr;
  EXPECT_EQ(postseal_sign_new(signer, kNow, &sign, nullptr), POSTSEAL_E_ARGUMENT) << "no key";
  EXPECT_EQ(postseal_signer_add_external(signer, "a.example", 9, "s", 1, POSTSEAL_KEY_RSA),
            POSTSEAL_OK);
  postseal_signer_free(signer);
}

TEST(ConfigTest, SaysWhatIsWrong) {
  const struct {
    std::string_view name;
    int64_t value;
    postseal_status status;
    const char* why;
  } kCases[] = {
      {"max_lookups", 400, POSTSEAL_OK, "a count"},
      {"max_lookups", -1, POSTSEAL_E_ARGUMENT, "below 0"},
      {"max_lookups", int64_t{1} << 20, POSTSEAL_OK, "kMaxCount"},
      {"max_lookups", (int64_t{1} << 20) + 1, POSTSEAL_E_ARGUMENT, "kMaxCount + 1"},
      {"max_header_octets", int64_t{1} << 30, POSTSEAL_OK, "kMaxOctets"},
      {"max_header_octets", (int64_t{1} << 30) + 1, POSTSEAL_E_ARGUMENT, "kMaxOctets + 1"},
      {"dmarc_sample", 99, POSTSEAL_OK, "RFC 7489 §6.6.4: 0 to 99"},
      {"dmarc_sample", 100, POSTSEAL_E_ARGUMENT, "one more"},
      {"dmarc_sample", -1, POSTSEAL_OK, "none"},
      {"check_dmarc", 1, POSTSEAL_OK, "a switch"},
      {"check_dmarc", 2, POSTSEAL_E_ARGUMENT, "no switch has this"},
      {"dmarc_mode", 2, POSTSEAL_E_ARGUMENT, "there are two"},
      {"cached_keys", 10, POSTSEAL_OK, "of this interface"},
      {"no_such_option", 1, POSTSEAL_E_ARGUMENT, "an unknown name"},
      {"", 1, POSTSEAL_E_ARGUMENT, "no name"},
  };
  postseal_config* config = nullptr;
  ASSERT_EQ(postseal_config_new(&config), POSTSEAL_OK);
  for (const auto& c : kCases) {
    EXPECT_EQ(postseal_config_set(config, c.name.data(), c.name.size(), c.value), c.status)
        << c.name << " " << c.value << ": " << c.why;
    postseal_bytes words;
    ASSERT_EQ(postseal_config_error(config, &words), POSTSEAL_OK);
    EXPECT_EQ(words.len == 0, c.status == POSTSEAL_OK) << c.name << ": " << View(words);
    EXPECT_EQ(words.data[words.len], '\0');
  }
  postseal_config_free(config);
}

TEST(VerifyTest, RefusesWhatComesOutOfOrder) {
  postseal_verify* verify = NewVerify();
  int32_t result = 0;
  postseal_bytes text = {nullptr, 0};
  EXPECT_EQ(postseal_verify_result(verify, &result), POSTSEAL_E_STATE);
  EXPECT_EQ(postseal_verify_json(verify, "mx", 2, &text), POSTSEAL_E_STATE);
  EXPECT_EQ(postseal_verify_body(verify, Octets("x"), 1), POSTSEAL_E_STATE);
  EXPECT_EQ(postseal_verify_header(verify, "From", 4, " a@example.com", 14), POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_feed(verify, Octets("x"), 1), POSTSEAL_E_STATE);
  EXPECT_EQ(postseal_verify_end_of_headers(verify), POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_header(verify, "To", 2, " b", 2), POSTSEAL_E_STATE);
  EXPECT_EQ(postseal_verify_end_of_message(verify), POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_end_of_message(verify), POSTSEAL_E_STATE);
  ASSERT_EQ(postseal_verify_error(verify, &text), POSTSEAL_OK);
  EXPECT_NE(text.len, 0u);
  EXPECT_EQ(postseal_verify_body(verify, Octets("x"), 1), POSTSEAL_E_STATE);
  EXPECT_EQ(postseal_exchange_is_done(postseal_verify_exchange(verify)), 0);
  EXPECT_EQ(postseal_exchange_expire(postseal_verify_exchange(verify)), POSTSEAL_OK);
  EXPECT_EQ(postseal_exchange_is_done(postseal_verify_exchange(verify)), 1);
  ASSERT_EQ(postseal_verify_result(verify, &result), POSTSEAL_OK);
  EXPECT_EQ(result, POSTSEAL_RESULT_TEMPERROR);
  postseal_verify_free(verify);
}

TEST(VerifyTest, AFieldCannotBringAnother) {
  postseal_verify* verify = NewVerify();
  const struct {
    std::string_view name;
    std::string_view value;
    postseal_status status;
    const char* why;
  } kCases[] = {
      {"Subject", " a\n b", POSTSEAL_OK, "LF is a fold's CRLF"},
      {"Subject", " a\r\n\tb", POSTSEAL_OK, "so is CRLF"},
      {"Subject", " a\nFrom: c", POSTSEAL_E_ARGUMENT, "RFC 5322 §2.2.3"},
      {"Subject", " a\n", POSTSEAL_E_ARGUMENT, "an empty line would end the header"},
      {"Subject", " a\n\n b", POSTSEAL_E_ARGUMENT, "the same inside"},
      {"Sub:ject", " a", POSTSEAL_E_ARGUMENT, "RFC 5322 §3.6.8"},
      {"Sub\nject", " a", POSTSEAL_E_ARGUMENT, "a line of its own"},
      {"", " a", POSTSEAL_E_ARGUMENT, "no name"},
      {" ", " a", POSTSEAL_E_ARGUMENT, "no name"},
      {" X", " a", POSTSEAL_E_ARGUMENT, "a fold of the field before"},
      {"\tX", " a", POSTSEAL_E_ARGUMENT, "a fold of the field before"},
      {"Sub ject", " a", POSTSEAL_E_ARGUMENT, "a space within the name"},
      {"Sub\rject", " a", POSTSEAL_E_ARGUMENT, "a control"},
      {std::string_view("X\0", 2), " a", POSTSEAL_E_ARGUMENT, "a control"},
      {"X\x7f", " a", POSTSEAL_E_ARGUMENT, "a control"},
      {"X\u00a0", " a", POSTSEAL_OK, "no name, but a message may have it"},
      {"Subject \t", " a", POSTSEAL_OK, "RFC 5322 §4.5.8"},
      {"Subject", "", POSTSEAL_OK, "an empty value"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(postseal_verify_header(verify, c.name.data(), c.name.size(), c.value.data(),
                                     c.value.size()),
              c.status)
        << c.why;
  }
  postseal_verify_free(verify);
}

TEST(VerifyTest, AnEqualTextIsKeptOnce) {
  postseal_verify* verify = NewVerify();
  EXPECT_EQ(postseal_verify_end_of_message(verify), POSTSEAL_OK);
  EXPECT_EQ(postseal_exchange_expire(postseal_verify_exchange(verify)), POSTSEAL_OK);
  postseal_bytes first = {nullptr, 0};
  postseal_bytes other = {nullptr, 0};
  postseal_bytes again = {nullptr, 0};
  ASSERT_EQ(postseal_verify_json(verify, "mx", 2, &first), POSTSEAL_OK);
  ASSERT_EQ(postseal_verify_json(verify, "my", 2, &other), POSTSEAL_OK);
  ASSERT_EQ(postseal_verify_json(verify, "mx", 2, &again), POSTSEAL_OK);
  EXPECT_EQ(first.data, again.data);
  EXPECT_NE(first.data, other.data);
  EXPECT_EQ(first.data[first.len], '\0');
  EXPECT_EQ(postseal_verify_json(verify, "m\nx", 3, &other), POSTSEAL_E_ARGUMENT);
  postseal_verify_free(verify);
}

// 12.9: a milter cannot delete by name what has another one.
TEST(VerifyTest, PlansTheRemovalOfFieldsInDisguise) {
  constexpr std::string_view kForged =
      "Authentication-Results: other.example; spf=pass\r\n"
      "Subject: x\nAuthentication-Results: mx.example; dmarc=pass\r\n"
      "Authentication-Results\r\n : mx.example; dkim=pass\r\n"
      "Authentication-Results: \"B\u00fcCHER.example/Q1\"; dkim=pass\r\n\r\n";
  postseal_verify* verify = NewVerify();
  ASSERT_EQ(postseal_verify_feed(verify, Octets(kForged), kForged.size()), POSTSEAL_OK);
  constexpr std::string_view kId = "xn--bcher-kva.example";
  const size_t kWant[][2] = {{3, 2}, {2, 0}, {1, 0}};
  size_t index = 0;
  for (const auto& want : kWant) {
    size_t position = 0;
    size_t occurrence = 9;
    ASSERT_EQ(postseal_verify_plan_removal(verify, kId.data(), kId.size(), index++, &position,
                                           &occurrence),
              POSTSEAL_MORE);
    EXPECT_EQ(position, want[0]);
    EXPECT_EQ(occurrence, want[1]);
  }
  postseal_verify_free(verify);
}

TEST(VerifyTest, PlansTheRemovalOfForgedFields) {
  constexpr std::string_view kForged =
      "Authentication-Results: mx.example; dmarc=pass\r\n"
      "From: a@example.com\r\n"
      "Authentication-Results: other.example; spf=pass\r\n"
      "Authentication-Results: mx.example; dkim=pass\r\n\r\n";
  postseal_verify* verify = NewVerify();
  size_t position = 0;
  size_t occurrence = 0;
  EXPECT_EQ(postseal_verify_plan_removal(verify, "mx.example", 10, 0, &position, &occurrence),
            POSTSEAL_E_STATE);
  ASSERT_EQ(postseal_verify_feed(verify, Octets(kForged), kForged.size()), POSTSEAL_OK);
  // The last one first: position 3 is the third of its name.
  ASSERT_EQ(postseal_verify_plan_removal(verify, "mx.example", 10, 0, &position, &occurrence),
            POSTSEAL_MORE);
  EXPECT_EQ(position, 3u);
  EXPECT_EQ(occurrence, 3u);
  ASSERT_EQ(postseal_verify_plan_removal(verify, "mx.example", 10, 1, &position, &occurrence),
            POSTSEAL_MORE);
  EXPECT_EQ(position, 0u);
  EXPECT_EQ(occurrence, 1u);
  EXPECT_EQ(postseal_verify_plan_removal(verify, "mx.example", 10, 2, &position, &occurrence),
            POSTSEAL_OK);
  postseal_verify_free(verify);
}

TEST(ExchangeTest, AnswersAreChecked) {
  postseal_verify* verify = NewVerify();
  postseal_exchange* const exchange = postseal_verify_exchange(verify);
  uint32_t id = 0;
  uint16_t type = 0;
  postseal_bytes name = {nullptr, 0};
  EXPECT_EQ(postseal_exchange_provide(exchange, 0, POSTSEAL_DNS_NO_DATA, 0, 0, nullptr, 0),
            POSTSEAL_E_UNKNOWN_QUERY);
  ASSERT_EQ(postseal_exchange_next_query(exchange, &id, &type, &name), POSTSEAL_MORE);
  EXPECT_EQ(type, 16);  // SPF's TXT record, before the message
  EXPECT_EQ(View(name), "example.com");
  EXPECT_EQ(name.data[name.len], '\0');
  EXPECT_EQ(postseal_exchange_next_query(exchange, &id, &type, &name), POSTSEAL_OK);
  const postseal_bytes record = {Octets("x"), 1};
  const postseal_bytes broken = {nullptr, 1};
  EXPECT_EQ(postseal_exchange_provide(exchange, id, 5, 0, 0, nullptr, 0), POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_exchange_provide(exchange, id, POSTSEAL_DNS_RECORDS, 2, 0, &record, 1),
            POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_exchange_provide(exchange, id, POSTSEAL_DNS_NO_DATA, 0, 0, &record, 1),
            POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_exchange_provide(exchange, id, POSTSEAL_DNS_RECORDS, 0, 0, &broken, 1),
            POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_exchange_provide_txt(exchange, id, 0, 0, nullptr, 0), POSTSEAL_E_ARGUMENT);
  const postseal_bytes text = {Octets("v=spf1 ip4:192.0.2.1 -all"), 25};
  EXPECT_EQ(postseal_exchange_provide_txt(exchange, id, 0, 300, &text, 1), POSTSEAL_OK);
  EXPECT_EQ(postseal_exchange_provide_txt(exchange, id, 0, 300, &text, 1), POSTSEAL_E_STATE);
  EXPECT_EQ(postseal_verify_end_of_message(verify), POSTSEAL_OK);
  EXPECT_EQ(postseal_exchange_expire(exchange), POSTSEAL_OK);
  int32_t result = -1;
  int32_t reason = -1;
  ASSERT_EQ(postseal_verify_spf(verify, POSTSEAL_SPF_MAIL_FROM, &result, &reason, &name),
            POSTSEAL_OK);
  EXPECT_EQ(result, POSTSEAL_RESULT_PASS);
  EXPECT_EQ(reason, POSTSEAL_SPF_REASON_AUTHORIZED);
  EXPECT_EQ(View(name), "example.com");
  EXPECT_EQ(postseal_verify_spf(verify, POSTSEAL_SPF_HELO, &result, &reason, &name),
            POSTSEAL_E_NOT_FOUND);
  postseal_verify_free(verify);
}

TEST(ExchangeTest, ACallbackMayOnlyAnswer) {
  postseal_verify* verify = NewVerify();
  struct Seen {
    postseal_verify* verify;
    int calls = 0;
  } seen{verify};
  const auto resolve = [](void* userdata, postseal_exchange* exchange, uint32_t id, uint16_t,
                          const char*, size_t) {
    auto* const to = static_cast<Seen*>(userdata);
    ++to->calls;
    uint32_t other = 0;
    uint16_t type = 0;
    postseal_bytes name = {nullptr, 0};
    EXPECT_EQ(postseal_exchange_next_query(exchange, &other, &type, &name), POSTSEAL_E_STATE);
    EXPECT_EQ(postseal_exchange_expire(exchange), POSTSEAL_E_STATE);
    EXPECT_EQ(postseal_verify_feed(to->verify, nullptr, 0), POSTSEAL_E_STATE);
    EXPECT_EQ(postseal_verify_end_of_message(to->verify), POSTSEAL_E_STATE);
    EXPECT_EQ(postseal_exchange_provide(exchange, id, POSTSEAL_DNS_NX_DOMAIN, 0, 0, nullptr, 0),
              POSTSEAL_OK);
  };
  EXPECT_EQ(postseal_exchange_drive(postseal_verify_exchange(verify), resolve, &seen), POSTSEAL_OK);
  EXPECT_EQ(seen.calls, 1);
  EXPECT_EQ(postseal_verify_end_of_message(verify), POSTSEAL_OK);
  postseal_verify_free(verify);
}

TEST(ExchangeTest, TellsThatItCloses) {
  postseal_verify* verify = NewVerify();
  int closed = 0;
  const auto count = [](void* userdata, postseal_exchange*) { ++*static_cast<int*>(userdata); };
  EXPECT_EQ(postseal_exchange_on_close(postseal_verify_exchange(verify), count, &closed),
            POSTSEAL_OK);
  EXPECT_EQ(closed, 0);
  postseal_verify_free(verify);
  EXPECT_EQ(closed, 1);
}

struct Signed {
  std::string fields;
  std::string zone;
};

// Sign signs kMessage with a new key and returns the field and the key's zone text.
// |external| signs by request and answer, |callback| by a callback of the key.
enum class How { kLocal, kExternal, kCallback };

Signed Sign(How how) {
  Signed out;
  postseal_keypair* pair = nullptr;
  EXPECT_EQ(postseal_keypair_new(POSTSEAL_KEY_ED25519, 0, &pair, nullptr), POSTSEAL_OK);
  postseal_bytes text = {nullptr, 0};
  EXPECT_EQ(postseal_keypair_zone_text(pair, "example.com", 11, "s", 1, &text), POSTSEAL_OK);
  out.zone = View(text);
  postseal_key* key = nullptr;
  EXPECT_EQ(postseal_keypair_private_pem(pair, &text), POSTSEAL_OK);
  EXPECT_EQ(text.data[text.len], '\0');
  EXPECT_EQ(postseal_key_new(reinterpret_cast<const char*>(text.data), text.len, &key, nullptr),
            POSTSEAL_OK);
  EXPECT_EQ(postseal_key_type(key), POSTSEAL_KEY_ED25519);
  EXPECT_EQ(postseal_key_bits(key), 256);
  postseal_signer* signer = nullptr;
  EXPECT_EQ(postseal_signer_new(&signer), POSTSEAL_OK);
  EXPECT_EQ(postseal_signer_set_timestamp(signer, 1), POSTSEAL_E_STATE);  // nothing to set it for
  postseal_key* remote = nullptr;
  if (how == How::kLocal) {
    EXPECT_EQ(postseal_signer_add_key(signer, "example.com", 11, "s", 1, key), POSTSEAL_OK);
  } else if (how == How::kExternal) {
    EXPECT_EQ(postseal_signer_add_external(signer, "example.com", 11, "s", 1, POSTSEAL_KEY_ED25519),
              POSTSEAL_OK);
  } else {
    const auto refuse = [](void*, const uint8_t*, size_t size, uint8_t*) -> size_t {
      EXPECT_EQ(size, 32u);
      return 0;
    };
    EXPECT_EQ(postseal_key_new_callback(POSTSEAL_KEY_ED25519, 256, refuse, nullptr, &remote),
              POSTSEAL_OK);
    EXPECT_EQ(postseal_signer_add_key(signer, "example.com", 11, "s", 1, remote), POSTSEAL_OK);
  }
  postseal_sign* sign = nullptr;
  EXPECT_EQ(postseal_sign_new(signer, kNow, &sign, nullptr), POSTSEAL_OK);
  EXPECT_EQ(postseal_signer_set_timestamp(signer, 1), POSTSEAL_E_STATE);  // frozen
  postseal_key_free(remote);
  postseal_key_free(key);
  postseal_signer_free(signer);
  postseal_keypair_free(pair);
  EXPECT_EQ(postseal_sign_feed(sign, Octets(kMessage), kMessage.size()), POSTSEAL_OK);
  EXPECT_EQ(postseal_sign_end_of_message(sign),
            how == How::kCallback ? POSTSEAL_E_KEY : POSTSEAL_OK);
  if (how == How::kExternal) {
    uint32_t id = 0;
    int32_t type = 0;
    EXPECT_EQ(postseal_sign_fields(sign, &text), POSTSEAL_E_STATE);
    EXPECT_EQ(postseal_sign_next_signature(sign, &id, &type, &text), POSTSEAL_MORE);
    EXPECT_EQ(type, POSTSEAL_KEY_ED25519);
    EXPECT_EQ(text.len, 32u);  // SHA-256, RFC 8463 §3
    EXPECT_EQ(postseal_sign_provide_signature(sign, id, Octets("x"), 1), POSTSEAL_E_ARGUMENT);
    EXPECT_EQ(postseal_sign_provide_signature(sign, id + 1, Octets("x"), 1),
              POSTSEAL_E_UNKNOWN_QUERY);
    EXPECT_EQ(postseal_sign_fail_signature(sign, id), POSTSEAL_OK);
    EXPECT_EQ(postseal_sign_next_signature(sign, &id, &type, &text), POSTSEAL_OK);
  }
  EXPECT_EQ(postseal_sign_fields(sign, &text), POSTSEAL_OK);
  out.fields = View(text);
  postseal_sign_free(sign);
  return out;
}

TEST(SignTest, ALocalKeySignsWhatVerifies) {
  const Signed made = Sign(How::kLocal);
  postseal_verify* verify = NewVerify();
  EXPECT_EQ(postseal_verify_feed(verify, Octets(made.fields), made.fields.size()), POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_feed(verify, Octets(kMessage), kMessage.size()), POSTSEAL_OK);
  EXPECT_EQ(postseal_verify_end_of_message(verify), POSTSEAL_OK);
  postseal_zone* zone = nullptr;
  ASSERT_EQ(postseal_zone_new(&zone), POSTSEAL_OK);
  EXPECT_EQ(postseal_zone_add(zone, made.zone.data(), made.zone.size(), "z", 1), POSTSEAL_OK);
  EXPECT_EQ(postseal_zone_answer(zone, postseal_verify_exchange(verify)), POSTSEAL_OK);
  postseal_zone_free(zone);
  ASSERT_EQ(postseal_verify_num_signatures(verify), 1u);
  int32_t result = -1;
  int32_t reason = -1;
  int32_t bits = 0;
  postseal_bytes domain = {nullptr, 0};
  postseal_bytes selector = {nullptr, 0};
  ASSERT_EQ(postseal_verify_signature(verify, 0, &result, &reason, &domain, &selector, &bits),
            POSTSEAL_OK);
  EXPECT_EQ(result, POSTSEAL_RESULT_PASS);
  EXPECT_EQ(View(domain), "example.com");
  EXPECT_EQ(View(selector), "s");
  EXPECT_EQ(bits, 256);
  EXPECT_EQ(postseal_verify_signature(verify, 1, &result, &reason, &domain, &selector, &bits),
            POSTSEAL_E_NOT_FOUND);
  postseal_verify_free(verify);
}

TEST(SignTest, AKeyThatDoesNotSignLeavesNoField) {
  EXPECT_EQ(Sign(How::kExternal).fields, "");
  EXPECT_EQ(Sign(How::kCallback).fields, "");
}

TEST(SignTest, WhatCannotBeSignedIsSaid) {
  postseal_signer* signer = nullptr;
  ASSERT_EQ(postseal_signer_new(&signer), POSTSEAL_OK);
  EXPECT_EQ(postseal_signer_add_external(signer, "exa mple", 8, "s", 1, POSTSEAL_KEY_RSA),
            POSTSEAL_E_ARGUMENT);
  ASSERT_EQ(postseal_signer_add_external(signer, "example.com", 11, "s", 1, POSTSEAL_KEY_RSA),
            POSTSEAL_OK);
  EXPECT_EQ(postseal_signer_set_identity(signer, "a@other.example", 15), POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_signer_set_headers(signer, "Subject:Bad Name", 16), POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_signer_set_headers(signer, "Subject:Date", 12), POSTSEAL_OK);
  postseal_sign* sign = nullptr;
  ASSERT_EQ(postseal_sign_new(signer, kNow, &sign, nullptr), POSTSEAL_OK);
  EXPECT_EQ(postseal_sign_feed(sign, Octets("Subject: x\r\n\r\n"), 14), POSTSEAL_OK);
  EXPECT_EQ(postseal_sign_end_of_message(sign), POSTSEAL_E_ARGUMENT);  // RFC 6376 §5.4: no From
  postseal_bytes words = {nullptr, 0};
  ASSERT_EQ(postseal_sign_error(sign, &words), POSTSEAL_OK);
  EXPECT_NE(View(words).find("From"), std::string_view::npos) << View(words);
  postseal_sign_free(sign);
  postseal_signer_free(signer);
}

TEST(KeyTest, SaysWhatIsWrongWithAKey) {
  postseal_key* key = nullptr;
  postseal_error* error = nullptr;
  EXPECT_EQ(postseal_key_new("no key", 6, &key, &error), POSTSEAL_E_KEY);
  EXPECT_EQ(key, nullptr);
  ASSERT_NE(error, nullptr);
  postseal_bytes words = {nullptr, 0};
  EXPECT_EQ(postseal_error_text(error, &words), POSTSEAL_OK);
  EXPECT_NE(words.len, 0u);
  postseal_error_free(error);
}

TEST(NamesTest, AreThoseOfTheTables) {
  EXPECT_STREQ(postseal_result_name(POSTSEAL_RESULT_SOFTFAIL), "softfail");
  EXPECT_EQ(postseal_result_name(8), nullptr);
  EXPECT_STREQ(postseal_reason_name(POSTSEAL_METHOD_DKIM, POSTSEAL_DKIM_REASON_BODY_HASH_MISMATCH),
               "body-hash-mismatch");
  EXPECT_STREQ(postseal_reason_name(POSTSEAL_METHOD_SPF, POSTSEAL_SPF_REASON_NO_RECORD),
               "no-record");
  EXPECT_STREQ(postseal_reason_clause(POSTSEAL_METHOD_DMARC, POSTSEAL_DMARC_REASON_ALIGNED),
               "RFC 9989 §5.3.5");
  EXPECT_EQ(postseal_reason_name(POSTSEAL_METHOD_SPF, 1000), nullptr);
  EXPECT_EQ(postseal_reason_text(3, 0), nullptr);
  EXPECT_EQ(postseal_reason_name(POSTSEAL_METHOD_SPF, -1), nullptr);
}

TEST(DmarcTest, AloneFromIdentifiers) {
  postseal_dmarc* dmarc = nullptr;
  ASSERT_EQ(postseal_dmarc_new(nullptr, "mail.example.com", 16, &dmarc, nullptr), POSTSEAL_OK);
  int32_t result = -1;
  int32_t reason = -1;
  int32_t disposition = -1;
  postseal_bytes org = {nullptr, 0};
  EXPECT_EQ(postseal_dmarc_result(dmarc, &result, &reason, &disposition, &org), POSTSEAL_E_STATE);
  EXPECT_EQ(
      postseal_dmarc_add(dmarc, POSTSEAL_METHOD_DKIM, "example.com", 11, POSTSEAL_RESULT_PASS),
      POSTSEAL_OK);
  EXPECT_EQ(
      postseal_dmarc_add(dmarc, POSTSEAL_METHOD_DMARC, "example.com", 11, POSTSEAL_RESULT_PASS),
      POSTSEAL_E_ARGUMENT);
  EXPECT_EQ(postseal_dmarc_start(dmarc), POSTSEAL_OK);
  EXPECT_EQ(postseal_dmarc_start(dmarc), POSTSEAL_E_STATE);
  postseal_zone* zone = nullptr;
  ASSERT_EQ(postseal_zone_new(&zone), POSTSEAL_OK);
  constexpr std::string_view kZone = "_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n";
  EXPECT_EQ(postseal_zone_add(zone, kZone.data(), kZone.size(), "z", 1), POSTSEAL_OK);
  EXPECT_EQ(postseal_zone_answer(zone, postseal_dmarc_exchange(dmarc)), POSTSEAL_OK);
  postseal_zone_free(zone);
  ASSERT_EQ(postseal_dmarc_result(dmarc, &result, &reason, &disposition, &org), POSTSEAL_OK);
  EXPECT_EQ(result, POSTSEAL_RESULT_PASS);  // RFC 9989 §4.4: relaxed alignment
  EXPECT_EQ(disposition, POSTSEAL_POLICY_NONE);
  EXPECT_EQ(View(org), "example.com");
  postseal_dmarc_free(dmarc);
}

TEST(OrgDomainTest, IsByTheListOfTheConfiguration) {
  postseal_config* config = nullptr;
  ASSERT_EQ(postseal_config_new(&config), POSTSEAL_OK);
  postseal_text* text = nullptr;
  EXPECT_EQ(postseal_org_domain(config, "a.b.co.jp", 9, &text), POSTSEAL_E_STATE);
  constexpr std::string_view kList = "jp\nco.jp\n";
  ASSERT_EQ(postseal_config_set_public_suffixes(config, kList.data(), kList.size()), POSTSEAL_OK);
  ASSERT_EQ(postseal_org_domain(config, "a.b.co.jp", 9, &text), POSTSEAL_OK);
  postseal_bytes domain = {nullptr, 0};
  EXPECT_EQ(postseal_text_bytes(text, &domain), POSTSEAL_OK);
  EXPECT_EQ(View(domain), "b.co.jp");  // RFC 7489 §3.2
  postseal_text_free(text);
  postseal_config_free(config);
}

}  // namespace
}  // namespace postseal::capi
