import ipaddress
import re
import unittest

from interop import spf_cases, spf_grammar, spf_zone

_SEED = 1


class CasesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.scenarios = list(spf_cases.scenarios(_SEED, 1500))
        cls.zones = [spf_zone.parse(s.zone.encode("ascii")) for s in cls.scenarios]
        texts = (
            b"".join(strings)
            for zone in cls.zones
            for (_, kind), data in zone.records.items() if kind == "TXT"
            for strings in data
        )
        cls.records = [text for text in texts if spf_grammar.is_spf(text)]

    def test_a_seed_gives_the_same_cases(self) -> None:
        self.assertEqual(self.scenarios[3], spf_cases.scenario(_SEED, 3))
        self.assertNotEqual(self.scenarios[3], spf_cases.scenario(_SEED + 1, 3))
        self.assertEqual(sum(len(s.cases) for s in self.scenarios), 1500)

    def test_no_client_is_on_loopback(self) -> None:
        for client in spf_cases.CLIENTS:
            self.assertFalse(ipaddress.ip_address(client).is_loopback, client)

    def test_a_case_is_a_line(self) -> None:
        for scenario in self.scenarios:
            for case in scenario.cases:
                self.assertFalse(re.search(rb"[\t\n]", case.mail_from + case.helo), case)

    def test_records_are_of_all_kinds(self) -> None:
        valid = sum(map(spf_grammar.is_valid, self.records))
        self.assertGreater(valid, len(self.records) // 2)
        self.assertGreater(len(self.records) - valid, len(self.records) // 20)
        joined = b" ".join(self.records)
        for pattern in (
            rb" [+~?-]all", rb" ip4:", rb" ip6:", rb" a:\S+/\d+//\d+", rb" mx:", rb" ptr",
            rb" include:", rb" exists:", rb" redirect=", rb" exp=", rb" [a-z]+=",
            *(rb"%%\{%c[0-9]+r?[.\-+,/_=]" % letter for letter in b"slodiphv"),
        ):
            with self.subTest(pattern=pattern):
                self.assertRegex(joined.lower(), pattern)

    def test_some_lookups_fail_and_some_names_have_several_records(self) -> None:
        self.assertTrue(all(zone.failing for zone in self.zones))
        several = [zone for zone in self.zones if any(
            kind == "TXT" and sum(spf_grammar.is_spf(b"".join(text)) for text in data) > 1
            for (_, kind), data in zone.records.items())]
        self.assertGreater(len(several), 10)


if __name__ == "__main__":
    unittest.main()
