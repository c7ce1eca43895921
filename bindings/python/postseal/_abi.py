"""The functions and constants of the C ABI. Written by tools/python_abi from the headers."""

import ctypes
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_size_t, c_uint16, c_uint32, c_void_p
from typing import Any


class Bytes(ctypes.Structure):
    """postseal_bytes."""

    _fields_ = [("data", c_void_p), ("len", c_size_t)]


# name: (result, arguments)
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "postseal_version_number": (c_uint32, []),
    "postseal_error_new": (c_int32, [c_char_p, c_size_t, POINTER(c_void_p)]),
    "postseal_error_text": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_error_free": (None, [c_void_p]),
    "postseal_text_bytes": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_text_free": (None, [c_void_p]),
    "postseal_result_name": (c_char_p, [c_int32]),
    "postseal_reason_name": (c_char_p, [c_int32, c_int32]),
    "postseal_reason_text": (c_char_p, [c_int32, c_int32]),
    "postseal_reason_clause": (c_char_p, [c_int32, c_int32]),
    "postseal_config_new": (c_int32, [POINTER(c_void_p)]),
    "postseal_config_set": (c_int32, [c_void_p, c_char_p, c_size_t, c_int64]),
    "postseal_config_set_public_suffixes": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_config_error": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_config_free": (None, [c_void_p]),
    "postseal_envelope_new": (c_int32, [POINTER(c_void_p)]),
    "postseal_envelope_set_client_ip": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_envelope_set_client_ip_text": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_envelope_set_helo": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_envelope_set_mail_from": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_envelope_set_receiver": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_envelope_set_smtputf8": (c_int32, [c_void_p, c_int32]),
    "postseal_envelope_free": (None, [c_void_p]),
    "postseal_exchange_next_query": (
        c_int32,
        [c_void_p, POINTER(c_uint32), POINTER(c_uint16), POINTER(Bytes)],
    ),
    "postseal_exchange_provide": (
        c_int32,
        [c_void_p, c_uint32, c_int32, c_int32, c_uint32, POINTER(Bytes), c_size_t],
    ),
    "postseal_exchange_provide_txt": (
        c_int32,
        [c_void_p, c_uint32, c_int32, c_uint32, POINTER(Bytes), c_size_t],
    ),
    "postseal_exchange_expire": (c_int32, [c_void_p]),
    "postseal_exchange_is_done": (c_int32, [c_void_p]),
    "postseal_exchange_drive": (c_int32, [c_void_p, c_void_p, c_void_p]),
    "postseal_exchange_on_close": (c_int32, [c_void_p, c_void_p, c_void_p]),
    "postseal_zone_new": (c_int32, [POINTER(c_void_p)]),
    "postseal_zone_add": (c_int32, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
    "postseal_zone_answer": (c_int32, [c_void_p, c_void_p]),
    "postseal_zone_error": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_zone_free": (None, [c_void_p]),
    "postseal_verify_new": (
        c_int32,
        [c_void_p, c_void_p, c_int64, POINTER(c_void_p), POINTER(c_void_p)],
    ),
    "postseal_verify_exchange": (c_void_p, [c_void_p]),
    "postseal_verify_feed": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_verify_header": (c_int32, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
    "postseal_verify_end_of_headers": (c_int32, [c_void_p]),
    "postseal_verify_body": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_verify_end_of_message": (c_int32, [c_void_p]),
    "postseal_verify_result": (c_int32, [c_void_p, POINTER(c_int32)]),
    "postseal_verify_spf": (
        c_int32,
        [c_void_p, c_int32, POINTER(c_int32), POINTER(c_int32), POINTER(Bytes)],
    ),
    "postseal_verify_num_signatures": (c_size_t, [c_void_p]),
    "postseal_verify_signature": (
        c_int32,
        [c_void_p, c_size_t, POINTER(c_int32), POINTER(c_int32), POINTER(Bytes), POINTER(Bytes), POINTER(c_int32)],
    ),
    "postseal_verify_dmarc": (
        c_int32,
        [c_void_p, POINTER(c_int32), POINTER(c_int32), POINTER(c_int32), POINTER(Bytes)],
    ),
    "postseal_verify_authentication_results": (
        c_int32,
        [c_void_p, c_char_p, c_size_t, POINTER(Bytes)],
    ),
    "postseal_verify_received_spf": (c_int32, [c_void_p, c_int32, POINTER(Bytes)]),
    "postseal_verify_json": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(Bytes)]),
    "postseal_verify_explanation": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_verify_plan_removal": (
        c_int32,
        [c_void_p, c_char_p, c_size_t, c_size_t, POINTER(c_size_t), POINTER(c_size_t)],
    ),
    "postseal_verify_evidence": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(Bytes)]),
    "postseal_verify_error": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_verify_free": (None, [c_void_p]),
    "postseal_evidence_new": (c_int32, [c_char_p, c_size_t, POINTER(c_void_p), POINTER(c_void_p)]),
    "postseal_evidence_verify": (c_int32, [c_void_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "postseal_evidence_answer": (c_int32, [c_void_p, c_void_p]),
    "postseal_evidence_free": (None, [c_void_p]),
    "postseal_key_new": (c_int32, [c_char_p, c_size_t, POINTER(c_void_p), POINTER(c_void_p)]),
    "postseal_key_new_callback": (
        c_int32,
        [c_int32, c_int32, c_void_p, c_void_p, POINTER(c_void_p)],
    ),
    "postseal_key_type": (c_int32, [c_void_p]),
    "postseal_key_bits": (c_int32, [c_void_p]),
    "postseal_key_free": (None, [c_void_p]),
    "postseal_keypair_new": (c_int32, [c_int32, c_int32, POINTER(c_void_p), POINTER(c_void_p)]),
    "postseal_keypair_private_pem": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_keypair_record": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_keypair_zone_text": (
        c_int32,
        [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, POINTER(Bytes)],
    ),
    "postseal_keypair_free": (None, [c_void_p]),
    "postseal_signer_new": (c_int32, [POINTER(c_void_p)]),
    "postseal_signer_add_key": (
        c_int32,
        [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, c_void_p],
    ),
    "postseal_signer_add_external": (
        c_int32,
        [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t, c_int32],
    ),
    "postseal_signer_set_canonicalization": (c_int32, [c_void_p, c_int32, c_int32]),
    "postseal_signer_set_headers": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_signer_set_oversign": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_signer_set_identity": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_signer_set_expires_in": (c_int32, [c_void_p, c_int64]),
    "postseal_signer_set_timestamp": (c_int32, [c_void_p, c_int32]),
    "postseal_signer_set_copy_fields": (c_int32, [c_void_p, c_int32]),
    "postseal_signer_error": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_signer_free": (None, [c_void_p]),
    "postseal_sign_new": (c_int32, [c_void_p, c_int64, POINTER(c_void_p), POINTER(c_void_p)]),
    "postseal_sign_feed": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_sign_header": (c_int32, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
    "postseal_sign_end_of_headers": (c_int32, [c_void_p]),
    "postseal_sign_body": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "postseal_sign_end_of_message": (c_int32, [c_void_p]),
    "postseal_sign_next_signature": (
        c_int32,
        [c_void_p, POINTER(c_uint32), POINTER(c_int32), POINTER(Bytes)],
    ),
    "postseal_sign_provide_signature": (c_int32, [c_void_p, c_uint32, c_char_p, c_size_t]),
    "postseal_sign_fail_signature": (c_int32, [c_void_p, c_uint32]),
    "postseal_sign_fields": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_sign_error": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_sign_free": (None, [c_void_p]),
    "postseal_spf_new": (
        c_int32,
        [c_void_p, c_void_p, c_int32, c_int64, POINTER(c_void_p), POINTER(c_void_p)],
    ),
    "postseal_spf_exchange": (c_void_p, [c_void_p]),
    "postseal_spf_result": (
        c_int32,
        [c_void_p, POINTER(c_int32), POINTER(c_int32), POINTER(Bytes)],
    ),
    "postseal_spf_json": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_spf_explanation": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_spf_free": (None, [c_void_p]),
    "postseal_lint_new": (c_int32, [c_char_p, c_size_t, POINTER(c_void_p), POINTER(c_void_p)]),
    "postseal_lint_exchange": (c_void_p, [c_void_p]),
    "postseal_lint_json": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_lint_free": (None, [c_void_p]),
    "postseal_dmarc_new": (
        c_int32,
        [c_void_p, c_char_p, c_size_t, POINTER(c_void_p), POINTER(c_void_p)],
    ),
    "postseal_dmarc_add": (c_int32, [c_void_p, c_int32, c_char_p, c_size_t, c_int32]),
    "postseal_dmarc_start": (c_int32, [c_void_p]),
    "postseal_dmarc_exchange": (c_void_p, [c_void_p]),
    "postseal_dmarc_result": (
        c_int32,
        [c_void_p, POINTER(c_int32), POINTER(c_int32), POINTER(c_int32), POINTER(Bytes)],
    ),
    "postseal_dmarc_json": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_dmarc_explanation": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_dmarc_error": (c_int32, [c_void_p, POINTER(Bytes)]),
    "postseal_dmarc_free": (None, [c_void_p]),
    "postseal_authres_parse": (c_int32, [c_char_p, c_size_t, POINTER(c_void_p)]),
    "postseal_record_parse": (c_int32, [c_int32, c_char_p, c_size_t, POINTER(c_void_p)]),
    "postseal_org_domain": (c_int32, [c_void_p, c_char_p, c_size_t, POINTER(c_void_p)]),
}

# name: (result, arguments)
UNBOUND_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "postseal_unbound_new": (
        c_int32,
        [c_char_p, c_size_t, c_char_p, c_size_t, c_int32, POINTER(c_void_p), POINTER(c_void_p)],
    ),
    "postseal_unbound_run": (c_int32, [c_void_p, c_void_p, c_int32]),
    "postseal_unbound_start": (c_int32, [c_void_p, c_void_p]),
    "postseal_unbound_fd": (c_int32, [c_void_p]),
    "postseal_unbound_timeout": (c_int32, [c_void_p]),
    "postseal_unbound_process": (c_int32, [c_void_p]),
    "postseal_unbound_free": (None, [c_void_p]),
}

