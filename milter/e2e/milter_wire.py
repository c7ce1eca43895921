"""The milter protocol on the wire: packets and their names, as the MTA sees them.

Written from the public description of the protocol (versions 2 to 6); it shares nothing
with the filter it judges. A packet is a length of four octets, a command, and data; the
length counts the command.
"""

import re
import struct
from typing import NamedTuple


class ProtocolFault(AssertionError):
    """The filter broke the protocol."""


# What the MTA sends.
OPTNEG, MACRO, CONNECT, HELO, MAIL, RCPT = b"O", b"D", b"C", b"H", b"M", b"R"
DATA, HEADER, EOH, BODY, BODYEOB = b"T", b"L", b"N", b"B", b"E"
ABORT, QUIT, QUIT_NC, UNKNOWN = b"A", b"Q", b"K", b"U"

# What the filter answers.
CONTINUE, ACCEPT, REJECT, TEMPFAIL, DISCARD = b"c", b"a", b"r", b"t", b"d"
REPLYCODE, SKIP, PROGRESS, CONN_FAIL, SHUTDOWN = b"y", b"s", b"p", b"f", b"4"
ADDHEADER, INSHEADER, CHGHEADER, QUARANTINE = b"h", b"i", b"m", b"q"
REPLBODY, CHGFROM, ADDRCPT, ADDRCPT_PAR, DELRCPT = b"b", b"e", b"+", b"2", b"-"

FINAL = (CONTINUE, ACCEPT, REJECT, TEMPFAIL, DISCARD, REPLYCODE)

# SMFIF_*: what a filter may do, and the edit that takes it.
F_ADDHDRS, F_CHGBODY, F_ADDRCPT, F_DELRCPT = 0x1, 0x2, 0x4, 0x8
F_CHGHDRS, F_QUARANTINE, F_CHGFROM = 0x10, 0x20, 0x40
F_ADDRCPT_PAR, F_SETSYMLIST = 0x80, 0x100
ALL_ACTIONS = 0x1FF
EDIT_TAKES = {
    ADDHEADER: F_ADDHDRS,
    INSHEADER: F_ADDHDRS,
    CHGHEADER: F_CHGHDRS,
    QUARANTINE: F_QUARANTINE,
    REPLBODY: F_CHGBODY,
    CHGFROM: F_CHGFROM,
    ADDRCPT: F_ADDRCPT,
    ADDRCPT_PAR: F_ADDRCPT_PAR,
    DELRCPT: F_DELRCPT,
}

# SMFIP_*: steps that are left out (NO), and steps that have no reply (NR).
P_NOHELO, P_SKIP, P_HDR_LEADSPC, P_RCPT_REJ = 0x2, 0x400, 0x100000, 0x800
P_MDS_256K, P_MDS_1M = 0x10000000, 0x20000000
NO_STEP = {
    CONNECT: 0x1,
    HELO: 0x2,
    MAIL: 0x4,
    RCPT: 0x8,
    BODY: 0x10,
    HEADER: 0x20,
    EOH: 0x40,
    UNKNOWN: 0x100,
    DATA: 0x200,
}
NO_REPLY = {
    HEADER: 0x80,
    CONNECT: 0x1000,
    HELO: 0x2000,
    MAIL: 0x4000,
    RCPT: 0x8000,
    DATA: 0x10000,
    UNKNOWN: 0x20000,
    EOH: 0x40000,
    BODY: 0x80000,
}
# What Postfix and Sendmail 8.14 and later offer, and what a version knows.
ALL_PROTOCOL = 0x1FFFFF
KNOWN_PROTOCOL = {2: 0x7F, 3: 0x17F, 4: 0x37F, 6: ALL_PROTOCOL}
KNOWN_ACTIONS = {2: 0x3F, 3: 0x3F, 4: 0x3F, 6: ALL_ACTIONS}

MAX_CHUNK = 65535

_REPLY = re.compile(rb"[45]\d\d(?: [245]\.\d{1,3}\.\d{1,3})? [ -~]+")
_NAME = re.compile(rb"[!-9;-~]+")
# RFC 5322 §2.2: a line of a field may hold anything but CR, LF and NUL.
_VALUE = re.compile(rb"[^\r\n\0]*(?:\n[ \t][^\r\n\0]*)*")


class Packet(NamedTuple):
    """Packet is one packet in either direction."""

    command: bytes
    data: bytes

    def wire(self) -> bytes:
        return struct.pack(">I", len(self.data) + 1) + self.command + self.data


class Edit(NamedTuple):
    """Edit is one change of the header section."""

    command: bytes
    index: int  # of INSHEADER and CHGHEADER
    name: bytes
    value: bytes


