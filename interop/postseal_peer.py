"""postseal itself, by its command line (one process for many keys or messages)."""

import collections
import json
import os
import re
import subprocess
from collections.abc import Iterable
from typing import Any

from interop import peers, zone

_MESSAGES_PER_PROCESS = 100

# Exit statuses of `verify` that are verdicts; 2 is a usage error.
_VERDICT_STATUSES = (0, 1, 75)


class Failure(Exception):
    """The binary did not do what its command line promises."""


def verify_json(binary: str, messages: list[str], *options: str) -> list[dict[str, Any]]:
    """Runs `postseal verify --json` and returns one object a message, in order."""
    command = [binary, "verify", "--json", "--no-crlf", *options, *messages]
    done = subprocess.run(command, capture_output=True, check=False)
    lines = done.stdout.splitlines()
    if done.returncode not in _VERDICT_STATUSES or len(lines) != len(messages):
        error = done.stderr.decode(errors="replace").strip()
        raise Failure(
            f"status {done.returncode}, {len(lines)} lines for {len(messages)} messages "
            f"({messages[0]} ...): {error}"
        )
    return [json.loads(line) for line in lines]


class Postseal:
    """The `Implementation` under test."""

    name = "postseal"
    selectors = peers.SELECTORS

    def __init__(self, binary: str, work_directory: str) -> None:
        self._binary = binary
        self._zone = os.path.join(work_directory, "zone")
        with open(self._zone, "w", encoding="ascii") as file:
            file.write(zone.txt_zone(zone.read_key_records(peers.KEY_RECORDS)))

    def sign(self, requests: Iterable[peers.SignRequest]) -> list[peers.Answer]:
        """Signs; requests that differ only in the key share one process."""
        requests = list(requests)
        groups: dict[tuple[str, str], list[int]] = collections.defaultdict(list)
        for index, request in enumerate(requests):
            groups[request.message, request.canonicalization].append(index)
        answers = [peers.Answer(False, "")] * len(requests)
        for indexes in groups.values():
            group = [requests[index] for index in indexes]
            for index, answer in zip(indexes, self._sign_group(group), strict=True):
                answers[index] = answer
        return answers

    def verify(self, messages: Iterable[str]) -> list[peers.Answer]:
        messages = list(messages)
        answers = []
        for start in range(0, len(messages), _MESSAGES_PER_PROCESS):
            batch = messages[start : start + _MESSAGES_PER_PROCESS]
            reports = verify_json(self._binary, batch, "--zone", self._zone)
            answers += [_answer_of(report["dkim"]) for report in reports]
        return answers

    def _sign_group(self, group: list[peers.SignRequest]) -> list[peers.Answer]:
        command = [self._binary, "sign", "--only-field", "--no-crlf"]
        command += ["--canonicalization", group[0].canonicalization]
        for request in group:
            path = peers.key_path(request.selector)
            command += ["--key", f"{peers.DOMAIN}:{request.selector}:{path}"]
        done = subprocess.run([*command, group[0].message], capture_output=True, check=False)
        if done.returncode != 0:
            error = done.stderr.decode(errors="replace").strip()
            return [peers.Answer(False, error)] * len(group)
        fields = _fields_by_selector(done.stdout)
        with open(group[0].message, "rb") as file:
            message = file.read()
        answers = []
        for request in group:
            field = fields.get(request.selector)
            answers.append(peers.Answer(field is not None, "no field for this key"))
            if field is not None:
                with open(request.out, "wb") as file:
                    file.write(field + message)
        return answers


def _fields_by_selector(header: bytes) -> dict[str, bytes]:
    """Splits what `sign --only-field` prints; a field begins where a line does not fold."""
    fields = re.findall(rb"[^ \t\r\n][^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", header)
    return {_selector_of(field): field for field in fields}


def _selector_of(field: bytes) -> str:
    for tag in field.partition(b":")[2].split(b";"):
        name, _, value = tag.partition(b"=")
        if name.strip() == b"s":
            return value.strip().decode()
    raise Failure(f"no s= in {field!r}")


def _answer_of(signatures: list[dict[str, Any]]) -> peers.Answer:
    if len(signatures) != 1:
        return peers.Answer(False, f"{len(signatures)} signatures")
    signature = signatures[0]
    detail = f"{signature['result']}: {signature['reason']} {signature.get('detail', '')}"
    return peers.Answer(signature["result"] == "pass", detail.strip())
