/* postseal: who really sent this message? The C ABI.
 *
 * Verifies and signs DKIM, evaluates SPF and DMARC, writes Authentication-Results.
 * The library opens no socket or file, starts no thread, reads no clock and has no
 * global state: DNS queries come out of a session, answers go in, and every verdict
 * follows from message, envelope, answers and |now|.
 *
 *   postseal_envelope_new(&envelope);                      what SMTP said
 *   postseal_verify_new(config, envelope, now, &verify, NULL);
 *   postseal_verify_feed(verify, data, len);               any split, any number
 *   postseal_verify_end_of_message(verify);
 *   postseal_zone_answer(zone, postseal_verify_exchange(verify));  or your resolver
 *   postseal_verify_json(verify, "mx.example", 10, &text);
 *   postseal_verify_free(verify);
 *
 * Conventions, said once:
 * - Handles are opaque. postseal_x_free(NULL) does nothing. A const handle is not
 *   changed by the call.
 * - Inputs are borrowed for the call and copied if kept. Bytes are a pointer and a
 *   _len; the pointer may be NULL only when the length is 0. Nothing else may be NULL
 *   unless its comment says so; NULL is an error, never a crash.
 * - A function that can fail returns a postseal_status: 0 done, above 0 done and
 *   there is more to say, below 0 an error of the caller or the environment. What
 *   message or DNS say is no error: "dkim=fail" comes with POSTSEAL_OK.
 * - Outputs, out_..., are written on success only (POSTSEAL_OK and POSTSEAL_MORE).
 * - Returned postseal_bytes belong to the handle they were asked of, are followed by
 *   a NUL octet, and live until that handle is freed.
 * - What an error means in words is at the handle: postseal_x_error. Functions that
 *   make a handle give it by |out_error|, which may be NULL.
 * - A handle is used by one thread at a time, by any. A postseal_config and a
 *   postseal_signer that a session was made with, and a postseal_key, never change any
 *   more: threads share them. They are counted: free yours when you like.
 * - Callbacks are made from inside a call of yours, on its thread. They may call
 *   what their comment names, and must not throw or jump out.
 * - Numbers in this header never change their meaning; new ones may appear. Text of
 *   senders in results is not escaped, except inside JSON, header fields and
 *   explanations, which are safe to print. */
#ifndef POSTSEAL_H_
#define POSTSEAL_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define POSTSEAL_EXPORT __attribute__((visibility("default")))
#else
#define POSTSEAL_EXPORT
#endif

#define POSTSEAL_VERSION_MAJOR 0
#define POSTSEAL_VERSION_MINOR 1
#define POSTSEAL_VERSION_PATCH 0
#define POSTSEAL_VERSION_NUMBER \
  ((POSTSEAL_VERSION_MAJOR << 24) | (POSTSEAL_VERSION_MINOR << 16) | (POSTSEAL_VERSION_PATCH << 8))

/* postseal_version_number is POSTSEAL_VERSION_NUMBER of the library that runs. */
POSTSEAL_EXPORT uint32_t postseal_version_number(void);

/* postseal_status is how a call ended. */
typedef int32_t postseal_status;
enum {
  POSTSEAL_OK = 0,
  POSTSEAL_MORE = 1,             /* an output was written, and there may be another */
  POSTSEAL_E_ARGUMENT = -1,      /* an argument is not as described */
  POSTSEAL_E_STATE = -2,         /* not now: out of order, or inside a callback */
  POSTSEAL_E_TOO_LARGE = -3,     /* more than a limit allows */
  POSTSEAL_E_UNKNOWN_QUERY = -4, /* no pending query or signature has this id */
  POSTSEAL_E_KEY = -5,           /* the key cannot be used, or could not sign */
  POSTSEAL_E_NO_MEMORY = -6,     /* the handle may only be freed now */
  POSTSEAL_E_NOT_FOUND = -7,     /* the result has no such part */
  POSTSEAL_E_ENVIRONMENT = -8,   /* a file, a socket or a library failed */
  POSTSEAL_E_INTERNAL = -99      /* a defect of postseal; please report it */
};

/* postseal_bytes are octets that somebody else owns. Its layout is frozen. */
typedef struct postseal_bytes {
  const uint8_t* data;
  size_t len;
} postseal_bytes;

/* postseal_error says in words why a handle could not be made. */
typedef struct postseal_error postseal_error;
/* postseal_error_new is for libraries on top of this one, which report in the same way. */
POSTSEAL_EXPORT postseal_status postseal_error_new(const char* text, size_t text_len,
                                                   postseal_error** out_error);
/* postseal_error_text is the words. */
POSTSEAL_EXPORT postseal_status postseal_error_text(const postseal_error* error,
                                                    postseal_bytes* out_text);
/* postseal_error_free frees |error|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_error_free(postseal_error* error);

/* postseal_text owns one text that a function made. */
typedef struct postseal_text postseal_text;
/* postseal_text_bytes is the text. */
POSTSEAL_EXPORT postseal_status postseal_text_bytes(const postseal_text* text,
                                                    postseal_bytes* out_text);
/* postseal_text_free frees |text|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_text_free(postseal_text* text);

/* ---- Results -------------------------------------------------------------------- */

/* Results are the words of RFC 8601 section 2.7. */
enum {
  POSTSEAL_RESULT_NONE = 0,
  POSTSEAL_RESULT_PASS = 1,
  POSTSEAL_RESULT_FAIL = 2,
  POSTSEAL_RESULT_SOFTFAIL = 3, /* SPF alone */
  POSTSEAL_RESULT_POLICY = 4,   /* valid, and refused here */
  POSTSEAL_RESULT_NEUTRAL = 5,
  POSTSEAL_RESULT_TEMPERROR = 6,
  POSTSEAL_RESULT_PERMERROR = 7
};

/* Methods, for reasons and for identifiers. */
enum { POSTSEAL_METHOD_SPF = 0, POSTSEAL_METHOD_DKIM = 1, POSTSEAL_METHOD_DMARC = 2 };

/* Reasons say why a result is what it is. The numbers never change; new ones are added
 * at the end of each list. Decide by results: reasons are for logs. */
