"""postseal: who really sent this message?

Verifies and signs DKIM, evaluates SPF and DMARC, writes Authentication-Results.

>>> zone = Zone('example.com. TXT "v=spf1 ip4:192.0.2.1 -all"')
>>> message = b"From: a@example.com\\r\\n\\r\\nHello.\\r\\n"
>>> report = verify(message, client_ip="192.0.2.1", mail_from="a@example.com", now=1767225600,
...                 resolver=zone, authserv_id="mx.example")
>>> report.spf.result.value, report.result.value
('pass', 'pass')
>>> print(report.authentication_results.split(";")[1].strip())
spf=pass smtp.mailfrom=example.com

What a message or the DNS says is in the report; exceptions are for misuse alone. Nothing here
reads a clock when `now` is given, nor the network when `resolver` is.
"""

from __future__ import annotations

import json as _json
from typing import Any, Mapping, Optional, Sequence, Union

from . import _abi
from ._native import Handle as _Handle
from ._native import create as _create
from ._native import lib as _lib
from ._native import octets as _octets
from ._native import take_text as _take_text
from .errors import (ArgumentError, EnvironmentFault, KeyFileError, NotFoundError, PostsealError,
                     StateError, TooLargeError)
from .exchange import Answer, Exchange, Outcome, Type
from .report import DmarcResult, Lookup, Report, Result, Signature, SpfResult
from .resolvers import DnspythonResolver, Resolver, Unbound, Zone, aanswer_all, answer_all
from .session import (Config, Envelope, Evidence, ExternalKey, Key, KeyPair, Signer, SignSession,
                      VerifySession, clock, generate_key)

__version__ = "0.1.0"
__all__ = [
    "Answer", "ArgumentError", "Config", "DmarcResult", "DnspythonResolver", "Envelope",
    "EnvironmentFault", "Evidence", "Exchange", "ExternalKey", "Key", "KeyFileError", "KeyPair",
    "Lookup", "NotFoundError", "Outcome", "PostsealError", "Report", "Result", "Signature",
    "SignSession", "Signer", "SpfResult", "StateError", "TooLargeError", "Type", "Unbound",
    "VerifySession", "Zone", "averify", "dmarc", "generate_key", "lint_spf", "org_domain",
    "parse_authentication_results", "parse_record", "sign", "spf", "verify",
]


def _session(message: bytes, envelope: Envelope, now: Optional[int],
             config: Optional[Config]) -> VerifySession:
    session = VerifySession(envelope, now=now, config=config)
    session.feed(message)
    session.end_of_message()
    return session


def verify(message: bytes, *, client_ip: Optional[str] = None, helo: Optional[str] = None,
           mail_from: Optional[str] = None, receiver: Optional[str] = None,
           smtputf8: bool = False, now: Optional[int] = None,
           resolver: Optional[Resolver] = None, authserv_id: str = "localhost",
           config: Optional[Config] = None, evidence: bool = False) -> Report:
    """Verifies a message, octets with CRLF, not dot-stuffed.

    `mail_from=None` is not known, `""` the null reverse-path. `resolver` is a Zone, an Unbound, or
    a function of (name, type) that returns an Answer; the default is libunbound with the system's
    servers. `evidence` needs `Config(record_message=1)`.
    """
    envelope = Envelope(client_ip, helo, mail_from, receiver, smtputf8)
    session = _session(message, envelope, now, config)
    try:
        answer_all(session.exchange, resolver)
        return session.report(authserv_id, evidence=evidence)
    finally:
        session.close()


async def averify(message: bytes, *, client_ip: Optional[str] = None, helo: Optional[str] = None,
                  mail_from: Optional[str] = None, receiver: Optional[str] = None,
                  smtputf8: bool = False, now: Optional[int] = None, resolver: Any = None,
                  authserv_id: str = "localhost", config: Optional[Config] = None,
                  evidence: bool = False, timeout: Optional[float] = 20.0) -> Report:
    """The same for asyncio: `resolver` may also be a coroutine function, and is asked for all
    that is known at once. After `timeout` seconds what is left is a temporary error."""
    envelope = Envelope(client_ip, helo, mail_from, receiver, smtputf8)
    session = _session(message, envelope, now, config)
    try:
        await aanswer_all(session.exchange, resolver, timeout)
        return session.report(authserv_id, evidence=evidence)
    finally:
        session.close()


def sign(message: bytes, keys: "Sequence[Key]", *, now: Optional[int] = None) -> bytes:
    """The DKIM-Signature fields to put before `message`, octets with CRLF.

    >>> pair = generate_key("ed25519", domain="example.com", selector="s1")
    >>> message = b"From: a@example.com\\r\\n\\r\\nHello.\\r\\n"
    >>> fields = sign(message, [Key("example.com", "s1", pair.private_pem)], now=1767225600)
    >>> verify(fields + message, now=1767225600, resolver=Zone(pair.zone_text)).dkim[0].result.value
    'pass'
    """
    signer = Signer(list(keys))
    session = SignSession(signer, now=now)
    try:
        session.feed(message)
        session.end_of_message()
        return session.fields()
    finally:
        session.close()
        signer.close()


