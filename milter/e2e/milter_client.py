"""A milter client: the MTA's side of a connection, and the judge of the filter's.

Client speaks the protocol octet by octet and raises ProtocolFault when the filter breaks
it: a reply that is not due, an edit that was not granted or comes too early, a second
reply, a malformed packet. deliver() sends a whole message; the packets below it are there
to be sent in any order.
"""

import itertools
import os
import socket
import struct
from collections.abc import Iterable
from typing import NamedTuple

from milter.e2e import milter_wire as wire
from milter.e2e.milter_wire import Edit, Negotiated, Packet, ProtocolFault


class Mail(NamedTuple):
    """Mail is a message and what the MTA knows of it."""

    octets: bytes
    mail_from: str = "<alice@example.com>"
    parameters: tuple[str, ...] = ()  # of MAIL
    recipients: tuple[str, ...] = ("<bob@example.net>",)
    helo: str = "client.example.com"
    host: str = "client.example.com"
    address: str = "192.0.2.1"
    port: int = 40000
    macros: dict[bytes, dict[str, str]] = {}  # by stage; they replace default_macros()
    chunk: int = wire.MAX_CHUNK  # octets of body in a packet

    def header(self) -> list[tuple[bytes, bytes]]:
        """The fields, each with all octets after the colon; folds are LF."""
        head = self.octets.partition(b"\r\n\r\n")[0]
        lines = head.replace(b"\r\n", b"\n").replace(b"\n ", b"\0 ").replace(b"\n\t", b"\0\t")
        pairs = [line.partition(b":") for line in lines.split(b"\n") if line]
        return [(name, value.replace(b"\0", b"\n")) for name, _, value in pairs]

    def body(self) -> bytes:
        return self.octets.partition(b"\r\n\r\n")[2]


class Outcome(NamedTuple):
    """Outcome is how the filter ended a message."""

    stage: bytes  # the command that was answered by |reply|
    reply: Packet
    edits: list[Edit]
    quarantine: bytes | None
    octets: bytes  # the message after the edits

    @property
    def verdict(self) -> bytes:
        return self.reply.command


_queue_ids = itertools.count(1)


def default_macros(mail: Mail) -> dict[bytes, dict[str, str]]:
    """The macros of Postfix, by the stage they come before."""
    queue_id = f"Q{next(_queue_ids):08d}"
    return {
        wire.CONNECT: {"j": "mx.example.test", "{daemon_name}": "mx.example.test", "v": "Postfix"},
        wire.HELO: {},
        wire.MAIL: {"{mail_addr}": mail.mail_from.strip("<>"), "{mail_mailer}": "smtp"},
        wire.RCPT: {"i": queue_id, "{rcpt_addr}": mail.recipients[-1].strip("<>")},
        wire.DATA: {"i": queue_id},
        wire.EOH: {"i": queue_id},
        wire.BODYEOB: {"i": queue_id},
    }


