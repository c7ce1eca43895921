"""verify and sign with dkimpy's arguments and results, to move a program by changing its import.

    from postseal import dkimpy as dkim

>>> from postseal import testing
>>> pair = testing.canned_key("rsa")
>>> message = testing.message_from("a@example.com")
>>> field = sign(message, b"s1", b"example.com", pair.private_pem.encode())
>>> verify(field + message, dnsfunc=lambda name, timeout=5: pair.record)
True

What differs, on purpose. These do not verify: a signature with l= that leaves part of the body
uncovered, one that covers fewer From fields than there are, one that has expired, rsa-sha1, keys
under 1024 bits (RFC 6376 §8.2, §8.15 and §5.4, RFC 8301), and what is above the ten signatures
nearest to the message. sign names From once more than it is there. Whatever a `dnsfunc` raises is
a lookup that failed. ARC and TLSRPT are not here.
"""

from __future__ import annotations

import base64
import binascii
import logging
from typing import Any, Callable, Iterable, Optional, Union

from . import Config, Key, Result, Signature, Unbound
from . import sign as _sign
from . import verify as _verify
from .errors import ArgumentError, KeyFileError
from .exchange import TEMP_ERROR, Answer, Outcome, ResolveFunction

Text = Union[str, bytes]
# dkimpy's dnsfunc: (name, timeout=5) -> the TXT record's text, or None. The name ends in a dot.
DnsFunction = Callable[..., Optional[Text]]

# What stands before the 32 octets of an Ed25519 key in PKCS #8 (RFC 8410 §7).
_ED25519_PREFIX = bytes.fromhex("302e020100300506032b657004220420")
_ED25519_OCTETS = 32


class DKIMException(Exception):
    """Everything that sign raises."""


class KeyFormatError(DKIMException):
    """The private key cannot be read."""


class ParameterError(DKIMException):
    """An argument, or the message, is not fit for signing."""


def _word(text: Text) -> str:
    return text.decode("ascii") if isinstance(text, bytes) else text


def _with_crlf(message: bytes) -> bytes:
    """dkimpy takes LF for CRLF."""
    return message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _resolver(dnsfunc: DnsFunction, timeout: int) -> ResolveFunction:
    def resolve(name: str, kind: int) -> Answer:
        try:
            text = dnsfunc(name.encode("ascii") + b".", timeout=timeout)
        except Exception:  # whatever a resolver raises is no answer
            return TEMP_ERROR
        return Answer.txt(text) if text else Answer(Outcome.NOT_FOUND)

    return resolve


def _signature(message: bytes, dnsfunc: Optional[DnsFunction], minkey: int, timeout: int,
               idx: int) -> Optional[Signature]:
    """Signature `idx`, counted from the top from 0."""
    with Config(dkim_min_rsa_bits=minkey, check_dmarc=0) as config:
        if dnsfunc is not None:
            report = _verify(message, resolver=_resolver(dnsfunc, timeout), config=config)
        else:
            with Unbound(timeout=timeout) as resolver:
                report = _verify(message, resolver=resolver, config=config)
    return report.dkim[idx] if idx < len(report.dkim) else None


def verify(message: bytes, logger: Optional[logging.Logger] = None,
           dnsfunc: Optional[DnsFunction] = None, minkey: int = 1024, timeout: int = 5,
           tlsrpt: Any = False, idx: int = 0) -> bool:
    """True when signature `idx` of `message`, by default the topmost, verifies. `minkey` is in
    bits, `timeout` in seconds."""
    if tlsrpt:
        raise NotImplementedError("tlsrpt")
    signature = _signature(_with_crlf(message), dnsfunc, minkey, timeout, idx)
    if signature is None:
        return False
    if logger is not None and signature.result is not Result.PASS:
        logger.error("%s: %s", signature.reason, signature.detail)
    return signature.result is Result.PASS


def _pem(privkey: Text, algorithm: str) -> bytes:
    """The key in PEM; of an Ed25519 key dkimpy has the 32 octets in base64."""
    text = privkey.encode("ascii") if isinstance(privkey, str) else privkey
    if algorithm != "ed25519-sha256" or b"-----BEGIN" in text:
        return text
    try:
        seed = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise KeyFormatError("no base64: %s" % error) from error
    if len(seed) != _ED25519_OCTETS:
        raise KeyFormatError("an Ed25519 key has %d octets" % _ED25519_OCTETS)
    return (b"-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(_ED25519_PREFIX + seed) +
            b"\n-----END PRIVATE KEY-----\n")


def sign(message: bytes, selector: Text, domain: Text, privkey: Text,
         identity: Optional[Text] = None, canonicalize: "tuple[Text, Text]" = (
             b"relaxed", b"simple"), signature_algorithm: Text = b"rsa-sha256",
         include_headers: Optional[Iterable[Text]] = None, length: bool = False,
         logger: Optional[logging.Logger] = None, linesep: bytes = b"\r\n",
         tlsrpt: bool = False) -> bytes:
    """The DKIM-Signature field for `message`, with line ends `linesep`. `privkey` is PEM, or an
    Ed25519 key as dkimpy has it. `length` (l=) is not offered: others could append to the
    message."""
    if length or tlsrpt:
        raise NotImplementedError("length" if length else "tlsrpt")
    algorithm = _word(signature_algorithm)
    kind, _, hash_name = algorithm.partition("-")
    if kind not in ("rsa", "ed25519") or hash_name != "sha256":
        raise ParameterError("%s is not signed with (RFC 8301 §3.1)" % algorithm)
    settings: dict[str, Any] = {"canonicalization": "/".join(_word(part) for part in canonicalize)}
    if identity is not None:
        settings["identity"] = identity
    if include_headers is not None:
        settings["headers"] = [_word(name) for name in include_headers]
    try:
        with Key(domain, selector, _pem(privkey, algorithm), **settings) as key:
            if key.kind != kind:
                raise KeyFormatError("the key is of type %s" % key.kind)
            return _sign(_with_crlf(message), [key]).replace(b"\r\n", linesep)
    except KeyFileError as error:
        raise KeyFormatError(str(error)) from error
    except ArgumentError as error:
        raise ParameterError(str(error)) from error


dkim_sign = sign
dkim_verify = verify
