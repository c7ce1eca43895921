"""TXT records, as the key file of the peers and as zone text for postseal."""

from collections.abc import Mapping

# RFC 1035 §3.3: one character-string of a TXT record holds up to 255 octets.
_MAX_STRING = 255


def read_key_records(path: str) -> dict[str, str]:
    """Reads "name TXT" lines, the format of OpenDKIM's TestPublicKeys."""
    with open(path, encoding="ascii") as file:
        pairs = (line.rstrip("\n").split(" ", 1) for line in file)
        return {name: record for name, record in pairs}


def txt_zone(records: Mapping[str, str]) -> str:
    """Returns a zone file with one TXT record a name."""
    return "".join(txt_line(name, record.encode()) for name, record in records.items())


def txt_line(name: str, record: bytes) -> str:
    """Returns the zone line of one TXT record, in strings of 255 octets."""
    starts = range(0, max(len(record), 1), _MAX_STRING)
    strings = " ".join(_quoted(record[start : start + _MAX_STRING]) for start in starts)
    return f"{_escaped_name(name)}. TXT {strings}\n"


def _quoted(octets: bytes) -> str:
    r"""Returns one character-string in quotes; RFC 1035 §5.1 writes an odd octet \DDD."""
    return '"' + "".join(_escaped(octet) for octet in octets) + '"'


def _escaped(octet: int) -> str:
    printable = 0x20 <= octet <= 0x7E and octet not in b'"\\'
    return chr(octet) if printable else f"\\{octet:03d}"


def _escaped_name(name: str) -> str:
    special = b' "();@$\\'
    octets = name.rstrip(".").encode()
    return "".join(f"\\{octet:03d}" if octet in special else chr(octet) for octet in octets)
