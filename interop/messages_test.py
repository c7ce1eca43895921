"""Tests of messages.py: the messages are as awkward as their names say."""

import re
import unittest

from interop import messages


class AwkwardMessagesTest(unittest.TestCase):
    def setUp(self) -> None:
        self.octets = dict(messages.awkward_messages())

    def test_there_are_enough_and_none_twice(self) -> None:
        self.assertGreaterEqual(len(self.octets), 20)
        self.assertEqual(len(set(self.octets.values())), len(self.octets))

    def test_every_message_has_one_from(self) -> None:
        for name, octets in self.octets.items():
            header = octets.partition(b"\r\n\r\n")[0]
            self.assertEqual(len(re.findall(rb"(?im)^from:", header)), 1, name)

    def test_only_those_that_say_so_have_bare_line_ends(self) -> None:
        for name, octets in self.octets.items():
            bare = re.search(rb"\r(?!\n)|(?<!\r)\n", octets) is not None
            self.assertEqual(bare, "bare_" in name, name)

    def test_lines_are_legal_except_where_named(self) -> None:
        # RFC 5322 §2.1.1.
        for name, octets in self.octets.items():
            longest = max(map(len, octets.split(b"\r\n")))
            self.assertEqual(longest > 998, "1m" in name, name)
        self.assertIn(b"x" * 998 + b"\r\n", self.octets["lines_998"])

    def test_sizes(self) -> None:
        self.assertGreater(len(self.octets["one_line_1m"]), 1 << 20)
        header = self.octets["header_20k"].partition(b"\r\n\r\n")[0]
        self.assertGreater(len(header), 20_000)

    def test_bodies(self) -> None:
        bodies = {name: octets.partition(b"\r\n\r\n")[2] for name, octets in self.octets.items()}
        self.assertEqual(bodies["empty_body"], b"")
        self.assertNotIn(b"\r\n\r\n", self.octets["no_separator"])
        self.assertIn(b"\x00", bodies["nul_body"])
        self.assertEqual(set(range(256)) - set(bodies["binary_body"]), {0})


if __name__ == "__main__":
    unittest.main()
