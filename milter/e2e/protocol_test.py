"""The filter over the wire, driven by a milter client of our own: what MTAs offer, cut,
leave out and give up."""

from milter.e2e import filters, milter_wire as wire, sandbox
from milter.e2e.filter_case import (
    NEEDS,
    OURS,
    THEIRS,
    FilterTest,
    inserted,
    internal,
    postseal_only,
    stranger,
)
from milter.e2e.milter_client import Client, default_macros, deliver_one
from milter.e2e.milter_wire import Packet

# What an MTA may offer: version, protocol. Sendmail 8.13, 8.14 and Postfix of old; Postfix
# and Sendmail now; and one step at a time that a filter may not rely on.
_OFFERS = {
    "v2": (2, 0x7F),
    "v2, nothing may be left out": (2, 0),
    "v3": (3, 0x17F),
    "v4": (4, 0x37F),
    "v6": (6, wire.ALL_PROTOCOL),
    "v6, nothing": (6, 0),
    "v6, leading space": (6, wire.P_HDR_LEADSPC),
    "v6, no leading space": (6, wire.ALL_PROTOCOL & ~wire.P_HDR_LEADSPC),
    "v6, skip": (6, wire.P_SKIP),
    "v6, no skip": (6, wire.ALL_PROTOCOL & ~wire.P_SKIP),
} | {f"v6, no NR {c.decode()}": (6, wire.ALL_PROTOCOL & ~f) for c, f in wire.NO_REPLY.items()}

_NO_REPLIES = sum(wire.NO_REPLY.values())


