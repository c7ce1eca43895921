"""testdata/peer_exceptions: where a peer fails by its own fault.

A line is

    signer verifier message key canonicalization | fault | clause

The five words name cells of the matrix: each is a shell pattern, with commas between
alternatives ("rsa1024,rsa2048"). The verifier is "sign" where the signer refuses to
sign, and "*" where the signature itself is wrong, so that everybody else refuses it.
"""

import dataclasses
import fnmatch
from typing import NamedTuple

REFUSES_TO_SIGN = "sign"
EVERYBODY_ELSE = "*"


class Cell(NamedTuple):
    """One judgement of the matrix."""

    signer: str
    verifier: str
    message: str
    key: str
    canonicalization: str

    def __str__(self) -> str:
        return " ".join(self)


@dataclasses.dataclass
class Row:
    """One line of the file; the counts are filled in while the matrix is read."""

    line: int
    patterns: tuple[str, ...]
    fault: str
    clause: str
    disagreements: int = 0
    agreements: list[Cell] = dataclasses.field(default_factory=list)

    def covers(self, cell: Cell) -> bool:
        verifier = self.patterns[1]
        if cell.verifier == REFUSES_TO_SIGN or verifier == REFUSES_TO_SIGN:
            named = cell.verifier == verifier
        elif verifier == EVERYBODY_ELSE:
            named = cell.verifier != cell.signer
        else:
            named = _matches(cell.verifier, verifier)
        words = cell[:1] + cell[2:]
        return named and all(map(_matches, words, self.patterns[:1] + self.patterns[2:]))


def _matches(word: str, pattern: str) -> bool:
    return any(fnmatch.fnmatchcase(word, choice) for choice in pattern.split(","))


def parse_rows(text: str) -> list[Row]:
    """Parses the file. A line that is not of its form is a ValueError with its number."""
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("|")]
        patterns = tuple(parts[0].split())
        if len(parts) != 3 or len(patterns) != len(Cell._fields) or not all(parts):
            raise ValueError(f"line {number}: not 'five words | fault | clause'")
        rows.append(Row(number, patterns, parts[1], parts[2]))
    return rows
