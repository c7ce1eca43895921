"""Odd DKIM-Signature fields, made from a seed, each with a good signature of what it says.

The header is canonicalized here and RSA is dkimpy's: a signer that refuses to write odd
fields would make none. RSA, because Debian's Mail::DKIM has no Ed25519.
"""

import base64
import hashlib
import random
import re
from typing import NamedTuple

from dkim import crypto

from interop import peers

# When they are verified. The peers take the real time; every t= and x= is far from both.
NOW = 1767225600
_PAST, _FUTURE = 1000000000, 99999999999

_HEADER = (
    (b"From", b" Alice <alice@interop.example>"), (b"To", b" bob@third.example"),
    (b"Subject", b" Lunch"), (b"Date", b" Thu, 01 Jan 2026 00:00:00 +0000"),
)
_BODY = b"Noon, as always?\r\n"

# By name: what is put in the place of a tag, or beside it. None leaves the tag out.
_TAGS: dict[str, tuple[bytes | None, ...]] = {
    "v": (None, b"2", b"1.0", b"01", b"1 ", b" 1", b""),
    "a": (b"rsa-SHA256", b"RSA-sha256", b"rsa -sha256", b"rsa-sha256\r\n ", b"rsa", None, b""),
    "c": (None, b"relaxed", b"simple", b"relaxed/relaxed/x", b"Relaxed/Relaxed", b"/", b"nowsp",
          b"relaxed / relaxed", b""),
    "d": (b"INTEROP.example", b"interop.example.", b".interop.example", b"interop..example",
          b"interop.ex ample", b"example", None, b"", b"\r\n interop.example", b"interop.exa\\mple"),
    "s": (b"RSA1024", b"rsa1024.", b"rsa1024 ", None, b"", b"rsa1024._domainkey", b"rsa\r\n 1024"),
    "i": (b"@interop.example", b"alice@interop.example", b"@sub.interop.example", b"@other.example",
          b"alice", b"a@b@interop.example", b"a..b@interop.example", b"=61lice@interop.example",
          b"=6@interop.example", b"a=20b@interop.example", b'"a=20b"@interop.example', b"",
          b"@interop.example.", b"@interop.example@interop.example", b"@INTEROP.example",
          b"a=00b@interop.example", b"@xinterop.example"),
    "t": (b"1767225600", b"0", b"-1", b"1767225600.5", b"99999999999", b"", b"x", b"1 7", b"+1",
          b"00001767225600", b"9999999999999999999999"),
    "x": (b"99999999999", b"1000000000", b"", b"x", b"-1", b"9999999999999999999999", b"0"),
    "l": (b"18", b"17", b"0", b"19", b"-1", b"", b"x", b"0018", b"18 ", b"1 8", b"+18", b"18.0",
          b"18446744073709551634", b"9" * 77),
    "q": (b"dns/txt", b"dns", b"DNS/TXT", b"dns/txt:x", b"x:dns/txt", b"x", b"", b"dns / txt"),
    "z": (b"From:x", b"", b"From:=4", b"|", b"x\r\n y"),
    "h": (b"From", b"from:TO:subject", b"From : To:Subject", b"From:To:", b":From", b"From:To:To",
          b"From:From:Reply-To", b"To:Subject", b"To", b"", None, b"From\r\n :To", b"From:DKIM-Signature",
          b"From:X Y", b"From:Received", b"From;"),
    "bh": (None, b"", b"=", b"YQ==", b"*"),
    "b": (None, b"", b"=", b"*", b"YQ=="),
    "zz": (b"1", b"", b"a=b", b"\xc3\xbc", b"\xff", b"x\r\n y", b"a\x00b", b"from"),
    "1a": (b"1",), "constructor": (b"1",), "_u": (b"1",), "a b": (b"1",), "": (b"1",),
}
_OPTIONAL = ("i", "t", "x", "l", "q", "z", "zz", "1a", "constructor", "_u", "a b", "")


class Case(NamedTuple):
    """A message with a signature, and what is odd about that: "tag=value" or a word."""

    message: bytes
    features: tuple[str, ...]


