"""Sessions, one message each, for hosts that have messages in pieces."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from . import _abi
from ._native import Handle, create, lib, message_octets, octets
from .exchange import Exchange
from .report import Report, Result

Text = Union[str, bytes]


class Config(Handle):
    """What the host may choose, by the names of postseal_config_set; shared between sessions and
    threads. The defaults are the safe ones.

    >>> Config(dkim_min_rsa_bits=2048, cached_keys=100).close()
    """

    def __init__(self, *, public_suffixes: Optional[Text] = None, **options: int) -> None:
        """`public_suffixes` is the list that RFC 7489 needs: its text, or "" for libpsl's."""
        super().__init__(create(lib.postseal_config_new, says_why=False), lib.postseal_config_free,
                         lib.postseal_config_error)
        for name, value in options.items():
            label = octets(name)
            self.check(lib.postseal_config_set(self.raw, label, len(label), int(value)))
        if public_suffixes is not None:
            data = octets(public_suffixes)
            self.check(lib.postseal_config_set_public_suffixes(self.raw, data, len(data)))


@dataclass(frozen=True)
class Envelope:
    """What the SMTP server knows. None is not known, which is not the same as empty:
    `mail_from=""` is the null reverse-path of a bounce."""

    client_ip: Optional[str] = None
    helo: Optional[Text] = None
    mail_from: Optional[Text] = None
    receiver: Optional[Text] = None
    smtputf8: bool = False

    def _handle(self) -> Handle:
        handle = Handle(create(lib.postseal_envelope_new, says_why=False),
                        lib.postseal_envelope_free)

        def set_text(function: Callable[..., int], value: Optional[Text]) -> None:
            if value is not None:
                data = octets(value)
                handle.check(function(handle.raw, data, len(data)))

        set_text(lib.postseal_envelope_set_client_ip_text, self.client_ip)
        set_text(lib.postseal_envelope_set_helo, self.helo)
        set_text(lib.postseal_envelope_set_mail_from, self.mail_from)
        set_text(lib.postseal_envelope_set_receiver, self.receiver)
        handle.check(lib.postseal_envelope_set_smtputf8(handle.raw, int(self.smtputf8)))
        return handle


def clock(now: Optional[int]) -> int:
    return int(time.time()) if now is None else now


class _Message(Handle):
    """Feeding, which verifying and signing share."""

    _prefix = ""

    def _call(self, name: str, *arguments: Any) -> None:
        self.check(getattr(lib, self._prefix + name)(self.raw, *arguments))

    def feed(self, data: bytes) -> None:
        """Takes the next octets of the message, cut anywhere, with CRLF, not dot-stuffed."""
        part = message_octets(data)
        self._call("feed", part, len(part))

    def header(self, name: Text, value: Text) -> None:
        """Takes a field as a milter has it: `value` is all after the colon, folds with LF."""
        label, data = octets(name), octets(value)
        self._call("header", label, len(label), data, len(data))

    def end_of_headers(self) -> None:
        """Ends the fields."""
        self._call("end_of_headers")

    def body(self, data: bytes) -> None:
        """Takes the next octets of the body."""
        part = message_octets(data)
        self._call("body", part, len(part))

    def end_of_message(self) -> None:
        """Ends the message."""
        self._call("end_of_message")


