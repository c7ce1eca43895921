"""The matrix: every signer's signatures over every message, judged by everybody else."""

import concurrent.futures
import os
from collections.abc import Sequence
from typing import NamedTuple

from interop import messages, peer_exceptions, peers

# What is altered after signing, so that a verifier that says yes to everything is
# found out: one body octet, one octet of a signed field.
_ALTERATIONS = {
    "altered_body": (b"We lost", b"We most"),
    "altered_subject": (b"Is dinner", b"Is dinger"),
}
_ALTERED_MESSAGE = "plain"


class Signed(NamedTuple):
    """A message that `signer` signed, or was asked to; it `should_pass` unless altered."""

    signer: str
    message: str
    key: str
    canonicalization: str
    path: str
    should_pass: bool = True


class Judgement(NamedTuple):
    """What one verifier said about one signed message, or a signer about signing."""

    cell: peer_exceptions.Cell
    should_pass: bool
    passed: bool
    detail: str

    @property
    def agrees(self) -> bool:
        return self.passed == self.should_pass


def run(implementations: Sequence[peers.Implementation], directory: str) -> list[Judgement]:
    """Signs with every implementation, then lets every implementation verify all of it.

    Each implementation is one process that works through its own queue, all at once.
    """
    sources = list(messages.write_messages(directory))
    judgements = []
    signed: list[Signed] = []
    with concurrent.futures.ThreadPoolExecutor(len(implementations)) as pool:
        signings = [pool.submit(_sign_all, one, sources, directory) for one in implementations]
        for signing in signings:
            new, refusals = signing.result()
            signed += new
            judgements += refusals
        print(f"signed {len(signed)} messages", flush=True)
        verifications = [pool.submit(_verify_all, one, signed) for one in implementations]
        for verification in verifications:
            judgements += verification.result()
    return judgements


def _sign_all(
    signer: peers.Implementation,
    sources: Sequence[tuple[messages.Message, str]],
    directory: str,
) -> tuple[list[Signed], list[Judgement]]:
    wanted = []
    requests = []
    for message, path in sources:
        for canonicalization in peers.CANONICALIZATIONS:
            for key in signer.selectors:
                name = f"{signer.name}.{message.name}.{key}.{canonicalization.replace('/', '.')}"
                out = os.path.join(directory, name + ".eml")
                wanted.append(Signed(signer.name, message.name, key, canonicalization, out))
                requests.append(peers.SignRequest(path, key, canonicalization, out))
    signed = []
    judgements = []
    for one, answer in zip(wanted, signer.sign(requests), strict=True):
        judgements.append(_judge(one, peer_exceptions.REFUSES_TO_SIGN, answer))
        if answer.ok:
            signed.append(one)
            if one.message == _ALTERED_MESSAGE:
                signed += [_alter(one, alteration) for alteration in _ALTERATIONS]
    return signed, judgements


def _alter(one: Signed, alteration: str) -> Signed:
    with open(one.path, "rb") as file:
        octets = file.read()
    before, after = _ALTERATIONS[alteration]
    if octets.count(before) != 1:
        raise ValueError(f"{one.path} does not hold {before!r} once")
    path = f"{one.path}.{alteration}"
    with open(path, "wb") as file:
        file.write(octets.replace(before, after))
    return one._replace(message=alteration, path=path, should_pass=False)


def _verify_all(verifier: peers.Implementation, signed: Sequence[Signed]) -> list[Judgement]:
    mine = [one for one in signed if one.key in verifier.selectors]
    answers = verifier.verify([one.path for one in mine])
    return [_judge(one, verifier.name, answer) for one, answer in zip(mine, answers, strict=True)]


def _judge(one: Signed, verifier: str, answer: peers.Answer) -> Judgement:
    cell = peer_exceptions.Cell(one.signer, verifier, one.message, one.key, one.canonicalization)
    should_pass = one.should_pass or verifier == peer_exceptions.REFUSES_TO_SIGN
    return Judgement(cell, should_pass, answer.ok, answer.detail)
