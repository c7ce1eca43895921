r"""The zones of the SPF cross-check: one form for every judge.

A zone is text of one record a line, "OWNER. TYPE DATA" or "$FAIL OWNER. [TYPE]", which
is also the master-file text of dns/zone_file.h. TXT data are strings in quotes; in names
and strings an octet that is not plain is \DDD.
"""

import re
from typing import NamedTuple

# Names below this one are asked for to show what macros expand to.
PROBE_SUFFIX = b".probe.example"

# RFC 1035 §3.3: octets of a character-string.
MAX_STRING = 255

# How many CNAME records a lookup follows, as dns/zone_resolver.h does.
_MAX_CNAME_DEPTH = 8

_ESCAPE = re.compile(rb"\\(\d{3})")
_STRING = re.compile(rb'"([^"]*)"')


class Record(NamedTuple):
    """One line. `data` is a list of strings, (preference, name), a name or an address;
    of "$FAIL" `kind` is the type, or "" for all."""

    owner: bytes
    kind: str
    data: object
    fails: bool = False


class Zone:
    """The records of a zone by owner and type."""

    def __init__(self) -> None:
        self.records: dict[tuple[bytes, str], list] = {}
        self.failing: set[tuple[bytes, str]] = set()
        self.names: set[bytes] = set()

    def add(self, record: Record) -> None:
        owner = record.owner.lower()
        if record.fails:
            self.failing.add((owner, record.kind))
            return
        self.records.setdefault((owner, record.kind), []).append(record.data)
        labels = owner.split(b".")
        self.names.update(b".".join(labels[i:]) for i in range(len(labels)))

    def look_up(self, name: bytes, kind: str) -> list | None:
        """The data of the records, [] when there are none, None when it fails."""
        for _ in range(_MAX_CNAME_DEPTH + 1):
            name = name.lower().removesuffix(b".")
            if (name, kind) in self.failing or (name, "") in self.failing:
                return None
            found = self.records.get((name, kind))
            alias = self.records.get((name, "CNAME"))
            if found or not alias:
                return found or []
            name = alias[0]
        return None

    def exists(self, name: bytes) -> bool:
        return name.lower().removesuffix(b".") in self.names


def escaped(octets: bytes) -> str:
    r"""Everything but visible ASCII as \DDD, so that it is one word of a line."""
    return "".join(
        chr(octet) if 0x20 < octet < 0x7F and octet != 0x5C else f"\\{octet:03d}"
        for octet in octets
    )


def is_plain_name(text: str) -> bool:
    """Whether escaped text is a domain name of visible ASCII and spaces."""
    octets = unescaped(text.encode())
    plain = all(0x20 <= octet < 0x7F for octet in octets) and len(octets) <= 253
    return plain and all(0 < len(label) <= 63 for label in octets.split(b"."))


def is_full_name(text: str) -> bool:
    """Whether escaped text is a plain name of several labels."""
    return is_plain_name(text) and "." in text


def parse(text: bytes) -> Zone:
    zone = Zone()
    for line in text.splitlines():
        zone.add(_parse_line(line))
    return zone


def _parse_line(line: bytes) -> Record:
    owner, _, rest = line.partition(b" ")
    if owner == b"$FAIL":
        name, _, kind = rest.partition(b" ")
        return Record(unescaped(name).removesuffix(b"."), kind.decode("ascii"), None, True)
    kind, _, data = rest.partition(b" ")
    return Record(unescaped(owner).removesuffix(b"."), kind.decode("ascii"), _data(kind, data))


def _data(kind: bytes, data: bytes) -> object:
    if kind == b"TXT":
        return [unescaped(string) for string in _STRING.findall(data)]
    if kind == b"MX":
        preference, exchange = data.split(b" ")
        return int(preference), unescaped(exchange).removesuffix(b".")
    if kind in (b"CNAME", b"PTR"):
        return unescaped(data).removesuffix(b".")
    return data


def unescaped(octets: bytes) -> bytes:
    return _ESCAPE.sub(lambda match: bytes([int(match[1])]), octets)


def line(record: Record) -> str:
    """`record` as its line of a zone."""
    owner = _name(record.owner)
    if record.fails:
        return f"$FAIL {owner} {record.kind}".rstrip() + "\n"
    if record.kind == "TXT":
        data = " ".join(_string(string) for string in record.data)
    elif record.kind == "MX":
        preference, exchange = record.data
        data = f"{preference} {_name(exchange)}"
    elif record.kind in ("CNAME", "PTR"):
        data = _name(record.data)
    else:
        data = record.data.decode("ascii")
    return f"{owner} {record.kind} {data}\n"


def _name(name: bytes) -> str:
    special = b'"();@$\\ '
    return "".join(
        chr(octet) if 0x20 < octet < 0x7F and octet not in special else f"\\{octet:03d}"
        for octet in name
    ) + "."


def _string(octets: bytes) -> str:
    plain = "".join(
        chr(octet) if 0x20 <= octet < 0x7F and octet not in b'"\\' else f"\\{octet:03d}"
        for octet in octets
    )
    return f'"{plain}"'
