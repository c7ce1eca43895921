"""Which signatures leave body octets uncovered by their l= (RFC 6376 §3.5, §8.2).

An own, slow canonicalization, so that the judgement does not hang on postseal's.
"""

import collections
import re
from typing import NamedTuple


class SignatureName(NamedTuple):
    """What the JSON of `postseal verify` calls a signature by."""

    domain: str
    selector: str


def whole_signatures(message: bytes) -> collections.Counter[SignatureName]:
    """Counts the DKIM-Signature fields whose hash covers the whole body."""
    header, body = _split(message)
    whole: collections.Counter[SignatureName] = collections.Counter()
    for tags in _signature_tags(header):
        length = tags.get(b"l")
        canonical = _canonical_body(body, tags.get(b"c", b""))
        if length is None or not length.isdigit() or int(length) >= len(canonical):
            whole[_name(tags)] += 1
    return whole


def _split(message: bytes) -> tuple[bytes, bytes]:
    if message.startswith(b"\r\n"):
        return b"", message[2:]
    header, _, body = message.partition(b"\r\n\r\n")
    return header + b"\r\n", body


def _signature_tags(header: bytes) -> list[dict[bytes, bytes]]:
    fields = re.findall(rb"(?im)^DKIM-Signature[ \t]*:((?:.*\r\n[ \t])*.*)\r\n", header)
    return [
        {
            re.sub(rb"\s", b"", name): re.sub(rb"\s", b"", value)
            for name, _, value in (tag.partition(b"=") for tag in field.split(b";"))
        }
        for field in fields
    ]


def _name(tags: dict[bytes, bytes]) -> SignatureName:
    domain = tags.get(b"d", b"").decode(errors="replace").lower()
    return SignatureName(domain, tags.get(b"s", b"").decode(errors="replace").lower())


def _canonical_body(body: bytes, c: bytes) -> bytes:
    relaxed = c.partition(b"/")[2].lower() == b"relaxed"
    lines = body.split(b"\r\n")
    if relaxed:
        lines = [re.sub(rb"[ \t]+", b" ", line).removesuffix(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return b"" if relaxed else b"\r\n"
    return b"\r\n".join(lines) + b"\r\n"
