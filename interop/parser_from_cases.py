"""Odd From fields, made from a seed: a grammar of what senders write, and octets changed in it."""

import random
from typing import NamedTuple

# The names that can be extracted. What differs by case alone is one name.
DOMAINS = (
    b"victim.example", b"other.example", b"third.example", b"VICTIM.Example", b"a.b.c.example",
    b"xn--bcher-kva.example", "b\u00fccher.example".encode(),
)
_ODD_DOMAINS = (
    b"victim.example.", b"victim..example", b".victim.example", b"-victim.example", b"example",
    b"vic_tim.example", b"victim.example\xe2\x80\x8b", b"[192.0.2.1]", b"[IPv6:2001:db8::1]",
    b"victim.example (c)", b"victim . example", b"victim.ex\xe4mple", b"1.2.3.4",
)
_LOCAL_PARTS = (
    b"ceo", b"ceo.office", b"c+tag", b"ceo..x", b"ceo.", b".ceo", b'"ceo"', b'"c@other.example"',
    b'"c o"', b"c o", "j\u00f6".encode(), b"j\xf6", b'"a\\"b"', b"c(x)", b"a@b", b"", b"!#$%&'*",
)
_NAMES = (
    b"", b"CEO ", b'"CEO" ', b'"Doe, John" ', b"Doe, John ", b"[Bank] ", b".CEO ", b"CEO@Bank ",
    b'"ceo@other.example" ', b"ceo@other.example ", b"J\xe9r\xf4me ", "J\u00e9r\u00f4me ".encode(),
    b"=?utf-8?q?Bank?= ", b"=?utf-8?q?ceo=40other=2Eexample?= ", b'"unclosed ', b"John Q. Public ",
    b"(comment) ", b"(a (nested) one) ", b"(ceo@other.example) ", b"(unclosed ", b"\\\"CEO\\\" ",
    b"Bank; ", b"Bank: ", b"<ceo@other.example> ", b"O'Neill ", b'"a" "b" ', b"CEO\r\n ",
    b"CEO\x00 ", b"CEO\n ", b"CEO\r ",
)
_TAILS = (
    *[b""] * 16, b" (comment)", b" (ceo@other.example)", b" (unclosed", b",", b", ", b";",
    b" x", b" <ceo@other.example>", b"\r\n (folded)", b"\t", b" ;", b"@third.example", b">", b"\x00",
)
_FIELD_NAMES = (
    *[b"From:"] * 24, b"from:", b"FROM:", b"From :", b"From\t:", b"From:\r\n", b" From:",
)


class Case(NamedTuple):
    """A header that names, or seems to name, an author."""

    header: bytes
    # What it was made of; "octets" when some were changed afterwards.
    features: frozenset[str]

    @property
    def message(self) -> bytes:
        # A line of its own ahead, so that the first line is a field.
        return b"Received: x\r\n" + self.header + b"To: bob@third.example\r\n\r\nHello.\r\n"


class _Maker:
    """Makes one case."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._features: set[str] = set()

    def case(self) -> Case:
        header = self._field()
        if self._happens(0.08):
            self._features.add("fields")
            header += self._chance.choice((b"From: ceo@other.example\r\n", self._field()))
        if self._happens(0.05):
            self._features.add("lookalike")
            header += self._chance.choice((
                b"Subject: x\nFrom: ceo@other.example\r\n",
                b"Subject: x\rFrom: ceo@other.example\r\n",
                b"Fr\x00om: ceo@other.example\r\n",
                b" From: ceo@other.example\r\n",
                b"Resent-From: ceo@other.example\r\n",
                b"Sender: ceo@other.example\r\n",
            ))
        if self._happens(0.2):
            self._features.add("octets")
            header = self._changed(header)
        return Case(header, frozenset(self._features))

    def _happens(self, probability: float) -> bool:
        return self._chance.random() < probability

    def _field(self) -> bytes:
        name = self._chance.choice(_FIELD_NAMES)
        count = self._chance.choice((1,) * 12 + (0, 2, 2, 3, 6))
        separator = self._chance.choice((b", ", b",", b" , ", b",,", b";", b"\r\n ,", b" "))
        value = separator.join(self._address() for _ in range(count))
        if self._happens(0.06):
            value = b"Team: " + value + self._chance.choice((b";", b"", b"; x"))
        return name + b" " + value + self._chance.choice(_TAILS) + b"\r\n"

    def _address(self) -> bytes:
        local = b"ceo" if self._happens(0.7) else self._chance.choice(_LOCAL_PARTS)
        domain = self._chance.choice(DOMAINS if self._happens(0.75) else _ODD_DOMAINS)
        address = local + self._chance.choice((b"@",) * 9 + (b" @ ", b"(@)@", b"@@")) + domain
        if self._happens(0.05):
            address = self._chance.choice((b"@relay.example:", b"@a.example,@b.example:")) + address
        if self._happens(0.4):
            return address
        opening = self._chance.choice((b"<",) * 12 + (b" < ", b"<<", b""))
        closing = self._chance.choice((b">",) * 12 + (b" >", b">>", b""))
        return self._chance.choice(_NAMES) + opening + address + closing

    def _changed(self, header: bytes) -> bytes:
        octets = bytearray(header)
        # "From" stays, so that there is something to read.
        first = header.lower().find(b"from") + 4
        for _ in range(self._chance.randint(1, 3)):
            at = self._chance.randrange(min(first, len(octets) - 3), len(octets) - 2)
            what = self._chance.randrange(3)
            odd = self._chance.choice(b"@<>()\"\\,;:. \t[]=?a\x00\n\r\xff\xc3\x80")
            if what == 0:
                octets[at] = odd
            elif what == 1:
                octets.insert(at, odd)
            elif len(octets) > first + 6:
                del octets[at]
        return bytes(octets)


def cases(seed: int, count: int) -> list[Case]:
    """The first `count` cases of `seed`: the same for ever, while this file stays the same."""
    chance = random.Random(f"from {seed}")
    return [_Maker(chance).case() for _ in range(count)]
