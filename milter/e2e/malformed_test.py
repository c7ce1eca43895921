"""Packets that no MTA sends, and what the filter does then: it closes the connection or
goes on, answers nothing twice, and other connections do not notice."""

import socket
import struct

from milter.e2e import milter_wire as wire, sandbox
from milter.e2e.filter_case import (
    NEEDS,
    OURS,
    THEIRS,
    FilterTest,
    internal,
    postseal_only,
    stranger,
)
from milter.e2e.milter_client import Client, deliver_one
from milter.e2e.milter_wire import Packet, ProtocolFault


def _offer(version: int, actions: int = 0x1FF, protocol: int = 0x1FFFFF) -> bytes:
    return Packet(wire.OPTNEG, struct.pack(">III", version, actions, protocol)).wire()


_GOOD_CONNECT = wire.connect_packet("h.example", "192.0.2.1", 25).wire()

# Octets on a fresh connection.
_OPENINGS = {
    "nothing": b"",
    "a packet without a command": b"\0\0\0\0",
    "a length without a packet": b"\0\0\0\x10O",
    "half a length": b"\0\0",
    "a length of 4 GB": b"\xff\xff\xff\xffO" + b"x" * 1000,
    "a length of 2 GB": b"\x7f\xff\xff\xffB" + b"x" * 1000,
    "an SMTP client": b"EHLO example.com\r\nMAIL FROM:<>\r\n",
    "an HTTP client": b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "zeros": b"\0" * 100000,
    "a negotiation of no octets": Packet(wire.OPTNEG, b"").wire(),
    "a negotiation of 11 octets": Packet(wire.OPTNEG, b"\0" * 11).wire(),
    "version 0": _offer(0),
    "version 1": _offer(1),
    "no negotiation, but CONNECT": _GOOD_CONNECT,
    "no negotiation, but BODY": Packet(wire.BODY, b"x").wire(),
    "no negotiation, but BODYEOB": Packet(wire.BODYEOB, b"").wire(),
    "macros first": Packet(wire.MACRO, b"Cj\0x\0").wire(),
}

# Packets after a good negotiation.
_AFTER_NEGOTIATION = {
    "a second negotiation": _offer(6),
    "an unknown command": Packet(b"Z", b"x").wire(),
    "a command of the filter": Packet(wire.ACCEPT, b"").wire(),
    "CONNECT without data": Packet(wire.CONNECT, b"").wire(),
    "CONNECT without NUL": Packet(wire.CONNECT, b"host").wire(),
    "CONNECT without address": Packet(wire.CONNECT, b"host\x004\0\x19").wire(),
    "CONNECT with an unended address": Packet(wire.CONNECT, b"host\x004\0\x19192.0.2.1").wire(),
    "CONNECT of an unknown family": Packet(wire.CONNECT, b"host\0Z\0\x19x\0").wire(),
    "CONNECT with no address in it": Packet(wire.CONNECT, b"host\x004\0\x19nonsense\0").wire(),
    "CONNECT with an address of 60 kB": Packet(
        wire.CONNECT, b"host\x006\0\x19" + b"1:" * 30000 + b"\0"
    ).wire(),
    "CONNECT twice": _GOOD_CONNECT * 2,
    "macros without a stage": Packet(wire.MACRO, b"").wire(),
    "macros with an odd count": Packet(wire.MACRO, b"Ca\0b\0c\0").wire(),
    "macros without NUL": Packet(wire.MACRO, b"Cabc").wire(),
    "macros of an unknown stage": Packet(wire.MACRO, b"?a\0b\0").wire(),
    "60 kB of macros": Packet(wire.MACRO, b"C" + b"a\0b\0" * 15000).wire(),
    "1000 packets of macros": Packet(wire.MACRO, b"C{a}\0b\0").wire() * 1000,
}

_MAIL = Packet(wire.MAIL, b"<carol@example.org>\0").wire()
_RCPT = Packet(wire.RCPT, b"<bob@example.net>\0").wire()
_FROM = Packet(wire.HEADER, b"From\0 carol@example.org\0").wire()

