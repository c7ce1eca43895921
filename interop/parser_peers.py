"""What the peers read: authors of From fields, and whether a signature passes.

OpenDMARC's library, Mail::DKIM, Go's net/mail beside go-msgauth, and Python's email read From
fields; dkimpy, Mail::DKIM, go-msgauth and libopendkim judge signatures.
"""

import email
import email.policy
import email.utils
import os
import re
from typing import NamedTuple, Protocol

from interop import peers

_HERE = os.path.dirname(os.path.abspath(__file__))


class Reading(NamedTuple):
    """The domains of the authors that a peer finds; none with `error`, its own word."""

    domains: tuple[bytes, ...]
    error: str = ""


class Reader(Protocol):
    name: str

    def read(self, path: str, octets: bytes) -> Reading: ...

    def close(self) -> None: ...


class _PeerReader:
    """A peer that reads whole messages."""

    def __init__(self, peer: peers.Peer) -> None:
        self.name = peer.name
        self._peer = peer

    def read(self, path: str, octets: bytes) -> Reading:
        del octets
        return _reading(self._peer.ask("from", path))

    def close(self) -> None:
        self._peer.close()


class _OpenDmarc(_PeerReader):
    """libopendmarc, which a milter gives the value of the first From field."""

    def read(self, path: str, octets: bytes) -> Reading:
        del path
        value = first_from(octets)
        if value is None:
            return Reading((), "no From field")
        # A milter's strings end at NUL.
        return _reading(self._peer.ask("from", value.split(b"\0", 1)[0].hex()))


class _PythonReader:
    """Python's email: one of three ways to ask it."""

    def __init__(self, name: str) -> None:
        self.name = f"python {name}"
        self._policy = email.policy.default if name == "policy" else email.policy.compat32
        self._name = name

    def read(self, path: str, octets: bytes) -> Reading:
        del path
        try:
            message = email.message_from_bytes(octets, policy=self._policy)
            value = message["From"]
            if value is None:
                return Reading((), "no From field")
            return Reading(tuple(_octets(domain) for domain in self._domains(value)))
        except Exception as error:  # whatever the library raises is its answer
            return Reading((), f"{type(error).__name__}: {error}")

    def close(self) -> None: ...

    def _domains(self, value: object) -> list[str]:
        if self._name == "policy":
            return [address.domain for address in value.addresses if address.domain]
        text = str(value)
        pairs = (
            [email.utils.parseaddr(text)] if self._name == "parseaddr"
            else email.utils.getaddresses([text])
        )
        return [address.rpartition("@")[2] for _, address in pairs if "@" in address]


def _octets(domain: str) -> bytes:
    return domain.encode("utf-8", "surrogateescape")


def _reading(answer: peers.Answer) -> Reading:
    if not answer.ok:
        return Reading((), answer.detail)
    return Reading(tuple(map(bytes.fromhex, answer.detail.split())))


def first_from(octets: bytes) -> bytes | None:
    """The value of the first From field as MTAs cut it, unfolded."""
    header = re.split(rb"\r\n\r\n", octets, maxsplit=1)[0]
    for field in re.split(rb"\r\n(?![ \t])", header):
        found = re.match(rb"(?i)From[ \t]*:", field)
        if found:
            return field[found.end():].replace(b"\r\n", b"").strip(b" \t")
    return None


def _opendmarc(build_directory: str) -> peers.Peer:
    binary = os.path.join(build_directory, "opendmarc_peer")
    source = os.path.join(_HERE, "opendmarc_peer.c")
    # gnu17: dmarc.h uses u_char without including what declares it.
    command = ["cc", "-std=gnu17", "-O1", "-Wall", "-Wextra", "-Werror", "-o", binary, source]
    peers.run("opendmarc", "gcc libc6-dev libopendmarc-dev", [*command, "-lopendmarc"])
    return peers.Peer("opendmarc", [binary], ())


class Panel(NamedTuple):
    """All peers, running."""

    readers: list[Reader]
    verifiers: list[peers.Peer]

    def close(self) -> None:
        for reader in self.readers:
            reader.close()
        for verifier in self.verifiers:
            if all(verifier.name != reader.name for reader in self.readers):
                verifier.close()


def start(build_directory: str) -> Panel:
    """Starts all; one that is not there raises peers.MissingPeer."""
    verifiers, missing = peers.start_peers(build_directory)
    if missing:
        raise missing[0]
    by_name = {peer.name: peer for peer in verifiers}
    readers: list[Reader] = [_OpenDmarc(_opendmarc(build_directory))]
    readers += [_PeerReader(by_name[name]) for name in ("mail-dkim", "go-msgauth")]
    readers += [_PythonReader(name) for name in ("parseaddr", "getaddresses", "policy")]
    return Panel(readers, verifiers)
