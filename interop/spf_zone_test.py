import unittest

from interop import spf_zone

_ZONE = rb"""a.example. TXT "one" "\034two\255"
A.example. A 192.0.2.1
b.c.example. MX 10 .
alias.example. CNAME a.example.
loop.example. CNAME loop.example.
s\032p.example. PTR x.example.
$FAIL fail.example.
$FAIL txt.example. TXT
"""


class ZoneTest(unittest.TestCase):
    def setUp(self) -> None:
        self.zone = spf_zone.parse(_ZONE)

    def test_look_up(self) -> None:
        for name, kind, data in (
            (b"a.example", "TXT", [[b"one", b'"two\xff']]),
            (b"a.EXAMPLE.", "A", [b"192.0.2.1"]),
            (b"b.c.example", "MX", [(10, b"")]),
            (b"alias.example", "A", [b"192.0.2.1"]),
            (b"s p.example", "PTR", [b"x.example"]),
            (b"a.example", "MX", []),
            (b"loop.example", "A", None),
            (b"fail.example", "A", None),
            (b"txt.example", "TXT", None),
            (b"txt.example", "A", []),
        ):
            with self.subTest(name=name, kind=kind):
                self.assertEqual(self.zone.look_up(name, kind), data)

    def test_a_line_is_read_back(self) -> None:
        records = (
            spf_zone.Record(b"a.example", "TXT", [b"", b'x"\\\x01 \xfe']),
            spf_zone.Record(b"a;b.example", "MX", (7, b"m.example")),
            spf_zone.Record(b"a.example", "PTR", b"q@r.example"),
            spf_zone.Record(b"a.example", "AAAA", b"2001:db8::1"),
        )
        for record in records:
            with self.subTest(record=record):
                zone = spf_zone.parse(spf_zone.line(record).encode("ascii"))
                self.assertEqual(zone.records, {(record.owner, record.kind): [record.data]})

    def test_names(self) -> None:
        for text, plain, full in (
            ("a.example", True, True),
            ("single", True, False),
            ("a..example", False, False),
            ("a.example.", False, False),
            (r"\195\169.example", False, False),
            ("a" * 63 + ".example", True, True),
            ("a" * 64 + ".example", False, False),
        ):
            with self.subTest(text=text):
                self.assertEqual(spf_zone.is_plain_name(text), plain)
                self.assertEqual(spf_zone.is_full_name(text), full)


if __name__ == "__main__":
    unittest.main()
