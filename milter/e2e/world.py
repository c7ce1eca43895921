"""The world that the scenarios with a real MTA share.

    alice@example.com  ->  Postfix "sender" 192.0.2.1  ->  Postfix "receiver" 198.51.100.25
                           signs, in /etc/postfix           verifies, hands on to the sink

example.com's zone says: SPF allows 192.0.2.1 alone, DMARC p=reject, and the keys of the
sender.
"""

import functools
import pathlib
import shutil
import subprocess
import unittest

from milter.e2e import filters, sandbox
from milter.e2e.mail import Sink
from milter.e2e.name_servers import Nsd
from milter.e2e.postfix import Postfix
from milter.e2e.syslog import Syslog

SENDER = sandbox.MAIL_HOST
RECEIVER = "198.51.100.25"
DOMAIN = "example.com"
AUTHSERV_ID = "receiver.example.test"
NEEDS = ("postfix", "nsd", "opendkim", "opendkim-genkey")

ZONE = f"""\
example.com. A {SENDER}
example.com. TXT "v=spf1 ip4:{SENDER} -all"
_dmarc.example.com. TXT "v=DMARC1; p=reject"
sender.example.test. A {SENDER}
sender.example.test. TXT "v=spf1 a -all"
_dmarc.sender.example.test. TXT "v=DMARC1; p=reject"
1.2.0.192.in-addr.arpa. PTR sender.example.test.
receiver.example.test. A {RECEIVER}
example.net. MX 10 receiver.example.test.
"""

MESSAGE = (
    "From: Alice <alice@example.com>\r\n"
    "To: Bob <bob@example.net>\r\n"
    "Subject: {subject}\r\n"
    "Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
    "Message-ID: <{subject}@example.com>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "\r\n"
    "{body}\r\n"
)


def message(subject: str, body: str = "Hello.") -> bytes:
    return MESSAGE.format(subject=subject, body=body).encode()


def make_key(folder: pathlib.Path, domain: str, selector: str, program: str = "") -> str:
    """Makes a key with postseal keygen, or opendkim-genkey, for user opendkim; returns its
    zone line."""
    folder.mkdir(parents=True, exist_ok=True)
    keygen = [program] if program else [filters.POSTSEAL, "keygen"]
    if not keygen[0]:
        keygen = ["opendkim-genkey"]
    sandbox.run(*keygen, "-D", str(folder), "-d", domain, "-s", selector, "-b", "2048")
    private = folder / f"{selector}.private"
    shutil.chown(private, "opendkim", "opendkim")
    text = (folder / f"{selector}.txt").read_text(encoding="ascii")
    # The label in the file is relative to the domain.
    return text.replace("._domainkey", f"._domainkey.{domain}.", 1)


def write_tables(folder: pathlib.Path, domains: dict[str, str]) -> dict[str, str]:
    """Writes KeyTable and SigningTable for domain -> selector, with the keys in
    |folder|/keys/DOMAIN, and returns the directives that name them."""
    keys = signing = ""
    for domain, selector in domains.items():
        name = f"{selector}._domainkey.{domain}"
        keys += f"{name} {domain}:{selector}:{folder}/keys/{domain}/{selector}.private\n"
        signing += f"*@{domain} {name}\n"
    (folder / "KeyTable").write_text(keys, encoding="ascii")
    (folder / "SigningTable").write_text(signing, encoding="ascii")
    return {"KeyTable": f"{folder}/KeyTable", "SigningTable": f"refile:{folder}/SigningTable"}


class World:
    """World starts everything but the filters."""

    def __init__(self) -> None:
        self.log = Syslog()
        sandbox.add_address(RECEIVER)
        self.folder = sandbox.ROOT / "dkim"
        domains = {DOMAIN: "s1", "sender.example.test": "s2"}
        records = "".join(
            make_key(self.folder / "keys" / domain, domain, selector)
            for domain, selector in domains.items()
        )
        self.zone = ZONE + records
        self.signing_tables = write_tables(self.folder, domains)
        self.dns = Nsd(self.zone)
        self.sink = Sink("127.0.0.1", 2525)
        self.sender = Postfix(
            "sender",
            SENDER,
            config="/etc/postfix",
            mynetworks=f"127.0.0.0/8 {SENDER} {sandbox.STRANGER}",
            transport_maps=f"inline:{{ {{ example.net = smtp:[{RECEIVER}] }} }}",
            mydestination="",
        )
        self.receiver = Postfix(
            "receiver",
            RECEIVER,
            mydestination="",
            relay_domains="example.net",
            mynetworks="127.0.0.0/8",
            transport_maps="inline:{ { example.net = smtp:[127.0.0.1]:2525 } }",
            smtp_bind_address="",
        )

    def start(self) -> None:
        self.sender.start()
        self.receiver.start()

    def set_sender(self, **main: str) -> None:
        self.sender.set(**main)
        self.sender.reload()

    def set_receiver(self, **main: str) -> None:
        self.receiver.set(**main)
        self.receiver.reload()


class WorldTest(unittest.TestCase):
    """WorldTest has one world for all tests of a process."""

    world: World

    @classmethod
    @functools.cache
    def make_world(cls) -> World:
        return World()

    def assert_verdict(self, delivered, **expected: str) -> None:
        """Compares methods of the receiver's Authentication-Results."""
        from milter.e2e.mail import words  # pylint: disable=import-outside-toplevel

        results = delivered.results(AUTHSERV_ID)
        found = words(results)
        shown = {method: found.get(method, "absent") for method in expected}
        self.assertEqual(shown, expected, f"{results!r}\n{delivered.octets.decode(errors='replace')}")


def postfix_version() -> str:
    return subprocess.run(
        ["postconf", "-h", "mail_version"], capture_output=True, text=True, check=True
    ).stdout.strip()
