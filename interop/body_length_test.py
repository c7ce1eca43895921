"""Tests of body_length.py."""

import unittest

from interop import body_length


def _whole(tags: bytes, body: bytes) -> int:
    message = b"From: a@d.example\r\nDKIM-Signature: v=1; d=D.example;\r\n\ts=s; " + tags
    counts = body_length.whole_signatures(message + b"\r\nTo: b\r\n\r\n" + body)
    return counts[body_length.SignatureName("d.example", "s")]


class WholeSignaturesTest(unittest.TestCase):
    def test_lengths(self) -> None:
        # RFC 6376 §3.4.5 has this body and its canonical forms: 9 octets relaxed, 12 simple.
        body = b" C \r\nD \t E\r\n\r\n\r\n"
        for tags, whole in (
            (b"b=x", 1),
            (b"c=simple/relaxed; l=9", 1),
            (b"c=simple/relaxed; l=8", 0),
            (b"c=relaxed; l=12", 1),
            (b"c=relaxed; l=11", 0),
            (b"l=12", 1),
            (b"l=0", 0),
        ):
            self.assertEqual(_whole(tags, body), whole, tags)

    def test_no_body(self) -> None:
        # §3.4.3: a missing body is one CRLF; §3.4.4: it is nothing.
        self.assertEqual(_whole(b"l=1", b""), 0)
        self.assertEqual(_whole(b"c=simple/relaxed; l=0", b""), 1)


if __name__ == "__main__":
    unittest.main()