/* Reasons, written by tools/capi_reasons. */
/* SPF */
enum {
  POSTSEAL_SPF_REASON_AUTHORIZED = 0,
  POSTSEAL_SPF_REASON_NOT_AUTHORIZED = 1,
  POSTSEAL_SPF_REASON_PROBABLY_NOT_AUTHORIZED = 2,
  POSTSEAL_SPF_REASON_NOT_ASSERTED = 3,
  POSTSEAL_SPF_REASON_NOTHING_MATCHED = 4,
  POSTSEAL_SPF_REASON_MALFORMED_DOMAIN = 5,
  POSTSEAL_SPF_REASON_NO_DOMAIN = 6,
  POSTSEAL_SPF_REASON_NO_RECORD = 7,
  POSTSEAL_SPF_REASON_RECORD_LOOKUP_FAILED = 8,
  POSTSEAL_SPF_REASON_TERM_LOOKUP_FAILED = 9,
  POSTSEAL_SPF_REASON_SEVERAL_RECORDS = 10,
  POSTSEAL_SPF_REASON_BAD_TERM = 11,
  POSTSEAL_SPF_REASON_UNKNOWN_MECHANISM = 12,
  POSTSEAL_SPF_REASON_MISSING_ARGUMENT = 13,
  POSTSEAL_SPF_REASON_UNEXPECTED_ARGUMENT = 14,
  POSTSEAL_SPF_REASON_BAD_DOMAIN_SPEC = 15,
  POSTSEAL_SPF_REASON_BAD_MACRO = 16,
  POSTSEAL_SPF_REASON_EXPLANATION_MACRO = 17,
  POSTSEAL_SPF_REASON_BAD_CHARACTER = 18,
  POSTSEAL_SPF_REASON_BAD_ADDRESS = 19,
  POSTSEAL_SPF_REASON_BAD_PREFIX_LENGTH = 20,
  POSTSEAL_SPF_REASON_DUPLICATE_MODIFIER = 21,
  POSTSEAL_SPF_REASON_INCLUDE_WITHOUT_RECORD = 22,
  POSTSEAL_SPF_REASON_REDIRECT_WITHOUT_RECORD = 23,
  POSTSEAL_SPF_REASON_TOO_MANY_TERMS = 24,
  POSTSEAL_SPF_REASON_TOO_MANY_VOID_LOOKUPS = 25,
  POSTSEAL_SPF_REASON_TOO_MANY_MX_NAMES = 26,
  POSTSEAL_SPF_REASON_TOO_MANY_QUERIES = 27,
  POSTSEAL_SPF_REASON_TOO_MANY_OCTETS = 28
};
/* DKIM */
enum {
  POSTSEAL_DKIM_REASON_VERIFIED = 0,
  POSTSEAL_DKIM_REASON_BODY_HASH_MISMATCH = 1,
  POSTSEAL_DKIM_REASON_SIGNATURE_MISMATCH = 2,
  POSTSEAL_DKIM_REASON_BODY_TOO_SHORT = 3,
  POSTSEAL_DKIM_REASON_SIGNATURE_SYNTAX = 4,
  POSTSEAL_DKIM_REASON_DUPLICATE_TAG = 5,
  POSTSEAL_DKIM_REASON_MISSING_TAG = 6,
  POSTSEAL_DKIM_REASON_BAD_TAG_VALUE = 7,
  POSTSEAL_DKIM_REASON_UNSUPPORTED_VERSION = 8,
  POSTSEAL_DKIM_REASON_UNSUPPORTED_ALGORITHM = 9,
  POSTSEAL_DKIM_REASON_UNSUPPORTED_CANONICALIZATION = 10,
  POSTSEAL_DKIM_REASON_UNSUPPORTED_QUERY_METHOD = 11,
  POSTSEAL_DKIM_REASON_BAD_DOMAIN = 12,
  POSTSEAL_DKIM_REASON_BAD_SELECTOR = 13,
  POSTSEAL_DKIM_REASON_DOMAIN_MISMATCH = 14,
  POSTSEAL_DKIM_REASON_FROM_NOT_SIGNED = 15,
  POSTSEAL_DKIM_REASON_TOO_MANY_NAMES = 16,
  POSTSEAL_DKIM_REASON_EXPIRED = 17,
  POSTSEAL_DKIM_REASON_EXPIRATION_BEFORE_TIMESTAMP = 18,
  POSTSEAL_DKIM_REASON_FUTURE_TIMESTAMP = 19,
  POSTSEAL_DKIM_REASON_RSA_SHA1 = 20,
  POSTSEAL_DKIM_REASON_KEY_LOOKUP_FAILED = 21,
  POSTSEAL_DKIM_REASON_NO_KEY = 22,
  POSTSEAL_DKIM_REASON_KEY_SYNTAX = 23,
  POSTSEAL_DKIM_REASON_KEY_VERSION = 24,
  POSTSEAL_DKIM_REASON_KEY_REVOKED = 25,
  POSTSEAL_DKIM_REASON_KEY_TYPE_MISMATCH = 26,
  POSTSEAL_DKIM_REASON_KEY_HASH_MISMATCH = 27,
  POSTSEAL_DKIM_REASON_KEY_SERVICE_MISMATCH = 28,
  POSTSEAL_DKIM_REASON_KEY_FORBIDS_SUBDOMAIN = 29,
  POSTSEAL_DKIM_REASON_KEY_UNUSABLE = 30,
  POSTSEAL_DKIM_REASON_KEY_TOO_SMALL = 31,
  POSTSEAL_DKIM_REASON_PARTIAL_BODY = 32,
  POSTSEAL_DKIM_REASON_UNSIGNED_FROM = 33,
  POSTSEAL_DKIM_REASON_TOO_MANY_SIGNATURES = 34,
  POSTSEAL_DKIM_REASON_HEADER_TOO_LARGE = 35
};
/* DMARC */
enum {
  POSTSEAL_DMARC_REASON_ALIGNED = 0,
  POSTSEAL_DMARC_REASON_NOT_ALIGNED = 1,
  POSTSEAL_DMARC_REASON_NOT_AUTHENTICATED = 2,
  POSTSEAL_DMARC_REASON_NO_RECORD = 3,
  POSTSEAL_DMARC_REASON_SEVERAL_RECORDS = 4,
  POSTSEAL_DMARC_REASON_NO_USABLE_POLICY = 5,
  POSTSEAL_DMARC_REASON_POLICY_LOOKUP_FAILED = 6,
  POSTSEAL_DMARC_REASON_ALIGNMENT_LOOKUP_FAILED = 7,
  POSTSEAL_DMARC_REASON_EXISTENCE_LOOKUP_FAILED = 8,
  POSTSEAL_DMARC_REASON_SPF_TEMPERROR = 9,
  POSTSEAL_DMARC_REASON_DKIM_TEMPERROR = 10,
  POSTSEAL_DMARC_REASON_FROM_MISSING = 11,
  POSTSEAL_DMARC_REASON_FROM_SEVERAL_FIELDS = 12,
  POSTSEAL_DMARC_REASON_FROM_SEVERAL_DOMAINS = 13,
  POSTSEAL_DMARC_REASON_FROM_MALFORMED = 14,
  POSTSEAL_DMARC_REASON_HEADER_TOO_LARGE = 15
};
/* End of the reasons. */

