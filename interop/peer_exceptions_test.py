"""Tests of peer_exceptions.py."""

import unittest

from interop import peer_exceptions
from interop.peer_exceptions import Cell


def _row(patterns: str) -> peer_exceptions.Row:
    return peer_exceptions.parse_rows(f"{patterns} | fault | clause")[0]


class ParseRowsTest(unittest.TestCase):
    def test_skips_comments_and_keeps_line_numbers(self) -> None:
        text = "# comment\n\na b c d e | fault, really | RFC 6376 §3.4\n"
        rows = peer_exceptions.parse_rows(text)
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows[0].line, 3)
        self.assertEqual(rows[0].patterns, ("a", "b", "c", "d", "e"))
        self.assertEqual((rows[0].fault, rows[0].clause), ("fault, really", "RFC 6376 §3.4"))

    def test_refuses_other_forms(self) -> None:
        for line in ("a b c d e | fault", "a b c d | fault | clause", "a b c d e | fault | "):
            with self.assertRaisesRegex(ValueError, "line 1", msg=line):
                peer_exceptions.parse_rows(line)


class CoversTest(unittest.TestCase):
    def test_patterns(self) -> None:
        cell = Cell("dkimpy", "opendkim", "plain", "rsa1024", "simple/relaxed")
        for patterns, covers in (
            ("dkimpy opendkim plain rsa1024 simple/relaxed", True),
            ("x,dkimpy opendkim p* * */relaxed", True),
            ("dkimpy opendkim plain * relaxed/*", False),
            ("opendkim dkimpy plain * *", False),
            ("dkimpy opendkim plai * *", False),
        ):
            self.assertEqual(_row(patterns).covers(cell), covers, patterns)

    def test_everybody_else_is_not_the_signer(self) -> None:
        row = _row("dkimpy * plain * *")
        self.assertTrue(row.covers(Cell("dkimpy", "opendkim", "plain", "rsa1024", "c")))
        self.assertFalse(row.covers(Cell("dkimpy", "dkimpy", "plain", "rsa1024", "c")))

    def test_signing_is_named_only_by_its_word(self) -> None:
        cell = Cell("dkimpy", "sign", "plain", "rsa1024", "c")
        self.assertTrue(_row("dkimpy sign plain * *").covers(cell))
        self.assertFalse(_row("dkimpy * plain * *").covers(cell))
        verified = cell._replace(verifier="opendkim")
        self.assertFalse(_row("dkimpy sign plain * *").covers(verified))


if __name__ == "__main__":
    unittest.main()