class _Maker:
    def __init__(self, chance: random.Random, key: dict[str, int]) -> None:
        self._chance = chance
        self._key = key
        self._features: list[str] = []

    def case(self) -> Case:
        tags: list[tuple[bytes, bytes]] = [
            (b"v", b"1"), (b"a", b"rsa-sha256"), (b"c", b"relaxed/relaxed"),
            (b"d", b"interop.example"), (b"s", b"rsa1024"), (b"h", b"From:To:Subject"),
            (b"bh", _hash(_BODY)), (b"b", b""),
        ]
        for name in self._chance.sample(sorted(_TAGS), self._chance.choice((0, 1, 1, 1, 2))):
            tags = self._with(tags, name)
        tags = self._arranged(tags)
        field = self._written(tags)
        header = list(_HEADER)
        if self._happens(0.06):
            name = self._chance.choice((b"From", b"Subject", b"To", b"from ", b"Reply-To"))
            header.insert(0, (name, b" mallory@other.example"))
            self._features.append("added " + name.decode().strip())
        signed = self._sign(field, header if self._happens(0.5) else list(_HEADER), tags)
        if self._happens(0.1):
            signed = self._changed(signed)
        lines = b"".join(name + b":" + value + b"\r\n" for name, value in header)
        return Case(signed + lines + b"\r\n" + _BODY, tuple(self._features))

    def _happens(self, probability: float) -> bool:
        return self._chance.random() < probability

    def _with(self, tags: list[tuple[bytes, bytes]], name: str) -> list[tuple[bytes, bytes]]:
        value = self._chance.choice(_TAGS[name])
        key = name.encode()
        self._features.append(f"no {name}=" if value is None else f"{name}={value.decode('latin-1')}")
        if value is None:
            return [tag for tag in tags if tag[0] != key]
        if name == "l" and value.strip().isdigit() and int(value) < len(_BODY):
            tags = [(n, _hash(_BODY[:int(value)]) if n == b"bh" else v) for n, v in tags]
        if name in _OPTIONAL:
            at = self._chance.randrange(len(tags))
            return [*tags[:at], (key, value), *tags[at:]]
        return [(key, value) if tag[0] == key else tag for tag in tags]

    def _arranged(self, tags: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        if self._happens(0.06):
            at = self._chance.randrange(len(tags))
            self._features.append(f"two {tags[at][0].decode('latin-1')}=")
            tags = [*tags, tags[at]] if self._happens(0.5) else [tags[at], *tags]
        if self._happens(0.2):
            # Any order will do; b= within the list leaves something behind it.
            self._chance.shuffle(tags)
            self._features.append("order")
        if self._happens(0.04):
            at = self._chance.randrange(len(tags))
            self._features.append("name in capitals")
            tags = [*tags[:at], (tags[at][0].upper(), tags[at][1]), *tags[at + 1:]]
        return tags

    def _written(self, tags: list[tuple[bytes, bytes]]) -> bytes:
        odd_separator = self._chance.randrange(len(tags)) if self._happens(0.06) else -1
        separators = (b"; ",) * 12 + (b";", b";\r\n\t", b" ; ", b" ;\r\n ")
        equals = (b"=",) * 20 + (b" = ", b"=\r\n ", b"\t=")
        text = b" "
        for number, (name, value) in enumerate(tags):
            is_last = number + 1 == len(tags)
            separator = self._chance.choice((b"", b"", b";", b"; ") if is_last else separators)
            if number == odd_separator:
                self._features.append("empty tag")
                separator = self._chance.choice((b";;", b"; ; ", b"; \r\n ;"))
            text += name + self._chance.choice(equals) + value + separator
        if self._happens(0.02):
            self._features.append("text without =")
            text += b" x" if text.rstrip().endswith(b";") else b"; x"
        return text

    def _sign(
        self, value: bytes, header: list[tuple[bytes, bytes]], tags: list[tuple[bytes, bytes]]
    ) -> bytes:
        """The field with b= filled in; a value for b= that the case chose stays."""
        found = [tag[1] for tag in tags if tag[0] == b"b"]
        names = dict(tags).get(b"h", b"")
        is_simple = dict(tags).get(b"c", b"simple").strip().startswith(b"simple")
        relax = _simple if is_simple else _relaxed
        text = b""
        left = list(header)
        for name in names.split(b":"):
            wanted = name.strip().lower()
            for at in range(len(left) - 1, -1, -1):
                if left[at][0].strip().lower() == wanted:
                    text += relax(*left.pop(at)) + b"\r\n"
                    break
        text += relax(b"DKIM-Signature", value)
        signature = crypto.RSASSA_PKCS1_v1_5_sign(hashlib.sha256(text), self._key)
        if len(found) == 1 and found[0] == b"":
            encoded = base64.b64encode(signature)
            if self._happens(0.1):
                encoded = encoded[:20] + b"\r\n " + encoded[20:]
            value = re.sub(rb"(\A|;)(\s*b\s*=)(\s*)", lambda m: m[0] + encoded, value, count=1)
        return b"DKIM-Signature:" + value + b"\r\n"

    def _changed(self, field: bytes) -> bytes:
        """The field with an octet changed: what remains valid must not matter."""
        at = self._chance.randrange(len(b"DKIM-Signature:"), len(field) - 2)
        odd = bytes([self._chance.choice(b"=;: \tAa0\x00\xff")])
        self._features.append("octet")
        return field[:at] + odd + field[at + self._chance.randint(0, 1):]


def _hash(octets: bytes) -> bytes:
    return base64.b64encode(hashlib.sha256(octets).digest())


def _relaxed(name: bytes, value: bytes) -> bytes:
    """RFC 6376 §3.4.2, without the line's end."""
    text = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b""))
    return name.lower().strip(b" \t") + b":" + text.strip(b" ")


def _simple(name: bytes, value: bytes) -> bytes:
    return name + b":" + value


def _read_key() -> dict[str, int]:
    with open(peers.key_path("rsa1024"), "rb") as file:
        return crypto.parse_pem_private_key(file.read())


def cases(seed: int, count: int) -> list[Case]:
    """The first `count` cases of `seed`: the same for ever, while this file stays the same."""
    chance = random.Random(f"signature {seed}")
    key = _read_key()
    return [_Maker(chance, key).case() for _ in range(count)]
