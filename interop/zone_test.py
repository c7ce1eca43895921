"""Tests of zone.py."""

import unittest

from interop import zone


class TxtLineTest(unittest.TestCase):
    def test_splits_at_255_octets(self) -> None:
        for size, strings in ((0, [0]), (255, [255]), (256, [255, 1]), (511, [255, 255, 1])):
            line = zone.txt_line("a.example", b"x" * size)
            self.assertEqual([len(one) for one in line.split('"')[1::2]], strings, size)

    def test_escapes_what_master_files_reserve(self) -> None:
        # RFC 1035 §5.1: \DDD is the octet of that decimal number.
        line = zone.txt_line("a b.example.", b'v="1"; \\ \x00\xff')
        self.assertEqual(line, 'a\\032b.example. TXT "v=\\0341\\034; \\092 \\000\\255"\n')


if __name__ == "__main__":
    unittest.main()
