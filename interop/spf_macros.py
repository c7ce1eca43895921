"""Macro expansion after RFC 7208 §7.3, once more: a second opinion on spf/macro_expansion.h.

It is asked where judges differ on what a macro expands to: a peer's fault explains the
difference only when postseal's text is the one of this file.
"""

import ipaddress
import re
import urllib.parse
from collections.abc import Iterator
from typing import NamedTuple

from interop import spf_cases

RECEIVER = "receiver.example"
NOW = 1700000000

# RFC 7208 §7.3: a longer name loses labels from the left.
_MAX_NAME = 253

_EXPAND = re.compile(r"%\{([a-z])([0-9]*)(r?)([.\-+,/_=]*)\}|%([%_\-])", re.IGNORECASE)


class Facts(NamedTuple):
    """What the letters stand for, `p` and `d` apart."""

    local_part: str
    sender_domain: str
    helo: str
    client: ipaddress.IPv4Address | ipaddress.IPv6Address


def facts_of(case: spf_cases.Case) -> Facts:
    """The facts of a case; octets are characters of Latin-1."""
    # §2.4: of a null reverse-path, postmaster at the HELO name.
    sender = (case.mail_from or case.helo).decode("latin-1")
    local_part, _, domain = sender.rpartition("@")
    address = ipaddress.ip_address(case.client)
    client = getattr(address, "ipv4_mapped", None) or address
    return Facts(local_part or "postmaster", domain, case.helo.decode("latin-1"), client)


def expand(text: str, facts: Facts, domain: str, validated_name: str) -> str:
    def replace(match: re.Match[str]) -> str:
        if match[5]:
            return {"%": "%", "_": " ", "-": "%20"}[match[5]]
        value = _transformed(_value(match[1].lower(), facts, domain, validated_name), match)
        if match[1].islower():
            return value
        return urllib.parse.quote(value, safe="", encoding="latin-1")

    return _EXPAND.sub(replace, text)


def cut(text: str) -> str:
    """`text` as a name to ask for: in lower case, without the final dot, cut to fit."""
    name = text.lower().removesuffix(".")
    while len(name) > _MAX_NAME and "." in name:
        name = name.partition(".")[2]
    return name


def expansions(text: str, facts: Facts, domain: str, names: list[str]) -> Iterator[str]:
    """What `text` may expand to: %{p} is one of `names` or "unknown"."""
    for name in [*names, "unknown"] if re.search(r"%\{p", text, re.IGNORECASE) else [""]:
        yield expand(text, facts, domain, name)


def takes_all_parts(text: str, facts: Facts, domain: str, names: list[str]) -> bool:
    """Whether a macro of `text` has a number that is not below the number of its parts."""
    return any(
        int(match[2]) >= len(_parts(value, match[4]))
        for match, value in _numbered(text, facts, domain, names)
    )


def has_dots_in_parts(text: str, facts: Facts, domain: str, names: list[str]) -> bool:
    """Whether a macro of `text` has a number, and delimiters other than the dots that are
    in its value."""
    return any(
        match[4] and "." not in match[4] and "." in value
        for match, value in _numbered(text, facts, domain, names)
    )


def _numbered(
    text: str, facts: Facts, domain: str, names: list[str]
) -> Iterator[tuple[re.Match[str], str]]:
    """The macros with a number, and what they may stand for."""
    for match in _EXPAND.finditer(text):
        if match[2]:
            for name in [*names, "unknown"]:
                yield match, _value(match[1].lower(), facts, domain, name)


def _parts(value: str, delimiters: str) -> list[str]:
    return re.split("[" + re.escape(delimiters or ".") + "]", value)


def _transformed(value: str, match: re.Match[str]) -> str:
    digits, reverse, delimiters = match[2], match[3], match[4]
    if not (digits or reverse or delimiters):
        return value
    parts = _parts(value, delimiters)
    if reverse:
        parts.reverse()
    return ".".join(parts[-int(digits):] if digits else parts)


def _value(letter: str, facts: Facts, domain: str, validated_name: str) -> str:
    is_v4 = facts.client.version == 4
    nibbles = ".".join(facts.client.exploded.replace(":", ""))
    return {
        "s": f"{facts.local_part}@{facts.sender_domain}",
        "l": facts.local_part,
        "o": facts.sender_domain,
        "d": domain,
        "i": str(facts.client) if is_v4 else nibbles,
        "p": validated_name,
        "v": "in-addr" if is_v4 else "ip6",
        "h": facts.helo,
        "c": str(facts.client),
        "r": RECEIVER,
        "t": str(NOW),
    }[letter]