OK = 0
MORE = 1
E_ARGUMENT = -1
E_STATE = -2
E_TOO_LARGE = -3
E_UNKNOWN_QUERY = -4
E_KEY = -5
E_NO_MEMORY = -6
E_NOT_FOUND = -7
E_ENVIRONMENT = -8
E_INTERNAL = -99
RESULT_NONE = 0
RESULT_PASS = 1
RESULT_FAIL = 2
RESULT_SOFTFAIL = 3
RESULT_POLICY = 4
RESULT_NEUTRAL = 5
RESULT_TEMPERROR = 6
RESULT_PERMERROR = 7
METHOD_SPF = 0
METHOD_DKIM = 1
METHOD_DMARC = 2
SPF_REASON_AUTHORIZED = 0
SPF_REASON_NOT_AUTHORIZED = 1
SPF_REASON_PROBABLY_NOT_AUTHORIZED = 2
SPF_REASON_NOT_ASSERTED = 3
SPF_REASON_NOTHING_MATCHED = 4
SPF_REASON_MALFORMED_DOMAIN = 5
SPF_REASON_NO_DOMAIN = 6
SPF_REASON_NO_RECORD = 7
SPF_REASON_RECORD_LOOKUP_FAILED = 8
SPF_REASON_TERM_LOOKUP_FAILED = 9
SPF_REASON_SEVERAL_RECORDS = 10
SPF_REASON_BAD_TERM = 11
SPF_REASON_UNKNOWN_MECHANISM = 12
SPF_REASON_MISSING_ARGUMENT = 13
SPF_REASON_UNEXPECTED_ARGUMENT = 14
SPF_REASON_BAD_DOMAIN_SPEC = 15
SPF_REASON_BAD_MACRO = 16
SPF_REASON_EXPLANATION_MACRO = 17
SPF_REASON_BAD_CHARACTER = 18
SPF_REASON_BAD_ADDRESS = 19
SPF_REASON_BAD_PREFIX_LENGTH = 20
SPF_REASON_DUPLICATE_MODIFIER = 21
SPF_REASON_INCLUDE_WITHOUT_RECORD = 22
SPF_REASON_REDIRECT_WITHOUT_RECORD = 23
SPF_REASON_TOO_MANY_TERMS = 24
SPF_REASON_TOO_MANY_VOID_LOOKUPS = 25
SPF_REASON_TOO_MANY_MX_NAMES = 26
SPF_REASON_TOO_MANY_QUERIES = 27
SPF_REASON_TOO_MANY_OCTETS = 28
DKIM_REASON_VERIFIED = 0
DKIM_REASON_BODY_HASH_MISMATCH = 1
DKIM_REASON_SIGNATURE_MISMATCH = 2
DKIM_REASON_BODY_TOO_SHORT = 3
DKIM_REASON_SIGNATURE_SYNTAX = 4
DKIM_REASON_DUPLICATE_TAG = 5
DKIM_REASON_MISSING_TAG = 6
DKIM_REASON_BAD_TAG_VALUE = 7
DKIM_REASON_UNSUPPORTED_VERSION = 8
DKIM_REASON_UNSUPPORTED_ALGORITHM = 9
DKIM_REASON_UNSUPPORTED_CANONICALIZATION = 10
DKIM_REASON_UNSUPPORTED_QUERY_METHOD = 11
DKIM_REASON_BAD_DOMAIN = 12
DKIM_REASON_BAD_SELECTOR = 13
DKIM_REASON_DOMAIN_MISMATCH = 14
DKIM_REASON_FROM_NOT_SIGNED = 15
DKIM_REASON_TOO_MANY_NAMES = 16
DKIM_REASON_EXPIRED = 17
DKIM_REASON_EXPIRATION_BEFORE_TIMESTAMP = 18
DKIM_REASON_FUTURE_TIMESTAMP = 19
DKIM_REASON_RSA_SHA1 = 20
DKIM_REASON_KEY_LOOKUP_FAILED = 21
DKIM_REASON_NO_KEY = 22
DKIM_REASON_KEY_SYNTAX = 23
DKIM_REASON_KEY_VERSION = 24
DKIM_REASON_KEY_REVOKED = 25
DKIM_REASON_KEY_TYPE_MISMATCH = 26
DKIM_REASON_KEY_HASH_MISMATCH = 27
DKIM_REASON_KEY_SERVICE_MISMATCH = 28
DKIM_REASON_KEY_FORBIDS_SUBDOMAIN = 29
DKIM_REASON_KEY_UNUSABLE = 30
DKIM_REASON_KEY_TOO_SMALL = 31
DKIM_REASON_PARTIAL_BODY = 32
DKIM_REASON_UNSIGNED_FROM = 33
DKIM_REASON_TOO_MANY_SIGNATURES = 34
DKIM_REASON_HEADER_TOO_LARGE = 35
DMARC_REASON_ALIGNED = 0
DMARC_REASON_NOT_ALIGNED = 1
DMARC_REASON_NOT_AUTHENTICATED = 2
DMARC_REASON_NO_RECORD = 3
DMARC_REASON_SEVERAL_RECORDS = 4
DMARC_REASON_NO_USABLE_POLICY = 5
DMARC_REASON_POLICY_LOOKUP_FAILED = 6
DMARC_REASON_ALIGNMENT_LOOKUP_FAILED = 7
DMARC_REASON_EXISTENCE_LOOKUP_FAILED = 8
DMARC_REASON_SPF_TEMPERROR = 9
DMARC_REASON_DKIM_TEMPERROR = 10
DMARC_REASON_FROM_MISSING = 11
DMARC_REASON_FROM_SEVERAL_FIELDS = 12
DMARC_REASON_FROM_SEVERAL_DOMAINS = 13
DMARC_REASON_FROM_MALFORMED = 14
DMARC_REASON_HEADER_TOO_LARGE = 15
DNS_RECORDS = 0
DNS_NO_DATA = 1
DNS_NX_DOMAIN = 2
DNS_NOT_FOUND = 3
DNS_TEMP_ERROR = 4
SPF_MAIL_FROM = 0
SPF_HELO = 1
POLICY_NONE = 0
POLICY_QUARANTINE = 1
POLICY_REJECT = 2
KEY_RSA = 0
KEY_ED25519 = 1
CANON_SIMPLE = 0
CANON_RELAXED = 1