/* postseal_result_name is the word of |result|, such as "pass"; NULL for another
 * number. The text is static. */
POSTSEAL_EXPORT const char* postseal_result_name(int32_t result);
/* postseal_reason_name is the stable name of |reason| of |method|, such as
 * "body-hash-mismatch"; NULL for another number. The text is static. Reasons explain
 * results in logs; decide by results. */
POSTSEAL_EXPORT const char* postseal_reason_name(int32_t method, int32_t reason);
/* postseal_reason_text says the same in words, NULL as above; static. */
POSTSEAL_EXPORT const char* postseal_reason_text(int32_t method, int32_t reason);
/* postseal_reason_clause is where it is written, such as "RFC 6376 section 3.7", with
 * the section sign in UTF-8; NULL as above; static. */
POSTSEAL_EXPORT const char* postseal_reason_clause(int32_t method, int32_t reason);

/* ---- Configuration -------------------------------------------------------------- */

/* postseal_config is what the host may choose. The defaults are the safe ones. */
typedef struct postseal_config postseal_config;

/* postseal_config_new makes a configuration with every default. */
POSTSEAL_EXPORT postseal_status postseal_config_new(postseal_config** out_config);

/* postseal_config_set sets the option |name|. Switches are 0 or 1.
 *
 *   max_header_octets, max_fields, max_field_octets   limits of the header
 *   max_lookups                  DNS queries of a message
 *   scan_body                    look for what in the body reads in two ways
 *   check_iprev                  look for the client's name (RFC 8601 section 3)
 *   check_dmarc                  evaluate DMARC
 *   compare_rfc7489              by RFC 7489 too, to show the differences
 *   dkim_max_signatures, dkim_max_key_records, dkim_max_public_key_operations
 *   dkim_clock_skew_seconds, dkim_future_skew_seconds
 *   dkim_min_rsa_bits            RFC 8301: 1024
 *   dkim_allow_rsa_sha1, dkim_allow_partial_body, dkim_allow_unsigned_from
 *   dkim_diagnose                say why a hash differs; keeps more of the message
 *   spf_max_terms, spf_max_void_lookups, spf_max_mx_names, spf_max_ptr_names,
 *   spf_max_queries, spf_max_explanation_octets, spf_max_answers_octets
 *                                RFC 7208 section 4.6.4
 *   dmarc_mode                   0 RFC 9989, 1 RFC 7489
 *   dmarc_missing_policy         0 RFC 9989 section 4.10.1, 1 always p=none
 *   dmarc_max_identifiers, dmarc_max_author_domains
 *   dmarc_sample                 for pct= of RFC 7489: 0 to 99, -1 for none
 *   cached_keys                  parsed keys shared between sessions; 0: none
 *   record_message               keep the message's digest, for evidence
 *
 * POSTSEAL_E_ARGUMENT for another name or a number out of range, POSTSEAL_E_STATE
 * once a session was made with |config|. */
POSTSEAL_EXPORT postseal_status postseal_config_set(postseal_config* config, const char* name,
                                                    size_t name_len, int64_t value);

/* postseal_config_set_public_suffixes brings the list that RFC 7489 needs: |text| in
 * the format of publicsuffix.org, or no octets for the list that libpsl has. */
POSTSEAL_EXPORT postseal_status postseal_config_set_public_suffixes(postseal_config* config,
                                                                    const char* text,
                                                                    size_t text_len);
/* postseal_config_error says why the last call for |config| failed; empty when it
 * did not. */
POSTSEAL_EXPORT postseal_status postseal_config_error(const postseal_config* config,
                                                      postseal_bytes* out_text);
/* postseal_config_free lets go of |config|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_config_free(postseal_config* config);

/* postseal_envelope is what the SMTP server knows besides the message. What is not
 * set is not known, and what depends on it is not evaluated. */
typedef struct postseal_envelope postseal_envelope;

/* postseal_envelope_new makes an envelope in which nothing is known. */
POSTSEAL_EXPORT postseal_status postseal_envelope_new(postseal_envelope** out_envelope);
/* postseal_envelope_set_client_ip sets the client's address: 4 or 16 octets in
 * network order. Leave it out for mail of your own and of authenticated clients. */
POSTSEAL_EXPORT postseal_status postseal_envelope_set_client_ip(postseal_envelope* envelope,
                                                                const uint8_t* address,
                                                                size_t address_len);
/* postseal_envelope_set_client_ip_text does so from text, "192.0.2.1". */
POSTSEAL_EXPORT postseal_status postseal_envelope_set_client_ip_text(postseal_envelope* envelope,
                                                                     const char* address,
                                                                     size_t address_len);
/* postseal_envelope_set_helo sets the argument of HELO or EHLO. */
POSTSEAL_EXPORT postseal_status postseal_envelope_set_helo(postseal_envelope* envelope,
                                                           const char* helo, size_t helo_len);
/* postseal_envelope_set_mail_from sets the reverse-path, with or without angle
 * brackets. No octets are the null reverse-path of a bounce, which is not the same
 * as none known. */
POSTSEAL_EXPORT postseal_status postseal_envelope_set_mail_from(postseal_envelope* envelope,
                                                                const char* mail_from,
                                                                size_t mail_from_len);
/* postseal_envelope_set_receiver sets this host's name, for SPF's %{r} and for
 * Received-SPF. */
POSTSEAL_EXPORT postseal_status postseal_envelope_set_receiver(postseal_envelope* envelope,
                                                               const char* receiver,
                                                               size_t receiver_len);
/* postseal_envelope_set_smtputf8 says whether the message came with SMTPUTF8
 * (RFC 6531): header fields made for it may then hold UTF-8. */
