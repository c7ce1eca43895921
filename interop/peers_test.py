"""Tests of peers.py: a peer that is not there says what to install."""

import sys
import unittest

from interop import peers


class RunTest(unittest.TestCase):
    def test_no_such_program(self) -> None:
        with self.assertRaises(peers.MissingPeer) as caught:
            peers.run("peer", "package-a package-b", ["/nonexistent/program"])
        text = str(caught.exception)
        self.assertIn("no /nonexistent/program", text)
        self.assertIn("install the Debian packages: package-a package-b", text)

    def test_failing_program(self) -> None:
        script = "import sys; sys.exit('first line\\nthe reason')"
        with self.assertRaisesRegex(peers.MissingPeer, "fails: the reason; install"):
            peers.run("peer", "package", [sys.executable, "-c", script])


class PeerTest(unittest.TestCase):
    def test_answers_and_death(self) -> None:
        # Answers the first request, dies of the second.
        script = "print(input().replace('verify', 'pass', 1), flush=True); input()"
        peer = peers.Peer("peer", [sys.executable, "-c", script], peers.SELECTORS)
        self.assertEqual(peer.verify(["a file"]), [peers.Answer(True, "a file")])
        with self.assertRaisesRegex(RuntimeError, "peer died when asked: verify b"):
            peer.verify(["b"])
        peer.close()


if __name__ == "__main__":
    unittest.main()
