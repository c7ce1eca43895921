"""verify and sign with dkimpy's arguments, to move a program over by changing its import.

    from postseal import dkimpy as dkim

Verdicts are postseal's: a signature with l= that leaves part of the body uncovered, rsa-sha1 and
keys under 1024 bits do not verify here (RFC 8301), and several signatures count when one passes
and `idx` is 0, the first, as in dkimpy, otherwise the one of that index.
"""

from __future__ import annotations

import logging
from typing import Any, Callable, Iterable, Optional, Union

from . import Answer, Key, Outcome, PostsealError, Result
from . import sign as _sign
from . import verify as _verify

Text = Union[str, bytes]
# dkimpy's dnsfunc: (name, timeout=5) -> the TXT record's text, or None.
DnsFunction = Callable[..., Optional[Text]]


def _with_crlf(message: bytes) -> bytes:
    """dkimpy takes LF for CRLF."""
    return message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _resolver(dnsfunc: DnsFunction, timeout: int) -> Callable[[str, int], Answer]:
    def resolve(name: str, kind: int) -> Answer:
        try:
            text = dnsfunc(name.encode("ascii") + b".", timeout=timeout)
        except Exception:  # whatever a resolver raises is no answer
            return Answer(Outcome.TEMP_ERROR)
        return Answer.txt(text) if text else Answer(Outcome.NOT_FOUND)

    return resolve


def verify(message: bytes, logger: Optional[logging.Logger] = None,
           dnsfunc: Optional[DnsFunction] = None, minkey: int = 1024, timeout: int = 5,
           tlsrpt: Any = False, idx: int = 0) -> bool:
    """True when signature `idx` of `message` verifies. `tlsrpt` must be false."""
    if tlsrpt:
        raise NotImplementedError("tlsrpt")
    from . import Config

    config = Config(dkim_min_rsa_bits=minkey, check_dmarc=0)
    resolver = _resolver(dnsfunc, timeout) if dnsfunc is not None else None
    report = _verify(_with_crlf(message), resolver=resolver, config=config)
    config.close()
    if idx >= len(report.dkim):
        return False
    signature = report.dkim[idx]
    if logger is not None and signature.result is not Result.PASS:
        logger.error("%s: %s", signature.reason, signature.detail)
    return signature.result is Result.PASS


def sign(message: bytes, selector: Text, domain: Text, privkey: Text,
         identity: Optional[Text] = None, canonicalize: "tuple[bytes, bytes]" = (
             b"relaxed", b"simple"), signature_algorithm: Text = b"rsa-sha256",
         include_headers: Optional[Iterable[Text]] = None, length: bool = False,
         logger: Optional[logging.Logger] = None, linesep: bytes = b"\r\n",
         tlsrpt: bool = False) -> bytes:
    """The DKIM-Signature field for `message`, with line ends `linesep`. The algorithm is the
    key's. `length` (l=) is not offered: it lets others append to the message."""
    if length or tlsrpt:
        raise NotImplementedError("length" if length else "tlsrpt")

    def word(text: Text) -> str:
        return text.decode("ascii") if isinstance(text, bytes) else text

    settings: dict[str, Any] = {
        "canonicalization": "/".join(word(part) for part in canonicalize)}
    if identity is not None:
        settings["identity"] = identity
    if include_headers is not None:
        settings["headers"] = [word(name) for name in include_headers]
    key = Key(domain, selector, privkey, **settings)
    try:
        return _sign(_with_crlf(message), [key]).replace(b"\r\n", linesep)
    except PostsealError as error:
        if logger is not None:
            logger.error("%s", error)
        raise
    finally:
        key.close()
