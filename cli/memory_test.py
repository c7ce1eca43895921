"""The peak of memory does not grow with the message: it is streamed."""

import os
import pathlib
import tempfile
import unittest

from cli.harness import KEYS, MESSAGE, POSTSEAL, zone_text

BODY_OCTETS = 100_000_000
# The diagnosis of a failed signature takes several more passes.
EXPLAINED_OCTETS = 10_000_000
# What a call may take over one that does nothing. The kernel counts the process
# that started it as well, so both are at least as large as this one.
ALLOWED_KIBIBYTES = 4 * 1024

HEADER = MESSAGE.partition(b"\r\n\r\n")[0]
# A signature that fails, but not before the whole body is hashed.
SIGNATURE = (
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=rsa2048;"
    b" h=from; bh=" + b"A" * 43 + b"=; b=AAAA\r\n"
)

# Lines; Unix lines; no line; and what a canonicalization could want to hold back
# until it knows more.
BLOCKS = {
    "lines": b"0123456789" * 7 + b"\r\n",
    "unix lines": b"0123456789" * 7 + b"\n",
    "one line": b"x",
    "white space": b" ",
    "empty lines": b"\r\n",
}


def peak_kibibytes(arguments: list[str], stdin: str = "/dev/null") -> tuple[int, int]:
    """Runs the command line without output; returns its status and its peak of memory."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0),
    ]
    pid = os.posix_spawn(POSTSEAL, [POSTSEAL, *arguments], os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss


def write_message(path: str, header: bytes, block: bytes, octets: int) -> None:
    """Writes a message with a body of about |octets|, in the line ends of |block|."""
    blocks = block * (100_000 // len(block))
    if block.endswith(b"\n") and not block.endswith(b"\r\n"):
        header = header.replace(b"\r\n", b"\n")
    with open(path, "wb") as file:
        file.write(header)
        for _ in range(octets // len(blocks)):
            file.write(blocks)


class MemoryTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "message.eml")
        self.zone = os.path.join(folder.name, "zone")
        pathlib.Path(self.zone).write_bytes(zone_text())
        status, self.least = peak_kibibytes(["--version"])
        self.assertEqual(status, 0)

    def check(self, arguments: list[str], status: int, stdin: str = "/dev/null") -> None:
        """Checks the status and the memory of one call."""
        got, peak = peak_kibibytes(arguments, stdin)
        self.assertEqual(got, status)
        self.assertLess(peak - self.least, ALLOWED_KIBIBYTES)

    def test_sign_and_verify(self) -> None:
        key = f"example.com:rsa2048:{KEYS / 'rsa2048.pem'}"
        for name, block in BLOCKS.items():
            write_message(self.path, SIGNATURE + HEADER + b"\r\n\r\n", block, BODY_OCTETS)
            for arguments, status in (
                (["sign", "--key", key], 0),
                (["sign", "--key", key, "--canonicalization", "simple/simple"], 0),
                (["verify", "--zone", self.zone], 1),
            ):
                with self.subTest((name, arguments)):
                    self.check([*arguments, self.path], status)
                    self.check(arguments, status, stdin=self.path)

    def test_explain(self) -> None:
        for name, block in BLOCKS.items():
            write_message(self.path, SIGNATURE + HEADER + b"\r\n\r\n", block, EXPLAINED_OCTETS)
            with self.subTest(name):
                self.check(["verify", "--zone", self.zone, "--explain", self.path], 1)

    def test_a_header_without_end(self) -> None:
        """The limits of the header bound what is kept of it."""
        for name, block in {**BLOCKS, "fields": b"X: y\r\n", "folds": b"\r\n "}.items():
            write_message(self.path, SIGNATURE + HEADER + b"\r\nX: ", block, BODY_OCTETS)
            with self.subTest(name):
                self.check(["verify", "--zone", self.zone, self.path], 1)


if __name__ == "__main__":
    unittest.main()
