"""Where mail parsers differ: odd From fields and signatures, read by postseal and its peers.

    python3 -m interop.parser_differences --postseal bazel-bin/cli/postseal

Every difference must fall in a class of interop/parser_from_classes.py or
interop/parser_signature_classes.py, and what a peer takes for an author's domain must be among
the domains that postseal judges, unless postseal says that the message names none.
--document writes docs/PARSER_DIFFERENCES.md. POSTSEAL_SKIP_PEERS=1 lets peers that are not
installed be missing; then nothing is compared.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from interop import (
    parser_document, parser_from_cases, parser_from_classes, parser_peers,
    parser_signature_cases, parser_signature_classes, peers, postseal_peer, zone,
)

# RFC 5322 has the number.
_SEED = 5322
_CASES = 5_000
_MAX_PROBLEMS_SHOWN = 60
_VERDICT_STATUSES = (0, 1, 75)


class Check:
    """What a run has found."""

    def __init__(self, panel: parser_peers.Panel, folder: str) -> None:
        self._panel = panel
        self._folder = folder
        # By (class, peer).
        self.found: dict[tuple[str, str], parser_document.Found] = {}
        self.differences = 0
        self.problems: list[str] = []

    def run_from(self, binary: str, cases: list[parser_from_cases.Case]) -> None:
        paths = self._write("from", [case.message for case in cases])
        ours = [parser_from_classes.ours(report) for report in _reports(binary, paths, self._folder)]
        for case, path, own in zip(cases, paths, ours, strict=True):
            for reader in self._panel.readers:
                theirs = reader.read(path, case.message)
                found = parser_from_classes.Difference(case, own, reader.name, theirs)
                if found.is_unsafe():
                    self.problems.append(f"not judged: {found.summary()}")
                if found.is_one():
                    self._sort(parser_from_classes.classify(found), reader.name, found.summary())

    def run_signatures(self, binary: str, cases: list[parser_signature_cases.Case]) -> None:
        paths = self._write("signature", [case.message for case in cases])
        reports = _reports(binary, paths, self._folder)
        for case, path, report in zip(cases, paths, reports, strict=True):
            own = parser_signature_classes.ours(report)
            for peer in self._panel.verifiers:
                theirs = peer.verify([path])[0]
                found = parser_signature_classes.Difference(case, own, peer.name, theirs)
                if found.is_one():
                    self._sort(parser_signature_classes.classify(found), peer.name, found.summary())

    def _sort(self, name: str | None, peer: str, summary: str) -> None:
        self.differences += 1
        if name is None:
            self.problems.append(f"in no class: {summary}")
            return
        before = self.found.get((name, peer), parser_document.Found(0, summary))
        # The shortest one shows best what it is about.
        example = min(before.example, summary, key=len)
        self.found[name, peer] = parser_document.Found(before.count + 1, example)

    def _write(self, name: str, messages: list[bytes]) -> list[str]:
        folder = os.path.join(self._folder, name)
        os.mkdir(folder)
        paths = [os.path.join(folder, f"{number:05}.eml") for number in range(len(messages))]
        for path, octets in zip(paths, messages, strict=True):
            with open(path, "wb") as file:
                file.write(octets)
        return paths


def _reports(binary: str, paths: list[str], folder: str) -> list[dict[str, Any]]:
    """What postseal says of the messages, in order."""
    zone_path = os.path.join(folder, "zone")
    with open(zone_path, "w", encoding="ascii") as file:
        file.write(zone.txt_zone(zone.read_key_records(peers.KEY_RECORDS)))
    command = [binary, "verify", "--json", "--no-crlf", "--format", "message", "--zone", zone_path]
    command += ["--now", str(parser_signature_cases.NOW), os.path.dirname(paths[0])]
    done = subprocess.run(command, capture_output=True, check=False)
    lines = done.stdout.splitlines()
    if done.returncode not in _VERDICT_STATUSES or len(lines) != len(paths):
        raise postseal_peer.Failure(f"status {done.returncode}, {len(lines)} lines: {done.stderr!r}")
    return [json.loads(line) for line in lines]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postseal", metavar="PATH", required=True, help="the command line")
    parser.add_argument("--seed", type=int, default=_SEED)
    parser.add_argument("--cases", type=int, default=_CASES, help="half of them signatures")
    parser.add_argument("--document", metavar="FILE", help="write docs/PARSER_DIFFERENCES.md there")
    arguments = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="postseal-parsers-") as folder:
        try:
            panel = parser_peers.start(folder)
        except peers.MissingPeer as missing:
            print(f"missing: {missing}")
            return 0 if os.environ.get("POSTSEAL_SKIP_PEERS") == "1" else 1
        check = Check(panel, folder)
        binary = os.path.abspath(arguments.postseal)
        half = arguments.cases // 2
        check.run_from(binary, parser_from_cases.cases(arguments.seed, arguments.cases - half))
        check.run_signatures(binary, parser_signature_cases.cases(arguments.seed, half))
        panel.close()
    for problem in check.problems[:_MAX_PROBLEMS_SHOWN]:
        print(problem)
    by_class = collections.Counter[str]()
    for (name, _), found in check.found.items():
        by_class[name] += found.count
    for name, count in by_class.most_common():
        print(f"{count:7} {name}")
    if arguments.document and not check.problems:
        text = parser_document.document(
            arguments.seed, arguments.cases, check.differences, check.found
        )
        with open(arguments.document, "w", encoding="utf-8") as file:
            file.write(text)
    print(f"{arguments.cases} cases of seed {arguments.seed}, {check.differences} differences, "
          f"{len(check.problems)} problems, {time.monotonic() - started:.0f} s")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main())
