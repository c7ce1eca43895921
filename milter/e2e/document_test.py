"""docs/postfix.md does what it says: its blocks are run and its files are written in the
order in which they stand, and a mail passes. docs/postfix.ja.md has the same blocks.

A block below "<!-- file PATH -->" is that file, below "<!-- zone -->" DNS records, below
"<!-- output -->" the beginning of a line that the last commands printed, and below
"<!-- log -->" a part of the log; "sh" is run by a shell. Others are only shown."""

import os
import pathlib
import re
import subprocess
import time
import unittest
from typing import NamedTuple

from milter.e2e import filters, mail, sandbox, world
from milter.e2e.process import PATIENCE, accepts

_PAGE = pathlib.Path("docs/postfix.md")
_JAPANESE = pathlib.Path("docs/postfix.ja.md")
_BLOCK = re.compile(r"^(?:<!-- (\w+) ?(\S*) -->\n)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What the packages and the init system do on a real machine. apt-get has nothing to do:
# the programs are those of this tree.
_APT = "#!/bin/sh\ntrue\n"
_SYSTEMCTL = """\
#!/bin/sh
case "$*" in
  "enable --now postseal-milter") exec postseal-milter -c /etc/postseal-milter.conf ;;
  "reload postseal-milter") exec kill -USR1 "$(pgrep -x postseal-milter | head -n 1)" ;;
  *) echo "systemctl: what is $*?" >&2; exit 1 ;;
esac
"""


class Block(NamedTuple):
    """Block is one fenced block of a page."""

    kind: str  # "file", "zone", "output", "log", "sh" or ""
    path: str
    text: str


def blocks(page: pathlib.Path) -> list[Block]:
    found = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return [Block(mark or info, path, text) for mark, path, info, text in found]


class PagesTest(unittest.TestCase):
    def test_both_pages_have_the_same_blocks(self) -> None:
        english, japanese = blocks(_PAGE), blocks(_JAPANESE)
        self.assertEqual(english, japanese)
        self.assertGreater(len(english), 15)

    def test_every_fence_is_a_block(self) -> None:
        for page in (_PAGE, _JAPANESE):
            fences = page.read_text(encoding="utf-8").count("\n```")
            self.assertEqual(fences, 2 * len(blocks(page)), page)


@unittest.skipUnless(filters.UNDER_TEST == "postseal", "the page is about postseal")
class PageTest(world.WorldTest):
    @classmethod
    def setUpClass(cls) -> None:
        cls.world = it = world.World()
        cls.output = ""
        tools = sandbox.ROOT / "bin"
        tools.mkdir()
        (tools / "postseal").symlink_to(filters.POSTSEAL)
        (tools / "postseal-milter").symlink_to(filters.POSTSEAL_MILTER)
        for name, text in {"apt-get": _APT, "systemctl": _SYSTEMCTL}.items():
            (tools / name).write_text(text, encoding="ascii")
            (tools / name).chmod(0o755)
        cls.path = f"{tools}:{os.environ['PATH']}"
        if subprocess.run(["id", "postseal"], capture_output=True, check=False).returncode:
            sandbox.run("useradd", "--system", "--no-create-home", "postseal")
        it.sender.set(myhostname="mail.example.com")
        it.receiver.set(smtpd_milters=" ".join(world.verifying(it, "postseal")))
        it.zone = (
            f"receiver.example.net. A {world.RECEIVER}\n"
            "1.2.0.192.in-addr.arpa. PTR mail.example.com.\n"
        )
        it.dns.serve(it.zone)
        it.start()

    def run_shell(self, text: str) -> None:
        if "testkey" in text:
            key = pathlib.Path("/etc/postseal/keys/example.com/mail2026.txt")
            record = key.read_text(encoding="ascii")
            record = record.replace("._domainkey", "._domainkey.example.com.")
            self.world.dns.serve(self.world.zone + record)
        # The milter's background process keeps no pipe of ours open.
        out = sandbox.ROOT / "shell-output"
        with open(out, "wb") as file:
            done = subprocess.run(
                ["/bin/sh", "-e", "-c", text],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                env={"PATH": self.path},
                timeout=PATIENCE,
                check=False,
            )
        self.__class__.output = out.read_text(encoding="utf-8", errors="replace")
        self.assertEqual(done.returncode, 0, text + self.output)
        if "systemctl" in text:
            self.assertIn("8891", self.output)

    def follow(self, block: Block) -> None:
        if block.kind == "sh":
            self.run_shell(block.text)
        elif block.kind == "file":
            pathlib.Path(block.path).parent.mkdir(parents=True, exist_ok=True)
            pathlib.Path(block.path).write_text(block.text, encoding="utf-8")
        elif block.kind == "zone":
            self.world.zone += block.text
            self.world.dns.serve(self.world.zone)
        elif block.kind == "output":
            lines = self.output.splitlines()
            wanted = block.text.rstrip("\n")
            self.assertTrue(any(line.startswith(wanted) for line in lines), self.output)
        elif block.kind == "log":
            self.world.log.wait_for(re.escape(block.text.rstrip("\n")))

    def arrived(self, subject: str) -> mail.Delivered:
        return self.world.sink.wait(f"Subject: {subject}\r\n".encode())

    def test_the_page_from_top_to_bottom(self) -> None:
        end = time.monotonic() + PATIENCE
        for block in blocks(_PAGE):
            with self.subTest(block.text):
                self.follow(block)
            # What uses the socket finds it ready: it is opened before the parent ends.
            if "enable --now" in block.text:
                self.assertTrue(accepts("127.0.0.1", 8891))
                self.assertLess(time.monotonic(), end)
        got = self.arrived("postseal test")
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")
        self.after_the_traps()

    def after_the_traps(self) -> None:
        """With all remedies of the page in place."""
        self.world.set_receiver(smtpd_discard_ehlo_keywords="8bitmime, smtputf8")
        octets = world.message("page-8bit", "こんにちは")
        mail.send(octets, world.SENDER, source=world.SENDER, options=("BODY=8BITMIME",))
        self.assert_verdict(self.arrived("page-8bit"), dkim="pass", dmarc="pass")
        octets = world.message("page-canonical").replace(b"<alice@", b"<alice@mail.")
        mail.send(octets, world.SENDER, source=world.SENDER)
        got = self.arrived("page-canonical")
        self.assertEqual(got.fields("From"), ["Alice <alice@example.com>"])
        self.assert_verdict(got, dkim="pass", dmarc="pass")
        mail.send(
            world.message("page-bounce"),
            world.SENDER,
            mail_from="bob@example.net",
            recipient="no@invalid.test",
            source=world.SENDER,
        )
        got = self.world.sink.wait(b"Subject: page-bounce")
        self.assertTrue(got.mail_from.startswith("<>"))
        self.assert_verdict(got, spf="pass", dkim="pass", dmarc="pass")


if __name__ == "__main__":
    sandbox.main(world.NEEDS)