POSTSEAL_EXPORT postseal_status postseal_envelope_set_smtputf8(postseal_envelope* envelope,
                                                               int32_t smtputf8);
/* postseal_envelope_free frees |envelope|; NULL is allowed. Sessions made with it do
 * not need it. */
POSTSEAL_EXPORT void postseal_envelope_free(postseal_envelope* envelope);

/* ---- DNS: queries out, answers in ------------------------------------------------ */

/* postseal_exchange is the DNS side of a session. It belongs to the session and is
 * gone with it. */
typedef struct postseal_exchange postseal_exchange;

/* Outcomes of a lookup. */
enum {
  POSTSEAL_DNS_RECORDS = 0,
  POSTSEAL_DNS_NO_DATA = 1,   /* the name exists, without such records */
  POSTSEAL_DNS_NX_DOMAIN = 2, /* the name does not exist */
  POSTSEAL_DNS_NOT_FOUND = 3, /* one of these two, unknown which */
  POSTSEAL_DNS_TEMP_ERROR = 4 /* no answer: SERVFAIL, timeout, bogus signature */
};

/* postseal_exchange_next_query hands out a query, each once: POSTSEAL_MORE and the
 * outputs, or POSTSEAL_OK when nothing is asked now. |out_type| is the record type's
 * number (16 is TXT), |out_name| the name in A-labels without the last dot. Look them
 * all up together: answers may come in any order, at any time. */
POSTSEAL_EXPORT postseal_status postseal_exchange_next_query(postseal_exchange* exchange,
                                                             uint32_t* out_id, uint16_t* out_type,
                                                             postseal_bytes* out_name);
/* postseal_exchange_provide answers query |id|. |rdata| are the records of the type
 * asked for, after any CNAME, in wire form without compression, as libunbound, c-ares
 * and miekg/dns give them; NULL when |num_rdata| is 0. |ttl_seconds| is the smallest
 * of them. |dnssec_secure| is 1 when DNSSEC validated the answer. An answer may lead
 * to new queries. POSTSEAL_E_UNKNOWN_QUERY, POSTSEAL_E_STATE when it is answered. */
POSTSEAL_EXPORT postseal_status postseal_exchange_provide(postseal_exchange* exchange, uint32_t id,
                                                          int32_t outcome, int32_t dnssec_secure,
                                                          uint32_t ttl_seconds,
                                                          const postseal_bytes* rdata,
                                                          size_t num_rdata);
/* postseal_exchange_provide_txt answers a TXT query with |texts|, the strings of each
 * record joined, as Go's net.LookupTXT has them: POSTSEAL_DNS_RECORDS with at least
 * one. Otherwise like postseal_exchange_provide. */
POSTSEAL_EXPORT postseal_status postseal_exchange_provide_txt(postseal_exchange* exchange,
                                                              uint32_t id, int32_t dnssec_secure,
                                                              uint32_t ttl_seconds,
                                                              const postseal_bytes* texts,
                                                              size_t num_texts);
/* postseal_exchange_expire ends the waiting: what is not answered, and what would be
 * asked from now on, is a temporary error. */
POSTSEAL_EXPORT postseal_status postseal_exchange_expire(postseal_exchange* exchange);
/* postseal_exchange_is_done is 1 when the session has its result, 0 when it needs
 * answers or the rest of its message, and for NULL. */
POSTSEAL_EXPORT int32_t postseal_exchange_is_done(const postseal_exchange* exchange);

/* postseal_resolve_fn looks a query up and answers by postseal_exchange_provide, now
 * or later on the same thread. Inside, only the provide functions may be called. */
typedef void (*postseal_resolve_fn)(void* userdata, postseal_exchange* exchange, uint32_t id,
                                    uint16_t type, const char* name, size_t name_len);
/* postseal_exchange_drive calls |resolve| for each query until none is asked. Call it
 * again after answers that came later. |userdata| may be NULL. */
POSTSEAL_EXPORT postseal_status postseal_exchange_drive(postseal_exchange* exchange,
                                                        postseal_resolve_fn resolve,
                                                        void* userdata);

/* postseal_closed_fn is told that |exchange| is about to go. */
typedef void (*postseal_closed_fn)(void* userdata, postseal_exchange* exchange);
/* postseal_exchange_on_close has |closed| called once, when the session is freed:
 * whoever still has lookups of it under way drops them. There is one;
 * |closed| may be NULL, which takes it away. */
POSTSEAL_EXPORT postseal_status postseal_exchange_on_close(postseal_exchange* exchange,
                                                           postseal_closed_fn closed,
                                                           void* userdata);

/* postseal_zone answers from zone text in memory: tests, and verdicts offline. */
typedef struct postseal_zone postseal_zone;
/* postseal_zone_new makes a zone without any name. */
POSTSEAL_EXPORT postseal_status postseal_zone_new(postseal_zone** out_zone);
/* postseal_zone_add adds |text| in master-file form (RFC 1035 section 5; $FAIL and
 * $TIMEOUT lines make lookups fail), or nothing when it has an error. |file_name| is
 * for the error's words. */
POSTSEAL_EXPORT postseal_status postseal_zone_add(postseal_zone* zone, const char* text,
                                                  size_t text_len, const char* file_name,
                                                  size_t file_name_len);
/* postseal_zone_answer answers every query of |exchange|, also those that answers
 * lead to. Names that no text has do not exist. What $TIMEOUT names stays open. */
POSTSEAL_EXPORT postseal_status postseal_zone_answer(const postseal_zone* zone,
                                                     postseal_exchange* exchange);
/* postseal_zone_error says why the last postseal_zone_add failed; else empty. */
POSTSEAL_EXPORT postseal_status postseal_zone_error(const postseal_zone* zone,
                                                    postseal_bytes* out_text);
/* postseal_zone_free frees |zone|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_zone_free(postseal_zone* zone);

/* ---- Verifying a message --------------------------------------------------------- */

/* postseal_verify verifies one message: SPF, DKIM and DMARC in one pass. */
typedef struct postseal_verify postseal_verify;

/* postseal_verify_new starts. |config| may be NULL for the defaults, |envelope| may
 * be NULL when nothing is known of it, |out_error| may be NULL. |now| is in Unix
 * seconds. SPF's queries are there as soon as it returns. */
