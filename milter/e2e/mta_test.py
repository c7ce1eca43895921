"""A mail from one real Postfix to another, in every form that breaks signatures."""

import re

from milter.e2e import filters, mail, sandbox, world
from milter.e2e.filter_case import postseal_only
from milter.e2e.mail import Sink

_UTF8 = (
    "From: アリス <アリス@example.com>\r\nTo: <bob@example.net>\r\n"
    "Subject: 件名 utf8\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n\r\nこんにちは\r\n"
).encode()


class MtaTest(world.WorldTest):
    @classmethod
    def setUpClass(cls) -> None:
        cls.world = it = world.World()
        cls.signer = filters.Milter("signer", world.signing(it)).start()
        it.sender.set(smtpd_milters=cls.signer.for_postfix(), non_smtpd_milters="$smtpd_milters")
        it.receiver.set(smtpd_milters=" ".join(world.verifying(it, filters.UNDER_TEST)))
        it.start()

    def submit(self, octets: bytes, **options) -> None:
        """Sends from a host whose mail is signed."""
        reply = mail.send(octets, world.SENDER, source=world.SENDER, **options)
        self.assertEqual(reply[0], 250, reply)

    def arrived(self, subject: str) -> mail.Delivered:
        return self.world.sink.wait(f"Subject: {subject}\r\n".encode())

    def with_sender(self, **main: str) -> None:
        """Sets main.cf of the sender for this test."""
        names = ("postconf", "-c", str(self.world.sender.config), "-h")
        before = {name: sandbox.run(*names, name).stdout.strip() for name in main}
        self.addCleanup(self.world.set_sender, **before)
        self.world.set_sender(**main)

    # -- in

    def test_submission_by_smtp(self) -> None:
        self.submit(world.message("smtp"))
        got = self.arrived("smtp")
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")
        self.assertEqual(len(got.fields("DKIM-Signature")), 1)

    def test_submission_by_sendmail(self) -> None:
        """The program sendmail(1), as cron and PHP call it: non_smtpd_milters."""
        octets = world.message("sendmail", "Line ends of Unix.").replace(b"\r\n", b"\n")
        command = ["sendmail", "-f", "alice@example.com", "-oi", "bob@example.net"]
        sandbox.run(*command, input=octets.decode())
        got = self.arrived("sendmail")
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")

    def test_sendmail_without_date_and_message_id(self) -> None:
        """What Postfix adds itself comes before the filter sees the message, or not at all."""
        text = "From: alice@example.com\nSubject: bare\n\nHello.\n"
        sandbox.run("sendmail", "-f", "alice@example.com", "bob@example.net", input=text)
        got = self.arrived("bare")
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")
        self.assertEqual(len(got.fields("Date")), 1)

    def test_many_recipients(self) -> None:
        self.submit(world.message("many"), recipient="carol@example.net")
        got = self.arrived("many")
        self.assert_verdict(got, dkim="pass", dmarc="pass")

    def test_dots_and_long_bodies(self) -> None:
        body = "\r\n".join([".", "..", ".x", " ", "", "x" * 990, "\t tail \t"]) + "\r\n" * 3
        self.submit(world.message("dots", body))
        self.assert_verdict(self.arrived("dots"), spf="pass", dkim="pass", dmarc="pass")

    # -- eight bits

    def test_eight_bits(self) -> None:
        self.submit(world.message("eight", "こんにちは"), options=("BODY=8BITMIME",))
        got = self.arrived("eight")
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")
        self.assertIn("こんにちは".encode(), got.octets)

    def test_smtputf8(self) -> None:
        """RFC 6531: the From domain's mailbox is UTF-8, and so is the reverse-path."""
        options = ("BODY=8BITMIME", "SMTPUTF8")
        self.submit(_UTF8, mail_from="アリス@example.com", options=options)
        got = self.arrived("件名 utf8")
        self.assertIn("SMTPUTF8", got.mail_from)
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")

    def test_a_seven_bit_hop(self) -> None:
        """Postfix converts to quoted-printable after it has signed: the signature breaks."""
        self.world.set_receiver(smtpd_discard_ehlo_keywords="8bitmime, smtputf8")
        self.addCleanup(self.world.set_receiver, smtpd_discard_ehlo_keywords="")
        mark = self.world.log.mark()
        self.submit(world.message("converted", "こんにちは"), options=("BODY=8BITMIME",))
        got = self.arrived("converted")
        self.assertEqual(got.fields("Content-Transfer-Encoding"), ["quoted-printable"])
        self.assert_verdict(got, spf="pass", dkim="fail", dmarc="pass")
        if filters.UNDER_TEST == "postseal":
            self.world.log.wait_for(r"postseal.*warning=8bit\b", since=mark)
        # The remedy that docs/postfix.md names.
        self.with_sender(disable_mime_output_conversion="yes")
        self.submit(world.message("kept", "こんにちは"), options=("BODY=8BITMIME",))
        got = self.arrived("kept")
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")

    # -- what else Postfix changes after signing

    def test_generic_maps(self) -> None:
        """smtp_generic_maps rewrite From after signing: never rely on it."""
        self.with_sender(
            smtp_generic_maps="inline:{ { alice@example.com = office@example.com } }"
        )
        self.submit(world.message("generic"))
        got = self.arrived("generic")
        self.assert_verdict(got, dkim="fail")
        # canonical_maps rewrite before.
        self.with_sender(
            smtp_generic_maps="",
            canonical_maps="inline:{ { alice@example.com = office@example.com } }",
        )
        self.submit(world.message("canonical"))
        got = self.arrived("canonical")
        self.assertEqual(got.fields("From"), ["Alice <office@example.com>"])
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")

    def test_lines_above_998_octets(self) -> None:
        """RFC 5321 §4.5.3.1.6; Postfix breaks them when it sends."""
        mark = self.world.log.mark()
        self.submit(world.message("long", "x" * 1500))
        got = self.arrived("long")
        self.assert_verdict(got, spf="pass", dkim="fail", dmarc="pass")
        if filters.UNDER_TEST == "postseal":
            self.world.log.wait_for(r"postseal.*warning=long-line", since=mark)

    def test_a_content_filter(self) -> None:
        """The filter hands the message back to a second smtpd: signed once, not twice."""
        content_filter = Sink("127.0.0.1", 10025, forward_to=("127.0.0.1", 10026))
        self.addCleanup(content_filter.close)
        self.world.sender.add_service(
            "127.0.0.1:10026 inet n - n - - smtpd -o content_filter= -o smtpd_milters= "
            "-o receive_override_options=no_milters,no_unknown_recipient_checks"
        )
        self.with_sender(content_filter="smtp:[127.0.0.1]:10025", smtp_bind_address="")
        self.submit(world.message("scanned"))
        got = self.arrived("scanned")
        self.assertEqual(len(got.fields("DKIM-Signature")), 1)
        self.assertEqual(len(got.fields("Received")), 3)
        self.assert_verdict(got, dkim="pass", dmarc="pass")

    # -- bounces

    def test_a_bounce(self) -> None:
        """The null reverse-path: SPF is that of the HELO name, and
        internal_mail_filter_classes lets it be signed."""
        self.world.set_receiver(smtpd_reject_unlisted_recipient="no")
        for classes, dkim in (("bounce", "pass"), ("", "none")):
            self.with_sender(internal_mail_filter_classes=classes)
            subject = f"bounced{dkim}"
            self.submit(
                world.message(subject), mail_from="bob@example.net", recipient="no@invalid.test"
            )
            pattern = f"Subject: {subject}".encode()
            got = self.world.sink.wait(pattern)
            self.assertTrue(got.mail_from.startswith("<>"), got.mail_from)
            signed = [v for v in got.fields("DKIM-Signature") if "sender.example.com" in v]
            self.assertEqual(len(signed), 1 if dkim == "pass" else 0)
            if dkim == "pass":
                self.assert_verdict(got, dkim="pass")
            if filters.UNDER_TEST == "postseal":
                self.assert_verdict(got, dmarc="pass")

    # -- strangers

    def test_a_stranger_at_the_receiver(self) -> None:
        mail.send(world.message("spoof"), world.RECEIVER, outside=True)
        got = self.arrived("spoof")
        self.assert_verdict(got, spf="fail", dmarc="fail")

    def test_a_stranger_at_the_signer(self) -> None:
        """Mail to us, by the MTA that signs: not signed, judged."""
        mail.send(
            world.message("spoof2"), world.SENDER, outside=True, recipient="alice@example.com"
        )
        got = self.arrived("spoof2")
        self.assertEqual(got.fields("DKIM-Signature"), [])

    @postseal_only
    def test_forged_results_are_removed(self) -> None:
        forged = (
            b"Authentication-Results: receiver.example.net; dmarc=pass header.from=example.com\r\n"
            b"Authentication-Results: other.example.test; spf=pass smtp.mailfrom=a.example\r\n"
            b"Authentication-Results: receiver.example.net (1);\r\n\tspf=pass smtp.mailfrom=x\r\n"
        )
        mail.send(forged + world.message("forged"), world.RECEIVER, outside=True)
        got = self.arrived("forged")
        self.assert_verdict(got, spf="fail", dmarc="fail")
        values = got.fields("Authentication-Results")
        self.assertEqual(len(values), 2, values)
        self.assertTrue(values[0].startswith("receiver.example.net"))
        names = [name for name, _ in mail.fields(got.octets)]
        # RFC 8601 §5: results above our own trace field, so that all see whose they are.
        self.assertLess(names.index("Authentication-Results"), names.index("From"))

    @postseal_only
    def test_received_spf_is_a_trace_field(self) -> None:
        mail.send(world.message("trace"), world.RECEIVER, outside=True)
        got = self.arrived("trace")
        values = got.fields("Received-SPF")
        self.assertEqual(len(values), 1)
        self.assertRegex(values[0], r"^[Ff]ail")
        self.assertIn(f"client-ip={sandbox.STRANGER}", values[0])

    def test_one_log_line_a_message(self) -> None:
        mark = self.world.log.mark()
        self.submit(world.message("logged"))
        self.arrived("logged")
        line = self.world.log.wait_for(r"DKIM-Signature field added|signed", since=mark)
        queue_id = re.search(r"\b[0-9A-F]{8,}\b", line)
        self.assertIsNotNone(queue_id, line)
        self.world.log.wait_for(rf"postfix-sender/cleanup.*{queue_id[0]}", since=mark)


class PeersTest(world.WorldTest):
    """The daemons that postseal replaces, on the other side."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.world = MtaTest.world
        cls.world.set_sender(internal_mail_filter_classes="")

    def exchange(self, signer: str, verifier: str) -> mail.Delivered:
        subject = f"{signer}-to-{verifier}"
        it = self.world
        signing = filters.Milter(subject, world.signing(it), kind=signer).start()
        it.set_sender(smtpd_milters=signing.for_postfix())
        it.set_receiver(smtpd_milters=" ".join(world.verifying(it, verifier, name=f"v{subject}")))
        mail.send(world.message(subject, "こんにちは\r\n\r\n"), world.SENDER, source=world.SENDER)
        return it.sink.wait(f"Subject: {subject}\r\n".encode())

    @postseal_only
    def test_opendkim_signs(self) -> None:
        got = self.exchange("opendkim", "postseal")
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")

    @postseal_only
    def test_the_daemons_verify(self) -> None:
        got = self.exchange("postseal", "opendkim")
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")


if __name__ == "__main__":
    sandbox.main(world.NEEDS)
