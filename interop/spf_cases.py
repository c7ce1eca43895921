"""The cases of the SPF cross-check: zones, and who says to send from where.

Everything is made from a seed: the same seed gives the same cases.
"""

import dataclasses
import ipaddress
import random
from collections.abc import Iterator

from interop import spf_records, spf_zone

CASES_A_SCENARIO = 5

# Never a loopback address: libspf2 passes those without looking.
CLIENTS = (
    "192.0.2.1", "192.0.2.1", "192.0.2.65", "198.51.100.7", "203.0.113.9", "203.0.113.200",
    "2001:db8::1", "2001:db8::1", "2001:db8:1::cb01", "2001:db8:ffff::abcd", "::ffff:192.0.2.1",
)
_LOCAL_PARTS = (
    b"user", b"user", b"0", b"1", b"strong-bad", b"a+b=c", b"x.y.z", b"UPPER.Case", b"a/b_c",
    b"lp,comma", b'"quoted part"', b'"a@b"', b"per%cent", b"per%{d}", b"a..b", b".a.", b"a~b!c",
    "uni\u00e9".encode(), b"", b"l" * 64, b"back\\slash", b"#$&'*?^`{|}",
)
_ODD_DOMAINS = (
    b"S0.Example.ORG", b"s1.example.org.", b"s2.example.org.", b"gone.example.net",
    b"empty.example.net",
    b"failtxt.example.org", b"fail.example.net", b"single", b"[192.0.2.1]", b"s0..example.org",
    b".s0.example.org", b"l" * 64 + b".example.org", b"alias.example.net", b"b\xc3\xbccher.example",
    b"xn--bcher-kva.example", b"under_score.example.org", b"192.0.2.1", b"example.net",
    b"s0.example.org..", b"-s.example.org", b"s 0.example.org",
)
_HELO = (
    b"mx.example.org", b"mx.example.org", b"s0.example.org", b"s1.example.org", b"localhost",
    b"[192.0.2.1]", b"UPPER.Example.ORG", b"under_score.example.org", b"h0.example.net.",
    b"h-0.h.example.net", b"gone.example.net", b"192.0.2.1", b"", b"a b.example.org",
)