POSTSEAL_EXPORT postseal_status postseal_verify_new(postseal_config* config,
                                                    const postseal_envelope* envelope, int64_t now,
                                                    postseal_verify** out_verify,
                                                    postseal_error** out_error);
/* postseal_verify_exchange is the session's DNS side; NULL for NULL. */
POSTSEAL_EXPORT postseal_exchange* postseal_verify_exchange(postseal_verify* verify);

/* postseal_verify_feed takes the next octets of the message, cut anywhere, not
 * dot-stuffed. Only CRLF ends a line. Either this, or field by field below. */
POSTSEAL_EXPORT postseal_status postseal_verify_feed(postseal_verify* verify, const uint8_t* data,
                                                     size_t data_len);
/* postseal_verify_header takes a header field as a milter has it: |value| is every
 * octet after the colon without the last line end; a lone LF or a CRLF inside is a
 * fold. POSTSEAL_E_ARGUMENT for a name that is none, or a line in the value that does
 * not start with white space. */
POSTSEAL_EXPORT postseal_status postseal_verify_header(postseal_verify* verify, const char* name,
                                                       size_t name_len, const char* value,
                                                       size_t value_len);
/* postseal_verify_end_of_headers ends the fields: all keys and the author's policy are
 * asked for now. */
POSTSEAL_EXPORT postseal_status postseal_verify_end_of_headers(postseal_verify* verify);
/* postseal_verify_body takes the next octets of the body, cut anywhere. */
POSTSEAL_EXPORT postseal_status postseal_verify_body(postseal_verify* verify, const uint8_t* data,
                                                     size_t data_len);
/* postseal_verify_end_of_message ends the message. The report is there when the
 * exchange is done. */
POSTSEAL_EXPORT postseal_status postseal_verify_end_of_message(postseal_verify* verify);

/* The functions from here to postseal_verify_evidence read the report:
 * POSTSEAL_E_STATE before postseal_exchange_is_done. */

/* postseal_verify_result is what the message comes to: DMARC's result where a policy
 * or the From field decides; else pass when a signature or MAIL FROM passes,
 * temperror when one may yet, fail otherwise. */
POSTSEAL_EXPORT postseal_status postseal_verify_result(const postseal_verify* verify,
                                                       int32_t* out_result);
/* Identities of SPF, RFC 7208 sections 2.3 and 2.4. */
enum { POSTSEAL_SPF_MAIL_FROM = 0, POSTSEAL_SPF_HELO = 1 };
/* postseal_verify_spf is the result for |identity|. POSTSEAL_E_NOT_FOUND when the
 * envelope did not allow a check. */
POSTSEAL_EXPORT postseal_status postseal_verify_spf(const postseal_verify* verify, int32_t identity,
                                                    int32_t* out_result, int32_t* out_reason,
                                                    postseal_bytes* out_domain);
/* postseal_verify_num_signatures is how many DKIM-Signature fields were looked at; 0
 * before the report, and for NULL. */
POSTSEAL_EXPORT size_t postseal_verify_num_signatures(const postseal_verify* verify);
/* postseal_verify_signature is what became of a signature, counted from the top from
 * 0. POSTSEAL_E_NOT_FOUND beyond the last. */
POSTSEAL_EXPORT postseal_status postseal_verify_signature(
    const postseal_verify* verify, size_t index, int32_t* out_result, int32_t* out_reason,
    postseal_bytes* out_domain, postseal_bytes* out_selector, int32_t* out_key_bits);
/* Policies of DMARC, RFC 9989 section 4.7. */
enum { POSTSEAL_POLICY_NONE = 0, POSTSEAL_POLICY_QUARANTINE = 1, POSTSEAL_POLICY_REJECT = 2 };
/* postseal_verify_dmarc is DMARC's result. |out_disposition| is what the published
 * policy asks for this message: none on a pass. POSTSEAL_E_NOT_FOUND when DMARC was
 * not evaluated. */
POSTSEAL_EXPORT postseal_status postseal_verify_dmarc(const postseal_verify* verify,
                                                      int32_t* out_result, int32_t* out_reason,
                                                      int32_t* out_disposition,
                                                      postseal_bytes* out_from_domain);
/* postseal_verify_authentication_results is the header field for the message, whole,
 * CRLF and folds included. RFC 8601. POSTSEAL_E_ARGUMENT when |authserv_id| can be
 * none. */
POSTSEAL_EXPORT postseal_status postseal_verify_authentication_results(postseal_verify* verify,
                                                                       const char* authserv_id,
                                                                       size_t authserv_id_len,
                                                                       postseal_bytes* out_field);
/* postseal_verify_received_spf is the Received-SPF field of |identity|, whole.
 * RFC 7208 section 9.1. POSTSEAL_E_NOT_FOUND as for postseal_verify_spf. */
POSTSEAL_EXPORT postseal_status postseal_verify_received_spf(postseal_verify* verify,
                                                             int32_t identity,
                                                             postseal_bytes* out_field);
/* postseal_verify_json is the report as one line of JSON, as `postseal verify --json`
 * prints it. */
POSTSEAL_EXPORT postseal_status postseal_verify_json(postseal_verify* verify,
                                                     const char* authserv_id,
                                                     size_t authserv_id_len,
                                                     postseal_bytes* out_json);
/* postseal_verify_explanation is the report as a tree for people. */
POSTSEAL_EXPORT postseal_status postseal_verify_explanation(postseal_verify* verify,
                                                            postseal_bytes* out_text);
/* postseal_verify_plan_removal says which Authentication-Results fields of the message
 * claim to be by |authserv_id|, and are to be deleted before your own is added.
 * RFC 8601 section 5. Ask with |index| from 0 up: POSTSEAL_MORE and the outputs, or
 * POSTSEAL_OK when there is no such removal. |out_position| counts all fields from 0,
 * |out_occurrence| the fields of that name from 1, as milters do; the highest comes
 * first, so that no deletion moves another. Known from the end of the header on; a
 * header beyond the limits is POSTSEAL_E_TOO_LARGE. */
POSTSEAL_EXPORT postseal_status postseal_verify_plan_removal(postseal_verify* verify,
                                                             const char* authserv_id,
                                                             size_t authserv_id_len, size_t index,
                                                             size_t* out_position,
                                                             size_t* out_occurrence);
/* postseal_verify_evidence is all that the verdict was made from but the message, as
 * one line of JSON: postseal_evidence reads it. Needs the option record_message. */
