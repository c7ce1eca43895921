"""A session's DNS side: queries come out of an Exchange, Answers go in."""

from __future__ import annotations

import asyncio
import ctypes
import enum
import socket
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Optional, Sequence, Union

from . import _abi
from ._native import Handle, lib, octets
from .errors import error_for


class Outcome(enum.IntEnum):
    """What a lookup can say."""

    RECORDS = _abi.DNS_RECORDS
    NO_DATA = _abi.DNS_NO_DATA
    NX_DOMAIN = _abi.DNS_NX_DOMAIN
    NOT_FOUND = _abi.DNS_NOT_FOUND  # one of these two, unknown which
    TEMP_ERROR = _abi.DNS_TEMP_ERROR


class Type(enum.IntEnum):
    """The record types that are asked for, by their numbers (RFC 1035 §3.2.2)."""

    A = 1
    PTR = 12
    MX = 15
    TXT = 16
    AAAA = 28


def wire_name(name: str) -> bytes:
    """A domain name in wire form, without compression (RFC 1035 §3.1). There are no escapes.

    >>> wire_name("a.example.")
    b'\\x01a\\x07example\\x00'
    """
    bare = name[:-1] if name.endswith(".") else name
    labels = bare.split(".") if bare else []
    if len(bare) > 253 or not all(0 < len(label) <= 63 for label in labels):
        raise error_for(_abi.E_ARGUMENT, "no domain name: %r" % name)
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in labels) + b"\0"


def wire_txt(text: Union[str, bytes]) -> bytes:
    """A TXT record in wire form: strings of 255 octets."""
    data = octets(text)
    chunks = [data[i:i + 255] for i in range(0, len(data), 255)] or [b""]
    return b"".join(bytes([len(chunk)]) + chunk for chunk in chunks)


def wire_address(text: str) -> bytes:
    """An A or AAAA record in wire form."""
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def wire_mx(preference: int, exchange: str) -> bytes:
    """An MX record in wire form."""
    return preference.to_bytes(2, "big") + wire_name(exchange)


@dataclass(frozen=True)
class Answer:
    """One lookup's answer: `rdata` in wire form, of the type that was asked for."""

    outcome: Outcome
    rdata: Sequence[bytes] = ()
    secure: bool = False
    ttl: int = 0

    @classmethod
    def txt(cls, *texts: Union[str, bytes], ttl: int = 0, secure: bool = False) -> "Answer":
        """Records from texts; no text is NO_DATA."""
        outcome = Outcome.RECORDS if texts else Outcome.NO_DATA
        return cls(outcome, tuple(wire_txt(text) for text in texts), secure, ttl)


TEMP_ERROR = Answer(Outcome.TEMP_ERROR)
# A function from (name, type) to an Answer, or to an awaitable one; None never answers.
ResolveFunction = Callable[[str, int], Optional[Answer]]
AsyncResolveFunction = Callable[[str, int], Awaitable[Optional[Answer]]]


class Exchange:
    """The DNS side of a session; it lives as long as its `owner`."""

    def __init__(self, raw: Any, owner: Handle) -> None:
        self._raw = raw
        self._owner = owner

    @property
    def raw(self) -> Any:
        self._owner.raw  # a closed owner has none
        return self._raw

    @property
    def done(self) -> bool:
        """The session has its result."""
        return bool(lib.postseal_exchange_is_done(self.raw))

    def next_query(self) -> Optional[tuple[int, str, int]]:
        """(id, name, type) of a query not yet handed out; None when nothing is asked now."""
        number, kind, name = ctypes.c_uint32(), ctypes.c_uint16(), _abi.Bytes()
        status = lib.postseal_exchange_next_query(
            self.raw, ctypes.byref(number), ctypes.byref(kind), ctypes.byref(name))
        if status < 0:
            raise error_for(status, "no query may be taken now")
        if status != _abi.MORE:
            return None
        return number.value, ctypes.string_at(name.data, name.len).decode("ascii"), kind.value

    def provide(self, number: int, answer: Answer) -> None:
        """Answers query `number`."""
        records = (_abi.Bytes * max(1, len(answer.rdata)))()
        kept = [ctypes.create_string_buffer(data, max(1, len(data))) for data in answer.rdata]
        for record, buffer, data in zip(records, kept, answer.rdata):
            record.data, record.len = ctypes.addressof(buffer), len(data)
        status = lib.postseal_exchange_provide(
            self.raw, number, int(answer.outcome), int(answer.secure), answer.ttl, records,
            len(answer.rdata))
        if status < 0:
            raise error_for(status, "the answer does not fit the query")

    def expire(self) -> None:
        """Ends the waiting: what is not answered is a temporary error."""
        status = lib.postseal_exchange_expire(self.raw)
        if status < 0:
            raise error_for(status, "not now")

    def run(self, resolve: ResolveFunction) -> None:
        """Answers every query by `resolve`; what it leaves open is a temporary error."""
        while (query := self.next_query()) is not None:
            answer = resolve(query[1], query[2])
            if answer is not None:
                self.provide(query[0], answer)
        if not self.done:
            self.expire()

    async def arun(self, resolve: AsyncResolveFunction, timeout: Optional[float] = None) -> None:
        """Asks all queries at once and goes on as answers come; after `timeout` seconds what is
        left is a temporary error."""
        loop = asyncio.get_running_loop()
        deadline = None if timeout is None else loop.time() + timeout
        pending: dict[asyncio.Future[Optional[Answer]], int] = {}
        try:
            while True:
                while (query := self.next_query()) is not None:
                    pending[asyncio.ensure_future(resolve(query[1], query[2]))] = query[0]
                if not pending:
                    break
                left = None if deadline is None else max(0.0, deadline - loop.time())
                ready, _ = await asyncio.wait(pending, timeout=left,
                                              return_when=asyncio.FIRST_COMPLETED)
                if not ready:
                    break
                for task in ready:
                    answer = task.result()
                    number = pending.pop(task)
                    if answer is not None:
                        self.provide(number, answer)
        finally:
            for task in pending:
                task.cancel()
        if not self.done:
            self.expire()
