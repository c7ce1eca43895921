import os
import re
import tempfile
import unittest

from interop import spf_cases, spf_cross_check, spf_document, spf_peers, spf_rules

_DOCUMENT = os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "docs", "SPF_DIFFERENCES.md")


class Parrot:
    """A judge that always says the same."""

    def __init__(self, name: str, result: str, detail: str = "") -> None:
        self.name = name
        self._answer = spf_peers.Answer(result, ("TXT:s0.example.org",), "", detail)

    def load(self, zone_path: str) -> None:
        del zone_path

    def check(self, case: spf_cases.Case) -> spf_peers.Answer:
        del case
        return self._answer

    def close(self) -> None:
        pass


def _check(ours: Parrot, peer: Parrot) -> spf_cross_check.CrossCheck:
    zone = 's0.example.org. TXT "v=spf1 -all"\n'
    case = spf_cases.Case("192.0.2.1", b"user@s0.example.org", b"mx.example.org")
    with tempfile.TemporaryDirectory() as directory:
        check = spf_cross_check.CrossCheck(ours, [peer], os.path.join(directory, "zone"))
        check.run([spf_cases.Scenario(0, zone, (case,))])
    return check


class RulesTest(unittest.TestCase):
    def test_agreement_is_no_problem(self) -> None:
        check = _check(Parrot("postseal", "fail"), Parrot("pyspf", "fail"))
        self.assertEqual((check.cases, check.disagreements, check.problems), (1, 0, []))

    def test_no_rule_excuses_a_plain_record(self) -> None:
        results = ("pass", "fail", "softfail", "neutral", "none", "temperror", "permerror")
        reasons = ("", "authorized all", "bad-macro ", "too-many-terms a",
                   "too-many-void-lookups a", "too-many-mx-names mx", "bad-domain-spec ",
                   "duplicate-modifier ")
        details = ("", "Void lookup limit of 2 exceeded", "Too many DNS lookups", "DNS failure",
                   "Could not find a valid SPF record", "Mechanisms used too many DNS lookups",
                   "Invalid delimiter ','", "CIDR netmask (=0)")
        for peer in ("pyspf", "libspf2"):
            for ours in results:
                for reason in reasons:
                    for detail in details:
                        theirs = "permerror" if ours != "permerror" else "fail"
                        judge = Parrot("postseal", ours, reason)
                        check = _check(judge, Parrot(peer, theirs, detail))
                        self.assertEqual(len(check.problems), 1, (peer, ours, reason, detail))

    def test_examples_are_checked(self) -> None:
        ours = Parrot("postseal", "pass")
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "zone")
            check = spf_cross_check.CrossCheck(ours, [Parrot("pyspf", "pass")], path)
            check.run_examples()
        self.assertEqual(len(check.problems), len(spf_cross_check.RULES))

    def test_rules_are_named_and_cite(self) -> None:
        names = [(rule.peer, rule.name) for rule in spf_cross_check.RULES]
        self.assertEqual(len(names), len(set(names)))
        for rule in spf_cross_check.RULES:
            self.assertRegex(rule.clause, r"^RFC \d+ §\d[\d., §RFC]*$(?<=\d)", rule.name)
            self.assertIn(rule.right, (spf_rules.OURS_IS_RIGHT, spf_rules.OPEN))

    def test_the_document_is_that_of_the_rules(self) -> None:
        with open(_DOCUMENT, encoding="utf-8") as file:
            text = file.read()
        for rule in spf_cross_check.RULES:
            self.assertIn(spf_document.section(rule), text)
        self.assertEqual(text.count("\n## "), len(spf_cross_check.RULES))
        counts = re.findall(r"^\| \w+ \| \[.*\| ([0-9,]+) \|", text, re.MULTILINE)
        total = re.search(r"all: ([0-9,]+) disagreements", text)
        self.assertEqual(sum(int(count.replace(",", "")) for count in counts),
                         int(total[1].replace(",", "")))


if __name__ == "__main__":
    unittest.main()