POSTSEAL_EXPORT postseal_status postseal_verify_evidence(postseal_verify* verify,
                                                         const char* authserv_id,
                                                         size_t authserv_id_len,
                                                         postseal_bytes* out_json);
/* postseal_verify_error says why the last call for |verify| failed; else empty. */
POSTSEAL_EXPORT postseal_status postseal_verify_error(const postseal_verify* verify,
                                                      postseal_bytes* out_text);
/* postseal_verify_free frees |verify|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_verify_free(postseal_verify* verify);

/* postseal_evidence is recorded evidence, from which a verdict is made again. */
typedef struct postseal_evidence postseal_evidence;
/* postseal_evidence_new reads what postseal_verify_evidence, or the first line of a
 * file of `postseal verify --record`, holds. |out_error| may be NULL. */
POSTSEAL_EXPORT postseal_status postseal_evidence_new(const char* json, size_t json_len,
                                                      postseal_evidence** out_evidence,
                                                      postseal_error** out_error);
/* postseal_evidence_verify starts a session with the recorded envelope, clock and
 * options. Feed it the message, then call postseal_evidence_answer. |out_error| may be
 * NULL. */
POSTSEAL_EXPORT postseal_status postseal_evidence_verify(const postseal_evidence* evidence,
                                                         postseal_verify** out_verify,
                                                         postseal_error** out_error);
/* postseal_evidence_answer gives the recorded answers, and ends the waiting. */
POSTSEAL_EXPORT postseal_status postseal_evidence_answer(const postseal_evidence* evidence,
                                                         postseal_exchange* exchange);
/* postseal_evidence_free frees |evidence|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_evidence_free(postseal_evidence* evidence);

/* ---- Keys ------------------------------------------------------------------------ */

/* Key types, and the signature algorithms that go with them. */
enum { POSTSEAL_KEY_RSA = 0, POSTSEAL_KEY_ED25519 = 1 };

/* postseal_key is a private key, or whoever has it. Its octets cannot be read back and
 * are zeroed when the last user is gone. */
typedef struct postseal_key postseal_key;

/* postseal_key_new reads a private key in PEM (PKCS #1, PKCS #8). |out_error| may be
 * NULL. POSTSEAL_E_KEY, in words what is wrong, for a text that is none. */
POSTSEAL_EXPORT postseal_status postseal_key_new(const char* pem, size_t pem_len,
                                                 postseal_key** out_key,
                                                 postseal_error** out_error);
/* POSTSEAL_MAX_SIGNATURE_OCTETS is the most that a postseal_sign_fn may write. */
#define POSTSEAL_MAX_SIGNATURE_OCTETS 1024
/* postseal_sign_fn signs |digest|, 32 octets of SHA-256: RSASSA-PKCS1-v1_5 (RFC 6376
 * section 3.3.2), or PureEdDSA over the digest's octets (RFC 8463 section 3). It writes
 * at most POSTSEAL_MAX_SIGNATURE_OCTETS and returns their number, 0 when it cannot.
 * Called from the thread that signs; several may at once. */
typedef size_t (*postseal_sign_fn)(void* userdata, const uint8_t* digest, size_t digest_len,
                                   uint8_t* signature);
/* postseal_key_new_callback makes a key of |type| and |bits| that signs by |sign|,
 * which must stay callable until the key and all that use it are freed. |userdata|
 * may be NULL. A key that answers later is better served by
 * postseal_sign_next_signature. */
POSTSEAL_EXPORT postseal_status postseal_key_new_callback(int32_t type, int32_t bits,
                                                          postseal_sign_fn sign, void* userdata,
                                                          postseal_key** out_key);
/* postseal_key_type is POSTSEAL_KEY_RSA or POSTSEAL_KEY_ED25519; -1 for NULL. */
POSTSEAL_EXPORT int32_t postseal_key_type(const postseal_key* key);
/* postseal_key_bits is the size of the modulus, 256 for Ed25519; 0 for NULL. */
POSTSEAL_EXPORT int32_t postseal_key_bits(const postseal_key* key);
/* postseal_key_free lets go of |key|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_key_free(postseal_key* key);

/* postseal_keypair is a new key in the forms in which it is stored and published. */
typedef struct postseal_keypair postseal_keypair;
/* postseal_keypair_new makes a key from the system's random numbers. |rsa_bits| counts
 * for RSA alone: 1024 to 4096, a multiple of 128; 0 is 2048. |out_error| may be NULL. */
POSTSEAL_EXPORT postseal_status postseal_keypair_new(int32_t type, int32_t rsa_bits,
                                                     postseal_keypair** out_keypair,
                                                     postseal_error** out_error);
/* postseal_keypair_private_pem is the key file: PKCS #8 in PEM. It is zeroed when
 * |keypair| is freed; copies are the caller's to zero. */
POSTSEAL_EXPORT postseal_status postseal_keypair_private_pem(const postseal_keypair* keypair,
                                                             postseal_bytes* out_pem);
/* postseal_keypair_record is the text of the TXT record to publish, "v=DKIM1; ...". */
POSTSEAL_EXPORT postseal_status postseal_keypair_record(const postseal_keypair* keypair,
                                                        postseal_bytes* out_record);
/* postseal_keypair_zone_text is that record for a zone file, at its whole name.
 * POSTSEAL_E_ARGUMENT for names that none can have. */
POSTSEAL_EXPORT postseal_status postseal_keypair_zone_text(postseal_keypair* keypair,
                                                           const char* domain, size_t domain_len,
                                                           const char* selector,
                                                           size_t selector_len,
                                                           postseal_bytes* out_text);
/* postseal_keypair_free frees |keypair|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_keypair_free(postseal_keypair* keypair);

/* ---- Signing a message ------------------------------------------------------------ */

/* postseal_signer is a list of signatures to make, for any number of messages. */
typedef struct postseal_signer postseal_signer;

/* postseal_signer_new makes a list without any. */
POSTSEAL_EXPORT postseal_status postseal_signer_new(postseal_signer** out_signer);
/* postseal_signer_add_key adds a signature for |domain| (d=) by the key published
 * under |selector| (s=). The calls below are about the signature added last. All
 * functions of |signer|: POSTSEAL_E_STATE once a session was made with it. */