@dataclasses.dataclass(frozen=True)
class Case:
    """One question to the judges."""

    client: str
    mail_from: bytes
    helo: bytes


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A zone, as lines of interop/spf_zone.py, with the cases that are checked in it."""

    number: int
    zone: str
    cases: tuple[Case, ...]


def scenarios(seed: int, cases: int) -> Iterator[Scenario]:
    """The scenarios of `seed` that make up `cases` cases."""
    for number in range(-(-cases // CASES_A_SCENARIO)):
        yield scenario(seed, number)


def scenario(seed: int, number: int) -> Scenario:
    rng = random.Random(f"{seed}/{number}")
    zone = _Zone(rng)
    questions = tuple(_case(rng) for _ in range(CASES_A_SCENARIO))
    return Scenario(number, zone.text(), questions)


def _case(rng: random.Random) -> Case:
    domain = rng.choice(spf_records.SPF_DOMAINS[:4]).encode()
    if rng.random() < 0.12:
        domain = rng.choice(_ODD_DOMAINS)
    elif rng.random() < 0.02:
        domain += b"."
    mail_from = rng.choice(_LOCAL_PARTS) + b"@" + domain
    chance = rng.random()
    if chance < 0.06:
        mail_from = b""
    elif chance < 0.09:
        mail_from = domain
    return Case(rng.choice(CLIENTS), mail_from, rng.choice(_HELO))


class _Zone:
    """The zone of one scenario: hosts that are alike everywhere, and random records."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._records: list[spf_zone.Record] = []
        self._add_hosts()
        self._add_mx_sets()
        self._add_ptr_records()
        self._add_policies()

    def text(self) -> str:
        return "".join(spf_zone.line(record) for record in self._records)

    def _add(self, owner: str | bytes, kind: str, data: object) -> None:
        octets = owner if isinstance(owner, bytes) else owner.encode()
        self._records.append(spf_zone.Record(octets, kind, data))

    def _add_address(self, owner: str, address: str) -> None:
        kind = "AAAA" if ":" in address else "A"
        self._add(owner, kind, address.encode())

    def _fail(self, owner: str, kind: str) -> None:
        self._records.append(spf_zone.Record(owner.encode(), kind, None, fails=True))

    def _add_hosts(self) -> None:
        rng = self._rng
        addresses = ("192.0.2.1", "192.0.2.2", "192.0.2.64", "198.51.100.7", "198.51.100.99",
                     "203.0.113.9", "203.0.113.77", "2001:db8::1", "2001:db8::2",
                     "2001:db8:1::cb01", "2001:db8:1::1", "2001:db8:ffff::1")
        for host in spf_records.HOSTS:
            for address in rng.sample(addresses, rng.choice((1, 1, 2, 3))):
                self._add_address(host, address)
        self._add("empty.example.net", "TXT", [b"no mail here"])
        self._add("alias.example.net", "CNAME", b"s0.example.org" if rng.random() < 0.5
                  else b"h0.example.net")
        self._add("loop.example.net", "CNAME", b"loop2.example.net")
        self._add("loop2.example.net", "CNAME", b"loop.example.net")
        self._add("deadend.example.net", "CNAME", b"gone.example.net")
        self._fail("fail.example.net", "")
        self._fail("failtxt.example.org", "TXT")
        self._add("h0.s0.example.org", "A", b"192.0.2.1")

    def _add_mx_sets(self) -> None:
        rng = self._rng
        for count in (1, 3, 10, 11):
            hosts = [rng.choice(spf_records.HOSTS) for _ in range(count)]
            if rng.random() < 0.2:
                hosts[rng.randrange(count)] = "gone.example.net"
            for host in hosts:
                # As many records as said: equal ones would be one (RFC 2181 §5).
                number = len(self._records)
                self._add(f"mx{count}.example.net", "MX", (number, host.encode()))
        self._add("mxnull.example.net", "MX", (0, b""))
        self._add("mxvoid.example.net", "MX", (10, b"gone.example.net"))
        self._add("mxvoid.example.net", "MX", (20, b"empty.example.net"))
        self._add("mxfail.example.net", "MX", (10, b"fail.example.net"))
        self._add("mxfail.example.net", "MX", (20, b"h0.example.net"))

    def _add_ptr_records(self) -> None:
        rng = self._rng
        for client in sorted(set(CLIENTS)):
            address = ipaddress.ip_address(client)
            if address.version == 6 and address.ipv4_mapped is not None:
                continue
            owner = address.reverse_pointer
            count = rng.choice((0, 1, 1, 2, 3, 10, 11))
            if count == 0 and rng.random() < 0.3:
                self._fail(owner, "PTR")
            names = spf_records.HOSTS + ("gone.example.net", "fail.example.net", "c.s0.example.org",
                                         "UPPER.Example.NET", "c.example.com")
            for name in rng.choices(names, k=count):
                self._add(owner, "PTR", name.encode())
            if rng.random() < 0.5:
                self._add_address(rng.choice(("c.s0.example.org", "c.example.com",
                                              "upper.example.net")), client)

    def _add_policies(self) -> None:
        rng = self._rng
        writer = spf_records.Writer(rng)
        for domain in spf_records.SPF_DOMAINS:
            self._add_policy(domain, writer.record())
            if rng.random() < 0.05:
                self._add_policy(domain, writer.record())
            if rng.random() < 0.2:
                self._add(domain, "TXT", [rng.choice((b"other text", b"", b"v=spf2.0/pra all",
                                                      b"\xff", b"v=spf1x", b"V=sPf10 all"))])
            if rng.random() < 0.3:
                self._add_address(domain, rng.choice(("192.0.2.1", "2001:db8::1", "203.0.113.9")))
            if rng.random() < 0.2:
                self._add(domain, "MX", (10, rng.choice(spf_records.HOSTS).encode()))
            if rng.random() < 0.02:
                self._fail(domain, "TXT")
        for name in (b"under_score.example.org", b"xn--bcher-kva.example", b"example.net"):
            self._add_policy(name, writer.record())
        for name in spf_records.EXPLANATIONS:
            text = spf_records.explanation(rng).encode("latin-1")
            self._add(name, "TXT", self._strings(text))
            if rng.random() < 0.1:
                self._add(name, "TXT", [b"a second explanation"])

    def _add_policy(self, domain: str | bytes, record: str) -> None:
        self._add(domain, "TXT", self._strings(record.encode("latin-1")))

    def _strings(self, octets: bytes) -> list[bytes]:
        """`octets` as one character-string where they fit, or split anywhere."""
        rng = self._rng
        if len(octets) > 1 and rng.random() < 0.1:
            position = rng.randrange(min(len(octets), spf_zone.MAX_STRING))
            head, rest = octets[:position], octets[position:]
        else:
            head, rest = b"", octets
        strings = [head] if head else []
        starts = range(0, max(len(rest), 1), spf_zone.MAX_STRING)
        return strings + [rest[start:start + spf_zone.MAX_STRING] for start in starts]
