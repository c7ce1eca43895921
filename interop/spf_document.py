"""docs/SPF_DIFFERENCES.md, from the rules and the counts of a run."""

import collections
from collections.abc import Iterable
from typing import NamedTuple

from interop import spf_rules, spf_zone

_HEAD = """# Where SPF verifiers differ

The differences between postseal, pyspf 2.0.14 and libspf2 1.2.10 (both as Debian 12 has them), found by giving all three the same
random zones, senders and clients. This file is written by the run:

    bazel build //interop:postseal_spf_peer
    python3 -m interop.spf_cross_check --postseal bazel-bin/interop/postseal_spf_peer --complete --document docs/SPF_DIFFERENCES.md

Seed {seed}, {cases:,} triples of client, sender and HELO name, each judged by all: {disagreements:,} disagreements of postseal with a peer, all
explained by the {rules} rules below, {ours} of which have postseal right and {open} are choices that RFC 7208 leaves. A disagreement counts
for the first rule, in this order, that explains it.

Compared are the result; where both came to one, the names that were asked for below `probe.example`, which show what macros expand
to; and where both said fail, the explanation. A rule's predicate is on what the judges read, asked for and gave as their reason.
What macros expand to is also checked by a second implementation (`interop/spf_macros.py`), and which records are malformed by the
grammar of RFC 7208 §12 as regular expressions (`interop/spf_grammar.py`).

libspf2 leaves its result invalid when it does not get a record to evaluate. Its first error is taken for the result then: "not
SPF" is none, a DNS error temperror, any other permerror.

| peer | rule | triples | right | clause |
|---|---|---:|---|---|
"""


class Run(NamedTuple):
    """What a run has counted; `explained` by (peer, rule name)."""

    seed: int
    cases: int
    disagreements: int
    explained: collections.Counter[tuple[str, str]]


def document(rules: Iterable[spf_rules.Rule], run: Run) -> str:
    rules = tuple(rules)
    ours = sum(rule.right == spf_rules.OURS_IS_RIGHT for rule in rules)
    text = _HEAD.format(
        seed=run.seed, cases=run.cases, disagreements=run.disagreements, rules=len(rules),
        ours=ours, open=len(rules) - ours,
    )
    text += "".join(_row(rule, run) for rule in rules)
    return text + "".join(map(section, rules))


def _row(rule: spf_rules.Rule, run: Run) -> str:
    count = run.explained[rule.peer, rule.name]
    anchor = f"{rule.peer}-{rule.name}"
    return (f"| {rule.peer} | [{rule.name}](#{anchor}) | {count:,} | {rule.right} | "
            f"{rule.clause} |\n")


def section(rule: spf_rules.Rule) -> str:
    example = rule.example
    zone = "".join(f"    {line}\n" for line in example.zone)
    sender = spf_zone.escaped(example.mail_from)
    helo = spf_zone.escaped(example.helo)
    return f"""
## {rule.peer}: {rule.name}
postseal: {rule.ours}. {rule.peer}: {rule.theirs}. Right: {rule.right}, {rule.clause}: {rule.why}.

{zone}
`{example.client}`, MAIL FROM `<{sender}>`, HELO `{helo or " "}`: postseal {_quoted(example.ours)}, {rule.peer} {_quoted(example.theirs)}.
"""


def _quoted(text: str) -> str:
    return f"`{text}`" if text else "nothing"