POSTSEAL_EXPORT postseal_status postseal_signer_add_key(postseal_signer* signer, const char* domain,
                                                        size_t domain_len, const char* selector,
                                                        size_t selector_len, postseal_key* key);
/* postseal_signer_add_external adds one whose key of |type| is elsewhere:
 * postseal_sign_next_signature hands the digest out. */
POSTSEAL_EXPORT postseal_status postseal_signer_add_external(postseal_signer* signer,
                                                             const char* domain, size_t domain_len,
                                                             const char* selector,
                                                             size_t selector_len, int32_t type);
/* Canonicalizations, RFC 6376 section 3.4. */
enum { POSTSEAL_CANON_SIMPLE = 0, POSTSEAL_CANON_RELAXED = 1 };
/* postseal_signer_set_canonicalization sets c=; relaxed/relaxed when it is not called. */
POSTSEAL_EXPORT postseal_status postseal_signer_set_canonicalization(postseal_signer* signer,
                                                                     int32_t header, int32_t body);
/* postseal_signer_set_headers sets which fields are signed where they are there: names
 * with colons between, "From:Subject". From always is. This and the next replace the
 * default lists (docs/COMMAND_LINE.md), which oversign more than From: what neither
 * names is not signed. */
POSTSEAL_EXPORT postseal_status postseal_signer_set_headers(postseal_signer* signer,
                                                            const char* names, size_t names_len);
/* postseal_signer_set_oversign sets which fields are named once more than they are
 * there, so that none can be added. From always is. */
POSTSEAL_EXPORT postseal_status postseal_signer_set_oversign(postseal_signer* signer,
                                                             const char* names, size_t names_len);
/* postseal_signer_set_identity sets i=, which must be in the domain of d=. */
POSTSEAL_EXPORT postseal_status postseal_signer_set_identity(postseal_signer* signer,
                                                             const char* identity,
                                                             size_t identity_len);
/* postseal_signer_set_expires_in sets x= to that many seconds after now; 0 leaves it
 * out. */
POSTSEAL_EXPORT postseal_status postseal_signer_set_expires_in(postseal_signer* signer,
                                                               int64_t seconds);
/* postseal_signer_set_timestamp says whether t= is written: 1, the default, or 0. */
POSTSEAL_EXPORT postseal_status postseal_signer_set_timestamp(postseal_signer* signer,
                                                              int32_t with_timestamp);
/* postseal_signer_set_copy_fields says whether z= is written: 0, the default, or 1. */
POSTSEAL_EXPORT postseal_status postseal_signer_set_copy_fields(postseal_signer* signer,
                                                                int32_t copy_fields);
/* postseal_signer_error says why the last call for |signer| failed; else empty. */
POSTSEAL_EXPORT postseal_status postseal_signer_error(const postseal_signer* signer,
                                                      postseal_bytes* out_text);
/* postseal_signer_free lets go of |signer|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_signer_free(postseal_signer* signer);

/* postseal_sign signs one message with all that a postseal_signer lists. */
typedef struct postseal_sign postseal_sign;

/* postseal_sign_new starts. |now| is in Unix seconds, for t= and x=. |out_error| may
 * be NULL. */
POSTSEAL_EXPORT postseal_status postseal_sign_new(postseal_signer* signer, int64_t now,
                                                  postseal_sign** out_sign,
                                                  postseal_error** out_error);
/* postseal_sign_feed is like postseal_verify_feed: the message exactly as it will be
 * sent. */
POSTSEAL_EXPORT postseal_status postseal_sign_feed(postseal_sign* sign, const uint8_t* data,
                                                   size_t data_len);
/* postseal_sign_header is like postseal_verify_header. */
POSTSEAL_EXPORT postseal_status postseal_sign_header(postseal_sign* sign, const char* name,
                                                     size_t name_len, const char* value,
                                                     size_t value_len);
/* postseal_sign_end_of_headers is like postseal_verify_end_of_headers. */
POSTSEAL_EXPORT postseal_status postseal_sign_end_of_headers(postseal_sign* sign);
/* postseal_sign_body is like postseal_verify_body. */
POSTSEAL_EXPORT postseal_status postseal_sign_body(postseal_sign* sign, const uint8_t* data,
                                                   size_t data_len);
/* postseal_sign_end_of_message ends the message and makes the signatures of the keys
 * that are here. POSTSEAL_E_ARGUMENT for a message that cannot be signed (no From, or
 * several; see postseal_sign_error), POSTSEAL_E_KEY when a key failed: the others
 * still count. */
POSTSEAL_EXPORT postseal_status postseal_sign_end_of_message(postseal_sign* sign);
/* postseal_sign_next_signature hands out a digest for a key that is elsewhere, each
 * once: POSTSEAL_MORE and the outputs, or POSTSEAL_OK. |out_type| is the key's type;
 * what to do with the 32 octets says postseal_sign_fn. */
POSTSEAL_EXPORT postseal_status postseal_sign_next_signature(postseal_sign* sign, uint32_t* out_id,
                                                             int32_t* out_type,
                                                             postseal_bytes* out_digest);
/* postseal_sign_provide_signature takes the signature of digest |id|, in any order. */
POSTSEAL_EXPORT postseal_status postseal_sign_provide_signature(postseal_sign* sign, uint32_t id,
                                                                const uint8_t* signature,
                                                                size_t signature_len);
/* postseal_sign_fail_signature gives digest |id| up; the others still count. */
POSTSEAL_EXPORT postseal_status postseal_sign_fail_signature(postseal_sign* sign, uint32_t id);
/* postseal_sign_fields is the DKIM-Signature fields, each with CRLF, to be put before
 * the message's first line; empty when every signature was given up. POSTSEAL_E_STATE
 * until all are there or given up. */
POSTSEAL_EXPORT postseal_status postseal_sign_fields(postseal_sign* sign,
                                                     postseal_bytes* out_fields);
/* postseal_sign_error says why the last call for |sign| failed; else empty. */
POSTSEAL_EXPORT postseal_status postseal_sign_error(const postseal_sign* sign,
                                                    postseal_bytes* out_text);
/* postseal_sign_free frees |sign|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_sign_free(postseal_sign* sign);

/* ---- SPF and DMARC alone ----------------------------------------------------------- */

/* postseal_spf checks SPF of one identity. RFC 7208. */
typedef struct postseal_spf postseal_spf;