class Negotiated(NamedTuple):
    """Negotiated is what the filter chose of what it was offered."""

    version: int
    actions: int
    protocol: int

    def leaves_out(self, command: bytes) -> bool:
        return bool(self.protocol & NO_STEP.get(command, 0))

    def has_reply(self, command: bytes) -> bool:
        return not self.protocol & NO_REPLY.get(command, 0)


def joined(*strings: bytes) -> bytes:
    """Returns strings as the wire has them: each with a NUL behind."""
    return b"".join(one + b"\0" for one in strings)


def macro_packet(stage: bytes, macros: dict[str, str]) -> Packet:
    parts = [part.encode() for pair in macros.items() for part in pair]
    return Packet(MACRO, stage + joined(*parts))


def connect_packet(host: str, address: str, port: int) -> Packet:
    """|address|: IPv4, IPv6, "/path" of a UNIX socket, or empty for unknown."""
    name = host.encode() + b"\0"
    if not address:
        return Packet(CONNECT, name + b"U")
    family = b"L" if address.startswith("/") else b"6" if ":" in address else b"4"
    return Packet(CONNECT, name + family + struct.pack(">H", port) + joined(address.encode()))


def parse_negotiation(packet: Packet, offered: Negotiated) -> Negotiated:
    """Checks the filter's answer to OPTNEG."""
    if packet.command != OPTNEG or len(packet.data) < 12:
        raise ProtocolFault(f"no negotiation: {packet}")
    chosen = Negotiated(*struct.unpack(">III", packet.data[:12]))
    if not 2 <= chosen.version <= offered.version:
        raise ProtocolFault(f"version {chosen.version} of {offered.version}")
    if chosen.actions & ~offered.actions:
        raise ProtocolFault(f"actions {chosen.actions:#x} of {offered.actions:#x}")
    if chosen.protocol & ~offered.protocol:
        raise ProtocolFault(f"protocol {chosen.protocol:#x} of {offered.protocol:#x}")
    if packet.data[12:] and not chosen.actions & F_SETSYMLIST:
        raise ProtocolFault("a list of macros without SETSYMLIST")
    return chosen


def parse_edit(packet: Packet) -> Edit:
    """Checks ADDHEADER, INSHEADER or CHGHEADER."""
    data, index = packet.data, 0
    if packet.command in (INSHEADER, CHGHEADER):
        if len(data) < 4:
            raise ProtocolFault(f"no index: {packet}")
        (index,), data = struct.unpack(">I", data[:4]), data[4:]
    parts = data.split(b"\0")
    if len(parts) != 3 or parts[2] or not _NAME.fullmatch(parts[0]):
        raise ProtocolFault(f"not a name and a value: {packet}")
    if not _VALUE.fullmatch(parts[1]):
        raise ProtocolFault(f"not the value of a field: {packet}")
    if packet.command == CHGHEADER and not index:
        raise ProtocolFault("CHGHEADER counts from 1")
    return Edit(packet.command, index, parts[0], parts[1])


def check_reply_code(packet: Packet) -> None:
    """Checks REPLYCODE: one or several lines of SMTP."""
    text, _, rest = packet.data.partition(b"\0")
    if rest or not packet.data.endswith(b"\0"):
        raise ProtocolFault(f"not one string: {packet}")
    for line in text.split(b"\r\n"):
        if not _REPLY.fullmatch(line.replace(b"-", b" ", 1) if line[3:4] == b"-" else line):
            raise ProtocolFault(f"not an SMTP reply: {packet}")


def apply_edits(
    header: list[tuple[bytes, bytes]], edits: list[Edit], leading_space: bool
) -> list[tuple[bytes, bytes]]:
    """Returns the header section after |edits|, as an MTA makes them: INSHEADER N puts a
    field before the one at N (0: the first), CHGHEADER N changes the Nth of its name, or
    removes it when the value is empty. Values are all octets after the colon."""
    fields = list(header)
    for edit in edits:
        value = edit.value if leading_space else b" " + edit.value
        there = [i for i, (name, _) in enumerate(fields) if name.lower() == edit.name.lower()]
        if edit.command == ADDHEADER:
            fields.append((edit.name, value))
        elif edit.command == INSHEADER:
            fields.insert(min(edit.index, len(fields)), (edit.name, value))
        elif edit.index > len(there):
            if edit.value:
                fields.append((edit.name, value))
        elif edit.value:
            fields[there[edit.index - 1]] = (edit.name, value)
        else:
            del fields[there[edit.index - 1]]
    return fields