# Packets after CONNECT and HELO.
_AFTER_HELO = {
    "MAIL without data": Packet(wire.MAIL, b"").wire(),
    "MAIL without NUL": Packet(wire.MAIL, b"<carol@example.org>").wire(),
    "MAIL without brackets": Packet(wire.MAIL, b"carol@example.org\0").wire(),
    "MAIL of NULs": Packet(wire.MAIL, b"\0" * 1000).wire(),
    "MAIL of 60 kB": Packet(wire.MAIL, b"<" + b"a" * 60000 + b"@example.org>\0").wire(),
    "MAIL twice": _MAIL * 2,
    "RCPT without MAIL": _RCPT,
    "RCPT without NUL": _MAIL + Packet(wire.RCPT, b"<bob").wire(),
    "2000 recipients": _MAIL + _RCPT * 2000,
    "HEADER without MAIL": _FROM,
    "HEADER without data": _MAIL + _RCPT + Packet(wire.HEADER, b"").wire(),
    "HEADER without value": _MAIL + _RCPT + Packet(wire.HEADER, b"Subject\0").wire(),
    "HEADER without NUL": _MAIL + _RCPT + Packet(wire.HEADER, b"Subject\0 x").wire(),
    "HEADER without name": _MAIL + _RCPT + Packet(wire.HEADER, b"\0 x\0").wire(),
    "HEADER with a colon in the name": _MAIL + _RCPT + Packet(wire.HEADER, b"a:b\0 x\0").wire(),
    "HEADER with line ends": _MAIL + _RCPT + Packet(wire.HEADER, b"a\r\nb\0 x\r\ny\0").wire(),
    "HEADER with three strings": _MAIL + _RCPT + Packet(wire.HEADER, b"a\0b\0c\0").wire(),
    "EOH without MAIL": Packet(wire.EOH, b"").wire(),
    "EOH twice": _MAIL + _RCPT + _FROM + Packet(wire.EOH, b"").wire() * 2,
    "HEADER after EOH": _MAIL + _RCPT + _FROM + Packet(wire.EOH, b"").wire() + _FROM,
    "BODY without MAIL": Packet(wire.BODY, b"x").wire(),
    "BODY without EOH": _MAIL + _RCPT + _FROM + Packet(wire.BODY, b"x\r\n").wire(),
    "BODYEOB without MAIL": Packet(wire.BODYEOB, b"").wire(),
    "BODYEOB at once": _MAIL + _RCPT + Packet(wire.BODYEOB, b"").wire(),
    "BODYEOB with a body": _MAIL
    + _RCPT
    + _FROM
    + Packet(wire.EOH, b"").wire()
    + Packet(wire.BODYEOB, b"x\r\n").wire(),
    "BODYEOB twice": _MAIL
    + _RCPT
    + _FROM
    + Packet(wire.EOH, b"").wire()
    + Packet(wire.BODYEOB, b"").wire() * 2,
    "a message that was given up": _MAIL
    + Packet(wire.ABORT, b"").wire()
    + Packet(wire.BODYEOB, b"").wire(),
    "1000 times ABORT": Packet(wire.ABORT, b"").wire() * 1000,
    "half a packet": _MAIL + b"\0\0\1\0B",
}


class MalformedTest(FilterTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.filter = cls.make_filter()
        cls.address = ("127.0.0.1", cls.filter.port)
        cls.signed = cls.stranger_signed(THEIRS)

    def assert_survives(self, client: Client, octets: bytes) -> None:
        """Sends |octets|, then the end; the filter may answer with packets as it likes, but
        closes, and lives."""
        try:
            client.send_raw(octets)
            client.socket.shutdown(socket.SHUT_WR)
            while True:
                client.read()
        except ProtocolFault as end:
            self.assertIn("the filter closed; left over: b''", str(end))
        except OSError as error:
            self.assertNotIsInstance(error, TimeoutError)
        finally:
            client.close()
        self.assertIsNone(self.filter.process.status(), self.filter.process.output())

    def assert_works(self, witness: Client) -> None:
        """A connection from before and a new one are as good as ever."""
        outcome = witness.deliver(stranger(self.signed))
        self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")
        self.assert_signed(deliver_one(self.address, internal(OURS)))

    def opened(self) -> Client:
        client = Client(self.address)
        client.open(stranger(self.signed))
        return client

    def test_openings(self) -> None:
        witness = self.opened()
        for name, octets in _OPENINGS.items():
            with self.subTest(name):
                self.assert_survives(Client(self.address), octets)
        self.assert_works(witness)

    def test_after_negotiation(self) -> None:
        witness = self.opened()
        for name, octets in _AFTER_NEGOTIATION.items():
            with self.subTest(name):
                client = Client(self.address)
                client.negotiate()
                self.assert_survives(client, octets)
        self.assert_works(witness)

    @postseal_only  # OpenDKIM 2.11 dies of BODYEOB without header fields.
    def test_after_helo(self) -> None:
        witness = self.opened()
        for name, octets in _AFTER_HELO.items():
            with self.subTest(name):
                self.assert_survives(self.opened(), octets)
        self.assert_works(witness)

    def test_every_cut_of_a_session(self) -> None:
        """The connection ends after each octet of a whole session."""
        witness = self.opened()
        session = b"".join(
            [
                _offer(6),
                _GOOD_CONNECT,
                Packet(wire.HELO, b"h.example\0").wire(),
                _MAIL + _RCPT + _FROM,
                Packet(wire.EOH, b"").wire(),
                Packet(wire.BODY, b"x\r\n").wire(),
            ]
        )
        for end in range(len(session)):
            with self.subTest(end):
                client = Client(self.address)
                self.assert_survives(client, session[:end])
        self.assert_works(witness)

    def test_octet_by_octet(self) -> None:
        """A slow MTA: a packet an octet."""
        client = self.opened()
        send_raw = client.send_raw
        client.send_raw = lambda octets: [send_raw(bytes([one])) for one in octets]
        outcome = client.deliver(stranger(self.signed))
        self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")
        client.close()

    def test_three_hundred_connections_at_once(self) -> None:
        clients = [self.opened() for _ in range(300)]
        for client in clients[::50]:
            outcome = client.deliver(stranger(self.signed))
            self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")
        for client in clients:
            client.close()
        self.assert_signed(deliver_one(self.address, internal(OURS)))


if __name__ == "__main__":
    sandbox.main(NEEDS)
