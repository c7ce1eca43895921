"""The judges of the SPF cross-check: postseal, pyspf and libspf2, a process each.

README.md has the protocol. A judge that dies is started anew; its answer is "crash".
"""

import os
import subprocess
from typing import NamedTuple

from interop import peers, spf_cases, spf_zone

_HERE = os.path.dirname(os.path.abspath(__file__))

CRASH = "crash"
OURS = "postseal"


class Answer(NamedTuple):
    """What a judge says of a case."""

    result: str
    # What it asked for: "TYPE:name", escaped, in order.
    queries: tuple[str, ...]
    explanation: str
    detail: str

    @property
    def probes(self) -> frozenset[str]:
        """The names that were asked for to show what macros expand to."""
        return frozenset(
            query for query in self.queries
            if query.startswith("A:") and query.endswith(spf_zone.PROBE_SUFFIX.decode())
        )


class Judge:
    """A running judge."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self._command = command
        self._zone = ""
        self._process = self._start()

    def load(self, zone_path: str) -> None:
        self._zone = zone_path
        words = self._ask(b"zone\t" + zone_path.encode())
        if words is None or words[0] != "ok":
            raise RuntimeError(f"{self.name} does not read {zone_path}: {words}")

    def check(self, case: spf_cases.Case) -> Answer:
        words = self._ask(b"\t".join((b"check", case.client.encode(), case.mail_from, case.helo)))
        if words is None:
            code = self._process.wait()
            self._process = self._start()
            self.load(self._zone)
            return Answer(CRASH, (), "", f"exit code {code}")
        result, queries, explanation, detail = words
        return Answer(result, tuple(queries.split()), explanation, detail)

    def close(self) -> None:
        """Ends the process: it stops at the end of its input."""
        self._process.communicate()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def _ask(self, line: bytes) -> list[str] | None:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return None
        answer = self._process.stdout.readline()
        if not answer:
            return None
        return answer.decode("ascii", "backslashreplace").rstrip("\n").split("\t")


def _pyspf() -> Judge:
    # The system's interpreter: Debian's modules are not in another one's path.
    python = "/usr/bin/python3"
    peers.run("pyspf", "python3-spf", [python, "-c", "import spf"])
    return Judge("pyspf", [python, os.path.join(_HERE, "pyspf_peer.py")])


def _libspf2(build_directory: str) -> Judge:
    binary = os.path.join(build_directory, "libspf2_peer")
    source = os.path.join(_HERE, "libspf2_peer.c")
    command = ["cc", "-std=gnu17", "-O1", "-Wall", "-Wextra", "-Werror", "-o", binary, source]
    peers.run("libspf2", "gcc libc6-dev libspf2-dev", [*command, "-lspf2"])
    return Judge("libspf2", [binary])


def start_judges(postseal: str, build_directory: str) -> tuple[Judge, list[Judge]]:
    """Starts postseal and its peers; one that is not there raises peers.MissingPeer."""
    return Judge(OURS, [postseal]), [_pyspf(), _libspf2(build_directory)]
