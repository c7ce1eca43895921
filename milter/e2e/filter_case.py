"""What the tests of the protocol share: a name server, keys, and one filter in mode sv.

    192.0.2.1     an internal host: its mail from example.com is signed
    203.0.113.9   a stranger: its mail is verified; example.org may send from there, and
                  signs with the key of stranger_signed()
"""

import subprocess
import unittest

import dkim

from milter.e2e import filters, sandbox, world
from milter.e2e.mail import words
from milter.e2e.milter_client import Mail, Outcome
from milter.e2e.milter_wire import CONTINUE, ACCEPT, Edit, INSHEADER
from milter.e2e.name_servers import Nsd

AUTHSERV_ID = "mx.example.test"
NEEDS = ("nsd", "opendkim", "opendkim-genkey", "openssl")

postseal_only = unittest.skipUnless(
    filters.UNDER_TEST == "postseal", "OpenDKIM does otherwise (the reason to replace it)"
)

_ZONE = f"""\
example.com. TXT "v=spf1 ip4:{sandbox.MAIL_HOST} ip6:{sandbox.MAIL_HOST_6} -all"
_dmarc.example.com. TXT "v=DMARC1; p=reject"
example.org. TXT "v=spf1 ip4:{sandbox.STRANGER} ip6:{sandbox.STRANGER_6} -all"
_dmarc.example.org. TXT "v=DMARC1; p=reject"
client.example.com. TXT "v=spf1 ip4:{sandbox.MAIL_HOST} -all"
"""


class FilterTest(unittest.TestCase):
    """FilterTest starts the name server, makes the keys, and offers checks."""

    dns: Nsd
    zone: str
    records: dict[bytes, bytes]  # what dkimpy looks up
    tables: dict[str, str]
    _stranger_key: bytes

    @classmethod
    def setUpClass(cls) -> None:
        folder = sandbox.ROOT / "dkim"
        line = world.make_key(folder / "keys" / "example.com", "example.com", "s1")
        cls.tables = world.write_tables(folder, {"example.com": "s1"})
        text = "".join(part for part in line.split('"')[1::2])
        cls.records = {b"s1._domainkey.example.com.": text.encode()}
        cls._stranger_key = subprocess.run(
            ["openssl", "genrsa", "-traditional", "2048"], capture_output=True, check=True
        ).stdout
        public = subprocess.run(
            ["openssl", "rsa", "-pubout"], input=cls._stranger_key, capture_output=True, check=True
        ).stdout.split(b"\n")[1:-2]
        key = b"v=DKIM1; k=rsa; p=" + b"".join(public)
        cls.records[b"sel._domainkey.example.org."] = key
        cut = f'"{key[:200].decode()}" "{key[200:].decode()}"'
        cls.zone = _ZONE + line + f"sel._domainkey.example.org. TXT {cut}\n"
        cls.dns = Nsd(cls.zone)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.dns.stop()

    @classmethod
    def make_filter(cls, name: str = "filter", **directives: str) -> filters.Milter:
        """Returns a filter that signs for the internal host and verifies for the rest."""
        settings = cls.tables | {
            "Mode": "sv",
            "InternalHosts": f"127.0.0.1,{sandbox.MAIL_HOST},{sandbox.MAIL_HOST_6}",
            "AuthservID": AUTHSERV_ID,
            "Canonicalization": "relaxed/simple",
            "MaximumHeaders": "524288",
            "UMask": "0111",
        }
        return filters.Milter(name, settings | directives).start()

    @classmethod
    def stranger_signed(cls, octets: bytes, include: list[bytes] | None = None) -> bytes:
        """Returns a message with example.org's signature above it, made by dkimpy."""
        key = cls._stranger_key
        return dkim.sign(octets, b"sel", b"example.org", key, include_headers=include) + octets

    def dns_answer(self, name: bytes, timeout: int = 5) -> bytes | None:
        """The lookups of dkimpy."""
        del timeout
        return self.records.get(name if name.endswith(b".") else name + b".")

    def assert_signed(self, outcome: Outcome) -> None:
        """The message was accepted with a valid signature of example.com on top, and with
        nothing else changed but what is written there."""
        self.assertIn(outcome.verdict, (CONTINUE, ACCEPT), outcome)
        added = inserted(outcome, b"DKIM-Signature")
        self.assertEqual(len(added), 1, outcome.edits)
        self.assertIn(b"d=example.com;", added[0].value)
        self.assertTrue(dkim.verify(outcome.octets, dnsfunc=self.dns_answer), outcome.octets[:4000])

    def assert_not_signed(self, outcome: Outcome) -> None:
        self.assertEqual(inserted(outcome, b"DKIM-Signature"), [])

    def assert_verdict(self, outcome: Outcome, **expected: str) -> None:
        """Compares methods of the Authentication-Results on top."""
        self.assertIn(outcome.verdict, (CONTINUE, ACCEPT), outcome)
        if filters.UNDER_TEST == "opendkim":
            expected = {"dkim": expected["dkim"]} if "dkim" in expected else {}
        if not expected:  # OpenDKIM says nothing of mail without signature.
            return
        added = inserted(outcome, b"Authentication-Results")
        self.assertEqual(len(added), 1, outcome.edits)
        found = words(added[0].value.decode().replace("\n", ""))
        shown = {method: found.get(method, "absent") for method in expected}
        self.assertEqual(shown, expected, added[0].value)


def inserted(outcome: Outcome, name: bytes) -> list[Edit]:
    """Returns the fields of that name that were put on top."""
    return [edit for edit in outcome.edits if edit.command == INSHEADER and edit.name == name]


def internal(octets: bytes, **more) -> Mail:
    """Mail of a host whose mail is signed."""
    return Mail(octets, **more)


def stranger(octets: bytes, **more) -> Mail:
    """Mail of a host whose mail is verified."""
    known = {
        "mail_from": "<carol@example.org>",
        "address": sandbox.STRANGER,
        "helo": "mail.example.org",
        "host": "mail.example.org",
    }
    return Mail(octets, **known | more)


OURS = (
    b"From: Alice <alice@example.com>\r\nTo: bob@example.net\r\nSubject: hello\r\n"
    b"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@example.com>\r\n\r\n"
    b"Hello, Bob.\r\n\r\nMore  of it. \r\n"
)
THEIRS = OURS.replace(b"alice@example.com", b"carol@example.org").replace(b"Alice", b"Carol")
