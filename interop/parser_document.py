"""docs/PARSER_DIFFERENCES.md, from the classes and the counts of a run."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from interop import parser_from_classes, parser_signature_classes

_HEAD = """# Where mail parsers differ

Odd From fields and odd DKIM signatures, read by postseal and its peers as Debian 12 has them: OpenDMARC's library, Mail::DKIM (whose author is
Mail::Address's), Go's net/mail beside go-msgauth, and Python's email (`parseaddr`, `getaddresses`, `policy.default`) for From; libopendkim,
dkimpy, Mail::DKIM and go-msgauth for signatures, each of which is a good signature of what its field says. This file is written by the run:

    bazel build //cli:postseal
    python3 -m interop.parser_differences --postseal bazel-bin/cli/postseal --document docs/PARSER_DIFFERENCES.md

Seed {seed}, {cases:,} cases, half of them signatures: {differences:,} differences of postseal with a peer, each in one of the classes below. What is
in no class fails the run. So does an author whom postseal would not judge: whatever domain a peer takes for an author's is among those whose
policy postseal asks for, or postseal says that the message names none.
"""


class Found(NamedTuple):
    """The differences of one class with one peer."""

    count: int
    example: str


class Class(NamedTuple):
    """What is told of a class."""

    name: str
    clause: str
    text: str


def document(
    seed: int, cases: int, differences: int, found: Mapping[tuple[str, str], Found]
) -> str:
    authors = [Class(*known[:3]) for known in parser_from_classes.CLASSES]
    signatures = [Class(*known) for known in parser_signature_classes.classes()]
    text = _HEAD.format(seed=seed, cases=cases, differences=differences)
    text += "\n## From fields\n" + _sections(authors, found)
    return text + "\n## Signatures\n" + _sections(signatures, found)


def _sections(classes: Iterable[Class], found: Mapping[tuple[str, str], Found]) -> str:
    text = ""
    for known in classes:
        here = {peer: one for (name, peer), one in sorted(found.items()) if name == known.name}
        if not here:
            continue
        counts = ", ".join(f"{peer} {one.count:,}" for peer, one in here.items())
        example = min((one.example for one in here.values()), key=len)
        text += f"""
### {known.name}
{known.text} {known.clause}

Found: {counts}. For example:

    {example}
"""
    return text
