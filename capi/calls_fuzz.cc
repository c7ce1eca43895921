// Calls of the C ABI in any order, with any arguments, on handles in any state, NULL and
// freed ones replaced by NULL among them: each call ends with a status that its caller can
// understand, what it hands out is whole, and a failure has words.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/fuzz_input.h"
#include "capi/postseal.h"

namespace {

namespace base = postseal::base;

constexpr int64_t kNow = 1767225600;

constexpr std::array<std::string_view, 28> kOptions = {"max_header_octets",
                                                       "max_fields",
                                                       "max_field_octets",
                                                       "max_lookups",
                                                       "scan_body",
                                                       "check_iprev",
                                                       "check_dmarc",
                                                       "compare_rfc7489",
                                                       "dkim_max_signatures",
                                                       "dkim_max_key_records",
                                                       "dkim_max_public_key_operations",
                                                       "dkim_clock_skew_seconds",
                                                       "dkim_future_skew_seconds",
                                                       "dkim_min_rsa_bits",
                                                       "dkim_allow_rsa_sha1",
                                                       "dkim_allow_partial_body",
                                                       "dkim_allow_unsigned_from",
                                                       "dkim_diagnose",
                                                       "spf_max_terms",
                                                       "spf_max_void_lookups",
                                                       "spf_max_ptr_names",
                                                       "spf_max_queries",
                                                       "dmarc_mode",
                                                       "dmarc_max_author_domains",
                                                       "dmarc_sample",
                                                       "cached_keys",
                                                       "record_message",
                                                       "none_of_them"};

constexpr std::array<int64_t, 10> kValues = {0,   1,  2,       3,         10,
                                             100, -1, 1 << 20, INT64_MAX, INT64_MIN};

// The key of RFC 8463 appendix A.2.
constexpr std::string_view kPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

const uint8_t* Octets(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// Checked is |status|, which says neither that postseal is wrong nor that memory ran out.
postseal_status Checked(postseal_status status) {
  POSTSEAL_CHECK(status != POSTSEAL_E_INTERNAL && status != POSTSEAL_E_NO_MEMORY);
  POSTSEAL_CHECK(status <= POSTSEAL_MORE);
  return status;
}

// Check reads all of |bytes|, which |status| says are there.
void Check(postseal_status status, const postseal_bytes& bytes) {
  if (Checked(status) < 0) return;
  POSTSEAL_CHECK(bytes.data != nullptr);
  // As std::string it is read whole; a sanitizer sees what is not there.
  const std::string copy(reinterpret_cast<const char*>(bytes.data), bytes.len);
  POSTSEAL_CHECK(bytes.data[bytes.len] == 0 && copy.size() == bytes.len);
}

// Made frees |error|, which has words when |status| is an error and a handle was asked for.
void Made(postseal_status status, postseal_error* error) {
  if (error != nullptr) {
    POSTSEAL_CHECK(Checked(status) < 0);
    postseal_bytes text = {};
    Check(postseal_error_text(error, &text), text);
    POSTSEAL_CHECK(text.len > 0);
  }
  Checked(status);
  postseal_error_free(error);
}

void Check(postseal_status status, postseal_text* text) {
  if (Checked(status) >= 0) {
    postseal_bytes bytes = {};
    Check(postseal_text_bytes(text, &bytes), bytes);
    postseal_text_free(text);
  }
}

size_t SignWithOctets(void* userdata, const uint8_t* digest, size_t digest_len,
                      uint8_t* signature) {
  const size_t size = *static_cast<const uint8_t*>(userdata);
  for (size_t i = 0; i < size; ++i) signature[i] = digest[i % digest_len];
  return size;
}

// Caller makes calls as its input says.
class Caller {
 public:
  explicit Caller(base::FuzzInput input) : input_(input) {}
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  ~Caller() {
    postseal_verify_free(verify_);
    postseal_sign_free(sign_);
    postseal_spf_free(spf_);
    postseal_lint_free(lint_);
    postseal_dmarc_free(dmarc_);
    postseal_evidence_free(evidence_);
    postseal_signer_free(signer_);
    postseal_key_free(key_);
    postseal_zone_free(zone_);
    postseal_envelope_free(envelope_);
    postseal_config_free(config_);
  }

  void Run() {
    // As many as an input of bounded length asks for.
    while (!input_.at_end()) {
      switch (input_.Below(8)) {
        case 0:
          Configure();
          break;
        case 1:
          SetEnvelope();
          break;
        case 2:
          FeedVerify();
          break;
        case 3:
          ReadReport();
          break;
        case 4:
          Exchange();
          break;
        case 5:
          PrepareSigner();
          break;
        case 6:
          Sign();
          break;
        default:
          Alone();
      }
    }
  }

 private:
  struct Text {
    explicit Text(base::FuzzInput* input) : text(input->Text()) {}
    const char* data() const { return text.data(); }
    size_t size() const { return text.size(); }
    std::string_view text;
  };
  Text Next() { return Text(&input_); }

  void Configure() {
    const uint8_t how = input_.Octet();
    postseal_bytes text = {};
    if (how % 8 == 0) {
      postseal_config_free(config_);
      config_ = nullptr;
    } else if (config_ == nullptr) {
      Checked(postseal_config_new(&config_));
    } else if (how % 8 == 1) {
      const Text list = Next();
      Checked(postseal_config_set_public_suffixes(config_, list.data(), list.size()));
      postseal_text* org = nullptr;
      Check(postseal_org_domain(config_, "a.b.example", 11, &org), org);
    } else {
      const std::string_view name = kOptions[input_.Below(kOptions.size())];
      const int64_t value = kValues[input_.Below(kValues.size())];
      const auto status = Checked(postseal_config_set(config_, name.data(), name.size(), value));
      Check(postseal_config_error(config_, &text), text);
      POSTSEAL_CHECK((status < 0) == (text.len > 0));
    }
  }

  void SetEnvelope() {
    const uint8_t how = input_.Octet();
    const Text text = Next();
    switch (how % 8) {
      case 0:
        postseal_envelope_free(envelope_);
        envelope_ = nullptr;
        return;
      case 1:
        Checked(postseal_envelope_set_client_ip(envelope_, Octets(text.text), text.size()));
        return;
      case 2:
        Checked(postseal_envelope_set_client_ip_text(envelope_, text.data(), text.size()));
        return;
      case 3:
        Checked(postseal_envelope_set_helo(envelope_, text.data(), text.size()));
        return;
      case 4:
        Checked(postseal_envelope_set_mail_from(envelope_, text.data(), text.size()));
        return;
      case 5:
        Checked(postseal_envelope_set_receiver(envelope_, text.data(), text.size()));
        return;
      case 6:
        Checked(postseal_envelope_set_smtputf8(envelope_, static_cast<int32_t>(text.size())));
        return;
      default:
        if (envelope_ == nullptr) Checked(postseal_envelope_new(&envelope_));
    }
  }

  void FeedVerify() {
    const uint8_t how = input_.Octet();
    postseal_error* error = nullptr;
    switch (how % 8) {
      case 0:
        postseal_verify_free(verify_);
        verify_ = nullptr;
        return;
      case 1:
      case 2: {
        if (verify_ != nullptr) return;
        const auto status = postseal_verify_new(config_, envelope_, kNow, &verify_, &error);
        Made(status, error);
        return;
      }
      case 3: {
        const Text name = Next();
        const Text value = Next();
        Checked(
            postseal_verify_header(verify_, name.data(), name.size(), value.data(), value.size()));
        break;
      }
      case 4:
        Checked(postseal_verify_end_of_headers(verify_));
        break;
      case 5: {
        const Text body = Next();
        Checked(postseal_verify_body(verify_, Octets(body.text), body.size()));
        break;
      }
      case 6:
        Checked(postseal_verify_end_of_message(verify_));
        break;
      default: {
        const Text text = Next();
        Checked(postseal_verify_feed(verify_, Octets(text.text), text.size()));
      }
    }
    postseal_bytes words = {};
    Check(postseal_verify_error(verify_, &words), words);
  }

  void ReadReport() {
    const uint8_t how = input_.Octet();
    const std::string_view id = (how & 16) != 0 ? input_.Text() : "mx.example";
    postseal_bytes text = {};
    postseal_bytes more = {};
    int32_t result = 0;
    int32_t reason = 0;
    int32_t number = 0;
    switch (how % 10) {
      case 0:
        Checked(postseal_verify_result(verify_, &result));
        POSTSEAL_CHECK(postseal_result_name(result) != nullptr);
        return;
      case 1:
        return Check(postseal_verify_spf(verify_, how & 1, &result, &reason, &text), text);
      case 2:
        Check(postseal_verify_signature(verify_, how >> 6, &result, &reason, &text, &more, &number),
              text);
        POSTSEAL_CHECK(postseal_verify_num_signatures(verify_) < 1000);
        return;
      case 3:
        return Check(postseal_verify_dmarc(verify_, &result, &reason, &number, &text), text);
      case 4:
        return Check(postseal_verify_authentication_results(verify_, id.data(), id.size(), &text),
                     text);
      case 5:
        return Check(postseal_verify_received_spf(verify_, how >> 7, &text), text);
      case 6:
        return Check(postseal_verify_json(verify_, id.data(), id.size(), &text), text);
      case 7:
        return Check(postseal_verify_explanation(verify_, &text), text);
      case 8:
        return PlanRemoval(id);
      default: {
        const auto status = postseal_verify_evidence(verify_, id.data(), id.size(), &text);
        Check(status, text);
        if (status == POSTSEAL_OK) UseEvidence(text);
      }
    }
  }

  void PlanRemoval(std::string_view id) {
    size_t position = 0;
    size_t occurrence = 0;
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < 100; ++i) {
      const auto status = Checked(
          postseal_verify_plan_removal(verify_, id.data(), id.size(), i, &position, &occurrence));
      if (status != POSTSEAL_MORE) return;
      POSTSEAL_CHECK(position < last && occurrence <= position + 1);
      last = position;
    }
  }

  // UseEvidence makes a verdict again from evidence that was handed out.
  void UseEvidence(const postseal_bytes& json) {
    postseal_evidence_free(evidence_);
    evidence_ = nullptr;
    postseal_error* error = nullptr;
    const auto* const text = reinterpret_cast<const char*>(json.data);
    const postseal_status status = postseal_evidence_new(text, json.len, &evidence_, &error);
    Made(status, error);
    POSTSEAL_CHECK(status == POSTSEAL_OK);
    postseal_verify* verify = nullptr;
    postseal_error* refused = nullptr;
    const postseal_status started = postseal_evidence_verify(evidence_, &verify, &refused);
    Made(started, refused);
    if (started != POSTSEAL_OK) return;
    Checked(postseal_verify_end_of_message(verify));
    Checked(postseal_evidence_answer(evidence_, postseal_verify_exchange(verify)));
    POSTSEAL_CHECK(postseal_exchange_is_done(postseal_verify_exchange(verify)) == 1);
    postseal_verify_free(verify);
  }

  postseal_exchange* AnExchange(uint8_t which) {
    switch (which % 4) {
      case 0:
        return postseal_spf_exchange(spf_);
      case 1:
        return postseal_lint_exchange(lint_);
      case 2:
        return postseal_dmarc_exchange(dmarc_);
      default:
        return postseal_verify_exchange(verify_);
    }
  }

  static void Resolve(void* userdata, postseal_exchange* exchange, uint32_t id, uint16_t type,
                      const char* name, size_t name_len) {
    auto* const self = static_cast<Caller*>(userdata);
    POSTSEAL_CHECK(name[name_len] == '\0' && type != 0);
    if (self->input_.Octet() % 8 != 0) self->Provide(exchange, id);
  }

  void Provide(postseal_exchange* exchange, uint32_t id) {
    const uint8_t how = input_.Octet();
    const std::string_view first = input_.Text();
    const std::string_view second = (how & 64) != 0 ? input_.Text() : std::string_view();
    const postseal_bytes records[] = {{Octets(first), first.size()},
                                      {Octets(second), second.size()}};
    const size_t count = how % 3;
    if ((how & 32) != 0) {
      Checked(postseal_exchange_provide_txt(exchange, id, how & 1, 300, records, count));
    } else {
      Checked(postseal_exchange_provide(exchange, id, how / 4 % 6, how & 1, 300, records, count));
    }
  }

  void Exchange() {
    const uint8_t how = input_.Octet();
    postseal_exchange* const exchange = AnExchange(how >> 6);
    uint32_t id = 0;
    uint16_t type = 0;
    postseal_bytes name = {};
    switch (how % 7) {
      case 0:
        Checked(postseal_exchange_expire(exchange));
        return;
      case 1: {
        const auto status = postseal_exchange_next_query(exchange, &id, &type, &name);
        if (Checked(status) == POSTSEAL_MORE) {
          Check(status, name);
          Provide(exchange, id);
        }
        return;
      }
      case 2:
        return Provide(exchange, input_.Octet());
      case 3:
        Checked(postseal_zone_answer(zone_, exchange));
        return;
      case 4: {
        if (zone_ == nullptr) Checked(postseal_zone_new(&zone_));
        const Text text = Next();
        Checked(postseal_zone_add(zone_, text.data(), text.size(), "zone", 4));
        Check(postseal_zone_error(zone_, &name), name);
        return;
      }
      case 5:
        postseal_exchange_is_done(exchange);
        return;
      default:
        Checked(postseal_exchange_drive(exchange, Resolve, this));
    }
  }

  void PrepareSigner() {
    const uint8_t how = input_.Octet();
    const Text text = Next();
    postseal_bytes words = {};
    switch (how % 12) {
      case 0:
        postseal_signer_free(signer_);
        signer_ = nullptr;
        return;
      case 1:
        if (signer_ == nullptr) Checked(postseal_signer_new(&signer_));
        return;
      case 2:
        return MakeKey(text.text, how >> 4);
      case 3: {
        const Text selector = Next();
        Checked(postseal_signer_add_key(signer_, text.data(), text.size(), selector.data(),
                                        selector.size(), key_));
        break;
      }
      case 4:
        Checked(postseal_signer_add_external(signer_, text.data(), text.size(), "s", 1, how >> 6));
        break;
      case 5:
        Checked(postseal_signer_set_canonicalization(signer_, how >> 4 & 3, how >> 6));
        break;
      case 6:
        Checked(postseal_signer_set_headers(signer_, text.data(), text.size()));
        break;
      case 7:
        Checked(postseal_signer_set_oversign(signer_, text.data(), text.size()));
        break;
      case 8:
        Checked(postseal_signer_set_identity(signer_, text.data(), text.size()));
        break;
      case 9:
        Checked(postseal_signer_set_expires_in(signer_, kValues[(how >> 4) % kValues.size()]));
        break;
      case 10:
        Checked(postseal_signer_set_timestamp(signer_, how >> 4));
        break;
      default:
        Checked(postseal_signer_set_copy_fields(signer_, how >> 4));
    }
    Check(postseal_signer_error(signer_, &words), words);
  }

  void MakeKey(std::string_view text, int how) {
    postseal_key_free(key_);
    key_ = nullptr;
    postseal_error* error = nullptr;
    if (how % 4 == 0) {
      const postseal_status status = postseal_key_new(text.data(), text.size(), &key_, &error);
      Made(status, error);
    } else if (how % 4 == 1) {
      signature_octets_ = static_cast<uint8_t>(text.size());
      Checked(postseal_key_new_callback(how >> 2 & 1, how > 8 ? 2048 : 256, SignWithOctets,
                                        &signature_octets_, &key_));
    } else {
      const postseal_status status = postseal_key_new(kPem.data(), kPem.size(), &key_, &error);
      Made(status, error);
      POSTSEAL_CHECK(status == POSTSEAL_OK && postseal_key_bits(key_) == 256);
    }
  }

  void Sign() {
    const uint8_t how = input_.Octet();
    postseal_error* error = nullptr;
    postseal_bytes text = {};
    uint32_t id = 0;
    int32_t type = 0;
    switch (how % 11) {
      case 0:
        postseal_sign_free(sign_);
        sign_ = nullptr;
        return;
      case 1:
      case 2: {
        if (sign_ != nullptr) return;
        const postseal_status status = postseal_sign_new(signer_, kNow, &sign_, &error);
        Made(status, error);
        return;
      }
      case 3: {
        const Text name = Next();
        const Text value = Next();
        Checked(postseal_sign_header(sign_, name.data(), name.size(), value.data(), value.size()));
        break;
      }
      case 4:
        Checked(postseal_sign_end_of_headers(sign_));
        break;
      case 5: {
        const Text body = Next();
        Checked(postseal_sign_body(sign_, Octets(body.text), body.size()));
        break;
      }
      case 6:
        Checked(postseal_sign_end_of_message(sign_));
        break;
      case 7: {
        const postseal_status status = postseal_sign_next_signature(sign_, &id, &type, &text);
        if (Checked(status) == POSTSEAL_MORE) POSTSEAL_CHECK(text.len == 32 && type >= 0);
        break;
      }
      case 8: {
        const Text signature = Next();
        Checked(postseal_sign_provide_signature(sign_, how >> 6, Octets(signature.text),
                                                signature.size()));
        break;
      }
      case 9:
        Checked(postseal_sign_fail_signature(sign_, how >> 6));
        break;
      default: {
        const Text message = Next();
        Checked(postseal_sign_feed(sign_, Octets(message.text), message.size()));
        Check(postseal_sign_fields(sign_, &text), text);
      }
    }
    Check(postseal_sign_error(sign_, &text), text);
  }

  // Alone is SPF, its lint, DMARC and texts, without a message.
  void Alone() {
    const uint8_t how = input_.Octet();
    postseal_error* error = nullptr;
    postseal_bytes bytes = {};
    postseal_text* text = nullptr;
    int32_t result = 0;
    int32_t reason = 0;
    int32_t disposition = 0;
    switch (how % 9) {
      case 0: {
        postseal_spf_free(spf_);
        spf_ = nullptr;
        const auto status = postseal_spf_new(config_, envelope_, how >> 7, kNow, &spf_, &error);
        return Made(status, error);
      }
      case 1:
        Check(postseal_spf_result(spf_, &result, &reason, &bytes), bytes);
        Check(postseal_spf_json(spf_, &bytes), bytes);
        return Check(postseal_spf_explanation(spf_, &bytes), bytes);
      case 2: {
        const Text domain = Next();
        postseal_lint_free(lint_);
        lint_ = nullptr;
        const auto status = postseal_lint_new(domain.data(), domain.size(), &lint_, &error);
        return Made(status, error);
      }
      case 3:
        return Check(postseal_lint_json(lint_, &bytes), bytes);
      case 4: {
        const Text domain = Next();
        postseal_dmarc_free(dmarc_);
        dmarc_ = nullptr;
        const auto status =
            postseal_dmarc_new(config_, domain.data(), domain.size(), &dmarc_, &error);
        return Made(status, error);
      }
      case 5: {
        const Text domain = Next();
        Checked(postseal_dmarc_add(dmarc_, how >> 6, domain.data(), domain.size(), how >> 4 & 7));
        if ((how & 128) != 0) Checked(postseal_dmarc_start(dmarc_));
        return Check(postseal_dmarc_error(dmarc_, &bytes), bytes);
      }
      case 6:
        Check(postseal_dmarc_result(dmarc_, &result, &reason, &disposition, &bytes), bytes);
        Check(postseal_dmarc_json(dmarc_, &bytes), bytes);
        return Check(postseal_dmarc_explanation(dmarc_, &bytes), bytes);
      case 7: {
        const Text field = Next();
        return Check(postseal_authres_parse(field.data(), field.size(), &text), text);
      }
      default: {
        const Text record = Next();
        return Check(postseal_record_parse(how >> 6, record.data(), record.size(), &text), text);
      }
    }
  }

  base::FuzzInput input_;
  uint8_t signature_octets_ = 0;
  postseal_config* config_ = nullptr;
  postseal_envelope* envelope_ = nullptr;
  postseal_zone* zone_ = nullptr;
  postseal_verify* verify_ = nullptr;
  postseal_evidence* evidence_ = nullptr;
  postseal_key* key_ = nullptr;
  postseal_signer* signer_ = nullptr;
  postseal_sign* sign_ = nullptr;
  postseal_spf* spf_ = nullptr;
  postseal_lint* lint_ = nullptr;
  postseal_dmarc* dmarc_ = nullptr;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Caller caller(postseal::base::FuzzInput(data, size));
  caller.Run();
  return 0;
}