def spf(*, client_ip: str, mail_from: Optional[str] = None, helo: Optional[str] = None,
        receiver: Optional[str] = None, now: Optional[int] = None,
        resolver: Optional[Resolver] = None, config: Optional[Config] = None) -> SpfResult:
    """Checks SPF of the reverse-path, or of HELO when `mail_from` is None. RFC 7208."""
    envelope = Envelope(client_ip, helo, mail_from, receiver)._handle()
    identity = _abi.SPF_HELO if mail_from is None else _abi.SPF_MAIL_FROM
    handle = _Handle(
        _create(_lib.postseal_spf_new, config.raw if config is not None else None, envelope.raw,
                identity, clock(now)), _lib.postseal_spf_free)
    envelope.close()
    answer_all(Exchange(_lib.postseal_spf_exchange(handle.raw), handle), resolver)
    result = SpfResult._of(_json.loads(handle.text_of(_lib.postseal_spf_json)))
    handle.close()
    return result


def lint_spf(domain: str, *, resolver: Optional[Resolver] = None) -> Mapping[str, Any]:
    """What is wrong with a domain's SPF record, as `postseal spf --lint --json` prints it."""
    name = _octets(domain)
    handle = _Handle(_create(_lib.postseal_lint_new, name, len(name)), _lib.postseal_lint_free)
    answer_all(Exchange(_lib.postseal_lint_exchange(handle.raw), handle), resolver)
    found: Mapping[str, Any] = _json.loads(handle.text_of(_lib.postseal_lint_json))
    handle.close()
    return found


_RESULTS = {word: number for number, word in enumerate(
    ("none", "pass", "fail", "softfail", "policy", "neutral", "temperror", "permerror"))}


def dmarc(from_domain: str, *, spf: Sequence[tuple[str, Union[str, Result]]] = (),
          dkim: Sequence[tuple[str, Union[str, Result]]] = (),
          resolver: Optional[Resolver] = None, config: Optional[Config] = None) -> DmarcResult:
    """Evaluates DMARC from (domain, result) of SPF and DKIM. RFC 9989.

    >>> zone = Zone('_dmarc.example.com. TXT "v=DMARC1; p=reject"')
    >>> dmarc("example.com", dkim=[("mail.example.com", "pass")], resolver=zone).result.value
    'pass'
    """
    name = _octets(from_domain)
    handle = _Handle(
        _create(_lib.postseal_dmarc_new, config.raw if config is not None else None, name,
                len(name)), _lib.postseal_dmarc_free, _lib.postseal_dmarc_error)
    for method, identifiers in ((_abi.METHOD_SPF, spf), (_abi.METHOD_DKIM, dkim)):
        for domain, result in identifiers:
            label = _octets(domain)
            handle.check(_lib.postseal_dmarc_add(
                handle.raw, method, label, len(label), _RESULTS.get(str(result), -1)))
    handle.check(_lib.postseal_dmarc_start(handle.raw))
    answer_all(Exchange(_lib.postseal_dmarc_exchange(handle.raw), handle), resolver)
    found = DmarcResult._of(_json.loads(handle.text_of(_lib.postseal_dmarc_json)))
    handle.close()
    return found


def parse_authentication_results(field: Union[str, bytes]) -> Mapping[str, Any]:
    """One Authentication-Results field, with or without its name. RFC 8601.

    >>> parse_authentication_results("mx.example; spf=pass")["authserv_id"]
    'mx.example'
    """
    data = _octets(field)
    found: Mapping[str, Any] = _json.loads(
        _take_text(_create(_lib.postseal_authres_parse, data, len(data), says_why=False)))
    return found


def parse_record(method: str, record: Union[str, bytes]) -> Mapping[str, Any]:
    """The text of an "spf", "dkim" (key) or "dmarc" record: valid, error, offset, record, warnings.

    >>> parse_record("spf", "v=spf1 foo")["offset"]
    7
    """
    number = {"spf": _abi.METHOD_SPF, "dkim": _abi.METHOD_DKIM,
              "dmarc": _abi.METHOD_DMARC}.get(method, -1)
    data = _octets(record)
    found: Mapping[str, Any] = _json.loads(
        _take_text(_create(_lib.postseal_record_parse, number, data, len(data), says_why=False)))
    return found


def org_domain(domain: str, config: Config) -> str:
    """The organizational domain by the public suffix list of `config` (RFC 7489 §3.2).

    >>> org_domain("a.b.example.co.jp", Config(public_suffixes="co.jp"))
    'example.co.jp'
    """
    name = _octets(domain)
    return _take_text(_create(_lib.postseal_org_domain, config.raw, name, len(name),
                              says_why=False))
