"""For test harnesses: a zone builder, canned keys, a fixed clock, messages and faults.

>>> domain = Domain("example.com")
>>> message = domain.sign(message_from("alice@example.com"))
>>> report = verify(message, client_ip=domain.client_ip, mail_from="alice@example.com", now=NOW,
...                 resolver=domain.zone())
>>> report.spf.result.value, report.dkim[0].result.value, report.dmarc.result.value
('pass', 'pass', 'pass')

With pytest, the fixtures `postseal_domain` and `postseal_now` are there once the package is
installed.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from typing import Any, Coroutine, Iterable, Mapping, Optional, TypeVar

from . import Answer, Key, KeyPair, Zone, generate_key, sign
from .exchange import TEMP_ERROR, ResolveFunction

__all__ = ["NOW", "Domain", "FaultyResolver", "canned_key", "message_from", "run"]

_T = TypeVar("_T")

# NOW is a fixed clock: 2026-01-01T00:00:00Z.
NOW = 1767225600


@functools.lru_cache(maxsize=None)
def canned_key(kind: str = "ed25519", name: str = "") -> KeyPair:
    """The same new key each time in one process, for each `name`: making RSA keys takes a while."""
    return generate_key(kind)


def message_from(author: str, *, to: str = "bob@example.org", subject: str = "Hello",
                 body: str = "Hello.\r\n", **fields: str) -> bytes:
    """A message with the fields that every message has. Further fields have underscores for
    hyphens: `list_id="<a.example>"`."""
    lines = ["From: " + author, "To: " + to, "Subject: " + subject,
             "Date: Thu, 01 Jan 2026 00:00:00 +0000", "Message-ID: <1@example.com>"]
    lines += ["%s: %s" % (name.replace("_", "-"), value) for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("utf-8")


class Domain:
    """A domain that does everything right, unless it is told otherwise: SPF for `client_ip`,
    one DKIM key, a DMARC policy."""

    def __init__(self, name: str, *, client_ip: str = "192.0.2.1", selector: str = "s1",
                 kind: str = "ed25519", spf: Optional[str] = None,
                 dmarc: Optional[str] = "v=DMARC1; p=reject") -> None:
        self.name, self.client_ip, self.selector = name, client_ip, selector
        mechanism = "ip6" if ":" in client_ip else "ip4"
        self.spf = "v=spf1 %s:%s -all" % (mechanism, client_ip) if spf is None else spf
        self.dmarc = dmarc
        self.key_pair = canned_key(kind, name)
        self.extra: list[str] = []

    def zone_text(self) -> str:
        """The domain's zone; lines in `extra` come last."""
        records = [(self.name, self.spf), ("_dmarc." + self.name, self.dmarc),
                   ("%s._domainkey.%s" % (self.selector, self.name), self.key_pair.record)]
        lines = []
        for name, text in records:
            if text:
                strings = ['"%s"' % text[i:i + 250] for i in range(0, len(text), 250)]
                lines.append("%s. TXT %s" % (name, " ".join(strings)))
        return "\n".join(lines + self.extra) + "\n"

    def zone(self) -> Zone:
        """A resolver that knows this domain alone."""
        return Zone(self.zone_text(), self.name)

    def key(self) -> Key:
        """The private key, for postseal.sign."""
        return Key(self.name, self.selector, self.key_pair.private_pem)

    def sign(self, message: bytes, now: int = NOW) -> bytes:
        """`message` with the domain's signature on top."""
        return sign(message, [self.key()], now=now) + message


class FaultyResolver:
    """Answers by another resolver function, but for what `temp_errors` names, which fails, what
    `silent` names, which never answers, and what `delays` names, which takes that many seconds.
    `asked` is what was asked, in order.

    A caller that blocks has no answer to what takes longer than `timeout` seconds, at once. In
    asyncio the seconds are the event loop's: with `run` they take no time.

    >>> domain = Domain("example.com")
    >>> def records(name, kind):
    ...     text = {"example.com": domain.spf, "_dmarc.example.com": domain.dmarc}.get(name)
    ...     return Answer.txt(text) if text else Answer(Outcome.NX_DOMAIN)
    >>> slow = FaultyResolver(records, delays={"example.com": 2, "_dmarc.example.com": 3})
    >>> async def main(timeout):
    ...     report = await averify(message_from("a@example.com"), client_ip=domain.client_ip,
    ...                            mail_from="a@example.com", now=NOW, resolver=slow,
    ...                            timeout=timeout)
    ...     return report.dmarc.result.value, asyncio.get_running_loop().time()
    >>> run(main(timeout=10))  # all is asked together
    ('pass', 3.0)
    >>> run(main(timeout=2.5))
    ('temperror', 2.5)
    """

    def __init__(self, inner: ResolveFunction, *, temp_errors: Iterable[str] = (),
                 silent: Iterable[str] = (), delays: Optional[Mapping[str, float]] = None,
                 timeout: float = 20.0) -> None:
        self._inner = inner
        self.temp_errors, self.silent = set(temp_errors), set(silent)
        self.delays = dict(delays or {})
        self.timeout = timeout
        self.asked: list[tuple[str, int]] = []

    def __call__(self, name: str, kind: int) -> Optional[Answer]:
        self.asked.append((name, kind))
        if name in self.silent or self.delays.get(name, 0) > self.timeout:
            return None
        return self._answer(name, kind)

    async def resolve(self, name: str, kind: int) -> Optional[Answer]:
        """The same for asyncio."""
        self.asked.append((name, kind))
        if name in self.silent:
            await asyncio.get_running_loop().create_future()
        await asyncio.sleep(self.delays.get(name, 0))
        return self._answer(name, kind)

    def _answer(self, name: str, kind: int) -> Optional[Answer]:
        return TEMP_ERROR if name in self.temp_errors else self._inner(name, kind)


class _Selector(selectors.DefaultSelector):
    """Does not wait for a timer: it moves the clock there."""

    now = 0.0

    def select(self, timeout: Optional[float] = None) -> Any:
        ready = super().select(0 if timeout is not None else None)
        if not ready and timeout is not None and timeout > 0:
            self.now += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def run(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Runs a coroutine in an event loop whose clock begins at 0 and is moved to the next timer
    instead of waiting for it. For coroutines alone: what runs in threads meanwhile is overtaken."""
    loop = _Loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