class VerifySession(_Message):
    """Verifies one message. Queries are there as soon as it is made.

    >>> with VerifySession(now=0) as session:
    ...     session.feed(b"From: a@example.com\\r\\n\\r\\nHello.\\r\\n")
    ...     session.end_of_message()
    ...     session.exchange.expire()
    ...     session.report().result.value
    'temperror'
    """

    _prefix = "postseal_verify_"

    def __init__(self, envelope: Optional[Envelope] = None, *, now: Optional[int] = None,
                 config: Optional[Config] = None) -> None:
        known = envelope._handle() if envelope is not None else None
        super().__init__(
            create(lib.postseal_verify_new, config.raw if config is not None else None,
                   known.raw if known is not None else None, clock(now)),
            lib.postseal_verify_free, lib.postseal_verify_error)
        if known is not None:
            known.close()

    @classmethod
    def _of(cls, handle: ctypes.c_void_p) -> "VerifySession":
        self = cls.__new__(cls)
        Handle.__init__(self, handle, lib.postseal_verify_free, lib.postseal_verify_error)
        return self

    @property
    def exchange(self) -> Exchange:
        """The DNS side."""
        # Made anew each time: were it kept, session and exchange would be a cycle, and what is
        # not closed would wait for the collector.
        return Exchange(lib.postseal_verify_exchange(self.raw), self)

    @property
    def passed(self) -> bool:
        """The message is authenticated; StateError before `exchange.done`. Much quicker than a
        report."""
        result = ctypes.c_int32()
        self.check(lib.postseal_verify_result(self.raw, ctypes.byref(result)))
        return result.value == _abi.RESULT_PASS

    def report(self, authserv_id: Text = "localhost", *, evidence: bool = False) -> Report:
        """The report; StateError before `exchange.done`. `evidence` needs the option
        record_message."""
        result = ctypes.c_int32()
        self.check(lib.postseal_verify_result(self.raw, ctypes.byref(result)))
        name = octets(authserv_id)
        word = lib.postseal_result_name(result).decode("ascii")
        return Report._of(
            Result(word),
            self.text_of(lib.postseal_verify_authentication_results, name, len(name)),
            self.text_of(lib.postseal_verify_explanation),
            self.text_of(lib.postseal_verify_json, name, len(name)),
            self.text_of(lib.postseal_verify_evidence, name, len(name)) if evidence else None)

    def received_spf(self, identity: str = "mfrom") -> str:
        """The Received-SPF field of the identity, "mfrom" or "helo"."""
        number = _abi.SPF_HELO if identity == "helo" else _abi.SPF_MAIL_FROM
        return self.text_of(lib.postseal_verify_received_spf, number)

    def forged_fields(self, authserv_id: Text) -> list[tuple[int, int]]:
        """(position from 0, occurrence from 1) of each Authentication-Results field that claims
        to be by `authserv_id`, the last first: to be deleted before your own is added. The
        occurrence is 0 for a field of another name that some reader takes for one."""
        name = octets(authserv_id)
        found: list[tuple[int, int]] = []
        position, occurrence = ctypes.c_size_t(), ctypes.c_size_t()
        while self.check(lib.postseal_verify_plan_removal(
                self.raw, name, len(name), len(found), ctypes.byref(position),
                ctypes.byref(occurrence))) == _abi.MORE:
            found.append((position.value, occurrence.value))
        return found


def _kind_name(number: int) -> str:
    return "ed25519" if number == _abi.KEY_ED25519 else "rsa"


class Key(Handle):
    """A private key with the domain (d=) and selector (s=) under which it is published.

    `pem` is the text of a key file; `settings` are canonicalization ("relaxed/simple"), headers
    and oversign (lists of names), identity (i=), expires_in (seconds), timestamp, copy_fields.
    """

    def __init__(self, domain: Text, selector: Text, pem: Text, **settings: Any) -> None:
        data = octets(pem)
        super().__init__(create(lib.postseal_key_new, data, len(data)), lib.postseal_key_free)
        self.domain, self.selector, self.settings = octets(domain), octets(selector), settings

    @property
    def kind(self) -> str:
        """"rsa" or "ed25519"."""
        return _kind_name(lib.postseal_key_type(self.raw))

    @property
    def bits(self) -> int:
        """The size of the modulus; 256 for Ed25519."""
        return int(lib.postseal_key_bits(self.raw))

    def add_to(self, signer: "Signer") -> None:
        """Has `signer` make one more signature, by this key."""
        signer.check(lib.postseal_signer_add_key(
            signer.raw, self.domain, len(self.domain), self.selector, len(self.selector), self.raw))


class ExternalKey:
    """A key that is elsewhere: SignSession.next_signature hands its digests out."""

    def __init__(self, domain: Text, selector: Text, kind: str = "rsa", **settings: Any) -> None:
        self.domain, self.selector, self.settings = octets(domain), octets(selector), settings
        self.kind = _abi.KEY_ED25519 if kind == "ed25519" else _abi.KEY_RSA

    def add_to(self, signer: "Signer") -> None:
        """Has `signer` make one more signature, by this key."""
        signer.check(lib.postseal_signer_add_external(
            signer.raw, self.domain, len(self.domain), self.selector, len(self.selector),
            self.kind))


_CANONICALIZATIONS = {"simple": _abi.CANON_SIMPLE, "relaxed": _abi.CANON_RELAXED}