class Client:
    """Client is one connection to a filter."""

    def __init__(
        self,
        address: str | tuple[str, int],
        version: int = 6,
        actions: int = wire.ALL_ACTIONS,
        protocol: int = wire.ALL_PROTOCOL,
        timeout: float = 60,
    ) -> None:
        """|address|: the path of a UNIX socket, or host and port."""
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(os.fspath(address))
        else:
            self.socket = socket.create_connection(address, timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        known = Negotiated(version, wire.KNOWN_ACTIONS[version], wire.KNOWN_PROTOCOL[version])
        self.offered = Negotiated(version, actions & known.actions, protocol & known.protocol)
        self.chosen = Negotiated(0, 0, 0)
        self.received: list[Packet] = []
        self._buffer = b""

    # -- packets

    def send(self, *packets: Packet) -> None:
        self.send_raw(b"".join(packet.wire() for packet in packets))

    def send_raw(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def read(self) -> Packet:
        """Returns the next packet; ProtocolFault at the end of the connection."""
        while True:
            if len(self._buffer) >= 4:
                (size,) = struct.unpack(">I", self._buffer[:4])
                if not 1 <= size <= wire.MAX_CHUNK + 1:
                    raise ProtocolFault(f"a packet of {size} octets")
                if len(self._buffer) >= 4 + size:
                    octets, self._buffer = self._buffer[4 : 4 + size], self._buffer[4 + size :]
                    self.received.append(Packet(octets[:1], octets[1:]))
                    return self.received[-1]
            more = self.socket.recv(1 << 16)
            if not more:
                raise ProtocolFault(f"the filter closed; left over: {self._buffer!r}")
            self._buffer += more

    def assert_silent(self) -> None:
        """ProtocolFault when the filter has sent anything that was not asked for."""
        self.socket.setblocking(False)
        try:
            more = self.socket.recv(4096)
        except BlockingIOError:
            more = b""
        finally:
            self.socket.settimeout(60)
        if self._buffer or more:
            raise ProtocolFault(f"not asked for: {self._buffer + more!r}")

    def is_closed(self, seconds: float = 60) -> bool:
        """Waits for the filter to close the connection; nothing may come before."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def close(self) -> None:
        self.socket.close()

    # -- steps

    def negotiate(self) -> Negotiated:
        self.send(Packet(wire.OPTNEG, struct.pack(">III", *self.offered)))
        self.chosen = wire.parse_negotiation(self.read(), self.offered)
        return self.chosen

    def step(self, packet: Packet, macros: dict[str, str] | None = None) -> Packet:
        """Sends one command with its macros and returns the reply; a step that is left out
        or has no reply is "continue"."""
        if self.chosen.leaves_out(packet.command):
            return Packet(wire.CONTINUE, b"")
        if macros:
            self.send(wire.macro_packet(packet.command, macros))
        self.send(packet)
        return self.reply(packet.command)

    def reply(self, command: bytes) -> Packet:
        """Reads the one reply that is due to |command|."""
        if not self.chosen.has_reply(command):
            return Packet(wire.CONTINUE, b"")
        reply = self.read()
        self.check_reply(command, reply)
        return reply

    def check_reply(self, command: bytes, reply: Packet) -> None:
        if reply.command == wire.SKIP:
            if command != wire.BODY or not self.chosen.protocol & wire.P_SKIP:
                raise ProtocolFault(f"SKIP after {command!r}")
        elif reply.command not in wire.FINAL:
            raise ProtocolFault(f"{reply} after {command!r}")
        if reply.command == wire.DISCARD and command in (wire.CONNECT, wire.HELO):
            raise ProtocolFault(f"nothing to discard after {command!r}")
        if reply.command == wire.REPLYCODE:
            wire.check_reply_code(reply)
        elif reply.data:
            raise ProtocolFault(f"a reply with data: {reply}")

    def end_of_body(self) -> tuple[Packet, list[Edit], bytes | None]:
        """Reads the edits and the reply of end-of-message."""
        edits: list[Edit] = []
        quarantine = None
        while True:
            packet = self.read()
            if packet.command == wire.PROGRESS:
                continue
            takes = wire.EDIT_TAKES.get(packet.command)
            if takes is None:
                self.check_reply(wire.BODYEOB, packet)
                return packet, edits, quarantine
            if not takes & self.chosen.actions:
                raise ProtocolFault(f"an edit that was not granted: {packet}")
            if packet.command == wire.QUARANTINE:
                if not packet.data.endswith(b"\0") or b"\0" in packet.data[:-1]:
                    raise ProtocolFault(f"not a reason: {packet}")
                quarantine = packet.data[:-1]
            elif packet.command in (wire.ADDHEADER, wire.INSHEADER, wire.CHGHEADER):
                edits.append(wire.parse_edit(packet))
            else:
                raise ProtocolFault(f"nothing that we do: {packet}")

    # -- messages

    def open(self, mail: Mail, macros: dict[bytes, dict[str, str]] | None = None) -> Packet:
        """Negotiates and sends CONNECT and HELO; returns the reply that ended it, or the
        last."""
        self.negotiate()
        known = default_macros(mail) | mail.macros if macros is None else macros
        connect = wire.connect_packet(mail.host, mail.address, mail.port)
        reply = self.step(connect, known.get(wire.CONNECT))
        if reply.command != wire.CONTINUE:
            return reply
        return self.step(Packet(wire.HELO, wire.joined(mail.helo.encode())), known.get(wire.HELO))

    def header_packets(self, mail: Mail) -> Iterable[Packet]:
        """The HEADER packets of a message, as the negotiation wants them."""
        for name, value in mail.header():
            if not self.chosen.protocol & wire.P_HDR_LEADSPC and value.startswith(b" "):
                value = value[1:]
            yield Packet(wire.HEADER, wire.joined(name, value))

    def envelope(self, mail: Mail, known: dict[bytes, dict[str, str]]) -> tuple[bytes, Packet]:
        """Sends MAIL, RCPT and DATA."""
        arguments = [mail.mail_from, *mail.parameters]
        packet = Packet(wire.MAIL, wire.joined(*[one.encode() for one in arguments]))
        reply = self.step(packet, known.get(wire.MAIL))
        if reply.command != wire.CONTINUE:
            return wire.MAIL, reply
        for recipient in mail.recipients:
            packet = Packet(wire.RCPT, wire.joined(recipient.encode()))
            reply = self.step(packet, known.get(wire.RCPT))
            if reply.command != wire.CONTINUE:
                return wire.RCPT, reply
        return wire.DATA, self.step(Packet(wire.DATA, b""), known.get(wire.DATA))

    def deliver(self, mail: Mail, abort_at: bytes = b"") -> Outcome:
        """Sends a message after open() or another message. With |abort_at| the MTA gives
        up in place of that command."""
        known = default_macros(mail) | mail.macros
        stage, reply = self.envelope(mail, known)
        if reply.command == wire.CONTINUE and abort_at != wire.HEADER:
            stage, reply = self._content(mail, known, abort_at)
        if abort_at:
            self.send(Packet(wire.ABORT, b""))
            return Outcome(abort_at, reply, [], None, b"")
        if reply.command != wire.CONTINUE:
            self.send(Packet(wire.ABORT, b""))
            return Outcome(stage, reply, [], None, mail.octets)
        if known.get(wire.BODYEOB):
            self.send(wire.macro_packet(wire.BODYEOB, known[wire.BODYEOB]))
        self.send(Packet(wire.BODYEOB, b""))
        reply, edits, quarantine = self.end_of_body()
        leading_space = bool(self.chosen.protocol & wire.P_HDR_LEADSPC)
        fields = wire.apply_edits(mail.header(), edits, leading_space)
        head = b"".join(name + b":" + value + b"\n" for name, value in fields)
        octets = head.replace(b"\n", b"\r\n") + b"\r\n" + mail.body()
        return Outcome(wire.BODYEOB, reply, edits, quarantine, octets)

    def _content(
        self, mail: Mail, known: dict[bytes, dict[str, str]], abort_at: bytes
    ) -> tuple[bytes, Packet]:
        reply = Packet(wire.CONTINUE, b"")
        for packet in self.header_packets(mail):
            reply = self.step(packet)
            if reply.command != wire.CONTINUE:
                return wire.HEADER, reply
        if abort_at == wire.EOH:
            return wire.EOH, reply
        reply = self.step(Packet(wire.EOH, b""), known.get(wire.EOH))
        if reply.command != wire.CONTINUE or abort_at == wire.BODY:
            return wire.EOH, reply
        body = mail.body()
        for start in range(0, len(body), mail.chunk):
            reply = self.step(Packet(wire.BODY, body[start : start + mail.chunk]))
            if reply.command == wire.SKIP:
                break
            if reply.command != wire.CONTINUE:
                return wire.BODY, reply
        return wire.BODY, Packet(wire.CONTINUE, b"")

    def quit(self) -> None:
        self.send(Packet(wire.QUIT, b""))
        if not self.is_closed():
            raise ProtocolFault("the filter stays after QUIT")
        self.close()


def deliver_one(address: str | tuple[str, int], mail: Mail, **offer) -> Outcome:
    """Sends one message over a connection of its own."""
    client = Client(address, **offer)
    try:
        reply = client.open(mail)
        if reply.command != wire.CONTINUE:
            return Outcome(wire.CONNECT, reply, [], None, mail.octets)
        outcome = client.deliver(mail)
        client.assert_silent()
        client.quit()
        return outcome
    finally:
        client.close()
