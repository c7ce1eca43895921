"""Reads the judgements of the matrix against the known exceptions."""

import collections
from collections.abc import Iterable, Sequence

from interop.matrix import Judgement
from interop.peer_exceptions import REFUSES_TO_SIGN, Row

OURS = "postseal"

# Fewer peers than this that agree on a message prove nothing.
_MIN_PEERS = 2

# Characters of an implementation's own words that a report repeats.
_MAX_DETAIL = 160


def problems(
    judgements: Sequence[Judgement], rows: Sequence[Row], *, complete: bool
) -> list[str]:
    """Returns what is wrong, one line each; empty when all is as expected.

    Wrong is a disagreement that no row names and a row that names an agreement. When
    the matrix is `complete` (every peer and postseal took part), so is a row that names
    nothing, and a message on which too few peers agree with postseal.
    """
    found = []
    for judgement in judgements:
        # Nothing excuses a verifier that passes an altered message.
        covering = [row for row in rows if judgement.should_pass and row.covers(judgement.cell)]
        for row in covering:
            if judgement.agrees:
                row.agreements.append(judgement.cell)
            else:
                row.disagreements += 1
        if not judgement.agrees and not covering:
            found.append(_disagreement(judgement))
    found += _happens_no_more(rows)
    if complete:
        found += _names_nothing(rows)
        found += _judged_by_too_few(judgements)
    return found


def summary(judgements: Iterable[Judgement]) -> str:
    """Returns the table who signed by who verified: right verdicts / verdicts."""
    right: collections.Counter[tuple[str, str]] = collections.Counter()
    total: collections.Counter[tuple[str, str]] = collections.Counter()
    for judgement in judgements:
        pair = judgement.cell.signer, judgement.cell.verifier
        total[pair] += 1
        right[pair] += judgement.agrees
    signers = sorted({signer for signer, _ in total})
    verifiers = sorted({verifier for _, verifier in total}, key=lambda v: (v != REFUSES_TO_SIGN, v))
    lines = ["signed by".ljust(12) + "".join(verifier.rjust(12) for verifier in verifiers)]
    for signer in signers:
        counts = (f"{right[signer, one]}/{total[signer, one]}".rjust(12) for one in verifiers)
        lines.append(signer.ljust(12) + "".join(counts))
    return "\n".join(lines)


def _disagreement(judgement: Judgement) -> str:
    said = "passes" if judgement.passed else "fails"
    detail = " ".join(judgement.detail.split())[:_MAX_DETAIL]
    return f"{judgement.cell}: {said} [{detail}]"


def _happens_no_more(rows: Sequence[Row]) -> list[str]:
    return [
        f"peer_exceptions line {row.line}: {len(row.agreements)} cells agree, "
        f"the first is {row.agreements[0]}"
        for row in rows
        if row.agreements
    ]


def _names_nothing(rows: Sequence[Row]) -> list[str]:
    return [
        f"peer_exceptions line {row.line}: names no cell"
        for row in rows
        if not row.agreements and row.disagreements == 0
    ]


def _judged_by_too_few(judgements: Sequence[Judgement]) -> list[str]:
    """Messages where fewer than two peers agree with postseal, in either direction."""
    agreeing: dict[tuple[str, str], set[str]] = {}
    for judgement in judgements:
        cell = judgement.cell
        if OURS not in (cell.signer, cell.verifier) or cell.verifier == REFUSES_TO_SIGN:
            continue
        direction = "signed by postseal" if cell.signer == OURS else "verified by postseal"
        peer = cell.verifier if cell.signer == OURS else cell.signer
        peers = agreeing.setdefault((cell.message, direction), set())
        if judgement.agrees and peer != OURS:
            peers.add(peer)
    return [
        f"{message}, {direction}: {len(peers)} peers agree ({', '.join(sorted(peers))})"
        for (message, direction), peers in agreeing.items()
        if len(peers) < _MIN_PEERS
    ]
