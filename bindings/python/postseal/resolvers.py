"""Answers to DNS queries: a zone in memory, libunbound, dnspython, or a function."""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
from typing import Any, Optional, Union, cast

from ._native import Handle, create, lib, octets, unbound_lib
from .exchange import (TEMP_ERROR, Answer, AsyncResolveFunction, Exchange, Outcome,
                       ResolveFunction)


class Zone(Handle):
    """Answers from zone text in memory (RFC 1035 §5), without network.

    >>> zone = Zone('example.com. TXT "v=spf1 -all"')
    >>> spf(client_ip="192.0.2.1", mail_from="a@example.com", resolver=zone).result.value
    'fail'
    """

    def __init__(self, text: Union[str, bytes] = "", name: str = "zone") -> None:
        super().__init__(create(lib.postseal_zone_new, says_why=False), lib.postseal_zone_free,
                         lib.postseal_zone_error)
        self.add(text, name)

    def add(self, text: Union[str, bytes], name: str = "zone") -> None:
        """Adds records; an error of the text is an ArgumentError with line and column."""
        data, label = octets(text), octets(name)
        self.check(lib.postseal_zone_add(self.raw, data, len(data), label, len(label)))

    def answer(self, exchange: Exchange) -> None:
        """Answers every query of `exchange`; what $TIMEOUT names is a temporary error."""
        self.check(lib.postseal_zone_answer(self.raw, exchange.raw))
        if not exchange.done:
            exchange.expire()


class Unbound(Handle):
    """The DNS by libunbound: caches, validates, asks many questions at once.

    `server` is "ADDRESS", "ADDRESS:PORT" or "[ADDRESS]:PORT"; by default those of
    /etc/resolv.conf. Times are in seconds. For one thread at a time, or one event loop; a process
    that is forked makes its own.
    """

    def __init__(self, server: str = "", trust_anchor_file: str = "",
                 timeout: float = 20.0) -> None:
        library = unbound_lib()
        address, anchors = octets(server), octets(trust_anchor_file)
        maker = os.getpid()

        def free(handle: Any) -> None:
            # The thread of libunbound, which this waits for, is not in a child.
            if os.getpid() == maker:
                library.postseal_unbound_free(handle)

        super().__init__(
            create(library.postseal_unbound_new, address, len(address), anchors, len(anchors),
                   int(timeout * 1000)), free)
        self._library = library
        self._timeout = timeout
        self._waiting: dict[asyncio.Future[None], Exchange] = {}
        self._timer: Optional[asyncio.TimerHandle] = None

    def answer(self, exchange: Exchange) -> None:
        """Answers every query of `exchange`, within the timeout."""
        self.check(self._library.postseal_unbound_run(
            self.raw, exchange.raw, int(self._timeout * 1000)))
        if not exchange.done:
            exchange.expire()

    async def aanswer(self, exchange: Exchange, timeout: Optional[float] = None) -> None:
        """The same in an event loop, which goes on meanwhile; any number at once."""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[None] = loop.create_future()
        descriptor = self._library.postseal_unbound_fd(self.raw)
        self.check(self._library.postseal_unbound_start(self.raw, exchange.raw))
        if not self._waiting:
            loop.add_reader(descriptor, self._process, loop)
        self._waiting[answered] = exchange
        try:
            self._process(loop)
            await asyncio.wait([answered], timeout=self._timeout if timeout is None else timeout)
        finally:
            del self._waiting[answered]
            if not self._waiting:
                loop.remove_reader(descriptor)
                self._set_timer(loop)
        if not exchange.done:
            exchange.expire()

    def _process(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hands answers out and wakes whom they were the last for."""
        self.check(self._library.postseal_unbound_process(self.raw))
        for answered, exchange in self._waiting.items():
            if exchange.done and not answered.done():
                answered.set_result(None)
        self._set_timer(loop)

    def _set_timer(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._library.postseal_unbound_timeout(self.raw) if self._waiting else -1
        if due >= 0:
            self._timer = loop.call_later(due / 1000, self._process, loop)


class _Default(threading.local):
    """The resolver of those who name none: one a thread, with its cache; a child makes its own."""

    process = 0
    unbound: Optional[Unbound] = None

    def get(self) -> Unbound:
        if self.unbound is None or self.process != os.getpid():
            self.unbound, self.process = Unbound(), os.getpid()
        return self.unbound


_default = _Default()


class DnspythonResolver:
    """The DNS by dnspython, which must be installed: called, it blocks; `resolve` is for asyncio.

    `resolver` and `async_resolver` are dnspython's, by default those of /etc/resolv.conf.
    """

    def __init__(self, resolver: Any = None, async_resolver: Any = None) -> None:
        import dns.asyncresolver
        import dns.resolver

        self._resolver: Any = resolver or dns.resolver.get_default_resolver()
        self._async_resolver: Any = async_resolver or dns.asyncresolver.get_default_resolver()

    @staticmethod
    def _records(found: Any) -> Answer:
        return Answer(Outcome.RECORDS, tuple(record.to_wire() for record in found),
                      ttl=found.rrset.ttl)

    @staticmethod
    def _failure(error: Exception) -> Answer:
        """What an exception of dnspython says; it goes on when it is not one."""
        import dns.exception
        import dns.resolver

        if isinstance(error, dns.resolver.NXDOMAIN):
            return Answer(Outcome.NX_DOMAIN)
        if isinstance(error, dns.resolver.NoAnswer):
            return Answer(Outcome.NO_DATA)
        if isinstance(error, dns.exception.DNSException):
            return TEMP_ERROR
        raise error

    def __call__(self, name: str, kind: int) -> Answer:
        try:
            return self._records(self._resolver.resolve(name, kind))
        except Exception as error:
            return self._failure(error)

    async def resolve(self, name: str, kind: int) -> Answer:
        """The same for asyncio."""
        try:
            return self._records(await self._async_resolver.resolve(name, kind))
        except Exception as error:
            return self._failure(error)


Resolver = Union[Zone, Unbound, ResolveFunction]


def answer_all(exchange: Exchange, resolver: Optional[Resolver]) -> None:
    """Answers every query of `exchange` by `resolver`; without one, by libunbound."""
    if resolver is None:
        resolver = _default.get()
    if isinstance(resolver, (Zone, Unbound)):
        resolver.answer(exchange)
    else:
        exchange.run(resolver)


async def aanswer_all(exchange: Exchange, resolver: Any, timeout: Optional[float]) -> None:
    """The same for asyncio: `resolver` may also be a coroutine function of (name, type), or an
    object with such a method `resolve`. A function that blocks is called in a thread."""
    if resolver is None:
        resolver = _default.get()
    if isinstance(resolver, Zone):
        resolver.answer(exchange)
    elif isinstance(resolver, Unbound):
        await resolver.aanswer(exchange, timeout)
    else:
        await exchange.arun(_awaiting(getattr(resolver, "resolve", resolver)), timeout)


def _awaiting(resolve: Any) -> AsyncResolveFunction:
    """`resolve` as a coroutine function."""
    if asyncio.iscoroutinefunction(resolve):
        return cast(AsyncResolveFunction, resolve)

    async def in_thread(name: str, kind: int) -> Optional[Answer]:
        answer: Any = await asyncio.to_thread(resolve, name, kind)
        # What is not seen to be a coroutine function may be one: a partial, an object.
        if inspect.isawaitable(answer):
            answer = await answer
        return cast(Optional[Answer], answer)

    return in_thread
