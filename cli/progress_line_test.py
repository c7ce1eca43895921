"""Tests of the progress line of verify, on a terminal and without one."""

import os
import pty
import subprocess
import unittest

from cli.harness import MESSAGE, POSTSEAL, CommandLineTest

ERASE = b"\r\x1b[K"


class ProgressLineTest(CommandLineTest):
    def on_terminal(self, *arguments: str, term: str = "xterm", both: bool = False) -> bytes:
        """Runs verify with standard error on a terminal, and |both|: standard output too."""
        try:
            ours, theirs = pty.openpty()
        except OSError as error:
            self.skipTest(f"there is no pseudo-terminal: {error}")
        try:
            process = subprocess.Popen(
                [POSTSEAL, "verify", "--zone", self.zone, *arguments],
                stdout=theirs if both else subprocess.DEVNULL,
                stderr=theirs,
                env={**os.environ, "TERM": term},
            )
        finally:
            os.close(theirs)
        written = b""
        try:
            while piece := os.read(ours, 4096):
                written += piece
        except OSError:
            pass  # Linux: nobody holds the other end any more
        os.close(ours)
        self.assertEqual(process.wait(timeout=60), 1)
        return written.replace(b"\r\n", b"\n")

    def messages(self) -> list[str]:
        return [self.write("1.eml", self.sign()), self.write("2.eml", MESSAGE)]

    def test_it_appears_and_is_erased(self) -> None:
        written = self.on_terminal("--jobs", "2", *self.messages())
        self.assertTrue(written.startswith(ERASE + b"1 verified, 1 pass, 0 not"), written)
        rest, _, summary = written.rpartition(ERASE)
        self.assertNotEqual(rest, b"")
        self.assertRegex(summary, rb"\Apostseal: 2 verified in \d+\.\d s: 1 pass, 1 not\n\Z")

    def test_it_never_stands_within_results(self) -> None:
        written = self.on_terminal(*self.messages(), both=True)
        first, second = (w for w in written.split(b"\n") if b"Authentication-Results" in w)
        self.assertRegex(first, rb"\A[^\x1b]*/1\.eml: Authentication-Results: [^\x1b]*\Z")
        self.assertRegex(
            second, rb"\A\r\x1b\[K1 verified[^\x1b]*\r\x1b\[K[^\x1b]*/2\.eml: [^\x1b]*\Z"
        )

    def test_where_it_has_no_place(self) -> None:
        messages = self.messages()
        for name, written in (
            ("--quiet", self.on_terminal("--quiet", *messages)),
            ("a terminal that cannot erase", self.on_terminal(*messages, term="dumb")),
            ("one message", self.on_terminal(messages[1])),
        ):
            self.assertEqual(written, b"", name)
        done = subprocess.run(
            [POSTSEAL, "verify", "--zone", self.zone, *messages],
            capture_output=True,
            env={**os.environ, "TERM": "xterm"},
            timeout=60,
            check=False,
        )
        self.assertEqual(done.stderr, b"", "not in a log")


if __name__ == "__main__":
    unittest.main()
