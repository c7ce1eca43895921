"""Cross-checks postseal's SPF with pyspf and libspf2, on cases made from a seed.

    python3 -m interop.spf_cross_check --postseal bazel-bin/interop/postseal_spf_peer

Every disagreement must be one that a rule of interop/spf_rules_*.py explains, and the
example of every rule must be one of its kind; with --complete every rule must explain
one of the run's, too. --document writes docs/SPF_DIFFERENCES.md. POSTSEAL_SKIP_PEERS=1
lets peers that are not installed be missing; then nothing is compared.
"""

import argparse
import collections
import os
import sys
import tempfile
import time
from collections.abc import Iterable

from interop import (
    peers, spf_cases, spf_disagreement, spf_document, spf_peers, spf_rules, spf_rules_libspf2,
    spf_rules_pyspf, spf_zone,
)

RULES = spf_rules_pyspf.RULES + spf_rules_libspf2.RULES

# RFC 7208 has the number, and the run its seed.
_SEED = 7208
_CASES = 50_000

_MAX_PROBLEMS_SHOWN = 50


class CrossCheck:
    """The judges, and what a run has found so far."""

    def __init__(
        self, ours: spf_peers.Judge, others: list[spf_peers.Judge], zone_path: str
    ) -> None:
        self._ours = ours
        self._others = others
        self._zone_path = zone_path
        self.cases = 0
        self.disagreements = 0
        # By (peer, rule name).
        self.explained: collections.Counter[tuple[str, str]] = collections.Counter()
        self.problems: list[str] = []

    def run(self, scenarios: Iterable[spf_cases.Scenario]) -> None:
        for scenario in scenarios:
            zone = self._load(scenario.zone)
            for case in scenario.cases:
                self.cases += 1
                for found in self._judge(zone, case):
                    self._sort(scenario, found)

    def run_examples(self) -> None:
        """Checks that the example of each rule is what the rule says."""
        for rule in RULES:
            zone = self._load("".join(line + "\n" for line in rule.example.zone))
            found = [d for d in self._judge(zone, rule.example.case()) if d.peer == rule.peer]
            name = f"{rule.peer} {rule.name}: the example"
            if not found:
                self.problems.append(f"{name} is no disagreement")
            elif explain(found[0]) is not rule:
                self.problems.append(f"{name} is not explained by the rule: {found[0].summary()}")
            elif found[0].shown() != (rule.example.ours, rule.example.theirs):
                self.problems.append(f"{name} gives {found[0].shown()}")

    def close(self) -> None:
        for judge in (self._ours, *self._others):
            judge.close()

    def _load(self, text: str) -> spf_zone.Zone:
        with open(self._zone_path, "w", encoding="ascii") as file:
            file.write(text)
        for judge in (self._ours, *self._others):
            judge.load(self._zone_path)
        return spf_zone.parse(text.encode("ascii"))

    def _judge(
        self, zone: spf_zone.Zone, case: spf_cases.Case
    ) -> list[spf_disagreement.Disagreement]:
        ours = self._ours.check(case)
        answers = ((judge.name, judge.check(case)) for judge in self._others)
        found = [spf_disagreement.find(name, case, zone, ours, theirs) for name, theirs in answers]
        return [disagreement for disagreement in found if disagreement is not None]

    def _sort(self, scenario: spf_cases.Scenario, found: spf_disagreement.Disagreement) -> None:
        self.disagreements += 1
        rule = explain(found)
        if rule is None:
            self.problems.append(f"scenario {scenario.number}, unexplained: {found.summary()}")
        else:
            self.explained[rule.peer, rule.name] += 1


def explain(found: spf_disagreement.Disagreement) -> spf_rules.Rule | None:
    """The first rule that explains a disagreement."""
    for rule in RULES:
        if rule.peer == found.peer and rule.applies(found):
            return rule
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postseal", metavar="PATH", required=True, help="postseal_spf_peer")
    parser.add_argument("--seed", type=int, default=_SEED)
    parser.add_argument("--cases", type=int, default=_CASES)
    parser.add_argument("--complete", action="store_true", help="every rule must explain something")
    parser.add_argument("--document", metavar="FILE", help="write docs/SPF_DIFFERENCES.md there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="postseal-spf-") as directory:
        try:
            judges = spf_peers.start_judges(os.path.abspath(arguments.postseal), directory)
        except peers.MissingPeer as missing:
            print(f"missing: {missing}")
            return 0 if os.environ.get("POSTSEAL_SKIP_PEERS") == "1" else 1
        return _check(CrossCheck(*judges, os.path.join(directory, "zone")), arguments)


def _check(check: CrossCheck, arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    check.run_examples()
    check.run(spf_cases.scenarios(arguments.seed, arguments.cases))
    check.close()
    if arguments.complete:
        check.problems += [
            f"{rule.peer} {rule.name}: explains nothing in this run"
            for rule in RULES if not check.explained[rule.peer, rule.name]
        ]
    for rule in RULES:
        print(f"{check.explained[rule.peer, rule.name]:7} {rule.peer} {rule.name}")
    for problem in check.problems[:_MAX_PROBLEMS_SHOWN]:
        print(problem)
    if arguments.document and not check.problems:
        run = spf_document.Run(arguments.seed, check.cases, check.disagreements, check.explained)
        with open(arguments.document, "w", encoding="utf-8") as file:
            file.write(spf_document.document(RULES, run))
    elapsed = time.monotonic() - started
    print(f"{check.cases} cases of seed {arguments.seed}, {check.disagreements} disagreements, "
          f"{len(check.problems)} problems, {elapsed:.0f} s")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main())
