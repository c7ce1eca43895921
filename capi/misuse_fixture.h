/* A handle of each kind in the state in which its constructor leaves it, for
 * tools/capi_misuse: new_x makes one, and the program frees it. Ends the program when the
 * library cannot. */
#ifndef POSTSEAL_CAPI_MISUSE_FIXTURE_H_
#define POSTSEAL_CAPI_MISUSE_FIXTURE_H_

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capi/postseal.h"

#define NEED(call)                                      \
  do {                                                  \
    const postseal_status status_ = (call);             \
    if (status_ < 0) {                                  \
      printf("fixture: %s: %d\n", #call, (int)status_); \
      exit(2);                                          \
    }                                                   \
  } while (0)

static postseal_config* new_config(void) {
  postseal_config* config = NULL;
  NEED(postseal_config_new(&config));
  return config;
}

static postseal_envelope* new_envelope(void) {
  postseal_envelope* envelope = NULL;
  NEED(postseal_envelope_new(&envelope));
  NEED(postseal_envelope_set_client_ip_text(envelope, "192.0.2.1", 9));
  NEED(postseal_envelope_set_helo(envelope, "mail.example", 12));
  NEED(postseal_envelope_set_mail_from(envelope, "a@mail.example", 14));
  return envelope;
}

static postseal_zone* new_zone(void) {
  postseal_zone* zone = NULL;
  NEED(postseal_zone_new(&zone));
  return zone;
}

static postseal_verify* new_verify(void) {
  postseal_envelope* envelope = new_envelope();
  postseal_verify* verify = NULL;
  NEED(postseal_verify_new(NULL, envelope, 1767225600, &verify, NULL));
  postseal_envelope_free(envelope);
  return verify;
}

static postseal_spf* new_spf(void) {
  postseal_envelope* envelope = new_envelope();
  postseal_spf* spf = NULL;
  NEED(postseal_spf_new(NULL, envelope, POSTSEAL_SPF_MAIL_FROM, 1767225600, &spf, NULL));
  postseal_envelope_free(envelope);
  return spf;
}

static postseal_lint* new_lint(void) {
  postseal_lint* lint = NULL;
  NEED(postseal_lint_new("mail.example", 12, &lint, NULL));
  return lint;
}

static postseal_dmarc* new_dmarc(void) {
  postseal_dmarc* dmarc = NULL;
  NEED(postseal_dmarc_new(NULL, "mail.example", 12, &dmarc, NULL));
  return dmarc;
}

static postseal_keypair* new_keypair(void) {
  postseal_keypair* keypair = NULL;
  NEED(postseal_keypair_new(POSTSEAL_KEY_ED25519, 0, &keypair, NULL));
  return keypair;
}

static postseal_key* new_key(void) {
  postseal_keypair* keypair = new_keypair();
  postseal_bytes pem;
  postseal_key* key = NULL;
  NEED(postseal_keypair_private_pem(keypair, &pem));
  NEED(postseal_key_new((const char*)pem.data, pem.len, &key, NULL));
  postseal_keypair_free(keypair);
  return key;
}

static postseal_signer* new_signer(void) {
  postseal_signer* signer = NULL;
  NEED(postseal_signer_new(&signer));
  NEED(postseal_signer_add_external(signer, "mail.example", 12, "s", 1, POSTSEAL_KEY_RSA));
  return signer;
}

static postseal_sign* new_sign(void) {
  postseal_signer* signer = new_signer();
  postseal_sign* sign = NULL;
  NEED(postseal_sign_new(signer, 1767225600, &sign, NULL));
  postseal_signer_free(signer);
  return sign;
}

static postseal_text* new_text(void) {
  postseal_text* text = NULL;
  NEED(postseal_record_parse(POSTSEAL_METHOD_SPF, "v=spf1", 6, &text));
  return text;
}

static postseal_error* new_error(void) {
  postseal_error* error = NULL;
  NEED(postseal_error_new("words", 5, &error));
  return error;
}

static postseal_evidence* new_evidence(void) {
  postseal_config* config = new_config();
  postseal_verify* verify = NULL;
  postseal_evidence* evidence = NULL;
  postseal_bytes json;
  NEED(postseal_config_set(config, "record_message", 14, 1));
  NEED(postseal_verify_new(config, NULL, 1767225600, &verify, NULL));
  NEED(postseal_verify_end_of_message(verify));
  NEED(postseal_exchange_expire(postseal_verify_exchange(verify)));
  NEED(postseal_verify_evidence(verify, "mx.example", 10, &json));
  NEED(postseal_evidence_new((const char*)json.data, json.len, &evidence, NULL));
  postseal_verify_free(verify);
  postseal_config_free(config);
  return evidence;
}

/* Callbacks that do nothing. */
static void no_resolve(void* userdata, postseal_exchange* exchange, uint32_t id, uint16_t type,
                       const char* name, size_t name_len) {
  (void)userdata, (void)exchange, (void)id, (void)type, (void)name, (void)name_len;
}
static void no_closed(void* userdata, postseal_exchange* exchange) {
  (void)userdata, (void)exchange;
}
static size_t no_sign(void* userdata, const uint8_t* digest, size_t digest_len,
                      uint8_t* signature) {
  (void)userdata, (void)digest, (void)digest_len, (void)signature;
  return 0;
}

#endif /* POSTSEAL_CAPI_MISUSE_FIXTURE_H_ */
