"""Why the judges of the SPF cross-check disagree: the rules, and what they share.

A rule says what postseal and one peer do differently, who is right and by which clause,
and has a predicate on the features of a disagreement that follow from it. The rules of
each peer are in a file of their own; docs/SPF_DIFFERENCES.md is made from them.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from interop import spf_cases, spf_grammar, spf_zone
from interop.spf_disagreement import SYNTAX_FAULTS, Disagreement

OURS_IS_RIGHT = "postseal"
OPEN = "both"

# What several rules say.
U_LABEL_WHY = "\"All U-labels MUST be converted to A-labels before being used\""
EXPLANATION_WHY = (
    "\"if there are syntax errors in the explanation string\", there is no explanation"
)
MALFORMED_TARGET = "a term whose macros expand to no domain name does not match"
MALFORMED_TARGET_WHY = (
    "\"some implementations choose to treat such errors as not-match\", some as permerror; "
    "ours is that a sender shall not make an error of a record"
)


class Example(NamedTuple):
    """The smallest case of a rule, and what the two judges say: result, or the names
    asked for, or the explanation, as the rule's disagreement is about one of them."""

    zone: tuple[str, ...]
    ours: str
    theirs: str
    client: str = "192.0.2.1"
    mail_from: bytes = b"user@d.example"
    helo: bytes = b"mx.example.org"

    def case(self) -> spf_cases.Case:
        return spf_cases.Case(self.client, self.mail_from, self.helo)


class Rule(NamedTuple):
    """One difference between postseal and a peer."""

    name: str
    peer: str
    clause: str
    ours: str
    theirs: str
    # OURS_IS_RIGHT, or OPEN where the RFC lets both do as they do; and why.
    right: str
    why: str
    applies: Callable[[Disagreement], bool]
    example: Example


def zone_with(text: str, *more: str) -> tuple[str, ...]:
    """The zone of an example whose domain has the SPF record `text`."""
    return (f'd.example. TXT "{text}"', *more)


def has_term(disagreement: Disagreement, pattern: str) -> bool:
    """Whether a term of the records that were read matches, without regard to case."""
    return any(re.search(pattern, term, re.IGNORECASE) for term in disagreement.terms)


def says(disagreement: Disagreement, *texts: str) -> bool:
    """Whether the peer's own reason contains one of `texts`."""
    detail = spf_zone.unescaped(disagreement.detail.encode()).decode("latin-1")
    return any(text in detail for text in texts)


def is_lenient(disagreement: Disagreement, fault: str) -> bool:
    """Whether a record is malformed, postseal names `fault`, and the peer evaluates it."""
    assert fault in SYNTAX_FAULTS
    malformed = not all(map(spf_grammar.is_valid, disagreement.records))
    return disagreement.our_reason == fault and malformed


def is_ptr_lookup(disagreement: Disagreement, query: str) -> bool:
    """Whether `query` is for the client's PTR records, or for the addresses of a name in
    them."""
    kind, _, name = query.partition(":")
    if kind == "PTR":
        return True
    return kind in ("A", "AAAA") and name in disagreement.names_of_client()


def failed_at_ptr(disagreement: Disagreement) -> bool:
    """Whether the peer's last query is_ptr_lookup and failed."""
    if not disagreement.theirs.queries or disagreement.theirs.result != "temperror":
        return False
    last = disagreement.theirs.queries[-1]
    return is_ptr_lookup(disagreement, last) and disagreement.answers(last) is None


def reads(disagreement: Disagreement) -> list[bytes]:
    """The SPF records that the peer read, in order."""
    queries = disagreement.theirs.queries
    return [text for query in queries for text in disagreement.spf_texts(query)]


def looked_up(disagreement: Disagreement, kinds: tuple[str, ...]) -> list[str]:
    """The peer's queries of these kinds."""
    return [q for q in disagreement.theirs.queries if q.partition(":")[0] in kinds]


def is_void(disagreement: Disagreement, query: str) -> bool:
    return disagreement.answers(query) == []


def domain_of(disagreement: Disagreement) -> bytes:
    """The domain to check: of a null sender, that of the HELO name."""
    sender = disagreement.case.mail_from or disagreement.case.helo
    return sender.rpartition(b"@")[2]


def local_part_of(disagreement: Disagreement) -> bytes:
    return disagreement.case.mail_from.rpartition(b"@")[0]


def exceeds_terms(disagreement: Disagreement) -> bool:
    return disagreement.our_reason == "too-many-terms"


def counts_p_as_term(disagreement: Disagreement) -> bool:
    """Whether postseal exceeds the limit, and a term with %{p} was one of those."""
    return exceeds_terms(disagreement) and has_term(disagreement, r"^(?!exp=).*%\{p")


def macro_in_play(disagreement: Disagreement, pattern: str) -> bool:
    """Whether a term, or the explanation that was fetched, has a macro like that."""
    texts = (*disagreement.terms, *disagreement.explanation_texts)
    return any(re.search(pattern, text, re.IGNORECASE) for text in texts)


def reverses_in_capitals(disagreement: Disagreement) -> bool:
    """Whether a macro that macro_in_play knows has R for r."""
    texts = (*disagreement.terms, *disagreement.explanation_texts)
    return any(re.search(r"%\{[A-Za-z][0-9]*R", text) for text in texts)


def malformed_explanation(disagreement: Disagreement) -> bool:
    """Whether the explanation is malformed, so that postseal has none."""
    odd = any(not spf_grammar.is_explanation(text) for text in disagreement.explanation_texts)
    return disagreement.aspect == "explanation" and odd and not disagreement.ours.explanation


def probes_are_malformed(disagreement: Disagreement) -> bool:
    """Whether what the peer alone asked for are no names: empty or long labels, or octets
    that are not visible ASCII."""
    ours, theirs = disagreement.ours.probes, disagreement.theirs.probes
    return disagreement.aspect == "probes" and ours < theirs and not any(
        spf_zone.is_plain_name(probe.partition(":")[2]) for probe in theirs - ours)