class ProtocolTest(FilterTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.filter = cls.make_filter()
        cls.address = ("127.0.0.1", cls.filter.port)

    def tearDown(self) -> None:
        self.assertIsNone(self.filter.process.status(), self.filter.process.output())

    def deliver(self, mail, **offer):
        return deliver_one(self.address, mail, **offer)

    def test_every_offer(self) -> None:
        signed = self.stranger_signed(THEIRS)
        for name, (version, protocol) in _OFFERS.items():
            # libmilter leaves steps out that it was not allowed to leave out.
            if protocol == 0 and filters.UNDER_TEST == "opendkim":
                continue
            with self.subTest(name):
                offer = {"version": version, "protocol": protocol}
                self.assert_signed(self.deliver(internal(OURS), **offer))
                outcome = self.deliver(stranger(signed), **offer)
                self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")

    @postseal_only
    def test_a_reply_is_asked_for_only_where_it_is_used(self) -> None:
        client = Client(self.address)
        chosen = client.negotiate()
        for command in (wire.HELO, wire.MAIL, wire.RCPT, wire.HEADER, wire.EOH):
            silent = chosen.leaves_out(command) or not chosen.has_reply(command)
            self.assertTrue(silent, f"a reply to {command!r} is a round trip for nothing")
        self.assertTrue(chosen.protocol & wire.P_HDR_LEADSPC)
        client.close()

    def test_an_action_that_is_withheld_is_not_used(self) -> None:
        for actions in (0, wire.F_ADDHDRS, wire.F_CHGHDRS, wire.F_QUARANTINE):
            with self.subTest(actions):
                # It may give up the connection instead, as OpenDKIM does.
                client = Client(self.address, actions=actions)
                try:
                    client.open(internal(OURS))
                except wire.ProtocolFault as fault:
                    self.assertIn("closed", str(fault))
                    continue
                # The judge is in the client: an edit that was not granted is a fault.
                outcome = client.deliver(internal(OURS))
                if actions & wire.F_ADDHDRS:
                    self.assert_signed(outcome)
                client.quit()

    def test_a_body_in_chunks(self) -> None:
        body = b"".join(b"line %d \t of  it\r\n" % i for i in range(300)) + b"\r\n\r\n"
        ours = OURS + body
        theirs = self.stranger_signed(THEIRS + body)
        for chunk in (1, 2, 3, 7, 64, 1000, len(body) - 1):
            with self.subTest(chunk):
                self.assert_signed(self.deliver(internal(ours, chunk=chunk)))
                outcome = self.deliver(stranger(theirs, chunk=chunk))
                self.assert_verdict(outcome, dkim="pass", dmarc="pass")

    def test_an_empty_body(self) -> None:
        head = OURS.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        self.assert_signed(self.deliver(internal(head)))

    def test_given_up_at_each_step(self) -> None:
        client = Client(self.address)
        client.open(stranger(THEIRS))
        for step in (wire.HEADER, wire.EOH, wire.BODY, wire.BODYEOB):
            for _ in range(3):
                with self.subTest(step):
                    client.deliver(stranger(b"X: y\r\n" + THEIRS), abort_at=step)
                    outcome = client.deliver(stranger(self.stranger_signed(THEIRS)))
                    self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")
        client.quit()

    def test_a_connection_that_ends_at_each_step(self) -> None:
        for step in (wire.HEADER, wire.EOH, wire.BODY, wire.BODYEOB):
            client = Client(self.address)
            client.open(stranger(THEIRS))
            client.deliver(stranger(THEIRS), abort_at=step)
            client.close()
        self.assert_signed(self.deliver(internal(OURS)))

    def test_two_hundred_messages_of_a_connection(self) -> None:
        client = Client(self.address)
        client.open(internal(OURS))
        ids = set()
        for number in range(200):
            outcome = client.deliver(internal(OURS + b"%d\r\n" % number))
            self.assert_signed(outcome)
            ids.add(inserted(outcome, b"DKIM-Signature")[0].value)
        self.assertEqual(len(ids), 200)
        client.quit()

    def test_the_connection_is_remembered_after_a_message(self) -> None:
        client = Client(self.address)
        mail = stranger(self.stranger_signed(THEIRS))
        client.open(mail)
        for _ in range(3):
            outcome = client.deliver(mail)
            self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")
            # Another's From over the same connection is still a stranger's.
            forged = client.deliver(mail._replace(octets=OURS))
            self.assert_verdict(forged, spf="pass", dmarc="fail")
            self.assert_not_signed(forged)
        client.quit()

    def test_macros_that_are_missing(self) -> None:
        only_late = {stage: {} for stage in default_macros(internal(OURS))}
        cases = {
            "none": only_late,
            "the queue id after the first RCPT": only_late | {wire.DATA: {"i": "LATE1"}},
            "the queue id at the end": only_late | {wire.BODYEOB: {"i": "LATE2"}},
            "names without braces": only_late | {wire.CONNECT: {"daemon_name": "x"}},
        }
        for name, macros in cases.items():
            with self.subTest(name):
                self.assert_signed(self.deliver(internal(OURS, macros=macros)))
                mail = stranger(self.stranger_signed(THEIRS), macros=macros)
                self.assert_verdict(self.deliver(mail), dkim="pass", dmarc="pass")

    def test_pipelined(self) -> None:
        """Every packet of three messages in one write; the replies come in order."""
        for protocol in (wire.ALL_PROTOCOL, wire.ALL_PROTOCOL & ~_NO_REPLIES):
            with self.subTest(hex(protocol)):
                client = Client(self.address, protocol=protocol)
                mail = stranger(self.stranger_signed(THEIRS))
                client.open(mail)
                for packets in [self.packets_of(client, mail)] * 3:
                    client.send(*packets)
                for packet in self.packets_of(client, mail) * 3:
                    if packet.command == wire.BODYEOB:
                        reply, edits, _ = client.end_of_body()
                        self.assertIn(reply.command, (wire.CONTINUE, wire.ACCEPT))
                        names = [edit.name for edit in edits]
                        self.assertIn(b"Authentication-Results", names)
                    elif packet.command != wire.MACRO:
                        self.assertEqual(client.reply(packet.command).command, wire.CONTINUE)
                client.quit()

    def packets_of(self, client: Client, mail) -> list[Packet]:
        """All packets of a message that the negotiation leaves in."""
        packets = [
            wire.macro_packet(wire.MAIL, {"i": "PIPE1"}),
            Packet(wire.MAIL, wire.joined(mail.mail_from.encode(), b"SIZE=100")),
            Packet(wire.RCPT, wire.joined(mail.recipients[0].encode())),
            Packet(wire.DATA, b""),
            *client.header_packets(mail),
            Packet(wire.EOH, b""),
            Packet(wire.BODY, mail.body()),
            Packet(wire.BODYEOB, b""),
        ]
        return [p for p in packets if not client.chosen.leaves_out(p.command)]

    @postseal_only
    def test_quit_and_a_new_connection(self) -> None:
        """QUIT_NC: the next packet is the CONNECT of another client."""
        client = Client(self.address)
        client.open(internal(OURS))
        self.assert_signed(client.deliver(internal(OURS)))
        for _ in range(2):
            client.send(Packet(wire.QUIT_NC, b""))
            mail = stranger(self.stranger_signed(THEIRS))
            client.step(wire.connect_packet(mail.host, mail.address, 1), {"j": "mx"})
            client.step(Packet(wire.HELO, wire.joined(mail.helo.encode())))
            outcome = client.deliver(mail)
            self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")
            self.assert_not_signed(client.deliver(mail._replace(octets=OURS)))
        client.quit()

    def test_addresses_of_the_client(self) -> None:
        signed = self.stranger_signed(THEIRS)
        six = stranger(signed, address=sandbox.STRANGER_6)
        self.assert_verdict(self.deliver(six), spf="pass", dkim="pass", dmarc="pass")
        prefixed = stranger(signed, address="IPv6:" + sandbox.STRANGER_6)  # Sendmail's form
        self.assert_verdict(self.deliver(prefixed), spf="pass", dkim="pass", dmarc="pass")
        mapped = stranger(signed, address="::ffff:" + sandbox.STRANGER)
        self.assert_verdict(self.deliver(mapped), spf="pass", dkim="pass", dmarc="pass")
        self.assert_signed(self.deliver(internal(OURS, address=sandbox.MAIL_HOST_6)))
        # Neither a UNIX socket nor an unknown address is a reason to sign for a stranger. A
        # client of unknown address has no SPF, and does not escape DMARC; a program of this
        # host does.
        for address, dmarc in (("", "pass"), ("/run/some/socket", "absent")):
            with self.subTest(address):
                mail = stranger(signed, address=address)
                outcome = self.deliver(mail)
                self.assert_verdict(outcome, dkim="pass", spf="absent", dmarc=dmarc)
                self.assert_not_signed(outcome)

    def test_a_unix_socket(self) -> None:
        path = sandbox.ROOT / "local" / "socket"
        path.parent.mkdir()
        path.parent.chmod(0o777)
        local = self.make_filter("local-filter", Socket=f"local:{path}")
        for offer in ({}, {"version": 2}):
            self.assert_signed(deliver_one(str(path), internal(OURS), **offer))
        self.assertEqual(local.stop(), 0)
        self.assertFalse(path.exists())

    def test_an_ipv6_socket(self) -> None:
        six = self.make_filter("six", Socket="inet6:11234@[::1]")
        self.assert_signed(deliver_one(("::1", 11234), internal(OURS)))
        self.assertEqual(six.stop(), 0)


if __name__ == "__main__":
    sandbox.main(NEEDS)
