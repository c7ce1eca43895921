"""Tests of verdict.py: what must not slip through."""

import unittest

from interop import peer_exceptions, verdict
from interop.matrix import Judgement
from interop.peer_exceptions import Cell


def _judgement(
    signer: str, verifier: str, *, passed: bool = True, message: str = "m", should_pass: bool = True
) -> Judgement:
    return Judgement(Cell(signer, verifier, message, "rsa1024", "c"), should_pass, passed, "why")


# Three peers agree with postseal in both directions.
_AGREEMENT = [
    _judgement(signer, verifier)
    for peer in ("p", "q", "r")
    for signer, verifier in (("postseal", peer), (peer, "postseal"))
]


def _problems(judgements: list[Judgement], rows: str = "", *, complete: bool = True) -> list[str]:
    return verdict.problems(judgements, peer_exceptions.parse_rows(rows), complete=complete)


class ProblemsTest(unittest.TestCase):
    def test_agreement_is_no_problem(self) -> None:
        self.assertEqual(_problems(_AGREEMENT), [])

    def test_disagreement_is_one_unless_a_row_names_it(self) -> None:
        judgements = [*_AGREEMENT, _judgement("p", "q", passed=False)]
        self.assertEqual(_problems(judgements), ["p q m rsa1024 c: fails [why]"])
        self.assertEqual(_problems(judgements, "p q m * * | fault | clause"), [])

    def test_a_refusal_to_sign_is_one(self) -> None:
        judgements = [*_AGREEMENT, _judgement("p", "sign", passed=False)]
        self.assertEqual(_problems(judgements), ["p sign m rsa1024 c: fails [why]"])

    def test_no_row_excuses_a_pass_of_an_altered_message(self) -> None:
        altered = _judgement("p", "q", message="altered", should_pass=False)
        rows = "p q altered * * | fault | clause"
        found = _problems([*_AGREEMENT, altered], rows, complete=False)
        self.assertEqual(found, ["p q altered rsa1024 c: passes [why]"])

    def test_a_row_that_is_true_no_more_is_reported(self) -> None:
        found = _problems(_AGREEMENT, "p postseal m * * | fault | clause")
        self.assertEqual(len(found), 1)
        self.assertIn("line 1: 1 cells agree", found[0])

    def test_a_row_that_names_nothing_is_reported_when_all_took_part(self) -> None:
        rows = "p q nothing * * | fault | clause"
        self.assertEqual(_problems(_AGREEMENT, rows), ["peer_exceptions line 1: names no cell"])
        self.assertEqual(_problems(_AGREEMENT, rows, complete=False), [])

    def test_one_peer_is_too_few(self) -> None:
        judgements = [
            judgement._replace(passed=judgement.cell.signer in ("postseal", "p"))
            for judgement in _AGREEMENT
        ]
        found = _problems(judgements, "q,r postseal m * * | fault | clause")
        self.assertEqual(found, ["m, verified by postseal: 1 peers agree (p)"])


class SummaryTest(unittest.TestCase):
    def test_counts_right_verdicts(self) -> None:
        lines = verdict.summary([_judgement("p", "q"), _judgement("p", "q", passed=False)])
        self.assertEqual(lines.splitlines()[1].split(), ["p", "1/2"])


if __name__ == "__main__":
    unittest.main()