/* postseal_spf_new starts checking |identity| of |envelope|, which needs the client's
 * address and that identity; the null reverse-path needs HELO. |config| and |out_error|
 * may be NULL. */
POSTSEAL_EXPORT postseal_status postseal_spf_new(postseal_config* config,
                                                 const postseal_envelope* envelope,
                                                 int32_t identity, int64_t now,
                                                 postseal_spf** out_spf,
                                                 postseal_error** out_error);
/* postseal_spf_exchange is the check's DNS side; NULL for NULL. */
POSTSEAL_EXPORT postseal_exchange* postseal_spf_exchange(postseal_spf* spf);
/* postseal_spf_result is the result. This and the two below: POSTSEAL_E_STATE before
 * the exchange is done. */
POSTSEAL_EXPORT postseal_status postseal_spf_result(const postseal_spf* spf, int32_t* out_result,
                                                    int32_t* out_reason,
                                                    postseal_bytes* out_domain);
/* postseal_spf_json is the result as `postseal spf --json` prints it. */
POSTSEAL_EXPORT postseal_status postseal_spf_json(postseal_spf* spf, postseal_bytes* out_json);
/* postseal_spf_explanation is the result as a tree for people. */
POSTSEAL_EXPORT postseal_status postseal_spf_explanation(postseal_spf* spf,
                                                         postseal_bytes* out_text);
/* postseal_spf_free frees |spf|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_spf_free(postseal_spf* spf);

/* postseal_lint looks for mistakes in a domain's SPF record and all that it includes. */
typedef struct postseal_lint postseal_lint;
/* postseal_lint_new starts. |out_error| may be NULL. */
POSTSEAL_EXPORT postseal_status postseal_lint_new(const char* domain, size_t domain_len,
                                                  postseal_lint** out_lint,
                                                  postseal_error** out_error);
/* postseal_lint_exchange is its DNS side; NULL for NULL. */
POSTSEAL_EXPORT postseal_exchange* postseal_lint_exchange(postseal_lint* lint);
/* postseal_lint_json is what was found, as `postseal spf --lint --json` prints it.
 * POSTSEAL_E_STATE before the exchange is done. */
POSTSEAL_EXPORT postseal_status postseal_lint_json(postseal_lint* lint, postseal_bytes* out_json);
/* postseal_lint_free frees |lint|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_lint_free(postseal_lint* lint);

/* postseal_dmarc evaluates DMARC from what SPF and DKIM said elsewhere. RFC 9989. */
typedef struct postseal_dmarc postseal_dmarc;

/* postseal_dmarc_new is about mail from the author domain |from_domain|, in A-labels or
 * U-labels. |config| and |out_error| may be NULL. */
POSTSEAL_EXPORT postseal_status postseal_dmarc_new(postseal_config* config, const char* from_domain,
                                                   size_t from_domain_len,
                                                   postseal_dmarc** out_dmarc,
                                                   postseal_error** out_error);
/* postseal_dmarc_add adds that |method|, SPF or DKIM, has |result| for |domain|: for
 * SPF the domain of the MAIL FROM identity, for DKIM d=. POSTSEAL_E_STATE after
 * postseal_dmarc_start. */
POSTSEAL_EXPORT postseal_status postseal_dmarc_add(postseal_dmarc* dmarc, int32_t method,
                                                   const char* domain, size_t domain_len,
                                                   int32_t result);
/* postseal_dmarc_start asks the first queries. */
POSTSEAL_EXPORT postseal_status postseal_dmarc_start(postseal_dmarc* dmarc);
/* postseal_dmarc_exchange is its DNS side; NULL for NULL. */
POSTSEAL_EXPORT postseal_exchange* postseal_dmarc_exchange(postseal_dmarc* dmarc);
/* postseal_dmarc_result is like postseal_verify_dmarc; |out_org_domain| is the
 * organizational domain, empty when it is not known. This and the two below:
 * POSTSEAL_E_STATE before the exchange is done. */
POSTSEAL_EXPORT postseal_status postseal_dmarc_result(const postseal_dmarc* dmarc,
                                                      int32_t* out_result, int32_t* out_reason,
                                                      int32_t* out_disposition,
                                                      postseal_bytes* out_org_domain);
/* postseal_dmarc_json is the result as `postseal dmarc --json` prints it. */
POSTSEAL_EXPORT postseal_status postseal_dmarc_json(postseal_dmarc* dmarc,
                                                    postseal_bytes* out_json);
/* postseal_dmarc_explanation is the result as a tree for people. */
POSTSEAL_EXPORT postseal_status postseal_dmarc_explanation(postseal_dmarc* dmarc,
                                                           postseal_bytes* out_text);
/* postseal_dmarc_error says why the last call for |dmarc| failed; else empty. */
POSTSEAL_EXPORT postseal_status postseal_dmarc_error(const postseal_dmarc* dmarc,
                                                     postseal_bytes* out_text);
/* postseal_dmarc_free frees |dmarc|; NULL is allowed. */
POSTSEAL_EXPORT void postseal_dmarc_free(postseal_dmarc* dmarc);

/* ---- Texts ------------------------------------------------------------------------ */

/* postseal_authres_parse reads one Authentication-Results field, "Name: value" or the
 * value alone, into the JSON of `postseal authres parse`. A field that is malformed
 * gives JSON with "valid": false. */
POSTSEAL_EXPORT postseal_status postseal_authres_parse(const char* field, size_t field_len,
                                                       postseal_text** out_json);
/* postseal_record_parse reads the text of a TXT record of |method|, for
 * POSTSEAL_METHOD_DKIM a key record, into JSON: {"valid": bool, "error": null or words,
 * "offset": null or the octet of the error, "record": null or the record in normal
 * form, "warnings": [words]}. */
POSTSEAL_EXPORT postseal_status postseal_record_parse(int32_t method, const char* text,
                                                      size_t text_len, postseal_text** out_json);
/* postseal_org_domain is the organizational domain of |domain| by the public suffix
 * list that |config| has (RFC 7489 section 3.2). By RFC 9989 it takes queries: see
 * postseal_dmarc_result. POSTSEAL_E_STATE without a list. */
POSTSEAL_EXPORT postseal_status postseal_org_domain(const postseal_config* config,
                                                    const char* domain, size_t domain_len,
                                                    postseal_text** out_domain);

#ifdef __cplusplus
}
#endif

#endif /* POSTSEAL_H_ */
