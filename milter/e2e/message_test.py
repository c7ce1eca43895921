"""Messages that are odd, huge or hostile, through the filter over the wire."""

import re

from milter.e2e import filters, milter_wire as wire, sandbox
from milter.e2e.filter_case import (
    AUTHSERV_ID,
    NEEDS,
    OURS,
    THEIRS,
    FilterTest,
    inserted,
    internal,
    postseal_only,
    stranger,
)
from milter.e2e.milter_client import Client, Mail, Outcome, deliver_one
from milter.e2e.syslog import Syslog

_FORGED = b"dmarc=pass header.from=example.com; spf=pass smtp.mailfrom=example.com"


def memory_peak(pid: int) -> int:
    """The most memory that a process has had, in octets."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1]) * 1024


class MessageTest(FilterTest):
    @classmethod
    def setUpClass(cls) -> None:
        cls.log = Syslog()
        super().setUpClass()
        cls.filter = cls.make_filter()
        cls.address = ("127.0.0.1", cls.filter.port)

    def tearDown(self) -> None:
        self.assertIsNone(self.filter.process.status(), self.filter.process.output())

    def deliver(self, mail: Mail, **offer) -> Outcome:
        return deliver_one(self.address, mail, **offer)

    def assert_never_passes(self, octets: bytes) -> None:
        """The message is neither signed for an insider nor passed for a stranger whose SPF
        and DKIM are good."""
        self.assert_not_signed(self.deliver(internal(octets)))
        outcome = self.deliver(stranger(self.stranger_signed(octets)))
        for edit in inserted(outcome, b"Authentication-Results"):
            self.assertNotIn(b"dmarc=pass", edit.value)

    # -- From

    @postseal_only
    def test_no_from(self) -> None:
        rest = OURS.partition(b"\r\n")[2]
        self.assert_not_signed(self.deliver(internal(rest)))
        outcome = self.deliver(stranger(rest))
        self.assertNotIn(b"dmarc=pass", outcome.octets)

    @postseal_only
    def test_two_from_fields(self) -> None:
        for first, second in ((OURS, THEIRS), (THEIRS, OURS), (THEIRS, THEIRS)):
            with self.subTest(first[:40] + second[:40]):
                self.assert_never_passes(first.partition(b"\r\n")[0] + b"\r\n" + second)

    @postseal_only
    def test_one_from_with_two_domains(self) -> None:
        both = THEIRS.replace(b"<carol@example.org>", b"<carol@example.org>, eve@example.com")
        self.assert_never_passes(both)

    @postseal_only
    def test_from_that_cannot_be_read(self) -> None:
        values = (b"", b" ", b" nobody", b" <@>", b" undisclosed:;", b" <a@b@c>", b" \xff@\xfe")
        for value in values:
            with self.subTest(value):
                self.assert_never_passes(b"From:" + value + b"\r\n" + OURS.partition(b"\r\n")[2])

    def test_from_fields_by_many(self) -> None:
        """10 000 From fields: no time, no crash, no signature."""
        outcome = self.deliver(internal(b"From: x@example.com\r\n" * 10000 + OURS))
        if filters.UNDER_TEST == "postseal":
            self.assert_not_signed(outcome)

    # -- octets

    def test_eight_bit_header_fields(self) -> None:
        for text in ("日本語の件名".encode(), "日本語".encode("shift_jis"), b"\xff\xfe\x80 raw"):
            with self.subTest(text):
                for field in (b"Subject: " + text, b"X-Name: a\r\n\t" + text + b"\r\n b"):
                    self.assert_signed(self.deliver(internal(field + b"\r\n" + OURS)))
                    theirs = self.stranger_signed(field + b"\r\n" + THEIRS)
                    outcome = self.deliver(stranger(theirs))
                    self.assert_verdict(outcome, dkim="pass", dmarc="pass")

    def test_white_space_around_values(self) -> None:
        for value in (b"", b" ", b"x", b"  x", b"\tx", b" x \t", b" a\r\n \r\n\tb", b" a\r\n  b"):
            with self.subTest(value):
                octets = b"Subject:" + value + b"\r\n" + OURS.replace(b"Subject: hello\r\n", b"")
                self.assert_signed(self.deliver(internal(octets)))
                theirs = octets.replace(b"alice@example.com", b"carol@example.org")
                outcome = self.deliver(stranger(self.stranger_signed(theirs)))
                self.assert_verdict(outcome, dkim="pass")

    def test_bare_line_ends_in_the_body(self) -> None:
        for body in (b"a\rb\r\n", b"a\nb\r\n", b"\r\r\n", b"a\r", b"a\0b\r\n", b"no end"):
            with self.subTest(body):
                outcome = self.deliver(internal(OURS + body, chunk=3))
                self.assertEqual(outcome.verdict in (wire.CONTINUE, wire.ACCEPT), True)

    # -- sizes

    def test_fifty_megabytes(self) -> None:
        body = (b"x" * 76 + b"\r\n") * (50 * 1024 * 1024 // 78)
        self.assert_signed(self.deliver(internal(OURS + b"x\r\n")))
        before = memory_peak(self.filter.process.pid)
        self.assert_signed(self.deliver(internal(OURS + body)))
        outcome = self.deliver(stranger(self.stranger_signed(THEIRS + body)))
        self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")
        # It streams: no more than a part of the message is ever kept.
        self.assertLess(memory_peak(self.filter.process.pid) - before, 24 << 20)

    def test_a_large_header(self) -> None:
        for line in (b"a" * 60000, b"a\r\n\t" * 15000):
            octets = (b"X: " + line.rstrip() + b"\r\n") * 8
            with self.subTest(line[:4]):
                self.assert_signed(self.deliver(internal(octets + OURS)))
                outcome = self.deliver(stranger(octets + self.stranger_signed(THEIRS)))
                self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")

    @postseal_only
    def test_a_field_as_large_as_postfix_lets_through(self) -> None:
        """header_size_limit is 102400; libmilter ends the connection above 64 KiB."""
        octets = b"X: " + b"a" * 102000 + b"\r\n"
        self.assert_signed(self.deliver(internal(octets + OURS)))
        outcome = self.deliver(stranger(octets + self.stranger_signed(THEIRS)))
        self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")

    @postseal_only  # libmilter ends the connection at a packet above 64 KiB.
    def test_a_header_above_the_limits(self) -> None:
        """It is neither signed nor passed, and the log says why."""
        for size, count in ((60000, 18), (1 << 20, 1), (10, 50000)):
            octets = (b"X: " + b"a" * size + b"\r\n") * count
            with self.subTest(f"{count} fields of {size}"):
                mark = self.log.mark()
                outcome = self.deliver(internal(octets + OURS))
                self.assertIn(outcome.verdict, (wire.CONTINUE, wire.ACCEPT, wire.TEMPFAIL))
                self.assert_not_signed(outcome)
                self.log.wait_for("header.*(too|large|long|limit)", since=mark)
                outcome = self.deliver(stranger(octets + self.stranger_signed(THEIRS)))
                results = inserted(outcome, b"Authentication-Results")
                self.assertEqual(len(results), 1, "over a limit is a result, not silence")
                self.assertNotRegex(results[0].value, rb"(dkim|dmarc)=pass")
        self.assert_signed(self.deliver(internal(OURS)))

    def test_five_hundred_signatures(self) -> None:
        one = self.stranger_signed(THEIRS)[: -len(THEIRS)]
        outcome = self.deliver(stranger(one * 500 + THEIRS))
        self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")
        for edit in outcome.edits:
            self.assertLess(len(edit.value), 65536)

    # -- Authentication-Results of ours that we did not write

    def assert_removed(self, octets: bytes) -> None:
        for mail in (stranger(octets + THEIRS), stranger(self.stranger_signed(octets + THEIRS))):
            outcome = self.deliver(mail)
            self.assertNotIn(b"header.from=example.com", outcome.octets)
            self.assertIn(b"X-Other: stays", outcome.octets)
            removals = [e for e in outcome.edits if e.command == wire.CHGHEADER]
            top = [e for e in outcome.edits if e.command == wire.INSHEADER]
            self.assertEqual(outcome.edits, removals + top, "first remove, then insert")

    def forged(self, authserv_id: bytes) -> bytes:
        return b"Authentication-Results: " + authserv_id + b"; " + _FORGED + b"\r\n"

    @postseal_only
    def test_forged_results(self) -> None:
        ours = AUTHSERV_ID.encode()
        other = b"X-Other: stays\r\n"
        cases = {
            "one": self.forged(ours),
            "fifty": self.forged(ours) * 50,
            "a hundred thousand octets": self.forged(ours + b";" + b" x=y;" * 12000),
            "folded": self.forged(b"\r\n\t" + ours).replace(b"; ", b"\r\n ;\r\n\t"),
            "upper case": self.forged(ours.upper()),
            "with a version": self.forged(ours + b" 1"),
            "with comments": self.forged(b"(a (b)\r\n c) " + ours + b" (d)"),
            "quoted": self.forged(b'"' + ours + b'"'),
            "quoted, escaped": self.forged(b'"\\m' + ours[1:] + b'"'),
            "name in small letters": self.forged(ours).replace(b"Auth", b"auth"),
            "a broken rest": self.forged(ours + b" ((("),
            "no result at all": b"Authentication-Results: " + ours + b"\r\n",
            "a version that is none": self.forged(ours + b" 99999999999999999999"),
        }
        for name, octets in cases.items():
            with self.subTest(name):
                self.assert_removed(octets + other)
                self.assert_removed(other + octets)

    @postseal_only
    def test_results_of_others_stay(self) -> None:
        others = (
            b"Authentication-Results: mx.example.tes; spf=pass smtp.mailfrom=a\r\n"
            b"Authentication-Results: x.mx.example.test; spf=pass smtp.mailfrom=b\r\n"
            b"Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=mx.example.test\r\n"
        )
        mixed = others + self.forged(AUTHSERV_ID.encode()) + others
        outcome = self.deliver(stranger(self.stranger_signed(mixed + THEIRS)))
        self.assert_verdict(outcome, dkim="pass")
        self.assertEqual(outcome.octets.count(others), 2)
        self.assertNotIn(b"header.from=example.com", outcome.octets)

    @postseal_only
    def test_a_signature_that_covers_what_is_removed(self) -> None:
        """Verified first, then removed: the forged field was signed, too."""
        octets = self.forged(AUTHSERV_ID.encode()) + THEIRS
        signed = self.stranger_signed(octets, include=[b"From", b"Authentication-Results"])
        outcome = self.deliver(stranger(signed))
        self.assert_verdict(outcome, spf="pass", dkim="pass", dmarc="pass")

    def test_what_a_sender_names_is_escaped(self) -> None:
        """Text of the message in the header, in the log, and nowhere as syntax."""
        evil = b'"a\\"; dmarc=pass (b"@example.org'
        mail = stranger(
            self.stranger_signed(THEIRS),
            mail_from=f"<{evil.decode()}>",
            helo="evil.example; dmarc=pass header.from=example.com",
        )
        outcome = self.deliver(mail)
        for edit in outcome.edits:
            injected = rb"(?:^|;)\s*dmarc=pass header\.from=example\.com"
            self.assertNotRegex(edit.value, injected)

    # -- identities

    def test_reverse_paths(self) -> None:
        signed = self.stranger_signed(THEIRS)
        cases = {
            "<carol@example.org>": "pass",
            "<CAROL@EXAMPLE.ORG>": "pass",
            '<"a b"@example.org>': "pass",
            "<@relay.example.com:carol@example.org>": "pass",
            "<>": "none",
            "<carol@example.com>": "fail",
        }
        for path, spf in cases.items():
            with self.subTest(path):
                parameters = ("SIZE=1000", "BODY=8BITMIME")
                outcome = self.deliver(stranger(signed, mail_from=path, parameters=parameters))
                self.assert_verdict(outcome, spf=spf, dkim="pass", dmarc="pass")

    def test_authenticated_clients_are_signed_for(self) -> None:
        macros = {wire.MAIL: {"{auth_type}": "PLAIN", "{auth_authen}": "alice", "i": "AUTH1"}}
        self.assert_signed(self.deliver(stranger(OURS, macros=macros)))
        # The next message of the connection is another user's, or nobody's.
        client = Client(self.address)
        client.open(stranger(OURS))
        self.assert_signed(client.deliver(stranger(OURS, macros=macros)))
        self.assert_not_signed(client.deliver(stranger(OURS)))
        client.quit()

    def test_the_stranger_with_our_from(self) -> None:
        outcome = self.deliver(stranger(OURS, mail_from="<alice@example.com>"))
        self.assert_not_signed(outcome)
        self.assert_verdict(outcome, spf="fail", dmarc="fail")

    def test_a_message_that_was_changed(self) -> None:
        signed = self.stranger_signed(THEIRS)
        for changed in (signed + b"more\r\n", signed.replace(b"Subject: hello", b"Subject: hi")):
            outcome = self.deliver(stranger(changed))
            self.assert_verdict(outcome, spf="pass", dkim="fail", dmarc="pass")
            outcome = self.deliver(stranger(changed, mail_from="<x@example.com>"))
            self.assert_verdict(outcome, spf="fail", dkim="fail", dmarc="fail")


if __name__ == "__main__":
    sandbox.main(NEEDS)
