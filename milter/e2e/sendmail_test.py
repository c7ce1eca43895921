"""Sendmail as the MTA. Debian's package excludes Postfix's, so it is unpacked beside:
POSTSEAL_SENDMAIL names a folder that tools/fetch_sendmail has filled."""

import os
import pathlib
import sys
import unittest

from milter.e2e import filters, mail, sandbox, world
from milter.e2e.mail import Sink
from milter.e2e.name_servers import Nsd
from milter.e2e.process import Process, accepts
from milter.e2e.syslog import Syslog

_FOLDER = os.environ.get("POSTSEAL_SENDMAIL", "")
_PROGRAM = "/usr/libexec/sendmail/sendmail"

_MC = """\
include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `{host}')dnl
define(`confPID_FILE', `{folder}/pid')dnl
define(`QUEUE_DIR', `{folder}/queue')dnl
define(`STATUS_FILE', `')dnl
define(`HELP_FILE', `')dnl
define(`ALIAS_FILE', `')dnl
define(`confDEF_USER_ID', `mail:mail')dnl
define(`confDONT_BLAME_SENDMAIL', `GroupWritableDirPathSafe')dnl
define(`confQUEUE_LA', `1000')dnl
define(`confREFUSE_LA', `1000')dnl
define(`confTO_IDENT', `0')dnl
define(`SMART_HOST', `esmtp:[{next_hop}]')dnl
define(`ESMTP_MAILER_ARGS', `TCP $h {next_port}')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`nocanonify')dnl
DAEMON_OPTIONS(`Name=MTA, Family=inet, Addr={address}, Port=25')dnl
CLIENT_OPTIONS(`Family=inet, Addr={client}')dnl
INPUT_MAIL_FILTER(`dkim', `S=inet:{port}@127.0.0.1, F=T, T=S:1m;R:1m;E:2m')dnl
MAILER(`smtp')dnl
"""


class Sendmail:
    """Sendmail is one instance that listens on port 25 of |address|, hands all mail to
    |next_hop|, and has one filter."""

    def __init__(
        self, host: str, address: str, client: str, next_hop: str, next_port: int, port: int
    ) -> None:
        self.folder = sandbox.ROOT / host
        (self.folder / "queue").mkdir(parents=True)
        (self.folder / "queue").chmod(0o700)
        text = _MC.format(
            host=host,
            folder=self.folder,
            address=address,
            client=client,
            next_hop=next_hop,
            next_port=next_port,
            port=port,
        )
        source = self.folder / "sendmail.mc"
        source.write_text(text, encoding="ascii")
        config = self.folder / "sendmail.cf"
        config.write_text(sandbox.run("m4", str(source)).stdout, encoding="ascii")
        self._process = Process(
            host, [_PROGRAM, f"-C{config}", "-bD", "-q2s"], self.folder / "out"
        )
        self._process.wait_until(lambda: accepts(address, 25))


class SendmailTest(world.WorldTest):
    @classmethod
    def setUpClass(cls) -> None:
        sandbox.lay_over_usr(f"{_FOLDER}/usr")
        cls.log = Syslog()
        sandbox.add_address(world.RECEIVER)
        folder = sandbox.ROOT / "dkim"
        record = world.make_key(folder / "keys" / world.DOMAIN, world.DOMAIN, "s1")
        tables = world.write_tables(folder, {world.DOMAIN: "s1"})
        cls.dns = Nsd(world.ZONE + record)
        cls.sink = Sink("127.0.0.1", 2525)
        internal = {"InternalHosts": f"127.0.0.1,{world.SENDER}"}
        signer = filters.Milter("signer", tables | {"Mode": "sv"} | internal).start()
        verifier = filters.Milter(
            "verifier", {"Mode": "v", "AuthservID": world.AUTHSERV_ID}
        ).start()
        out = ("sender.example.com", world.SENDER, world.SENDER, world.RECEIVER, 25)
        cls.sender = Sendmail(*out, signer.port)
        into = (world.AUTHSERV_ID, world.RECEIVER, "127.0.0.1", "127.0.0.1", 2525)
        cls.receiver = Sendmail(*into, verifier.port)

    def expected(self, **verdict: str) -> dict[str, str]:
        """OpenDKIM alone says nothing of SPF and DMARC."""
        if filters.UNDER_TEST == "opendkim":
            return {"dkim": verdict["dkim"]} if "dkim" in verdict else {}
        return verdict

    def arrived(self, subject: str) -> mail.Delivered:
        return self.sink.wait(f"Subject: {subject}\r\n".encode())

    def test_signed_and_verified(self) -> None:
        for subject in ("first", "second"):
            octets = world.message(subject, "Hello.\r\n.\r\n  indented \r\n\r\n")
            self.assertEqual(mail.send(octets, world.SENDER, source=world.SENDER)[0], 250)
            got = self.arrived(subject)
            self.assertEqual(len(got.fields("DKIM-Signature")), 1)
            expected = self.expected(spf="pass", dkim="pass", dmarc="pass")
            self.assert_verdict(got, **expected)

    def test_folded_fields_and_eight_bits(self) -> None:
        octets = b"X-Folded: a\r\n\tb\r\n  c\r\n" + world.message("folded", "こんにちは")
        self.assertEqual(mail.send(octets, world.SENDER, source=world.SENDER)[0], 250)
        self.assert_verdict(self.arrived("folded"), **self.expected(dkim="pass", dmarc="pass"))

    def test_a_stranger(self) -> None:
        mail.send(world.message("spoof"), world.RECEIVER, outside=True)
        got = self.arrived("spoof")
        self.assertEqual(got.fields("DKIM-Signature"), [])
        self.assert_verdict(got, **self.expected(spf="fail", dmarc="fail"))

    @unittest.skipUnless(filters.UNDER_TEST == "postseal", "OpenDKIM leaves them")
    def test_forged_results_are_removed(self) -> None:
        one = b"Authentication-Results: receiver.example.net; dmarc=pass header.from=a.example\r\n"
        other = b"Authentication-Results: other.example.net; spf=pass smtp.mailfrom=a.example\r\n"
        octets = one + other + one + world.message("forged")
        mail.send(octets, world.RECEIVER, outside=True)
        got = self.arrived("forged")
        self.assertEqual(len(got.fields("Authentication-Results")), 2)
        self.assert_verdict(got, spf="fail", dmarc="fail")


if __name__ == "__main__":
    if not pathlib.Path(_FOLDER, "usr/libexec/sendmail/sendmail").exists() or not _FOLDER:
        print("skipped: POSTSEAL_SENDMAIL names no folder that tools/fetch_sendmail has filled")
        sys.exit(0)
    sandbox.main(("nsd", "opendkim", "opendkim-genkey"))
