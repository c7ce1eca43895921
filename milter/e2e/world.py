"""The world that the scenarios with a real MTA share.

    alice@example.com  ->  Postfix "sender" 192.0.2.1  ->  Postfix "receiver" 198.51.100.25
                           signs, in /etc/postfix           verifies, hands on to the sink

example.com's zone says: SPF allows 192.0.2.1 alone, DMARC p=reject, and the keys of the
sender.
"""

import pathlib
import shutil
import unittest

from milter.e2e import filters, sandbox
from milter.e2e.mail import Sink, words
from milter.e2e.name_servers import Nsd
from milter.e2e.postfix import Postfix
from milter.e2e.syslog import Syslog

SENDER = sandbox.MAIL_HOST
RECEIVER = "198.51.100.25"
DOMAIN = "example.com"
AUTHSERV_ID = "receiver.example.net"
NEEDS = ("postfix", "nsd", "opendkim", "opendkim-genkey")

ZONE = f"""\
example.com. A {SENDER}
example.com. TXT "v=spf1 ip4:{SENDER} -all"
_dmarc.example.com. TXT "v=DMARC1; p=reject"
sender.example.com. A {SENDER}
sender.example.com. TXT "v=spf1 a -all"
_dmarc.sender.example.com. TXT "v=DMARC1; p=reject"
1.2.0.192.in-addr.arpa. PTR sender.example.com.
receiver.example.net. A {RECEIVER}
example.net. MX 10 receiver.example.net.
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
        domains = {DOMAIN: "s1", "sender.example.com": "s2"}
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
            myhostname="sender.example.com",
            mynetworks=f"127.0.0.0/8 {SENDER}",
            transport_maps=f"inline:{{ {{ example.net = smtp:[{RECEIVER}] }}"
            " { example.com = smtp:[127.0.0.1]:2525 } }",
            smtp_bind_address="",
            mydestination="",
            relay_domains="example.com",
        )
        self.receiver = Postfix(
            "receiver",
            RECEIVER,
            myhostname=AUTHSERV_ID,
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

    def assert_verdict(self, delivered, **expected: str) -> None:
        """Compares methods of the receiver's Authentication-Results."""
        results = delivered.results(AUTHSERV_ID)
        found = words(results)
        shown = {method: found.get(method, "absent") for method in expected}
        text = delivered.octets.decode(errors="replace")
        self.assertEqual(shown, expected, f"{results!r}\n{text}")


def signing(it: World) -> dict[str, str]:
    """The directives of a filter that signs for the sender's host and verifies the rest."""
    return it.signing_tables | {"Mode": "sv", "InternalHosts": f"127.0.0.1,{SENDER}"}


def verifying(it: World, kind: str, name: str = "verifier") -> list[str]:
    """Starts the filters that judge the receiver's mail, and returns them for Postfix: one
    of ours, or the three daemons."""
    verifier = filters.Milter(name, {"Mode": "v", "AuthservID": AUTHSERV_ID}, kind=kind).start()
    if kind != "opendkim":
        return [verifier.for_postfix()]
    filters.policyd_spf(it.receiver, AUTHSERV_ID)
    return [verifier.for_postfix(), filters.OpenDmarc(AUTHSERV_ID).for_postfix()]