class Signer(Handle):
    """A list of signatures to make, for any number of messages."""

    def __init__(self, keys: "list[Key | ExternalKey]") -> None:
        super().__init__(create(lib.postseal_signer_new, says_why=False), lib.postseal_signer_free,
                         lib.postseal_signer_error)
        for key in keys:
            key.add_to(self)
            for name, value in key.settings.items():
                self._set(name, value)

    def _set(self, name: str, value: Any) -> None:
        if name == "canonicalization":
            header, _, body = value.partition("/")
            self.check(lib.postseal_signer_set_canonicalization(
                self.raw, _CANONICALIZATIONS.get(header, -1),
                _CANONICALIZATIONS.get(body or "simple", -1)))
        elif name in ("headers", "oversign", "identity"):
            data = octets(value if name == "identity" else ":".join(value))
            function = getattr(lib, "postseal_signer_set_" + name)
            self.check(function(self.raw, data, len(data)))
        elif name in ("expires_in", "timestamp", "copy_fields"):
            self.check(getattr(lib, "postseal_signer_set_" + name)(self.raw, int(value)))
        else:
            raise TypeError("a key has no setting %r" % name)


class SignSession(_Message):
    """Signs one message with all that a Signer lists."""

    _prefix = "postseal_sign_"

    def __init__(self, signer: Signer, *, now: Optional[int] = None) -> None:
        super().__init__(create(lib.postseal_sign_new, signer.raw, clock(now)),
                         lib.postseal_sign_free, lib.postseal_sign_error)

    def next_signature(self) -> Optional[tuple[int, str, bytes]]:
        """(id, "rsa" or "ed25519", digest) for an ExternalKey; None when there is none now."""
        number, kind, digest = ctypes.c_uint32(), ctypes.c_int32(), _abi.Bytes()
        status = self.check(lib.postseal_sign_next_signature(
            self.raw, ctypes.byref(number), ctypes.byref(kind), ctypes.byref(digest)))
        if status != _abi.MORE:
            return None
        return number.value, _kind_name(kind.value), ctypes.string_at(digest.data, digest.len)

    def provide_signature(self, number: int, signature: bytes) -> None:
        """Takes the signature of digest `number`."""
        self.check(lib.postseal_sign_provide_signature(self.raw, number, signature, len(signature)))

    def fail_signature(self, number: int) -> None:
        """Gives digest `number` up; the others still count."""
        self.check(lib.postseal_sign_fail_signature(self.raw, number))

    def fields(self) -> bytes:
        """The DKIM-Signature fields, to be put before the message."""
        return octets(self.text_of(lib.postseal_sign_fields))


class Evidence(Handle):
    """What Report.evidence, or the first line of a file of `postseal verify --record`, holds."""

    def __init__(self, recorded: Text) -> None:
        data = octets(recorded)
        super().__init__(create(lib.postseal_evidence_new, data, len(data)),
                         lib.postseal_evidence_free)

    def replay(self, message: bytes, authserv_id: Text = "localhost") -> Report:
        """The verdict on `message` again, from the recorded answers."""
        with VerifySession._of(create(lib.postseal_evidence_verify, self.raw)) as session:
            session.feed(message)
            session.end_of_message()
            session.check(lib.postseal_evidence_answer(self.raw, session.exchange.raw))
            return session.report(authserv_id)


@dataclass(frozen=True)
class KeyPair:
    """A new key: the file's text, the TXT record to publish, and its line for a zone file."""

    private_pem: str
    record: str
    zone_text: Optional[str]

    def __repr__(self) -> str:
        return "KeyPair(record=%r)" % self.record


def generate_key(kind: str = "rsa", bits: int = 0, *, domain: Optional[Text] = None,
                 selector: Optional[Text] = None) -> KeyPair:
    """Makes a key, "rsa" (of 2048 bits unless `bits` says more) or "ed25519".

    >>> generate_key("ed25519").record[:22]
    'v=DKIM1; k=ed25519; p='
    """
    number = {"rsa": _abi.KEY_RSA, "ed25519": _abi.KEY_ED25519}.get(kind, -1)
    handle = Handle(create(lib.postseal_keypair_new, number, bits), lib.postseal_keypair_free)
    zone_text = None
    if domain is not None and selector is not None:
        name, label = octets(domain), octets(selector)
        zone_text = handle.text_of(lib.postseal_keypair_zone_text, name, len(name), label,
                                   len(label))
    pair = KeyPair(handle.text_of(lib.postseal_keypair_private_pem),
                   handle.text_of(lib.postseal_keypair_record), zone_text)
    handle.close()
    return pair
