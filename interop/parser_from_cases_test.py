import unittest

from interop import parser_from_cases, parser_from_classes, parser_peers

_SEED = 1


def _difference(
    header: bytes, reason: str, judged: set[str], domains: tuple[bytes, ...]
) -> parser_from_classes.Difference:
    return parser_from_classes.Difference(
        parser_from_cases.Case(header, frozenset()),
        parser_from_classes.Ours(reason, frozenset(judged)),
        "peer",
        parser_peers.Reading(domains),
    )


class CasesTest(unittest.TestCase):
    def test_a_seed_gives_the_same_cases(self) -> None:
        cases = parser_from_cases.cases(_SEED, 500)
        self.assertEqual(cases[:100], parser_from_cases.cases(_SEED, 100))
        self.assertNotEqual(cases, parser_from_cases.cases(_SEED + 1, 500))
        self.assertGreater(len(set(cases)), 400)

    def test_many_are_whole_and_many_are_odd(self) -> None:
        cases = parser_from_cases.cases(_SEED, 1000)
        for feature in ("octets", "fields", "lookalike"):
            count = sum(feature in case.features for case in cases)
            self.assertTrue(20 < count < 400, f"{feature}: {count}")


class ClassesTest(unittest.TestCase):
    def test_names_are_compared_as_the_dns_does(self) -> None:
        for domain, name in (
            (b"Victim.Example.", "victim.example"),
            ("b\u00fccher.example".encode(), "xn--bcher-kva.example"),
            (b"[192.0.2.1]", "[192.0.2.1]"),
        ):
            self.assertEqual(parser_from_classes.normal(domain), name)

    def test_an_author_that_is_not_judged_is_found(self) -> None:
        for reason, judged, domains, unsafe in (
            ("", {"a.example"}, (b"a.example",), False),
            ("", {"a.example"}, (b"b.example",), True),
            ("from-malformed", {"a.example"}, (b"a.example", b"b.example"), True),
            # Refused by whom it does not name.
            ("from-malformed", set(), (b"b.example",), False),
            # What is no domain name leads to no policy.
            ("", {"a.example"}, (b"a.example (c)",), False),
            ("", {"a.example"}, (b"[192.0.2.1]",), False),
        ):
            found = _difference(b"From: x\r\n", reason, judged, domains)
            self.assertEqual(found.is_unsafe(), unsafe, (reason, judged, domains))

    def test_what_is_unsafe_is_not_explained_away(self) -> None:
        found = _difference(b"From: a@b.example\r\n", "", {"b.example"}, (b"c.example",))
        self.assertTrue(found.is_one())
        self.assertIsNone(parser_from_classes.classify(found))

    def test_the_first_from_field(self) -> None:
        for header, value in (
            (b"Subject: x\r\nFrom: a\r\n b\r\n\r\nFrom: c\r\n", b"a b"),
            (b"from : a\r\nFrom: b\r\n\r\n", b"a"),
            (b" From: a\r\n\r\n", None),
        ):
            self.assertEqual(parser_peers.first_from(header), value)


if __name__ == "__main__":
    unittest.main()
