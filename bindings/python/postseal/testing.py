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

import functools
from typing import Optional

from . import Answer, Key, KeyPair, Outcome, Zone, generate_key, sign, verify
from .exchange import ResolveFunction

__all__ = ["NOW", "Domain", "FaultyResolver", "canned_key", "message_from", "verify"]

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
    """Answers by another resolver function, but for what `temp_errors` names, which fails, and
    what `silent` names, which never answers. `asked` is what was asked, in order."""

    def __init__(self, inner: ResolveFunction, *, temp_errors: "set[str] | None" = None,
                 silent: "set[str] | None" = None) -> None:
        self._inner = inner
        self.temp_errors = temp_errors or set()
        self.silent = silent or set()
        self.asked: list[tuple[str, int]] = []

    def __call__(self, name: str, kind: int) -> Optional[Answer]:
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        if name in self.temp_errors:
            return Answer(Outcome.TEMP_ERROR)
        return self._inner(name, kind)
